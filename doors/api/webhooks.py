"""A client's own webhooks: the steps of the cases that its post sees, pushed to it.

Letters, signature, retries and order are those of docs/channels.md.
"""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.workflow import Action
from cases.workflow.verbs import VERBS
from doors import actions
from doors.actions.subscribing import MOST_WEBHOOKS
from doors.api.base import once
from doors.api.by_form import FormDoor, does
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.models import ApiKey, Scope
from doors.querysets import webhooks_of
from governance.errors import Refused
from parties import actions as parties
from parties.models import Channel, Delivery

# Steps that concern persons only (civics.…) are told to no other system.
KINDS = sorted({f"case.{one}" for one in (*Action.values, *VERBS) if "." not in one})
WISH = {
    "name": "城管平台", "url": "https://other.example.cn/hook",
    "kinds": ["case.whistle"],
}  # fmt: skip


@extend_schema_field(
    {
        "type": "array",
        "items": {"type": "string", "enum": KINDS},
        "maxItems": len(KINDS),
    }
)
class KindsField(serializers.ListField):
    """The document names them all; `open_push` says which one there is not."""

    child = serializers.CharField(max_length=60)


class WebhookIn(serializers.Serializer):
    name = serializers.CharField(max_length=60, help_text="在通知渠道里显示的名称")
    url = serializers.CharField(max_length=500, help_text="接收推送的网址")
    kinds = KindsField(
        max_length=len(KINDS),
        default=list,
        help_text="只要这些步骤，例如 case.report、case.whistle；空的是全部",
    )


class WebhookOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.SerializerMethodField()
    kinds = serializers.ListField(source="event_kinds", child=serializers.CharField())
    enabled = serializers.BooleanField()
    stuck = serializers.IntegerField(help_text="对方拒收、等人处理的条数")
    failing = serializers.IntegerField(help_text="正在重试的条数")
    last_sent_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, channel: Channel) -> str:
        return str(channel.options.get("url", ""))


class WebhookMadeOut(WebhookOut):
    secret = serializers.CharField(help_text="签名密钥，只在这里出现一次")


class DeliveryOut(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    subject = serializers.CharField(allow_blank=True, help_text="如 case:17")
    state = serializers.CharField(
        help_text="waiting 待发送，sending 发送中，sent 已送达，stuck 待处理，"
        "dropped 已放弃"
    )
    attempts = serializers.IntegerField()
    last_error = serializers.CharField(allow_blank=True)
    next_try_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class DeliveryPageOut(PageOut):
    results = DeliveryOut(many=True)


class DropIn(serializers.Serializer):
    reason = serializers.CharField(max_length=200, help_text="为什么放弃")


class WebhookDoor(FormDoor):
    """A client's own; of a person who is signed in, what was opened in the own name."""

    @property
    def client_id(self) -> int | None:
        key = self.request.auth
        return key.client_id if isinstance(key, ApiKey) else None

    def own(self) -> Any:
        return webhooks_of(self.client_id, self.who.posting_id).with_counts()

    def webhook(self, webhook_id: int) -> Channel:
        found: Channel = get_object_or_404(self.own(), pk=webhook_id)
        return found

    def told(self, webhook_id: int) -> Any:
        return WebhookOut(self.webhook(webhook_id)).data

    def wish(self) -> dict[str, Any]:
        """What was sent, every kind of it known."""
        given = WebhookIn(data=self.request.data)
        given.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(given.validated_data)
        asked["event_kinds"] = asked.pop("kinds")
        unknown = sorted(set(asked["event_kinds"]) - set(KINDS))
        if unknown:
            raise Refused(
                _("没有名为“%(kind)s”的步骤，请对照接口文档。") % {"kind": unknown[0]},
                code="unknown_kind",
                field="kinds",
            )
        return asked


class WebhooksView(WebhookDoor):
    scopes = {"GET": Scope.MESSAGES, "POST": Scope.MESSAGES}

    @extend_schema(
        operation_id="list_webhooks",
        tags=["推送"],
        summary="本客户端订阅的推送",
        responses={200: WebhookOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        """Each client's own, even when several act as one post; at most 50, those that
        are enabled first."""
        found = self.own()[:MOST_WEBHOOKS]
        return Response(WebhookOut(found, many=True).data)

    @extend_schema(
        operation_id="open_webhook",
        tags=["推送"],
        summary="订阅案件的每一步",
        request=WebhookIn,
        examples=[OpenApiExample("订阅", value=WISH, request_only=True)],
        responses={201: WebhookMadeOut, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Steps of the cases that the post sees, from now on; the answer has `secret`,
        the signing key, once."""
        made, secret = actions.subscribe(
            client_id=self.client_id, actor=self.who, at=self.at, **self.wish()
        )
        return Response({**self.told(made.pk), "secret": secret}, status=201)


class WebhookView(WebhookDoor):
    scopes = dict.fromkeys(("GET", "PUT", "DELETE"), Scope.MESSAGES)

    @extend_schema(
        operation_id="read_webhook", tags=["推送"], summary="一个推送",
        responses={200: WebhookOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, webhook_id: int) -> Response:
        return Response(self.told(webhook_id))

    @extend_schema(
        operation_id="change_webhook",
        tags=["推送"],
        summary="修改推送",
        request=WebhookIn,
        examples=[OpenApiExample("只要吹哨", value=WISH, request_only=True)],
        responses={200: WebhookOut, 404: UNKNOWN, 422: REFUSED},
    )
    def put(self, request: Request, webhook_id: int) -> Response:
        """Another name, address or other steps; the signing key stays."""
        found = self.webhook(webhook_id)
        parties.change_feed(
            channel_id=found.pk, actor=self.who, at=self.at, **self.wish()
        )
        return Response(self.told(found.pk))

    @extend_schema(
        operation_id="close_webhook",
        tags=["推送"],
        summary="停止推送",
        responses={200: WebhookOut, 404: UNKNOWN},
    )
    def delete(self, request: Request, webhook_id: int) -> Response:
        """Nothing more is written; what waits is kept and in sight of the people."""
        found = self.webhook(webhook_id)
        parties.turn_feed(channel_id=found.pk, on=False, actor=self.who, at=self.at)
        return Response(self.told(found.pk))


class ResumeWebhookView(WebhookDoor):
    scopes = {"POST": Scope.MESSAGES}

    @does("resume_webhook", "推送", "恢复推送", request=None, out=WebhookOut)
    @once
    def post(self, request: Request, webhook_id: int) -> Response:
        """What waited goes first."""
        found = self.webhook(webhook_id)
        actions.resume_webhook(
            channel_id=found.pk, client_id=self.client_id, actor=self.who, at=self.at
        )
        return Response(self.told(found.pk))


class WebhookTestView(WebhookDoor):
    scopes = {"POST": Scope.MESSAGES}

    @does(
        "test_webhook", "推送", "发一条测试推送", request=None,
        out=DeliveryOut(many=True),
    )  # fmt: skip
    @once
    def post(self, request: Request, webhook_id: int) -> Response:
        """A letter that says that it is a test; how it went is in its `state`."""
        found = self.webhook(webhook_id)
        sent = parties.send_test(channel_id=found.pk, actor=self.who, at=self.at)
        kept = found.deliveries.filter(key__in=[one.key for one in sent])
        return Response(DeliveryOut(kept.order_by("-pk"), many=True).data)


class DeliveriesView(WebhookDoor):
    scopes = {"GET": Scope.MESSAGES}

    @extend_schema(
        operation_id="list_deliveries", tags=["推送"], summary="推送的发送记录",
        parameters=[PageQuery],
        responses={200: DeliveryPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, webhook_id: int) -> Response:
        """Newest first; what is `stuck` waits for a decision."""
        asked = asked_of(PageQuery, request)
        found = self.webhook(webhook_id).deliveries.all()
        shown, cursor = newest_first(request, found, asked)
        rows = DeliveryOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class DeliveryDoor(WebhookDoor):
    def delivery(self, webhook_id: int, delivery_id: int) -> Delivery:
        own = self.webhook(webhook_id).deliveries.all()
        found: Delivery = get_object_or_404(own, pk=delivery_id)
        return found


class RetryDeliveryView(DeliveryDoor):
    scopes = {"POST": Scope.MESSAGES}

    @does("retry_delivery", "推送", "立即重试", request=None, out=DeliveryOut)
    @once
    def post(self, request: Request, webhook_id: int, delivery_id: int) -> Response:
        found = self.delivery(webhook_id, delivery_id)
        made = parties.retry_delivery(delivery_id=found.pk, actor=self.who, at=self.at)
        return Response(DeliveryOut(made).data)


class DropDeliveryView(DeliveryDoor):
    scopes = {"POST": Scope.MESSAGES}

    @does(
        "drop_delivery", "推送", "放弃一条推送", request=DropIn, out=DeliveryOut,
        example={"reason": "对方已人工补录"},
    )  # fmt: skip
    @once
    def post(self, request: Request, webhook_id: int, delivery_id: int) -> Response:
        """It is never sent; what waits behind it goes on."""
        found = self.delivery(webhook_id, delivery_id)
        given = DropIn(data=request.data)
        given.is_valid(raise_exception=True)
        made = parties.drop_delivery(
            delivery_id=found.pk, reason=given.validated_data["reason"],
            actor=self.who, at=self.at,
        )  # fmt: skip
        return Response(DeliveryOut(made).data)
