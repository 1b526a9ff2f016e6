"""Cases: the list, and one case with its story and what may be done with it now."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import story
from cases.actions.contacts import masked
from cases.difference import seen
from cases.explain import explain
from cases.models import Case, CaseClock, Whistle
from cases.offers import offers
from cases.querysets.scope import FIELD_ROLES, among
from cases.views.case import visible_case
from cases.workflow import OPEN_STATES, State
from doors.api.base import Door
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN, CaseOut, MomentField, PhotoOut
from doors.models import Scope
from governance import clock


class CaseQuery(PageQuery):
    state = serializers.ListField(
        child=serializers.ChoiceField(choices=State.choices),
        required=False,
        help_text="可重复，取其中任一",
    )
    open = serializers.BooleanField(required=False, default=False)
    overdue = serializers.BooleanField(required=False, default=False)
    urgent = serializers.BooleanField(
        required=False, default=None, allow_null=True, help_text="true 只要紧急的"
    )
    mine = serializers.BooleanField(
        required=False, default=False, help_text="只要等我办的"
    )
    category = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="小类编号，可重复"
    )
    area = serializers.RegexField(
        r"^\d{4,18}$", required=False, help_text="区划编码，含其下级"
    )
    q = serializers.CharField(
        required=False, max_length=100, help_text="案卷号、地址、描述、类别或单位"
    )
    reported_from = MomentField(required=False)
    reported_to = MomentField(required=False, help_text="不含")
    updated_from = MomentField(required=False, help_text="同步用：此后有变化的")
    before = serializers.IntegerField(
        required=False, min_value=1, help_text="旧写法：上一页的 next_before"
    )


class CasePageOut(PageOut):
    results = CaseOut(many=True)
    next_before = serializers.IntegerField(allow_null=True)


class AllowedActionOut(serializers.Serializer):
    action = serializers.CharField(source="name")
    label: Any = serializers.CharField()
    is_primary = serializers.BooleanField(default=False)
    is_aside = serializers.BooleanField(default=False)


class FactOut(serializers.Serializer):
    label: Any = serializers.CharField()
    text = serializers.CharField()


class EntryOut(serializers.Serializer):
    verb = serializers.CharField()
    by = serializers.CharField(help_text="单位·岗位·姓名")
    at = serializers.DateTimeField()
    opinion = serializers.CharField(allow_blank=True)
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField(allow_blank=True)
    rule = serializers.CharField(allow_blank=True, help_text="系统按哪条规则办的")
    facts = FactOut(many=True)


class ContactOut(serializers.Serializer):
    name = serializers.CharField(help_text="已遮蔽")
    contact = serializers.CharField(help_text="已遮蔽")


class CalledOut(serializers.Serializer):
    organisation = serializers.IntegerField(source="organisation_id")
    organisation_name = serializers.CharField(source="organisation.name")
    role = serializers.CharField()
    task = serializers.CharField()
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    checkin_at = serializers.DateTimeField(allow_null=True)


class WhistleOut(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()
    kind = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()
    blown_at = serializers.DateTimeField(allow_null=True)
    called = CalledOut(source="assignments", many=True)


class ClockOut(serializers.Serializer):
    stage = serializers.CharField()
    stage_label = serializers.CharField(source="get_stage_display")
    started_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    stopped_at = serializers.DateTimeField(allow_null=True)
    is_overdue = serializers.BooleanField()


class CaseDetailOut(CaseOut):
    allowed_actions = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField(
        help_text="为什么在这一步；谁须在何时前办什么，逾期会怎样"
    )
    seen = serializers.SerializerMethodField(
        help_text="办理时带回，若被抢先，409 会列出此后的变化"
    )
    source: Any = serializers.CharField()
    complainant = serializers.SerializerMethodField(help_text="诉求人，遮蔽后")
    photos = PhotoOut(many=True)
    whistles = serializers.SerializerMethodField()
    clocks = serializers.SerializerMethodField(help_text="各环节的时限")
    timeline = serializers.SerializerMethodField(help_text="经过，新的在前")

    @extend_schema_field(AllowedActionOut(many=True))
    def get_allowed_actions(self, case: Case) -> list[dict[str, Any]]:
        offered = offers(case, self.context["actor"], self.context["at"])
        return list(AllowedActionOut(offered, many=True).data)

    def get_explanation(self, case: Case) -> str:
        return str(explain(case, self.context["at"]))

    def get_seen(self, case: Case) -> str:
        return seen(case)

    @extend_schema_field(ContactOut(allow_null=True))
    def get_complainant(self, case: Case) -> dict[str, str] | None:
        if not case.has_complainant:
            return None
        found = masked(case, self.context["actor"])
        return {"name": found.name, "contact": found.telephone}

    @extend_schema_field(WhistleOut(many=True))
    def get_whistles(self, case: Case) -> list[dict[str, Any]]:
        found = case.whistles.exclude(status=Whistle.Status.WITHDRAWN)
        rows = found.prefetch_related("assignments__organisation").order_by("-pk")
        return list(WhistleOut(rows, many=True).data)

    @extend_schema_field(ClockOut(many=True))
    def get_clocks(self, case: Case) -> list[dict[str, Any]]:
        rows = CaseClock.objects.filter(case=case, superseded=False).order_by("pk")
        return list(ClockOut(rows, many=True).data)

    @extend_schema_field(EntryOut(many=True))
    def get_timeline(self, case: Case) -> list[dict[str, Any]]:
        return timeline_of(case)


def timeline_of(case: Case) -> list[dict[str, Any]]:
    """The journal in plain words; notes of colleagues among themselves stay in."""
    return [
        {
            "verb": str(one.verb),
            "by": one.by,
            "at": one.at,
            "opinion": one.opinion,
            "from_state": one.from_state,
            "to_state": one.to_state,
            "rule": one.rule,
            "facts": [{"label": label, "text": text} for label, text in one.facts],
        }
        for one in story.timeline(case)
        if not one.is_note
    ]


class CasesView(Door):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_cases",
        tags=["案件"],
        summary="查询案件",
        parameters=[CaseQuery],
        responses={200: CasePageOut, 400: BAD},
        examples=[
            OpenApiExample(
                "一页",
                value={"results": [], "next_cursor": None, "next_before": None},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The cases in one's scope, newest first. Follow `next_cursor` to the end."""
        asked = asked_of(CaseQuery, request)
        found = self._narrowed(asked).with_names()
        before = asked.get("before", 0)
        shown, cursor = newest_first(request, found, asked, before=before)
        return Response(
            {
                "results": CaseOut(shown, many=True).data,
                "next_cursor": cursor,
                "next_before": shown[-1].pk if cursor else None,
            }
        )

    def _narrowed(self, asked: dict[str, Any]) -> Any:
        who, at = self.who, clock.now()
        found: Any = Case.objects.visible_to(who)
        if who.role in FIELD_ROLES:
            # A few hundred of all cases: collected by their indexes, not met by chance
            # on the way back through everybody's newest.
            found = Case.objects.filter(among(found.values("pk")))
        if asked["mine"]:
            found = Case.objects.todo_of(who)
        if asked["open"]:
            found = found.in_state(*OPEN_STATES)
        if asked["overdue"]:
            found = found.overdue(at)
        if asked.get("state"):
            found = found.in_state(*asked["state"])
        if asked.get("q"):
            found = found.search(asked["q"])
        plain = {
            "urgent": asked["urgent"],
            "category__in": asked.get("category"),
            "placement_code__startswith": asked.get("area"),
            "reported_at__gte": asked.get("reported_from"),
            "reported_at__lt": asked.get("reported_to"),
            "updated_at__gte": asked.get("updated_from"),
        }
        return found.filter(**{name: v for name, v in plain.items() if v is not None})


class CaseView(Door):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="read_case",
        tags=["案件"],
        summary="一个案件",
        responses={200: CaseDetailOut, 404: UNKNOWN},
    )
    def get(self, request: Request, case_id: int) -> Response:
        """One case, its story and what may be done with it now; 404 outside one's
        scope. `ETag` is the version, to be sent back as `If-Match`."""
        case = visible_case(self.who, case_id)
        context = {"actor": self.who, "at": clock.now()}
        answer = Response(CaseDetailOut(case, context=context).data)
        answer["ETag"] = f'"{case.version}"'
        return answer
