"""Setting up channels, trying them, and looking after what did not arrive."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance import crypto, events
from governance.errors import Refused
from parties.acting import Actor
from parties.actions.forwarding import Message, letter, ring, write
from parties.actions.people import only_administrators
from parties.channels import Kind, kind_of, webhook
from parties.channels.webhook import Webhook
from parties.models import Address, Channel, Delivery, Importance

State = Delivery.State


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A channel as the administrator wants it; a secret left empty stays as it was."""

    name: str
    enabled: bool = True
    organisation_id: int | None = None
    role: str = ""
    person_id: int | None = None
    importances: Sequence[str] = ()
    case_events: bool = False
    complainants: bool = False
    quiet_starts: time | None = None
    quiet_ends: time | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def open_channel(*, kind: str, plan: Plan, actor: Actor, at: datetime) -> Channel:
    """A new channel of a kind that this instance offers."""
    only_administrators(actor)
    way = kind_of(kind)
    if way is None or way.missing():
        words = way.missing() if way else _("没有这种渠道，请重新选择。")
        raise Refused(words, code="kind", field="kind")
    channel = Channel(kind=kind)
    _fit(channel, way, plan)
    channel.save()
    _record(channel, "parties.open_channel", actor, at, after=facts(channel))
    return channel


@transaction.atomic
def change_channel(
    *, channel_id: int, plan: Plan, actor: Actor, at: datetime
) -> Channel:
    """Other settings from the next letter on; what waits is tried again at once."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    only_administrators(actor)
    if channel.way is None:
        raise Refused(_("本系统已不提供这种渠道，不能修改。"), code="kind")
    before = facts(channel)
    _fit(channel, channel.way, plan)
    channel.failures, channel.rest_until = 0, None
    channel.save()
    changed = sorted(name for name, value in plan.secrets.items() if value)
    _record(
        channel,
        "parties.change_channel",
        actor,
        at,
        before=before,
        after=facts(channel),
        secrets_changed=changed,
    )
    ring(channel, at=at, when=at)
    return channel


@transaction.atomic
def open_feed(
    *,
    name: str,
    url: str,
    actor: Actor,
    at: datetime,
    posting_id: int | None = None,
    event_kinds: Sequence[str] = (),
) -> tuple[Channel, str]:
    """A webhook for a system outside; answers its new secret, once.

    With a posting it gets the steps of the cases that this post sees, without one only
    what is written to it by name. Made by an administrator, or by a post for itself.
    """
    if posting_id is None or posting_id != actor.posting_id:
        only_administrators(actor)
    secret = webhook.new_secret()
    channel = Channel(
        kind=Webhook.name,
        reserved=True,
        posting_id=posting_id,
        event_kinds=sorted(set(event_kinds)),
    )
    plan = Plan(
        name=name,
        case_events=posting_id is not None,
        options={"url": url},
        secrets={"secret": secret},
    )
    _fit(channel, Webhook(), plan)
    channel.save()
    _record(channel, "parties.open_channel", actor, at, after=facts(channel))
    return channel, secret


@transaction.atomic
def change_feed(
    *,
    channel_id: int,
    name: str,
    url: str,
    event_kinds: Sequence[str],
    actor: Actor,
    at: datetime,
) -> Channel:
    """Another address or other steps from the next letter on; the secret stays, and
    what waits is tried again at once."""
    channel = _own_feed(channel_id, actor)
    before = facts(channel)
    channel.event_kinds = sorted(set(event_kinds))
    plan = Plan(
        name=name,
        enabled=channel.enabled,
        case_events=channel.case_events,
        options={"url": url},
    )
    _fit(channel, Webhook(), plan)
    channel.failures, channel.rest_until = 0, None
    channel.save()
    after = facts(channel)
    _record(channel, "parties.change_channel", actor, at, before=before, after=after)
    ring(channel, at=at, when=at)
    return channel


@transaction.atomic
def turn_feed(*, channel_id: int, on: bool, actor: Actor, at: datetime) -> Channel:
    """Switch a system's webhook off, or on again; what waits is kept meanwhile."""
    channel = _own_feed(channel_id, actor)
    before = channel.enabled
    channel.enabled = on
    channel.save(update_fields=["enabled"])
    _record(
        channel,
        "parties.change_channel",
        actor,
        at,
        before={"enabled": before},
        after={"enabled": on},
    )
    if on:
        ring(channel, at=at, when=at)
    return channel


@transaction.atomic
def send_test(*, channel_id: int, actor: Actor, at: datetime) -> list[Delivery]:
    """A letter that says that it is a test: to the group, or to one's own addresses."""
    channel = _own(channel_id, actor)
    way = channel.way
    if way is None or not channel.ready:
        raise Refused(_("渠道没有启用，启用后再试。"), code="disabled")
    event = _record(channel, "parties.test_channel", actor, at)
    message = Message(
        key=f"test:{channel.pk}:{event.seq}",
        title=_("测试消息：%(name)s") % {"name": channel.name},
        body=_("收到这条消息，说明渠道可以使用。发送人：%(name)s。")
        % {"name": actor.name},
        url="",
        subject="",
        importance=Importance.URGENT,
    )
    deliveries = _test_letters(channel, way, message, actor, at)
    write(deliveries, at)
    return deliveries


def _test_letters(
    channel: Channel, way: Kind, message: Message, actor: Actor, at: datetime
) -> list[Delivery]:
    if not way.personal:
        return [letter(channel, message, key=message.key, lane=message.lane, at=at)]
    own = Address.objects.filter(user=actor.user_id, kind=way.address)
    found = [
        letter(
            channel,
            message,
            key=f"{message.key}.{one.pk}",
            lane=f"{message.lane}/{one.pk}",
            address=one,
            at=at,
        )
        for one in own.order_by("pk")
    ]
    if not found:
        raise Refused(
            _("测试消息会发给您本人。请先在“通知设置”里登记接收地址。"),
            code="no_address",
        )
    return found


@transaction.atomic
def retry_delivery(*, delivery_id: int, actor: Actor, at: datetime) -> Delivery:
    """立即重试: now, and the whole channel with it when that was resting."""
    delivery = _unsettled(delivery_id, actor)
    channel = delivery.channel
    delivery.state, delivery.next_try_at = State.WAITING, at
    delivery.save(update_fields=["state", "next_try_at"])
    channel.failures, channel.rest_until = 0, None
    channel.save(update_fields=["failures", "rest_until"])
    _record(channel, "parties.retry_delivery", actor, at, **_about(delivery))
    ring(channel, at=at, when=at)
    return delivery


@transaction.atomic
def drop_delivery(
    *, delivery_id: int, reason: str, actor: Actor, at: datetime
) -> Delivery:
    """放弃: never to be sent; what waits behind it goes on."""
    delivery = _unsettled(delivery_id, actor)
    if not reason.strip():
        raise Refused(_("请写明为什么放弃。"), code="required", field="reason")
    delivery.state = State.DROPPED
    delivery.cover()
    delivery.save(update_fields=["state", "body", "sealed"])
    _record(
        delivery.channel,
        "parties.drop_delivery",
        actor,
        at,
        reason=reason.strip(),
        **_about(delivery),
    )
    ring(delivery.channel, at=at, when=at)
    return delivery


def facts(channel: Channel) -> dict[str, Any]:
    """What the journal keeps of a channel: all but its secrets."""
    names = (
        "kind", "name", "enabled", "organisation_id", "role", "person_id",
        "importances", "case_events", "complainants", "quiet_starts", "quiet_ends",
        "options", "posting_id", "event_kinds", "reserved",
    )  # fmt: skip
    return {name: getattr(channel, name) for name in names}


def _fit(channel: Channel, way: Kind, plan: Plan) -> None:
    """Put the plan into the channel; Refused at the field that is wrong."""
    if (plan.quiet_starts is None) != (plan.quiet_ends is None):
        raise Refused(
            _("静默的开始和结束请一起填，或者都不填。"),
            code="quiet",
            field="quiet_ends",
        )
    if plan.quiet_starts is not None and plan.quiet_starts == plan.quiet_ends:
        raise Refused(
            _("静默的开始和结束不能是同一时刻。"), code="quiet", field="quiet_ends"
        )
    case_events = plan.case_events and isinstance(way, Webhook)
    complainants = plan.complainants and way.address == Address.Kind.PHONE
    anything = plan.importances or case_events or complainants
    if not anything and not channel.reserved:
        raise Refused(
            _("请至少选择一类要发送的消息。"), code="nothing", field="importances"
        )
    _name_is_free(channel, plan.name)
    secrets = channel.open_secrets() if channel.secrets else {}
    secrets |= {name: value for name, value in plan.secrets.items() if value}
    _settings_are_whole(way, {**plan.options, **secrets})
    for name in (
        "name", "enabled", "organisation_id", "role", "person_id",
        "quiet_starts", "quiet_ends",
    ):  # fmt: skip
        setattr(channel, name, getattr(plan, name))
    channel.importances = [one for one in Importance if one in plan.importances]
    channel.case_events, channel.complainants = case_events, complainants
    channel.options = dict(plan.options)
    channel.secrets = crypto.seal(json.dumps(secrets)) if secrets else ""


def _name_is_free(channel: Channel, name: str) -> None:
    if Channel.objects.filter(name=name).exclude(pk=channel.pk).exists():
        raise Refused(
            _("已有同名渠道，请换一个名称。"), code="name_taken", field="name"
        )


def _settings_are_whole(way: Kind, given: Mapping[str, str]) -> None:
    for one in way.settings:
        if one.required and not given.get(one.name):
            raise Refused(
                _("请填写%(label)s。") % {"label": one.label},
                code="required",
                field=one.name,
            )
    for name, words in way.check(given).items():
        raise Refused(words, code="setting", field=name)


def _own(channel_id: int, actor: Actor) -> Channel:
    channel = Channel.objects.select_for_update(of=("self",)).get(pk=channel_id)
    if not Channel.objects.visible_to(actor).filter(pk=channel.pk).exists():
        raise Refused(_("只有系统管理员和服务单位的负责人可以办理。"), code="forbidden")
    return channel


def _own_feed(channel_id: int, actor: Actor) -> Channel:
    channel = _own(channel_id, actor)
    if not channel.reserved:
        raise Refused(_("这个渠道不是系统对接用的，请在通知渠道里修改。"), code="kind")
    return channel


def _unsettled(delivery_id: int, actor: Actor) -> Delivery:
    """Locked, its channel first, when there is still something to decide."""
    channel_id = Delivery.objects.values_list("channel", flat=True).get(pk=delivery_id)
    channel = _own(channel_id, actor)
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state not in {State.WAITING, State.STUCK}:
        raise Refused(
            _("这条消息%(state)s，不用再处理。")
            % {"state": delivery.get_state_display()},
            code="settled",
        )
    delivery.channel = channel
    return delivery


def _about(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery": delivery.pk,
        "subject": delivery.subject,
        "title": delivery.title,
        "attempts": delivery.attempts,
        "error": delivery.last_error,
    }


def _record(
    channel: Channel, action: str, actor: Actor, at: datetime, **detail: Any
) -> Any:
    return events.record(
        chain=channel.chain, action=action, actor=actor, at=at, detail=detail
    )
