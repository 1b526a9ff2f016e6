"""Work orders of other systems: sent, sent again, and how they stand (docs/bridges.md).

Serializers are for shape only.
"""

from dataclasses import fields
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.forms.filing import PHONE_NUMBER
from doors import actions
from doors.api.base import Door
from doors.api.shapes import CONFLICT, REFUSED, UNKNOWN, MomentField
from doors.models import ApiKey, BridgeSource, OrderStatus, Scope, WorkOrder
from governance import clock
from governance.api import refusal
from governance.errors import Refused
from governance.geo import Crs

OLDER: Any = {"max_length": 60, "default": "", "allow_blank": True}


class WorkOrderIn(serializers.Serializer):
    source: Any = serializers.SlugField(max_length=30, help_text="来源系统的代号")
    external_id = serializers.CharField(
        max_length=64, help_text="来源系统里的工单号，同一来源内唯一"
    )
    category = serializers.CharField(
        help_text="来源的类别代码；没有对照的由受理单位处理", **OLDER
    )
    category_name = serializers.CharField(**OLDER)
    area = serializers.CharField(help_text="来源的区域代码，没有坐标时用", **OLDER)
    title = serializers.CharField(max_length=200, default="", allow_blank=True)
    description = serializers.CharField(max_length=1700)
    address = serializers.CharField(max_length=256, default="", allow_blank=True)
    lng = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=-180, max_value=180
    )
    lat = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=-90, max_value=90
    )
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)
    urgent = serializers.BooleanField(default=False)
    complainant_name = serializers.CharField(
        max_length=50, default="", allow_blank=True
    )
    complainant_contact = serializers.CharField(
        max_length=20, default="", allow_blank=True, validators=[PHONE_NUMBER]
    )
    found_at = MomentField(required=False, help_text="发现时间")
    due_at = MomentField(required=False, help_text="来源要求的办结时间，供受理人员参考")


class WorkOrderOut(serializers.Serializer):
    source: Any = serializers.CharField(source="source.code")
    external_id = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    status_label = serializers.CharField(source="get_status_display")
    case = serializers.CharField(
        source="case.case_no", default=None, allow_null=True, help_text="案卷号"
    )
    problem_code = serializers.CharField(help_text="待人工处理的原因代码")
    problem = serializers.CharField(help_text="待人工处理、退回的原因")
    received_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class WorkOrdersView(Door):
    scopes = {"POST": Scope.BRIDGE}

    @extend_schema(
        operation_id="send_work_order",
        tags=["工单对接"],
        summary="送来工单",
        request=WorkOrderIn,
        responses={200: WorkOrderOut, 201: WorkOrderOut, 409: CONFLICT, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Send an order. 201 the first time, 200 for the same again and for other
        content that was noted, 409 for other content when the case is over."""
        taken = WorkOrderIn(data=request.data)
        taken.is_valid(raise_exception=True)
        given = dict(taken.validated_data)
        source = own_source(request, given.pop("source"))
        received = actions.receive_order(
            source_id=source.pk,
            external_id=given.pop("external_id"),
            sent=sent_of(given),
            actor=self.who,
            at=clock.now(),
        )
        if received.refused:
            return Response(refusal(late(received.order)), status=409)
        order = WorkOrder.objects.with_names().get(pk=received.order.pk)
        return Response(
            WorkOrderOut(order).data, status=201 if received.is_new else 200
        )


class WorkOrderView(Door):
    scopes = {"GET": Scope.BRIDGE}

    @extend_schema(
        operation_id="read_work_order",
        tags=["工单对接"],
        summary="查询工单",
        responses={200: WorkOrderOut, 404: UNKNOWN, 422: REFUSED},
    )
    def get(self, request: Request, source: str, external_id: str) -> Response:
        """How an order stands; 404 for what another system sent."""
        own = own_source(request, source).orders.with_names()
        return Response(
            WorkOrderOut(get_object_or_404(own, external_id=external_id)).data
        )


def own_source(request: Request, code: str) -> BridgeSource:
    """The source that belongs to the client of the key. Raises Refused otherwise."""
    mine = BridgeSource.objects.filter(is_active=True, code=code)
    key = request.auth
    found = (
        mine.filter(client=key.client_id).first() if isinstance(key, ApiKey) else None
    )
    if found is None:
        raise Refused(
            _("没有代号为“%(code)s”的对接来源，或者它不属于这个密钥。")
            % {"code": code},
            code="unknown_source",
            field="source",
        )
    return found


def sent_of(given: dict[str, Any]) -> actions.Sent:
    """`given` is what WorkOrderIn found right, without source and number."""
    for name in ("found_at", "due_at"):
        moment = given.get(name)
        given[name] = moment.isoformat() if moment else ""
    return actions.Sent(**{one.name: given[one.name] for one in fields(actions.Sent)})


def late(order: WorkOrder) -> Refused:
    """What is said to other content that came when all was over; it is kept."""
    return Refused(
        _("工单 %(id)s 已经处理完毕，变更已留存但不再办理；需要再办请用新的工单号。")
        % {"id": order.external_id},
        code="settled",
        field="external_id",
    )
