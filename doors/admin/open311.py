"""Requests of Open311; here an administrator places those whose address is in words."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doors import actions
from doors.models import Open311Request
from governance import clock
from grids.codes import Level
from grids.models import Area
from parties.admin import administrator


class PlaceForm(forms.ModelForm):
    """The community the address lies in; the case is filed with the form's saving."""

    community = forms.ModelChoiceField(
        Area.objects.filter(level=Level.COMMUNITY, valid_to=None).order_by("code"),
        label=_("所在社区"),
        required=False,
        help_text=_("核定后立即立案，对方用 token 就能查到编号。"),
    )

    class Meta:
        model = Open311Request
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if self.instance.case_id:
            self.fields["community"].disabled = True

    def clean_community(self) -> Area | None:
        community: Area | None = self.cleaned_data["community"]
        if community is None and not self.instance.case_id:
            raise forms.ValidationError(gettext("请选择社区。"))
        return community


class Unplaced(admin.SimpleListFilter):
    title = _("定位")
    parameter_name = "placed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("待核定地址"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.unplaced() if self.value() == "no" else queryset


@admin.register(Open311Request)
class Open311RequestAdmin(admin.ModelAdmin):
    form = PlaceForm
    list_display = ("received_at", "client", "category", "address", "case")
    list_filter = (Unplaced, "client")
    list_select_related = ("client", "category", "case__category")
    search_fields = ("address", "case__case_no")
    fields = ("received_at", "client", "category", "description", "address",
              "media_urls", "case", "community")  # fmt: skip
    readonly_fields = ("received_at", "client", "category", "description", "address",
                       "media_urls", "case")  # fmt: skip
    ordering = ("-received_at",)
    actions = None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        if obj.case_id:
            return
        actions.place_request(
            request_id=obj.pk,
            community_id=form.cleaned_data["community"].pk,
            actor=administrator(request),
            at=clock.now(),
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
