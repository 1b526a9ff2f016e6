"""Areas for administrators: find, read, rename; shapes come by import or proposal."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance import clock
from grids import actions
from grids.http import administrator
from grids.models import Area, AreaBoundary

EDITABLE = {"name", "short_name"}


class DrawnFilter(admin.SimpleListFilter):
    title = _("边界")
    parameter_name = "drawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("已绘制")), ("0", _("未绘制"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        drawn = Area.objects.drawn().values("pk")
        match self.value():
            case "1":
                return queryset.filter(pk__in=drawn)
            case "0":
                return queryset.exclude(pk__in=drawn)
        return queryset


class BoundaryInline(admin.TabularInline):
    model = AreaBoundary
    fields = ("version", "valid_from", "valid_to", "size", "source", "note")
    readonly_fields = fields
    ordering = ("-version",)
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("geometry")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("面积（平方米）"), ordering="area_m2")
    def size(self, boundary: AreaBoundary) -> str:
        return f"{boundary.area_m2:,.0f}"


@admin.register(Area)
class AreaAdmin(admin.ModelAdmin):
    """Only names change here, through the action; nothing is deleted, only retired."""

    actions = None
    change_list_template = "grids/area_change_list.html"
    list_display = ("code", "name", "level", "kind", "parent", "households", "valid_to")
    list_filter = (
        "level",
        "kind",
        DrawnFilter,
        ("valid_to", admin.EmptyFieldListFilter),
    )
    list_select_related = ("parent",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("code__startswith", "name", "short_name")
    search_help_text = _("按编码开头或名称查找")
    ordering = ("code",)
    inlines = (BoundaryInline,)
    fields = (
        "code",
        "level",
        "name",
        "short_name",
        "kind",
        "special_type",
        "parent",
        "households",
        "valid_from",
        "valid_to",
        "attributes",
    )
    readonly_fields = tuple(name for name in fields if name not in EDITABLE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Area, form: ModelForm, change: bool
    ) -> None:
        if EDITABLE & set(form.changed_data):
            actions.rename(
                area_id=obj.pk,
                name=obj.name,
                short_name=obj.short_name,
                actor=administrator(request),
                at=clock.now(),
            )
