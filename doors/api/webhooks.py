"""A client's own webhooks: the steps of the cases that its post sees, pushed to it.

Letters, signature, retries and order are those of docs/channels.md.
"""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.workflow import Action
from cases.workflow.verbs import VERBS
from doors.api.base import Door
from doors.api.shapes import REFUSED, UNKNOWN
from doors.models import Scope
from governance import clock
from governance.errors import Refused
from parties import actions as parties
from parties.models import Channel

KINDS = sorted({f"case.{verb}" for verb in (*Action.values, *VERBS)})
SHOWN = 50


class WebhookIn(serializers.Serializer):
    name = serializers.CharField(max_length=60, help_text="在通知渠道里显示的名称")
    url = serializers.CharField(max_length=500, help_text="接收推送的网址")
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=60),
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


class WebhooksView(Door):
    scopes = {"GET": Scope.MESSAGES, "POST": Scope.MESSAGES}

    @extend_schema(
        operation_id="list_webhooks",
        tags=["推送"],
        summary="本任职订阅的推送",
        responses={200: WebhookOut(many=True)},
    )
    def get(self, request: Request) -> Response:
        found = _own(self).order_by("pk")[:SHOWN]
        return Response(WebhookOut(found, many=True).data)

    @extend_schema(
        operation_id="open_webhook",
        tags=["推送"],
        summary="订阅案件的每一步",
        request=WebhookIn,
        responses={201: WebhookMadeOut, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Steps of the cases that the post sees, from now on; the answer has `secret`,
        the signing key, once."""
        given = WebhookIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        unknown = sorted(set(asked["kinds"]) - set(KINDS))
        if unknown:
            raise Refused(
                _("没有名为“%(kind)s”的步骤，请对照接口文档。") % {"kind": unknown[0]},
                code="unknown_kind",
                field="kinds",
            )
        made, secret = parties.open_feed(
            name=asked["name"],
            url=asked["url"],
            event_kinds=asked["kinds"],
            posting_id=self.who.posting_id,
            actor=self.who,
            at=clock.now(),
        )
        shown = WebhookOut(_own(self).get(pk=made.pk)).data
        return Response({**shown, "secret": secret}, status=201)


class WebhookView(Door):
    scopes = {"DELETE": Scope.MESSAGES}

    @extend_schema(
        operation_id="close_webhook",
        tags=["推送"],
        summary="停止推送",
        responses={200: WebhookOut, 404: UNKNOWN},
    )
    def delete(self, request: Request, webhook_id: int) -> Response:
        """Nothing more is written; what waits is kept and in sight of the people."""
        found = get_object_or_404(_own(self), pk=webhook_id)
        parties.turn_feed(channel_id=found.pk, on=False, actor=self.who, at=clock.now())
        return Response(WebhookOut(_own(self).get(pk=found.pk)).data)


def _own(door: Door) -> Any:
    mine = Channel.objects.filter(reserved=True, posting=door.who.posting_id)
    return mine.with_counts()
