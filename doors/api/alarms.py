"""Alarms of devices (感知设备), by key."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from doors import actions, http
from doors.api.base import Door
from doors.api.shapes import CONFLICT, MomentField
from doors.models import ApiKey, Scope
from governance import clock
from governance.api import refusal
from governance.errors import Refused
from governance.geo import Crs


class AlarmIn(serializers.Serializer):
    device = serializers.CharField(max_length=64, help_text="设备编号，对方自己的")
    alarm_id = serializers.CharField(max_length=64, help_text="同一设备内不重复")
    kind = serializers.CharField(max_length=40, help_text="告警类型代码，见系统管理")
    raised_at = MomentField(required=False, allow_null=True, default=None)
    lng = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=-180, max_value=180
    )
    lat = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=-90, max_value=90
    )
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)
    address = serializers.CharField(max_length=200, default="", allow_blank=True)
    description = serializers.CharField(max_length=500, default="", allow_blank=True)
    reading = serializers.DictField(
        child=serializers.CharField(max_length=100), default=dict, help_text="读数"
    )


class AlarmOut(serializers.Serializer):
    device = serializers.CharField(source="device.code")
    alarm_id = serializers.CharField()
    case = serializers.IntegerField(source="case_id", allow_null=True)
    display_no = serializers.CharField(source="case.display_no", default="")
    is_joined = serializers.BooleanField(help_text="并入了还没有办结的案件")
    unfiled = serializers.CharField(
        allow_blank=True,
        help_text="没有立案的原因：below 未达到阈值，quiet 办结后静默；立案的为空",
    )


class AlarmsView(Door):
    scopes = {"POST": Scope.ALARMS_WRITE}

    @extend_schema(
        operation_id="send_alarm",
        tags=["感知设备"],
        summary="上报设备告警",
        request=AlarmIn,
        examples=[
            OpenApiExample(
                "井盖位移",
                value={
                    "device": "MH-0001", "alarm_id": "20261126-17", "kind": "manhole",
                    "lng": 113.0005, "lat": 28.0005, "reading": {"倾角": "31°"},
                },
                request_only=True,
            )
        ],
        responses={200: AlarmOut, 201: AlarmOut, 409: CONFLICT},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """201 a new alarm: a case of its own, joined to an open one, or only kept; 200
        the same again, 409 other content under a known id."""
        if not isinstance(request.auth, ApiKey):
            raise PermissionDenied(
                _("设备告警要用密钥上报，请在请求头中提供密钥。"), code="key_required"
            )
        taken = AlarmIn(data=request.data)
        taken.is_valid(raise_exception=True)
        given: dict[str, Any] = dict(taken.validated_data)
        try:
            alarm, is_new = actions.take_alarm(
                client_id=request.auth.client_id,
                given=actions.AlarmGiven(**given),
                ip=http.address(request._request),
                at=clock.now(),
            )
        except Refused as refused:
            status = 409 if refused.code == "conflict" else 422
            return Response(refusal(refused), status=status)
        return Response(AlarmOut(alarm).data, status=201 if is_new else 200)
