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
from governance.admin import ReadOnlyAdmin
from parties.admin import administrator


class ReceiverInline(admin.TabularInline):
    model = TaskReceiver
    verbose_name_plural = _("接收单位")
    fields = ("area", "organisation", "person", "state", "due_at", "overdue_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "state", "issuer", "issued_at", "due_at")
    list_filter = ("kind", "state")
    list_select_related = ("issuer",)
    search_fields = ("title", "issuer__name")
    ordering = ("-pk",)
    inlines = (ReceiverInline,)


@admin.register(GridItemAdmission)
class GridItemAdmissionAdmin(ReadOnlyAdmin):
    list_display = ("item", "applicant", "area", "kind", "state", "published_at")
    list_filter = ("kind", "state")
    list_select_related = ("applicant", "area")
    search_fields = ("item", "applicant__name")
    ordering = ("-pk",)


@admin.register(PatrolRecord)
class PatrolRecordAdmin(ReadOnlyAdmin):
    list_display = ("user", "grid", "started_at", "ended_at")
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
