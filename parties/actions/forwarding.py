"""Which messages leave the house, by which channel and to whom.

For every letter a Delivery row is written in the transaction of the message, with a
key that makes it one, and a Job that rings for its channel.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance import crypto, events
from governance.calendar import after_quiet
from governance.events import Follow
from parties.models import (
    Address,
    Channel,
    Delivery,
    Importance,
    Posting,
    Preference,
)

Posted = dict[int, set[tuple[int, str]]]


@dataclass(frozen=True, kw_only=True)
class Message:
    key: str
    title: str
    body: str
    url: str
    subject: str
    importance: Importance
    confidential: bool = False

    @property
    def lane(self) -> str:
        return self.subject or f"message:{self.key}"[:64]


def forward(message: Message, user_ids: Sequence[int], at: datetime) -> None:
    """Write what goes out of a message for these people; twice is the same as once."""
    channels = list(Channel.objects.carrying(message.importance)) if user_ids else []
    channels = [one for one in channels if one.way is not None]
    if not channels:
        return
    posted = _posted(channels, user_ids, at)
    deliveries: list[Delivery] = []
    for channel in channels:
        served = [one for one in user_ids if serves(channel, one, posted)]
        if channel.way and channel.way.personal:
            kind = channel.way.address
            deliveries += _to_persons(channel, kind, message, served, at)
        elif served and not message.confidential:
            deliveries.append(_to_group(channel, message, at))
    write(deliveries, at)


def publish(
    *,
    kind: str,
    key: str,
    subject: str,
    title: str,
    url: str,
    data: Callable[[], dict[str, Any]],
    units: Callable[[], Collection[int]],
    seen_by: Callable[[Collection[int]], Collection[int]],
    at: datetime,
) -> None:
    """Write a step of a case for the systems that want such steps, at any hour.

    A channel that serves one organisation gets the steps of cases that `units` says it
    has to do with, one of a posting those that `seen_by` says this sees. None of them
    is asked where no channel wants them.
    """
    channels = list(Channel.objects.wanting(kind))
    if any(one.organisation_id for one in channels):
        concerned = {None, *units()}
        channels = [one for one in channels if one.organisation_id in concerned]
    posts = {one.posting_id for one in channels if one.posting_id}
    if posts:
        seeing = {None, *seen_by(posts)}
        channels = [one for one in channels if one.posting_id in seeing]
    if channels:
        content = data()
        _write_steps(channels, key, subject, title, url, content, at)


def say_gone(
    *,
    posting_ids: Collection[int],
    key: str,
    subject: str,
    title: str,
    data: dict[str, Any],
    at: datetime,
) -> None:
    """The last letter about a case that these posts see no longer, to each of their
    webhooks, whatever kinds it asked for: its system must know that nothing follows."""
    channels = Channel.objects.of_posts().filter(posting__in=posting_ids)
    _write_steps(channels, key, subject, title, "", data, at)


def write_to(
    *,
    channel_id: int,
    key: str,
    subject: str,
    title: str,
    url: str,
    data: dict[str, Any],
    at: datetime,
) -> None:
    """A letter of a floor above to the system behind one `reserved` channel.

    Written in any case, so that a channel that is off keeps what waits; in the order of
    its `subject`, and once under its key.
    """
    channel = Channel.objects.get(pk=channel_id, reserved=True)
    _write_steps([channel], key, subject, title, url, data, at)


def _write_steps(
    channels: Iterable[Channel],
    key: str,
    subject: str,
    title: str,
    url: str,
    content: dict[str, Any],
    at: datetime,
) -> None:
    deliveries = [
        Delivery(
            channel=channel,
            key=f"{key}@{channel.pk}",
            subject=subject,
            lane=subject,
            importance=Importance.NOTICE,
            title=title[:120],
            url=url,
            data=content,
            next_try_at=at,
            created_at=at,
        )
        for channel in channels
    ]
    write(deliveries, at)


def text(
    *,
    to: str,
    key: str,
    subject: str,
    title: str,
    body: str,
    url: str,
    sealed: Mapping[str, str],
    at: datetime,
    urgent: bool = False,
) -> int:
    """A text message to somebody without an account, by the channels that serve them;
    answers by how many of them it goes.

    `sealed` names marks in the body and what stands for them, sealed; it is put in when
    the message is sent, and nobody else reads it. An `urgent` one waits for no quiet
    hour.
    """
    channels = Channel.objects.filter(enabled=True, complainants=True)
    message = Message(
        key=key,
        title=title,
        body=body,
        url=url,
        subject=subject,
        importance=Importance.URGENT if urgent else Importance.NOTICE,
    )
    deliveries = []
    for channel in channels:
        lane = f"{subject}/{hashlib.sha256(to.encode()).hexdigest()[:12]}"
        one = letter(channel, message, key=f"{key}@{channel.pk}", lane=lane, at=at)
        one.to = crypto.seal(to)
        one.sealed = dict(sealed)
        deliveries.append(one)
    write(deliveries, at)
    return len(deliveries)


@transaction.atomic
def drop_expired(*, key: str, before: datetime, at: datetime) -> int:
    """Letters whose keys begin so, written before a moment and still not sent: what
    they say holds no longer, so they go nowhere. Answers how many."""
    waiting = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state__in=(Delivery.State.WAITING, Delivery.State.STUCK),
        key__startswith=key,
        created_at__lt=before,
    )
    expired = list(waiting.select_related("channel").order_by("pk"))
    for one in expired:
        one.state, one.last_error = Delivery.State.DROPPED, _("已过时，不再发送。")
        one.cover()
        one.save(update_fields=["state", "last_error", "body", "sealed"])
    for channel in {one.channel_id: one.channel for one in expired}.values():
        ring(channel, at=at, when=at)
    return len(expired)


def write(deliveries: Sequence[Delivery], at: datetime) -> None:
    """Keep the letters and ring for their channels."""
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    for channel in {one.channel_id: one.channel for one in deliveries}.values():
        when = min(
            one.next_try_at for one in deliveries if one.channel_id == channel.pk
        )
        ring(channel, at=at, when=when)


def ring(channel: Channel, *, at: datetime, when: datetime) -> None:
    """Write the Job that sends what is due on a channel."""
    follow = Follow(
        task="parties.tasks.drain", args={"channel_id": channel.pk}, run_at=when
    )
    events.enqueue(subject=channel.chain, at=at, follow=[follow])


def serves(channel: Channel, user_id: int, posted: Posted) -> bool:
    """Whether a person is among those the channel is for."""
    if channel.person_id not in {None, user_id}:
        return False
    if channel.organisation_id is None and not channel.role:
        return True
    return any(
        channel.organisation_id in {None, organisation} and channel.role in {"", role}
        for organisation, role in posted.get(user_id, ())
    )


def posted_at(user_ids: Iterable[int], at: datetime) -> Posted:
    """The organisations and roles in which people are posted at the moment."""
    found: Posted = {}
    postings = Posting.objects.current(at).filter(user__in=list(user_ids))
    for user, unit, role in postings.values_list(
        "user", "post__organisation", "post__role"
    ):
        found.setdefault(user, set()).add((unit, role))
    return found


def _posted(
    channels: Sequence[Channel], user_ids: Sequence[int], at: datetime
) -> Posted:
    bound = any(one.organisation_id or one.role for one in channels)
    return posted_at(user_ids, at) if bound else {}


def _to_group(channel: Channel, message: Message, at: datetime) -> Delivery:
    key = f"{message.key}@{channel.pk}"
    return letter(channel, message, key=key, lane=message.lane, at=at)


def _to_persons(
    channel: Channel,
    kind: str,
    message: Message,
    user_ids: Sequence[int],
    at: datetime,
) -> list[Delivery]:
    """One for each such address of each person who wants such messages here."""
    wishes = dict(
        Preference.objects.filter(channel=channel, user__in=user_ids).values_list(
            "user", "importances"
        )
    )
    wanting = [
        one
        for one in user_ids
        if message.importance in wishes.get(one, channel.importances)
    ]
    addresses = Address.objects.filter(kind=kind, user__in=wanting)
    said = outside(message)
    return [
        letter(
            channel,
            said,
            key=f"{message.key}:{one.user_id}@{channel.pk}.{one.pk}",
            lane=f"{message.lane}/{one.pk}",
            address=one,
            at=at,
        )
        for one in addresses.order_by("user", "pk")
    ]


def outside(message: Message) -> Message:
    """What may be said of it outside the house."""
    if not message.confidential:
        return message
    title = _("您有一条保密案件的消息，请登录后查看。")
    return replace(message, title=title, body="")


def letter(
    channel: Channel,
    message: Message,
    *,
    key: str,
    lane: str,
    at: datetime,
    address: Address | None = None,
) -> Delivery:
    """Due now; in the quiet hours of the channel at their end, unless urgent."""
    when = at
    urgent = message.importance == Importance.URGENT
    if channel.quiet_starts and channel.quiet_ends and not urgent:
        when = after_quiet(at, channel.quiet_starts, channel.quiet_ends)
    return Delivery(
        channel=channel,
        key=key,
        subject=message.subject,
        lane=lane,
        user_id=address.user_id if address else None,
        address=address,
        importance=message.importance,
        title=message.title,
        body=message.body,
        url=message.url,
        next_try_at=when,
        created_at=at,
    )
