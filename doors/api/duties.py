"""Tasks sent down (任务): what waits, and each step by the forms of the pages."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import Door, once
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.performing import (
    IDEMPOTENCY,
    FieldOut,
    described,
    faults_of,
    posted,
)
from doors.api.shapes import BAD, REFUSED, UNKNOWN, ErrorOut
from doors.models import Scope
from duties.models import TaskReceiver
from duties.views.steps import RECEIVER_STEPS, visible_receiver
from duties.workflow import RECEIVER_TRANSITIONS, Action, allowed, find
from governance import clock
from governance.api import faulty, refusal
from governance.errors import Refused


class DutyQuery(PageQuery):
    mine = serializers.BooleanField(
        required=False, default=False, help_text="只要发给我或我单位、还没有办完的"
    )


class DutyOut(serializers.Serializer):
    id = serializers.IntegerField()
    task = serializers.IntegerField(source="task_id")
    title = serializers.CharField(source="task.title")
    kind = serializers.CharField(source="task.kind")
    requirement = serializers.CharField(source="task.requirement")
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    due_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    allowed_actions = serializers.SerializerMethodField()

    def get_allowed_actions(self, receiver: Any) -> list[str]:
        who, at = self.context["actor"], self.context["at"]
        rows = allowed(RECEIVER_TRANSITIONS, receiver, who, at)
        return [row.action.value for row in rows if row.action in RECEIVER_STEPS]


class DutyPageOut(PageOut):
    results = DutyOut(many=True)


class DutyFormOut(serializers.Serializer):
    action = serializers.CharField()
    label: Any = serializers.CharField()
    intro = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    fields: Any = FieldOut(many=True)


class DutyActionIn(serializers.Serializer):
    """Besides it the fields that `GET` names for this step."""

    version = serializers.IntegerField(required=False, allow_null=True)


class DutyDoor(Door):
    def told(self, receivers: Any, **more: Any) -> Any:
        context = {"actor": self.who, "at": clock.now()}
        return DutyOut(receivers, context=context, **more).data


class DutiesView(DutyDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="list_duties", tags=["任务"], summary="查询任务",
        parameters=[DutyQuery], responses={200: DutyPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What was sent down as far as this post sees it, newest first."""
        asked = asked_of(DutyQuery, request)
        found: Any = TaskReceiver.objects.visible_to(self.who)
        if asked["mine"]:
            found = TaskReceiver.objects.addressed_to(self.who).waiting()
        named = found.with_names().select_related("task__admission")
        shown, cursor = newest_first(request, named, asked)
        rows = self.told(shown, many=True)
        return Response({"results": rows, "next_cursor": cursor})


class DutyView(DutyDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="read_duty", tags=["任务"], summary="一项任务",
        responses={200: DutyOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, receiver_id: int) -> Response:
        return Response(self.told(visible_receiver(self.who, receiver_id)))


class DutyActionView(DutyDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @extend_schema(
        operation_id="read_duty_action", tags=["任务"], summary="任务的一步要填什么",
        responses={200: DutyFormOut, 404: UNKNOWN, 409: ErrorOut, 422: REFUSED},
    )  # fmt: skip
    def get(self, request: Request, receiver_id: int, action: str) -> Response:
        """The fields of this step; 409 when it does not fit now."""
        receiver = self._receiver(receiver_id, action)
        try:
            find(RECEIVER_TRANSITIONS, receiver, Action(action), self.who, clock.now())
        except Refused as refused:
            return _refused(refused)
        form = self._form(action, receiver)
        return Response(
            {
                "action": action,
                "label": str(form.submit),
                "intro": str(form.intro),
                "version": receiver.version,
                "fields": [described(form, name) for name in form.fields],
            }
        )

    @extend_schema(
        operation_id="take_duty_action", tags=["任务"], summary="办理任务的一步",
        parameters=[IDEMPOTENCY], request=DutyActionIn,
        responses={200: DutyOut, 404: UNKNOWN, 409: ErrorOut, 422: REFUSED},
    )  # fmt: skip
    @once
    def post(self, request: Request, receiver_id: int, action: str) -> Response:
        """签收, 开始办理, 分解下发, 提交反馈, 验收, 退回."""
        receiver = self._receiver(receiver_id, action)
        form = self._form(action, receiver, posted(request))
        if not form.is_valid():
            return Response(faulty(list(faults_of(form))), status=422)
        try:
            RECEIVER_STEPS[action].act(
                actor=self.who, at=clock.now(), receiver_id=receiver.pk,
                **form.arguments(),
            )  # fmt: skip
        except Refused as refused:
            return _refused(refused)
        return Response(self.told(visible_receiver(self.who, receiver_id)))

    def _receiver(self, receiver_id: int, action: str) -> TaskReceiver:
        if action not in RECEIVER_STEPS:
            raise Http404
        return visible_receiver(self.who, receiver_id)

    def _form(self, action: str, receiver: TaskReceiver, given: Any = None) -> Any:
        return RECEIVER_STEPS[action].form(
            given, subject=receiver, actor=self.who, at=clock.now(),
            initial={"version": receiver.version},
        )  # fmt: skip


def _refused(refused: Refused) -> Response:
    status = {"stale": 409, "state": 409, "role": 403}.get(refused.code, 422)
    return Response(refusal(refused), status=status)
