"""Lists beside the cases: 督办, 问题库, 职责空白, where the router found nobody, and
how the streets marked the units."""

from typing import Any

from django.utils.timezone import localtime
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions
from cases.forms.meetings import SettleGapForm
from cases.models import (
    Case,
    ResponsibilityGap,
    RoutingGap,
    SupervisionOrder,
    Suspension,
    UnitScore,
)
from cases.querysets import desk
from cases.querysets.disputes import GAP_READERS
from cases.querysets.kpi import Period
from cases.views.supervision import TABS
from doors.api.base import once
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.performing import IDEMPOTENCY, FieldOut, described, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.api.working import OVERTAKEN, Working, filled, page_of
from doors.models import Scope
from governance import clock

READ = {"GET": Scope.CASES_READ}


class OfCaseOut(serializers.Serializer):
    """Of which case; its number, kind and where it is."""

    case = serializers.IntegerField(source="case_id")
    case_no = serializers.CharField(source="case.case_no")
    category_name = serializers.CharField(source="case.category.name")


class OrderOut(OfCaseOut):
    id = serializers.IntegerField()
    sub_number = serializers.CharField(help_text="督办子号")
    organisation = serializers.IntegerField(source="organisation_id")
    organisation_name = serializers.CharField(source="organisation.name")
    opinion = serializers.CharField(help_text="督办事由")
    issued_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    is_late = serializers.SerializerMethodField(help_text="逾期还没有回复")
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    round = serializers.IntegerField(help_text="第几次要求回复")
    reply = serializers.CharField(allow_blank=True)
    replied_at = serializers.DateTimeField(allow_null=True)
    review = serializers.CharField(allow_blank=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)

    def get_is_late(self, order: Any) -> bool:
        waits = order.status in TABS["waiting"][1]
        return bool(waits and order.due_at < self.context["at"])


class OrderQuery(PageQuery):
    tab = serializers.ChoiceField(choices=list(TABS), required=False, default="waiting")


class OrderPageOut(PageOut):
    results = OrderOut(many=True)
    waiting = serializers.IntegerField(help_text="待回复几件")
    answered = serializers.IntegerField(help_text="已回复待审几件")
    late = serializers.IntegerField(help_text="逾期未回复几件")


class SuspensionOut(OfCaseOut):
    id = serializers.IntegerField()
    ground = serializers.CharField()
    ground_label = serializers.CharField(source="get_ground_display")
    reason = serializers.CharField()
    safety_measure = serializers.CharField(help_text="期间安全措施")
    resume_date = serializers.DateField(help_text="计划恢复日期")
    decided_at = serializers.DateTimeField(allow_null=True)
    organisation_name: Any = serializers.CharField(
        source="organisation.name", default="", allow_blank=True
    )


class SuspensionPageOut(PageOut):
    results = SuspensionOut(many=True)


class GapOut(OfCaseOut):
    id = serializers.IntegerField()
    category_name = serializers.CharField(source="category.name")
    area = serializers.IntegerField(source="area_id")
    area_name = serializers.CharField(source="area.name")
    note = serializers.CharField(help_text="为什么没有单位负责")
    at = serializers.DateTimeField()
    is_settled = serializers.SerializerMethodField(help_text="已销号")
    settled_at = serializers.DateTimeField(allow_null=True)

    def get_is_settled(self, gap: Any) -> bool:
        return gap.settled_by_id is not None


class GapPageOut(PageOut):
    results = GapOut(many=True)


class GapDetailOut(GapOut):
    fields: Any = FieldOut(many=True, help_text="销号要填的；item 是权责清单条目")


class SettleIn(serializers.Serializer):
    item = serializers.IntegerField(help_text="销号依据的权责清单条目")


class RoutingGapOut(OfCaseOut):
    id = serializers.IntegerField()
    area = serializers.IntegerField(source="area_id")
    area_name = serializers.CharField(source="area.name")
    missing = serializers.CharField(help_text="缺少哪个岗位")
    at = serializers.DateTimeField()


class RoutingGapPageOut(PageOut):
    results = RoutingGapOut(many=True)


class MonthQuery(serializers.Serializer):
    month = serializers.RegexField(r"^20\d{2}-(0[1-9]|1[0-2])$", required=False)


class ScoreOut(serializers.Serializer):
    organisation = serializers.IntegerField()
    name = serializers.CharField()
    n = serializers.IntegerField(help_text="几次评分")
    mean = serializers.FloatField(help_text="1 到 5 分")


class ScoresOut(serializers.Serializer):
    month = serializers.CharField()
    scores = ScoreOut(many=True)


class SupervisionView(Working):
    scopes = READ

    @extend_schema(
        operation_id="list_supervision_orders", tags=["督办"], summary="查询督办单",
        parameters=[OrderQuery], responses={200: OrderPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Of the cases in one's scope and to one's own unit, by deadline. They are
        issued, answered, accepted and returned by the steps `supervise`,
        `answer_supervision`, `accept_supervision`, `return_supervision` of the case."""
        asked, at = asked_of(OrderQuery, request), clock.now()
        visible = SupervisionOrder.objects.visible_to(self.who)
        found = visible.filter(status__in=TABS[asked["tab"]][1])
        shown, cursor = page_of(found.with_names().in_order(), asked)
        n = visible.by_status()
        return Response(
            {
                "results": OrderOut(shown, many=True, context={"at": at}).data,
                "next_cursor": cursor,
                "waiting": sum(n.get(one, 0) for one in TABS["waiting"][1]),
                "answered": n.get(SupervisionOrder.Status.ANSWERED, 0),
                "late": visible.unanswered_at(at).count(),
            }
        )


class SuspendedView(Working):
    scopes = READ

    @extend_schema(
        operation_id="list_suspended", tags=["案件"], summary="问题库（挂账中）",
        parameters=[PageQuery],
        responses={200: SuspensionPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What stands still, why, until when, and how it is made safe; what resumes
        first on top. For street, district and city."""
        if not desk.reads_pool(self.who):
            raise NotFound
        asked = asked_of(PageQuery, request)
        running = Suspension.objects.running()
        found = running.of_cases(Case.objects.visible_to(self.who))
        shown, cursor = page_of(found, asked)
        rows = SuspensionOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class Gaps(Working):
    scopes = {**READ, "POST": Scope.CASES_WRITE}

    def visible(self) -> Any:
        if self.who.role not in GAP_READERS:
            raise NotFound
        found: Any = ResponsibilityGap.objects.visible_to(self.who)
        return found.select_related("case", "category", "area")

    def gap(self, gap_id: int) -> ResponsibilityGap:
        found: ResponsibilityGap = get_object_or_404(self.visible(), pk=gap_id)
        return found

    def told(self, gap_id: int) -> Response:
        found = self.gap(gap_id)
        form = SettleGapForm(gap=found)
        fields = [described(form, name) for name in form.fields]
        return Response({**GapOut(found).data, "fields": fields})


class GapsView(Gaps):
    @extend_schema(
        operation_id="list_gaps", tags=["会商"], summary="职责空白",
        parameters=[PageQuery], responses={200: GapPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What nobody answers for, newest first."""
        asked = asked_of(PageQuery, request)
        shown, cursor = newest_first(request, self.visible(), asked)
        rows = GapOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class GapView(Gaps):
    @extend_schema(
        operation_id="read_gap", tags=["会商"], summary="一项职责空白",
        responses={200: GapDetailOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, gap_id: int) -> Response:
        """With the lines of the 权责清单 by which it may be settled."""
        return self.told(gap_id)


class SettleView(Gaps):
    @extend_schema(
        operation_id="settle_gap", tags=["会商"], summary="职责空白销号",
        parameters=[IDEMPOTENCY], request=SettleIn,
        responses={
            200: GapDetailOut, 400: BAD, 404: UNKNOWN, 409: OVERTAKEN, 422: REFUSED,
        },
    )  # fmt: skip
    @once
    def post(self, request: Request, gap_id: int) -> Response:
        """Now that a line of the 权责清单 says who answers."""
        found = self.gap(gap_id)
        asked = posted(request)
        asked[f"gap{found.pk}-item"] = asked.get("item", "")
        given = filled(SettleGapForm(asked, gap=found))
        actions.settle_gap(
            gap_id=found.pk, item_id=given["item"], actor=self.who, at=clock.now()
        )
        return self.told(found.pk)


class RoutingGapsView(Gaps):
    @extend_schema(
        operation_id="list_routing_gaps", tags=["会商"], summary="派单缺口",
        parameters=[PageQuery],
        responses={200: RoutingGapPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Cases for which the router found nobody in the own area, newest first."""
        self.visible()
        asked = asked_of(PageQuery, request)
        found: Any = RoutingGap.objects.visible_to(self.who)
        found = found.select_related("case__category", "area")
        shown, cursor = newest_first(request, found, asked)
        rows = RoutingGapOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class ScoresView(Working):
    scopes = {"GET": Scope.FIGURES_READ}

    @extend_schema(
        operation_id="list_unit_scores", tags=["统计"], summary="单位评分",
        parameters=[MonthQuery], responses={200: ScoresOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """How the streets marked the units they whistled, of the cases closed in the
        month that one may see; the best first."""
        asked, at = asked_of(MonthQuery, request), clock.now()
        month = asked.get("month") or localtime(at).strftime("%Y-%m")
        year, number = map(int, month.split("-"))
        period = Period.month(year, number)
        found = UnitScore.objects.visible_to(self.who)
        rows = found.of_period(period.starts_at, period.ends_at).by_organisation()
        return Response({"month": month, "scores": ScoreOut(rows, many=True).data})
