"""Duties in the administration: to look things up; people act through the pages.

Only how a city mediates is set here, through an action.
Care targets are not here: who opens them must give a reason.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from duties import actions
from duties.forms.mediation import TemplateForm
from duties.models import (
    GridItemAdmission,
    MediationTemplate,
    PatrolRecord,
    Task,
    TaskReceiver,
)
from governance import clock
from governance.admin import ReadOnlyAdmin, shown
from parties.admin import administrator


class ReceiverInline(admin.TabularInline):
    model = TaskReceiver
    verbose_name_plural = _("接收单位")
    fields = readonly_fields = (
        shown("area", _("区域")),
        shown("organisation", _("单位")),
        shown("person", _("人员")),
        "state",
        "due_at",
        "overdue_at",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "state", "issuer", "issued_at", "due_at")
    fields = readonly_fields = (
        *("title", "kind", "requirement", "state", "issuer", "admission"),
        *("service_kind", shown("checklist", _("检查表")), "limit_n", "limit_unit"),
        *("due_at", "expires_at", shown("drafted_by", _("拟稿人")), "drafted_at"),
        *(shown("issued_by", _("签发人")), "issued_at", "ended_at", "end_note"),
    )
    list_filter = ("kind", "state")
    list_select_related = ("issuer",)
    search_fields = ("title", "issuer__name")
    ordering = ("-pk",)
    inlines = (ReceiverInline,)


@admin.register(GridItemAdmission)
class GridItemAdmissionAdmin(ReadOnlyAdmin):
    list_display = ("item", "applicant", "area", "kind", "state", "published_at")
    fields = readonly_fields = (
        *("item", "area", "applicant", "reason", "workload", "funding", "kind"),
        *("starts_date", "ends_date", "state", "opinion"),
        *(shown("applied_by", _("申请人")), "applied_at"),
        *(shown("reviewed_by", _("审核人")), "published_at", "withdrawn_at"),
    )
    list_filter = ("kind", "state")
    list_select_related = ("applicant", "area")
    search_fields = ("item", "applicant__name")
    ordering = ("-pk",)


@admin.register(PatrolRecord)
class PatrolRecordAdmin(ReadOnlyAdmin):
    list_display = (
        shown("user", _("巡查人")),
        shown("grid", _("网格")),
        "started_at",
        "ended_at",
    )
    fields = readonly_fields = (*list_display, "remark")
    list_select_related = ("user", "grid")
    search_fields = ("user__name", "grid__name", "grid__code")
    ordering = ("-started_at",)


@admin.register(MediationTemplate)
class MediationTemplateAdmin(admin.ModelAdmin):
    """Used by mediations, so switched off rather than deleted."""

    form = TemplateForm
    list_display = ("name", "raise_after", "follow_up_days", "is_active")
    ordering = ("name",)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actions.save_template(
            template=obj, actor=administrator(request), at=clock.now()
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
