"""What waits: the queues of the desk and the boxes of the inbox, in their order."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from cases.querysets import desk
from cases.querysets import inbox as boxes
from cases.querysets.narrowing import LAMPS, WHOSE, Narrowing, narrowed
from cases.querysets.scope import sees_much
from cases.views.desk import ONLY, narrowed_queue, rows
from cases.workflow import State, WhistleKind
from doors.api.base import Door
from doors.api.paging import PageOut, PageQuery, asked_of
from doors.api.shapes import BAD, UNKNOWN, CaseOut
from doors.api.working import place, place_in
from doors.models import Scope
from governance import clock

TAGS = ["待办"]
READ = {"GET": Scope.CASES_READ}
QUEUE = OpenApiParameter(
    "queue", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(desk.BY_NAME)
)
BOX = OpenApiParameter(
    "box", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(boxes.BY_NAME)
)


class CountOut(serializers.Serializer):
    name = serializers.CharField()
    label: Any = serializers.CharField()
    waiting = serializers.IntegerField(
        allow_null=True, help_text="几件；不计数的为 null，很多时至多 1000"
    )


class QueuesOut(serializers.Serializer):
    queues = CountOut(many=True)


class BoxesOut(serializers.Serializer):
    boxes = CountOut(many=True)


class LampOut(serializers.Serializer):
    colour = serializers.CharField(help_text="red、yellow、blue、green、grey、paused")
    text = serializers.CharField(help_text="剩 3 工作时")
    stage = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField(allow_null=True)


class WaitingOut(serializers.Serializer):
    case = CaseOut()
    lamp = LampOut(allow_null=True)
    alarm: Any = serializers.IntegerField(
        source="alarm.level", default=None, allow_null=True, help_text="几级预警"
    )
    is_unread = serializers.BooleanField(source="unread", help_text="有新消息")
    is_exempt = serializers.BooleanField(source="exempt", help_text="不计超时")
    is_mine = serializers.BooleanField(help_text="在自己手里")


class WorkPageOut(PageOut):
    results = WaitingOut(many=True)


class QueueQuery(PageQuery):
    q = serializers.CharField(required=False, max_length=100)
    area = serializers.RegexField(r"^\d{4,18}$", required=False)
    state = serializers.ChoiceField(choices=State.choices, required=False)
    only = serializers.ChoiceField(choices=list(ONLY), required=False)


def _several(child: serializers.Field, words: str = "") -> serializers.ListField:
    said = f"{words}可重复，取其中任一"
    return serializers.ListField(child=child, required=False, help_text=said)


class BoxQuery(PageQuery):
    """The narrowing of the inbox, as a saved view keeps it."""

    q = serializers.CharField(required=False, max_length=100)
    state = _several(serializers.ChoiceField(choices=State.choices))
    kind = _several(serializers.ChoiceField(choices=WhistleKind.choices), "哨型，")
    lamp = _several(serializers.ChoiceField(choices=list(LAMPS)), "时限灯，")
    area = _several(serializers.RegexField(r"^\d{4,18}$"), "街道编码，")
    category = _several(serializers.IntegerField(min_value=1), "小类，")
    whose = _several(serializers.ChoiceField(choices=list(WHOSE)), "谁在办，")
    outside = serializers.BooleanField(
        required=False, default=False, help_text="非工作时间到达的"
    )


class Worklist(Door):
    scopes = READ

    def by_urgency(self, found: Any, asked: dict[str, Any]) -> Response:
        """A page after the cursor, urgent ones and what is due first on top."""
        after, limit = place_in(asked.get("cursor", "")), asked["limit"]
        page: Any = desk.after(found, after)[: limit + 1]
        return self.told(list(page), limit)

    def told(self, found: list[Case], limit: int, *, by_id: bool = False) -> Response:
        shown = found[:limit]
        cursor = None
        if len(found) > limit:
            last = shown[-1]
            cursor = place(str(last.pk) if by_id else desk.cursor_of(last))
        out = WaitingOut(rows(shown, self.who, clock.now()), many=True)
        return Response({"results": out.data, "next_cursor": cursor})


class QueuesView(Worklist):
    @extend_schema(
        operation_id="list_queues", tags=TAGS, summary="工作台的队列",
        responses={200: QueuesOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The queues of this desk with how many wait in each."""
        n = desk.tally(Case.objects.visible_to(self.who), self.who).figures
        found = [
            {
                "name": one.name, "label": str(one.label),
                "waiting": None if one.name == "closed" else n[one.name],
            }
            for one in desk.queues_of(self.who)
        ]  # fmt: skip
        return Response({"queues": found})


class QueueView(Worklist):
    @extend_schema(
        operation_id="list_queue", tags=TAGS, summary="一个队列的案件",
        parameters=[QUEUE, QueueQuery],
        responses={200: WorkPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, queue: str) -> Response:
        """In the order of the desk: urgent first, then by deadline; closed ones newest
        first. Each with the lamp of its deadline."""
        chosen = desk.BY_NAME.get(queue)
        if chosen is None:
            raise NotFound
        asked = asked_of(QueueQuery, request)
        given = QueryDict(mutable=True)
        for name in ("q", "area", "state", "only"):
            given[name] = str(asked.get(name) or "")
        who, at = self.who, clock.now()
        visible = Case.objects.visible_to(who)
        queued = desk.in_queue(visible, chosen, who)
        found = narrowed_queue(given, queued, who, at).with_names("community")
        if chosen.name != "closed":
            ordered = found.by_urgency(walk=sees_much(who))
            return self.by_urgency(ordered, asked)
        newest: Any = desk.before(found, place_in(asked.get("cursor", "")))
        limit = asked["limit"]
        return self.told(list(newest[: limit + 1]), limit, by_id=True)


class BoxesView(Worklist):
    @extend_schema(
        operation_id="list_boxes", tags=TAGS, summary="收件箱的各箱",
        responses={200: BoxesOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The boxes of the unit with how many wait in each."""
        n = boxes.tally(Case.objects.visible_to(self.who), self.who).figures
        found = [
            {"name": one.name, "label": str(one.label), "waiting": n.get(one.name)}
            for one in boxes.BOXES
        ]
        return Response({"boxes": found})


class BoxView(Worklist):
    @extend_schema(
        operation_id="list_box", tags=TAGS, summary="一箱的案件",
        parameters=[BOX, BoxQuery],
        responses={200: WorkPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, box: str) -> Response:
        """What was called to the unit, narrowed as the inbox and its views do."""
        if box not in boxes.BY_NAME:
            raise NotFound
        asked, who, at = asked_of(BoxQuery, request), self.who, clock.now()
        visible = boxes.in_box(Case.objects.visible_to(who), box, who)
        narrow = Narrowing.of(_narrowing(asked))
        found = narrowed(visible, narrow, who, at).search(asked.get("q", ""))
        return self.by_urgency(found.with_names("street").by_urgency(), asked)


def _narrowing(asked: dict[str, Any]) -> QueryDict:
    given = QueryDict(mutable=True)
    for name in ("state", "kind", "lamp", "area", "category", "whose"):
        given.setlist(name, [str(one) for one in asked.get(name, [])])
    if asked["outside"]:
        given["outside"] = "1"
    return given
