"""Record what happened, inside the transaction in which it happens.

Every action calls `record` once. The Event is chained to the one before it on the same
chain; the Jobs that follow from it are written beside it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from django.db import connection

from governance.models import Event, Job


class Acting(Protocol):
    """Whoever acts: `parties.acting.Actor`, seen from the ground floor."""

    def snapshot(self) -> dict[str, Any]: ...


@dataclass(frozen=True, kw_only=True)
class Follow:
    """A job to write: Celery task name, arguments, and when (default: at once)."""

    task: str
    args: dict[str, Any] = field(default_factory=dict)
    run_at: datetime | None = None
    key: str | None = None


@dataclass(frozen=True)
class Entry:
    """One Event of several that are recorded together."""

    chain: str
    action: str
    detail: dict[str, Any] = field(default_factory=dict)


def canonical(value: Any) -> str:
    """JSON with one spelling: sorted keys, no blanks, no escapes of Chinese."""
    return json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str
    )


def digest_of(event: Event) -> str:
    """SHA-256 (hex) over the event's facts and the hash before it."""
    body = [
        event.chain,
        event.seq,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.action,
        event.actor,
        event.detail,
        event.prev_hash,
    ]
    return hashlib.sha256(canonical(body).encode()).hexdigest()


def record(
    *,
    chain: str,
    action: str,
    actor: Acting,
    at: datetime,
    detail: dict[str, Any] | None = None,
    follow: Iterable[Follow] = (),
) -> Event:
    """Append an Event to `chain` and write the Jobs that follow from it.

    The caller is inside the action's transaction and holds the lock on the row that
    the chain belongs to; two writers on one chain meet at the unique (chain, seq).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events.record belongs inside the action's transaction")
    head = (
        Event.objects.filter(chain=chain)
        .order_by("-seq")
        .values_list("seq", "hash")
        .first()
    )
    snapshot = json.loads(canonical(actor.snapshot()))
    event = _after(head, Entry(chain, action, detail or {}), snapshot, at)
    event.save(force_insert=True)
    enqueue(subject=chain, at=at, follow=follow)
    return event


def record_all(entries: Sequence[Entry], *, actor: Acting, at: datetime) -> None:
    """`record` for hundreds of entries in two statements; nothing follows from them.

    Those of one chain stand in it in the order given.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("events.record_all belongs inside the action's transaction")
    found = (
        Event.objects.filter(chain__in={one.chain for one in entries})
        .order_by("chain", "-seq")
        .distinct("chain")
        .values_list("chain", "seq", "hash")
    )
    heads = {chain: (seq, digest) for chain, seq, digest in found}
    snapshot = json.loads(canonical(actor.snapshot()))
    recorded = []
    for one in entries:
        event = _after(heads.get(one.chain), one, snapshot, at)
        heads[one.chain] = (event.seq, event.hash)
        recorded.append(event)
    Event.objects.bulk_create(recorded)


def _after(
    head: tuple[int, str] | None, entry: Entry, actor: dict[str, Any], at: datetime
) -> Event:
    """The next Event of a chain, not yet saved."""
    seq, digest = head or (0, "")
    event = Event(
        chain=entry.chain,
        seq=seq + 1,
        at=at,
        action=entry.action,
        actor=actor,
        detail=json.loads(canonical(entry.detail)),
        prev_hash=digest,
    )
    event.hash = digest_of(event)
    return event


def enqueue(*, subject: str, at: datetime, follow: Iterable[Follow]) -> None:
    """Write Job rows; a job whose key was written before is left as it is."""
    jobs = [
        Job(
            task=one.task,
            subject=subject,
            key=one.key,
            args=json.loads(canonical(one.args)),
            run_at=one.run_at or at,
            created_at=at,
        )
        for one in follow
    ]
    if jobs:
        Job.objects.bulk_create(jobs, ignore_conflicts=any(job.key for job in jobs))
