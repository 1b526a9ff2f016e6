"""Send what is due on a channel: one job at a time for each channel, in order.

Nothing is locked while the other side is waited for. A letter is marked as being sent
before it goes and settled afterwards, both in transactions of their own, so that a
worker that dies in between leaves a trace: letters of an idempotent kind are then sent
again under the same key, with the others a person decides.
"""

import logging
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import crypto, events
from governance.events import Follow
from governance.models import Job
from parties.channels import Gone, Kind, Letter, NotSent, Rejected, Unsure
from parties.models import Address, Channel, Delivery

logger = logging.getLogger(__name__)
State = Delivery.State
# Real time: how long one turn lasts, and a lease that outlives its slowest letter.
TURN_SECONDS = 8.0
LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(days=3)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt; `pause` is what the other side asked for."""

    state: Delivery.State
    words: str = ""
    resting: bool = False
    pause: timedelta = timedelta(0)


def drain(*, channel_id: int, job_id: int, now: Callable[[], datetime]) -> int:
    """Send what is due, for a few seconds; how many were tried.

    What remains is left to a Job written for the moment it comes due. A second job
    for a channel that is being drained ends at once: the first one has seen, or will
    see, whatever the second was written for.
    """
    token = f"{job_id}:{secrets.token_hex(8)}"
    until, tried = time.monotonic() + TURN_SECONDS, 0
    while True:
        more = time.monotonic() < until
        delivery = take(
            channel_id=channel_id, job_id=job_id, token=token, more=more, at=now()
        )
        if delivery is None:
            return tried
        outcome = attempt(delivery, at=now())
        settle(delivery_id=delivery.pk, token=token, outcome=outcome, at=now())
        tried += 1


@transaction.atomic
def take(
    *, channel_id: int, job_id: int, token: str, more: bool, at: datetime
) -> Delivery | None:
    """The next letter, marked as being sent; None ends the turn, and mostly the job."""
    channel = Channel.objects.select_for_update().get(pk=channel_id)
    if _busy(channel) and channel.busy_by != token:
        if not channel.busy_by.startswith(f"{job_id}:"):
            _finish(job_id, at)
        return None
    _settle_orphans(channel, at)
    wait_until = _closed_until(channel, at)
    found = None
    if more and channel.ready and wait_until is None:
        due = channel.deliveries.due(strict=_way(channel).strict, at=at)
        found = due.select_related("address").first()
    if found is None:
        _release(channel, at if not more else wait_until, at)
        _finish(job_id, at)
        return None
    channel.busy_until, channel.busy_by = timezone.now() + LEASE, token
    channel.save(update_fields=["busy_until", "busy_by"])
    found.state, found.attempts, found.last_try_at = (
        State.SENDING,
        found.attempts + 1,
        at,
    )
    found.save(update_fields=["state", "attempts", "last_try_at"])
    found.channel = channel
    return found


def attempt(delivery: Delivery, *, at: datetime) -> Outcome:
    """Send one letter, outside of any transaction."""
    channel = delivery.channel
    way = _way(channel)
    try:
        to = _address_of(delivery)
        if way.personal and not to:
            return Outcome(State.DROPPED, _("收件人已取消这个接收地址。"))
        way.send(_letter(delivery, to, at), channel.given())
    except NotSent as error:
        # What the other side asks for is bounded: it may ask for a year, or for ever.
        seconds = min(error.pause or 0, GIVE_UP_AFTER.total_seconds())
        pause = timedelta(seconds=seconds)
        return Outcome(State.WAITING, str(error), error.resting, pause)
    except Rejected as error:
        return Outcome(State.STUCK, str(error))
    except Gone as error:
        return Outcome(State.DROPPED, str(error))
    except Unsure as error:
        return _unsure(way, str(error), resting=error.resting)
    except Exception:
        logger.exception("channel %s failed on %s", channel.pk, delivery.pk)
        words = _("渠道程序出错，详情在系统日志里。")
        return _unsure(way, words, resting=False)
    return Outcome(State.SENT)


@transaction.atomic
def settle(*, delivery_id: int, token: str, outcome: Outcome, at: datetime) -> None:
    """Write down what came of it; and when, if ever, it is tried again."""
    delivery = Delivery.objects.get(pk=delivery_id)
    channel = Channel.objects.select_for_update().get(pk=delivery.channel_id)
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state != State.SENDING or channel.busy_by != token:
        return
    delivery.channel = channel
    _apply(delivery, outcome, at)


def _apply(delivery: Delivery, outcome: Outcome, at: datetime) -> None:
    channel, state, words = delivery.channel, outcome.state, outcome.words
    if state == State.WAITING and at - delivery.created_at >= GIVE_UP_AFTER:
        state = State.STUCK
        words = _("三天内多次重试都没有成功：%(words)s") % {"words": words}
    delivery.state, delivery.last_error = state, words[:400]
    delivery.sent_at = at if state == State.SENT else None
    if outcome.resting:
        channel.failures += 1
        channel.rest_until = at + _pause(delivery, channel.failures, outcome)
        delivery.next_try_at = channel.rest_until
    elif state == State.WAITING:
        delivery.next_try_at = at + _pause(delivery, delivery.attempts, outcome)
    if state == State.SENT:
        channel.failures, channel.rest_until = 0, None
    if state == State.DROPPED and delivery.address_id:
        Address.objects.filter(pk=delivery.address_id).delete()
        delivery.address = None
    channel.save(update_fields=["failures", "rest_until"])
    if state in (State.SENT, State.DROPPED):
        delivery.cover()
    delivery.save(
        update_fields=[
            "state", "last_error", "sent_at", "next_try_at", "address", "body",
            "sealed",
        ]
    )  # fmt: skip


def _pause(delivery: Delivery, failures: int, outcome: Outcome) -> timedelta:
    """Doubling from two seconds, never in step with others, half an hour at most."""
    seconds = min(2.0 ** min(failures, 12), LONGEST_PAUSE.total_seconds())
    spread = zlib.crc32(f"{delivery.key}:{failures}".encode()) / 2**32
    return max(timedelta(seconds=seconds * (0.8 + 0.4 * spread)), outcome.pause)


def _unsure(way: Kind, words: str, *, resting: bool) -> Outcome:
    if way.idempotent:
        return Outcome(State.WAITING, words, resting)
    more = _("为免重复没有自动重发，请核实后决定重试还是放弃。")
    return Outcome(State.STUCK, words + more)


def _settle_orphans(channel: Channel, at: datetime) -> None:
    """Letters whose sender died: nobody knows whether they arrived."""
    if channel.way is None:
        return
    for orphan in channel.deliveries.select_for_update().filter(state=State.SENDING):
        orphan.channel = channel
        outcome = _unsure(channel.way, _("发送途中程序中断。"), resting=True)
        _apply(orphan, outcome, at)


def _closed_until(channel: Channel, at: datetime) -> datetime | None:
    """The end of a rest, or of a minute in which enough was sent; None when open."""
    if channel.rest_until and channel.rest_until > at:
        return channel.rest_until
    if channel.way is None or channel.way.per_minute is None:
        return None
    tried = channel.deliveries.tried_since(at - MINUTE)
    if tried.count() < channel.way.per_minute:
        return None
    first = tried.values_list("last_try_at", flat=True)[0]
    return first + MINUTE if first else None


def _release(channel: Channel, wake_at: datetime | None, at: datetime) -> None:
    """Let the next job in, and write one for when something comes due."""
    channel.busy_until, channel.busy_by = None, ""
    channel.save(update_fields=["busy_until", "busy_by"])
    if not channel.ready:
        return
    if wake_at is None:
        wake_at = channel.deliveries.wakes_at(at)
    elif not channel.deliveries.filter(state=State.WAITING).exists():
        return
    if wake_at is None:
        return
    key = f"drain:{channel.pk}:{wake_at.timestamp():.6f}"
    follow = Follow(
        task="parties.tasks.drain",
        args={"channel_id": channel.pk},
        run_at=wake_at,
        key=key,
    )
    events.enqueue(subject=channel.chain, at=at, follow=[follow])


def _finish(job_id: int, at: datetime) -> None:
    Job.objects.filter(pk=job_id, done_at=None).update(
        done_at=at, leased_until=None, error=""
    )


def _busy(channel: Channel) -> bool:
    return channel.busy_until is not None and channel.busy_until > timezone.now()


def _way(channel: Channel) -> Kind:
    if channel.way is None:
        raise RuntimeError(f"no such kind of channel: {channel.kind}")
    return channel.way


def _address_of(delivery: Delivery) -> str:
    if delivery.address is not None:
        return crypto.unseal(delivery.address.value)
    return crypto.unseal(delivery.to)


def _letter(delivery: Delivery, to: str, at: datetime) -> Letter:
    base, body = settings.SITE_URL, delivery.body
    for mark, sealed in delivery.sealed.items():
        body = body.replace(mark, crypto.unseal(sealed))
    return Letter(
        key=delivery.letter_id,
        title=delivery.title,
        body=body,
        path=delivery.url,
        url=f"{base}{delivery.url}" if base and delivery.url else "",
        importance=delivery.importance,
        subject=delivery.subject,
        to=to,
        written_at=delivery.created_at,
        sent_at=at,
        data=delivery.data,
    )
