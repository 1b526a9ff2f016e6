"""Webhooks of clients: opened, changed, stopped; each client has its own."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doors.models import ApiClient, Subscription
from doors.querysets import webhooks_of
from governance.errors import Refused
from parties import actions as parties
from parties.acting import Actor
from parties.actions.people import only_administrators
from parties.models import Channel

MOST_WEBHOOKS = 50


@transaction.atomic
def subscribe(
    *,
    client_id: int | None,
    name: str,
    url: str,
    event_kinds: Sequence[str],
    actor: Actor,
    at: datetime,
) -> tuple[Channel, str]:
    """The webhook and its new secret, once. Without a client it is the person's own."""
    _require_room(client_id, actor)
    channel, secret = parties.open_feed(
        name=name, url=url, event_kinds=event_kinds, posting_id=actor.posting_id,
        actor=actor, at=at,
    )  # fmt: skip
    if client_id is not None:
        Subscription.objects.create(channel=channel, client_id=client_id)
    return channel, secret


@transaction.atomic
def open_push(*, client: ApiClient, url: str, actor: Actor, at: datetime) -> str:
    """Push the client the steps of the cases that its post sees (docs/channels.md);
    answers the secret of the webhook, once. By an administrator."""
    only_administrators(actor)
    if client.posting_id is None:
        raise Refused(
            _("请先指定任职：推送的是这个任职看得到的案件。"),
            code="no_posting",
            field="push_url",
        )
    channel, secret = parties.open_feed(
        name=push_name(client), url=url, posting_id=client.posting_id,
        actor=actor, at=at,
    )  # fmt: skip
    Subscription.objects.create(channel=channel, client=client)
    return secret


def push_name(client: ApiClient) -> str:
    return f"{client.name} 推送"[:60]


@transaction.atomic
def resume_webhook(
    *, channel_id: int, client_id: int | None, actor: Actor, at: datetime
) -> Channel:
    """On again; what waited goes first."""
    _require_room(client_id, actor, but=channel_id)
    return parties.turn_feed(channel_id=channel_id, on=True, actor=actor, at=at)


def stop_subscriptions(client: ApiClient, actor: Actor, at: datetime) -> None:
    """Nothing more is pushed for a client that is shut or acts as another post now."""
    feeds = Channel.objects.filter(subscription__client=client, enabled=True)
    if client.is_active:
        feeds = feeds.exclude(posting=client.posting_id)
    for feed in feeds:
        parties.turn_feed(channel_id=feed.pk, on=False, actor=actor, at=at)


def _require_room(client_id: int | None, actor: Actor, but: int | None = None) -> None:
    """At most so many at once. The client is locked: one that is shut or moved to
    another post meanwhile gets nothing more."""
    if client_id is not None:
        client = ApiClient.objects.select_for_update(no_key=True).get(pk=client_id)
        if not client.is_active or client.posting_id != actor.posting_id:
            raise Refused(
                _("这个接口客户端刚刚停用或更换了任职，请重新发送请求。"),
                code="client_changed",
            )
    others = webhooks_of(client_id, actor.posting_id).filter(enabled=True)
    if others.exclude(pk=but or 0).count() >= MOST_WEBHOOKS:
        raise Refused(
            _("同时启用的推送最多 %(n)d 个，请先停用不再需要的。")
            % {"n": MOST_WEBHOOKS},
            code="too_many",
        )
