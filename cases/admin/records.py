"""Cases, gaps and conflicting submissions, to be looked at."""

import json
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cases.admin.rows import ReadAdmin
from cases.models import (
    Case,
    ComplainantConsent,
    RoutingGap,
    SubmissionConflict,
)
from governance.admin import shown
from governance.crypto import PREFIX


@admin.register(ComplainantConsent)
class ComplainantConsentAdmin(ReadAdmin):
    """代报: whether the residents agreed, and who wrote it down."""

    list_display = (
        shown("at", _("时间")),
        shown("case", _("案件")),
        "kind",
        "reason",
        shown("recorded_by_name", _("记录人")),
    )
    list_filter = ("kind",)
    list_select_related = ("case",)
    ordering = ("-id",)


@admin.register(RoutingGap)
class RoutingGapAdmin(ReadAdmin):
    """Where nobody was on duty: appoint somebody there."""

    list_display = (
        shown("at", _("时间")),
        shown("area", _("区域")),
        "missing",
        shown("case", _("案件")),
    )
    fields = readonly_fields = list_display
    list_filter = ("missing",)
    list_select_related = ("area", "case")
    search_fields = ("area__name", "area__code", "case__case_no")
    ordering = ("-pk",)


@admin.register(SubmissionConflict)
class SubmissionConflictAdmin(ReadAdmin):
    """Other content that came under a known id; both are kept to be compared."""

    list_display = (
        shown("received_at", _("接收时间")),
        shown("submission", _("提交编号")),
        "filed_as",
    )
    fields = readonly_fields = (*list_display, "first_body", "other_body")
    list_select_related = ("submission__case",)
    ordering = ("-pk",)

    @admin.display(description=_("已立案件"))
    def filed_as(self, conflict: SubmissionConflict) -> str:
        return str(conflict.submission.case or "—")

    @admin.display(description=_("先到的内容"))
    def first_body(self, conflict: SubmissionConflict) -> str:
        return _legible(conflict.submission.body)

    @admin.display(description=_("后到的内容"))
    def other_body(self, conflict: SubmissionConflict) -> str:
        return _legible(conflict.body)


def _legible(body: dict[str, Any]) -> str:
    """What was sent, without the sealed fields."""
    plain = {key: value for key, value in body.items() if not _is_sealed(value)}
    return json.dumps(plain, ensure_ascii=False, indent=2)


def _is_sealed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(PREFIX)


@admin.register(Case)
class CaseAdmin(ReadAdmin):
    """Where each case stands; personal data of residents is not shown here."""

    list_display = (
        "number",
        "category",
        "state",
        shown("street", _("街道")),
        shown("holder_org", _("现由谁负责")),
        "due_at",
    )
    fields = readonly_fields = (
        "number",
        "state",
        "source",
        "category",
        shown("condition", _("立案条件")),
        "description",
        "urgent",
        "address",
        shown("street", _("街道")),
        shown("community", _("社区")),
        shown("grid", _("网格")),
        "reporter_name",
        "has_complainant",
        shown("holder_org", _("现由谁负责")),
        shown("holder_user", _("负责人")),
        shown("lead_org", _("主办单位")),
        shown("rework_count", _("返工次数")),
        shown("supporters_count", _("我也遇到")),
        shown("master", _("并入的主案")),
        "found_at",
        "reported_at",
        "due_at",
        shown("closed_at", _("结案时间")),
        shown("version", _("版本")),
    )
    list_filter = ("state", "urgent", "source")
    list_select_related = ("category", "street", "holder_org")
    search_fields = ("case_no", "address")
    ordering = ("-pk",)
    show_full_result_count = False

    @admin.display(description=_("案卷号"), ordering="case_no")
    def number(self, case: Case) -> str:
        return case.display_no
