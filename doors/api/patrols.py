"""Patrols (巡查): begun and ended by who walks, and what was found on them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, does
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from duties import actions
from duties.models import PatrolRecord
from duties.querysets.patrols import found_on

REMARK = 500


class PatrolOut(serializers.Serializer):
    id = serializers.IntegerField()
    worker = serializers.CharField(source="user.name")
    grid = serializers.CharField(source="grid.code")
    grid_name = serializers.CharField(source="grid.name")
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    remark = serializers.CharField(allow_blank=True)
    found = serializers.IntegerField(help_text="其间发现的案件数")


class PatrolDetailOut(PatrolOut):
    cases = serializers.ListField(
        child=serializers.IntegerField(), help_text="其间发现、看得到的案件"
    )


class PatrolPageOut(PageOut):
    results = PatrolOut(many=True)


class PatrolEndIn(serializers.Serializer):
    remark = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=REMARK,
        help_text="情况说明",
    )  # fmt: skip


class PatrolQuery(PageQuery):
    running = serializers.BooleanField(
        required=False, default=False, help_text="只要还在巡查的"
    )


class PatrolDoor(FormDoor):
    def visible(self) -> Any:
        found: Any = PatrolRecord.objects.visible_to(self.who)
        return found.select_related("user", "grid").with_found(self.at)

    def told(self, patrol_id: int) -> Any:
        found = get_object_or_404(self.visible(), pk=patrol_id)
        seen = found_on(found, self.at).visible_to(self.who)
        found.cases = list(seen.values_list("pk", flat=True))
        return PatrolDetailOut(found).data


class PatrolsView(PatrolDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @extend_schema(
        operation_id="list_patrols", tags=["巡查"], summary="查询巡查记录",
        parameters=[PatrolQuery], responses={200: PatrolPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The own ones, for the desk those of its area; newest first."""
        asked = asked_of(PatrolQuery, request)
        found = self.visible()
        if asked["running"]:
            found = found.running()
        shown, cursor = newest_first(request, found, asked)
        rows = PatrolOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})

    @does(
        "start_patrol", "巡查", "开始巡查", request=None, out=PatrolDetailOut,
        status=201,
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """Only a grid worker in a post of the grid; one at a time."""
        made = actions.start_patrol(actor=self.who, at=self.at)
        return Response(self.told(made.pk), status=201)


class PatrolView(PatrolDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="read_patrol", tags=["巡查"], summary="一次巡查",
        responses={200: PatrolDetailOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, patrol_id: int) -> Response:
        return Response(self.told(patrol_id))


class EndPatrolView(PatrolDoor):
    scopes = {"POST": Scope.DUTIES}

    @does(
        "end_patrol", "巡查", "结束巡查", request=PatrolEndIn, out=PatrolDetailOut,
        example={"remark": "东侧围挡已恢复。"},
    )  # fmt: skip
    @once
    def post(self, request: Request, patrol_id: int) -> Response:
        """By whoever started it."""
        own = PatrolRecord.objects.visible_to(self.who)
        found = get_object_or_404(own.filter(user=self.who.user_id or 0), pk=patrol_id)
        given = PatrolEndIn(data=request.data)
        given.is_valid(raise_exception=True)
        actions.end_patrol(
            patrol_id=found.pk, remark=given.validated_data["remark"], actor=self.who,
            at=self.at,
        )  # fmt: skip
        return Response(self.told(found.pk))
