"""Record what happened, inside the transaction in which it happens.

Every action calls `record` once. The Event is chained to the one before it on the same
chain; the Jobs that follow from it are written beside it.
"""

import hashlib
import json
from collections.abc import Iterable
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
    event = Event(
        chain=chain,
        seq=head[0] + 1 if head else 1,
        at=at,
        action=action,
        actor=json.loads(canonical(actor.snapshot())),
        detail=json.loads(canonical(detail or {})),
        prev_hash=head[1] if head else "",
    )
    event.hash = digest_of(event)
    event.save(force_insert=True)
    enqueue(subject=chain, at=at, follow=follow)
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
