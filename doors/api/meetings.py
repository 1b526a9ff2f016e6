"""治理联席会议: convene, agenda, what was decided, minutes (DOMAIN C.3)."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions
from cases.forms.meetings import AgendaForm, MeetingForm, TakeOffForm
from cases.models import AgendaItem, Case, JointMeeting
from cases.querysets.disputes import MEETING_READERS, agenda, awaiting_meeting
from doors.api.base import once
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.performing import IDEMPOTENCY, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN, MomentField
from doors.api.working import MOST_ID, OVERTAKEN, Working, filled, given_as
from doors.models import Scope
from governance import clock
from governance.errors import Refused

TAGS = ["会商"]
BOTH = {"GET": Scope.CASES_READ, "POST": Scope.CASES_WRITE}
DONE = {400: BAD, 404: UNKNOWN, 409: OVERTAKEN, 422: REFUSED}


class WaitingCaseOut(serializers.Serializer):
    id = serializers.IntegerField()
    case_no = serializers.CharField()
    display_no = serializers.CharField()
    category_name = serializers.CharField(source="category.name")
    street_name = serializers.CharField(source="street.name")


class ItemOut(serializers.Serializer):
    id = serializers.IntegerField()
    order = serializers.IntegerField(help_text="议题几")
    case = serializers.IntegerField(
        allow_null=True, help_text="看不到的涉密案件为 null"
    )
    case_no = serializers.CharField(allow_blank=True)
    category_name = serializers.CharField()
    ruling = serializers.CharField(allow_blank=True, help_text="会议意见")
    is_concluded = serializers.BooleanField(help_text="已按会议意见派遣")


class MeetingOut(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(allow_blank=True, help_text="会议纪要号")
    title = serializers.CharField()
    district = serializers.IntegerField(source="district_id")
    district_name = serializers.CharField(source="district.name")
    held_at = serializers.DateTimeField()
    place = serializers.CharField()
    members = serializers.CharField()
    status = serializers.CharField()
    status_label = serializers.CharField(source="get_status_display")
    issued_at = serializers.DateTimeField(allow_null=True)


class MeetingDetailOut(MeetingOut):
    agenda: Any = ItemOut(many=True)


class MeetingPageOut(PageOut):
    results = MeetingOut(many=True)


class WaitingPageOut(PageOut):
    results = WaitingCaseOut(many=True)


class MeetingIn(serializers.Serializer):
    title = serializers.CharField(max_length=120)
    held_at = MomentField()
    place = serializers.CharField(max_length=200)
    members = serializers.CharField(max_length=2000)


class AgendaIn(serializers.Serializer):
    case = serializers.IntegerField(help_text="待上会的案件之一")


class TakeOffIn(serializers.Serializer):
    opinion = serializers.CharField(max_length=1000)


class RulingIn(serializers.Serializer):
    item = serializers.IntegerField(min_value=1, max_value=MOST_ID)
    ruling = serializers.CharField(max_length=1000, allow_blank=True)


class RulingsIn(serializers.Serializer):
    rulings = RulingIn(many=True)


class Meetings(Working):
    """For the posts that have a part in joint meetings; 404 for all others."""

    def visible(self) -> Any:
        if self.who.role not in MEETING_READERS:
            raise NotFound
        found: Any = JointMeeting.objects.visible_to(self.who)
        return found.select_related("district")

    def meeting(self, meeting_id: int) -> JointMeeting:
        found: JointMeeting = get_object_or_404(self.visible(), pk=meeting_id)
        return found

    def waiting(self, code: str) -> Any:
        return awaiting_meeting(Case.objects.visible_to(self.who), code)

    def told(self, meeting_id: int, status: int = 200) -> Response:
        """The whole meeting as it is now; confidential cases bear no number."""
        found = self.meeting(meeting_id)
        items = list(agenda(found))
        cases = Case.objects.filter(pk__in=[one.case_id for one in items])
        seen = set(cases.visible_to(self.who).values_list("pk", flat=True))
        rows = [_item(one, one.case_id in seen) for one in items]
        lines = ItemOut(rows, many=True).data
        return Response({**MeetingOut(found).data, "agenda": lines}, status=status)


def _item(item: AgendaItem, is_seen: bool) -> dict[str, Any]:
    shown = is_seen or not item.case.confidential
    return {
        "id": item.pk, "order": item.order, "ruling": item.ruling,
        "is_concluded": item.is_concluded,
        "case": item.case_id if shown else None,
        "case_no": item.case.case_no if shown else "",
        "category_name": item.case.category.name,
    }  # fmt: skip


class MeetingsView(Meetings):
    scopes = BOTH

    @extend_schema(
        operation_id="list_meetings", tags=TAGS, summary="查询联席会议",
        parameters=[PageQuery], responses={200: MeetingPageOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The meetings of one's district, or with one's own cases; newest first."""
        asked = asked_of(PageQuery, request)
        shown, cursor = newest_first(request, self.visible(), asked)
        rows = MeetingOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})

    @extend_schema(
        operation_id="convene_meeting", tags=TAGS, summary="召集联席会议",
        parameters=[IDEMPOTENCY], request=MeetingIn,
        responses={201: MeetingDetailOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        self.visible()
        given = filled(MeetingForm(posted(request)))
        made = actions.convene_meeting(actor=self.who, at=clock.now(), **given)
        return self.told(made.pk, 201)


class WaitingView(Meetings):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_cases_for_meetings", tags=TAGS, summary="待上会的案件",
        parameters=[PageQuery], responses={200: WaitingPageOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Cases in 区级协调 that stand on no agenda yet."""
        self.visible()
        asked = asked_of(PageQuery, request)
        found = self.waiting(self.who.area_code)
        shown, cursor = newest_first(request, found, asked)
        rows = WaitingCaseOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class MeetingView(Meetings):
    scopes = BOTH

    @extend_schema(
        operation_id="read_meeting", tags=TAGS, summary="一次联席会议",
        responses={200: MeetingDetailOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, meeting_id: int) -> Response:
        """With its agenda and what was decided of each item."""
        return self.told(meeting_id)


class AgendaView(Meetings):
    scopes = BOTH

    @extend_schema(
        operation_id="put_on_agenda", tags=TAGS, summary="列入议题",
        parameters=[IDEMPOTENCY], request=AgendaIn,
        responses={200: MeetingDetailOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, meeting_id: int) -> Response:
        """The case waits for the meeting now, no longer for the centre."""
        found = self.meeting(meeting_id)
        waiting = list(self.waiting(found.district.code))
        given = filled(AgendaForm(posted(request), waiting=waiting))
        actions.put_on_agenda(
            meeting_id=found.pk, case_id=given["case"], actor=self.who, at=clock.now()
        )
        return self.told(found.pk)


class TakeOffView(Meetings):
    scopes = BOTH

    @extend_schema(
        operation_id="take_off_agenda", tags=TAGS, summary="移出议题",
        parameters=[IDEMPOTENCY], request=TakeOffIn,
        responses={200: MeetingDetailOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, meeting_id: int, item_id: int) -> Response:
        """The centre coordinates on, with a limit anew."""
        found = self.meeting(meeting_id)
        item = get_object_or_404(found.items, pk=item_id)
        asked = posted(request)
        asked["item"] = str(item.pk)
        actions.take_off_agenda(
            item_id=item.pk, opinion=filled(TakeOffForm(asked))["opinion"],
            actor=self.who, at=clock.now(),
        )  # fmt: skip
        return self.told(found.pk)


class RulingsView(Meetings):
    scopes = BOTH

    @extend_schema(
        operation_id="record_rulings", tags=TAGS, summary="记录会议意见",
        parameters=[IDEMPOTENCY], request=RulingsIn,
        responses={200: MeetingDetailOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, meeting_id: int) -> Response:
        """What was decided of each item; may be sent again until the minutes are out.
        Items that are not named keep what they have."""
        found = self.meeting(meeting_id)
        given = given_as(RulingsIn, request)["rulings"]
        rulings = {one["item"]: one["ruling"] for one in given}
        known = agenda(found).filter(pk__in=rulings).count()
        if known < len(rulings):
            raise Refused(
                _("有的议题不在这次会议中，请取最新的议程再填。"), field="rulings"
            )
        actions.hold_meeting(
            meeting_id=found.pk, rulings=rulings, actor=self.who, at=clock.now()
        )
        return self.told(found.pk)


class MinutesView(Meetings):
    scopes = BOTH

    @extend_schema(
        operation_id="issue_minutes", tags=TAGS, summary="印发会议纪要",
        parameters=[IDEMPOTENCY], request=None,
        responses={200: MeetingDetailOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, meeting_id: int) -> Response:
        """Once every item has its ruling; gives the number of the minutes."""
        found = self.meeting(meeting_id)
        actions.issue_minutes(meeting_id=found.pk, actor=self.who, at=clock.now())
        return self.told(found.pk)
