"""案卷: what the page of a case shows beside its story: what was argued, asked for,
raised and ordered, who was let in, what the complainant said, what belongs to it."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from cases.views.case import disputes_of, escalations_of, links_seen, visible_case
from cases.views.requests import asked_of
from doors.api.base import Door
from doors.api.cases import FactOut
from doors.api.shapes import UNKNOWN
from doors.api.standing import OrderOut
from doors.models import Scope
from governance import clock


class DisputeOut(serializers.Serializer):
    organisation_name = serializers.CharField(source="organisation.name")
    reason_label = serializers.CharField(source="get_reason_display")
    legal_basis = serializers.CharField(allow_blank=True)
    suggested = serializers.CharField(allow_blank=True, help_text="建议承办单位")
    opinion = serializers.CharField(allow_blank=True)
    raised_at = serializers.DateTimeField()
    outcome = serializers.CharField(allow_blank=True, help_text="空为待裁定")
    outcome_label = serializers.CharField(source="get_outcome_display")
    ruling_number = serializers.CharField(allow_blank=True)
    ruling = serializers.CharField(allow_blank=True)
    ruled_at = serializers.DateTimeField(allow_null=True)


class CoordinationOut(serializers.Serializer):
    level = serializers.IntegerField()
    origin_label = serializers.CharField(source="get_origin_display")
    matter = serializers.CharField(allow_blank=True)
    work_done = serializers.CharField(allow_blank=True)
    proposal = serializers.CharField(allow_blank=True)
    opened_at = serializers.DateTimeField()
    outcome = serializers.CharField(allow_blank=True)
    outcome_label = serializers.CharField(source="get_outcome_display")
    conclusion = serializers.CharField(allow_blank=True)
    document = serializers.CharField(allow_blank=True)
    meeting = serializers.IntegerField(source="meeting_id", allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class AgendaEntryOut(serializers.Serializer):
    meeting = serializers.IntegerField(source="meeting_id")
    title = serializers.CharField(source="meeting.title")
    order = serializers.IntegerField()
    ruling = serializers.CharField(allow_blank=True)


class ResponsibilityFindingOut(serializers.Serializer):
    organisation_name = serializers.CharField(source="organisation.name")
    legal_basis = serializers.CharField()
    opinion = serializers.CharField()
    found_at = serializers.DateTimeField()


class ReviewOut(serializers.Serializer):
    by = serializers.CharField()
    approved = serializers.BooleanField()
    opinion = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()


class RequestOut(serializers.Serializer):
    """延期, 挂账 or 超期申诉."""

    label: Any = serializers.CharField(help_text="延期、挂账或超期申诉")
    status = serializers.CharField(source="row.status")
    status_label = serializers.CharField(source="row.get_status_display")
    reason = serializers.CharField(source="row.reason")
    asked_by = serializers.CharField(source="row.asked_by.name")
    asked_at = serializers.DateTimeField(source="row.asked_at")
    decided_at = serializers.DateTimeField(source="row.decided_at", allow_null=True)
    facts = serializers.SerializerMethodField()
    reviews = ReviewOut(many=True)

    @extend_schema_field(FactOut(many=True))
    def get_facts(self, one: Any) -> list[dict[str, str]]:
        return [{"label": str(label), "text": text} for label, text in one.facts]


class EscalationOut(serializers.Serializer):
    level = serializers.IntegerField()
    level_label = serializers.CharField(source="get_level_display")
    trigger_label = serializers.CharField(source="get_trigger_display")
    organisation_name: Any = serializers.CharField(
        source="organisation.name", default="", allow_blank=True
    )
    at = serializers.DateTimeField()


class UrgingOut(serializers.Serializer):
    number = serializers.CharField()
    organisation_name = serializers.CharField(source="organisation.name")
    opinion = serializers.CharField()
    at = serializers.DateTimeField()


class MemberOut(serializers.Serializer):
    name = serializers.CharField(source="user.name")
    role = serializers.CharField()
    added_at = serializers.DateTimeField()


class CallBackOut(serializers.Serializer):
    by_name = serializers.CharField()
    at = serializers.DateTimeField()
    method_label = serializers.CharField(source="get_method_display")
    result_label = serializers.CharField(source="get_result_display")
    satisfied = serializers.BooleanField(allow_null=True)
    words = serializers.CharField()


class RatingOut(serializers.Serializer):
    score = serializers.CharField()
    score_label = serializers.CharField(source="get_score_display")
    solved = serializers.BooleanField(allow_null=True)
    comment = serializers.CharField(allow_blank=True)
    channel = serializers.CharField()
    at = serializers.DateTimeField()
    merged_case = serializers.IntegerField(source="merged_case_id", allow_null=True)


class ErrandOut(serializers.Serializer):
    kind = serializers.CharField()
    kind_label = serializers.CharField(source="get_kind_display")
    worker = serializers.CharField(source="worker.name")
    requirement = serializers.CharField(allow_blank=True)
    sent_at = serializers.DateTimeField()
    arrived_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    result_label = serializers.CharField(source="get_result_display", allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    distance_m = serializers.FloatField(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


class RelatedOut(serializers.Serializer):
    id = serializers.IntegerField()
    case_no = serializers.CharField()
    category_name = serializers.CharField()
    kind_label = serializers.CharField(help_text="关联、复发、任务来源、并入本案")
    reason = serializers.CharField(allow_blank=True)


class CaseFileOut(serializers.Serializer):
    case = serializers.IntegerField()
    version = serializers.IntegerField()
    disputes = DisputeOut(many=True, help_text="异议与裁定")
    coordinations = CoordinationOut(many=True, help_text="区市协调")
    agenda_items = AgendaEntryOut(many=True, help_text="联席会议的议题")
    finding = ResponsibilityFindingOut(allow_null=True, help_text="责任认定")
    requests = RequestOut(many=True, help_text="延期、挂账、超期申诉")
    escalations = EscalationOut(many=True, help_text="现在的预警")
    orders = OrderOut(many=True, help_text="督办单")
    urgings = UrgingOut(many=True, help_text="催办单")
    members = MemberOut(many=True, help_text="保密案件的办理成员")
    call_backs = CallBackOut(many=True, help_text="回访")
    ratings = RatingOut(many=True, help_text="评价")
    site_tasks = ErrandOut(many=True, help_text="核实、核查、值守")
    related = RelatedOut(many=True, help_text="看得到的相关案件")
    master = serializers.IntegerField(allow_null=True, help_text="并入了哪个案件")


class CaseFileView(Door):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="read_case_file", tags=["案件"], summary="案卷的其余各页",
        responses={200: CaseFileOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, case_id: int) -> Response:
        """What stands on the page of the case besides `read_case`."""
        case, at = visible_case(self.who, case_id), clock.now()
        visible = Case.objects.visible_to(self.who)
        master = visible.filter(pk=case.master_id or 0).exists()
        orders = case.supervision_orders.with_names().order_by("-issued_at", "-pk")
        urgings = case.urgings.select_related("organisation").order_by("-pk")
        whole = {
            "case": case.pk,
            "version": case.version,
            **disputes_of(case),
            "requests": asked_of(case),
            "escalations": escalations_of(case),
            "orders": orders,
            "urgings": urgings,
            "members": case.members.filter(removed_at=None).select_related("user"),
            "call_backs": case.call_backs.order_by("-at", "-pk"),
            "ratings": case.ratings.order_by("-at", "-pk"),
            "site_tasks": case.site_tasks.select_related("worker").order_by("-pk"),
            "related": _related(case, self.who),
            "master": case.master_id if master else None,
        }
        answer = Response(CaseFileOut(whole, context={"at": at}).data)
        answer["ETag"] = f'"{case.version}"'
        return answer


def _related(case: Case, who: Any) -> list[dict[str, Any]]:
    """Linked cases and those merged into this one, as far as they may be seen."""
    found = [
        _other(other, str(link.get_kind_display()), link.reason)
        for link, other in links_seen(case, who)
    ]
    merged = case.merged.visible_to(who).select_related("category").order_by("pk")
    return found + [_other(one, _("并入本案"), "") for one in merged]


def _other(case: Case, kind: str, reason: str) -> dict[str, Any]:
    return {
        "id": case.pk, "case_no": case.case_no, "category_name": case.category.name,
        "kind_label": kind, "reason": reason,
    }  # fmt: skip
