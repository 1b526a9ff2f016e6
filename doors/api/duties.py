"""Tasks sent down (任务), as those see them who received one: what waits, each step by
the forms of the pages."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, asks, does, shape_of
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from duties.models import TaskReceiver
from duties.views.steps import RECEIVER_STEPS, visible_receiver
from duties.workflow import RECEIVER_TRANSITIONS, Action, allowed, find

DutyActionIn = shape_of("DutyActionIn", *(one.form for one in RECEIVER_STEPS.values()))
DutyActionIn.__doc__ = "The fields that `GET` names for this step."


class DutyQuery(PageQuery):
    mine = serializers.BooleanField(
        required=False, default=False, help_text="只要发给我或我单位、还没有办完的"
    )
    to_accept = serializers.BooleanField(
        required=False, default=False, help_text="只要等我验收的"
    )
    task = serializers.IntegerField(
        required=False, min_value=1, max_value=2**53, help_text="只要这项任务的接收单位"
    )


class DutyOut(serializers.Serializer):
    id = serializers.IntegerField()
    task = serializers.IntegerField(source="task_id")
    title = serializers.CharField(source="task.title")
    kind = serializers.CharField(source="task.kind")
    requirement = serializers.CharField(source="task.requirement")
    service_kind = serializers.CharField(
        source="task.service_kind", help_text="按哪类关爱服务对象逐户走访"
    )
    receiver = serializers.CharField(source="name", help_text="接收的网格、单位或人员")
    parent: Any = serializers.IntegerField(
        source="parent_id", allow_null=True, help_text="由哪一级分解下来"
    )
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    due_at = serializers.DateTimeField(allow_null=True)
    result = serializers.CharField(allow_blank=True)
    opinion = serializers.CharField(allow_blank=True, help_text="验收或退回的意见")
    version = serializers.IntegerField()
    allowed_actions = serializers.SerializerMethodField(
        help_text="record 是填写走访、排查记录，见 /duties/{id}/record/"
    )

    def get_allowed_actions(self, receiver: Any) -> list[str]:
        who, at = self.context["actor"], self.context["at"]
        rows = allowed(RECEIVER_TRANSITIONS, receiver, who, at)
        known = {*RECEIVER_STEPS, Action.RECORD}
        return [row.action.value for row in rows if row.action in known]


class DutyPageOut(PageOut):
    results = DutyOut(many=True)


class DutyDoor(FormDoor):
    def told(self, receivers: Any, **more: Any) -> Any:
        context = {"actor": self.who, "at": self.at}
        return DutyOut(receivers, context=context, **more).data


class DutiesView(DutyDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="list_duties", tags=["任务"], summary="查询收到的任务",
        parameters=[DutyQuery], responses={200: DutyPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What was sent down as far as this post sees it, newest first."""
        asked = asked_of(DutyQuery, request)
        found: Any = TaskReceiver.objects.visible_to(self.who)
        if asked["mine"]:
            found = TaskReceiver.objects.addressed_to(self.who).waiting()
        elif asked["to_accept"]:
            found = TaskReceiver.objects.to_accept(self.who)
        if "task" in asked:
            found = found.filter(task=asked["task"])
        named = found.with_names().select_related("task__admission")
        shown, cursor = newest_first(request, named, asked)
        rows = self.told(shown, many=True)
        return Response({"results": rows, "next_cursor": cursor})


class DutyView(DutyDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="read_duty", tags=["任务"], summary="一项收到的任务",
        responses={200: DutyOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, receiver_id: int) -> Response:
        return Response(self.told(visible_receiver(self.who, receiver_id)))


class DutyActionView(DutyDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @asks("read_duty_action", "任务", "任务的一步要填什么")
    def get(self, request: Request, receiver_id: int, action: str) -> Response:
        """The fields of this step; 409 when it does not fit now."""
        receiver = self._receiver(receiver_id, action)
        find(RECEIVER_TRANSITIONS, receiver, Action(action), self.who, self.at)
        form = self.blank(RECEIVER_STEPS[action].form, subject=receiver)
        return self.told_form(form, action=action, version=receiver.version)

    @does(
        "take_duty_action", "任务", "办理任务的一步", request=DutyActionIn, out=DutyOut,
        example={"version": 3, "result": "已按要求全部完成"},
    )  # fmt: skip
    @once
    def post(self, request: Request, receiver_id: int, action: str) -> Response:
        """Whichever of `allowed_actions`, with the fields that `GET` names."""
        receiver = self._receiver(receiver_id, action)
        step = RECEIVER_STEPS[action]
        form = self.filled(step.form, subject=receiver)
        step.act(
            actor=self.who, at=self.at, receiver_id=receiver.pk, **form.arguments()
        )
        return Response(self.told(visible_receiver(self.who, receiver_id)))

    def _receiver(self, receiver_id: int, action: str) -> TaskReceiver:
        if action not in RECEIVER_STEPS:
            raise Http404
        return visible_receiver(self.who, receiver_id)
