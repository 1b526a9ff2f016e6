"""Claim a Job, do it once, mark it done: all in one transaction."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from governance import clock
from governance.models import Job

logger = logging.getLogger(__name__)
LONGEST_PAUSE = timedelta(minutes=10)


def run(job_id: int, effect: Callable[[Job], None]) -> bool:
    """Run `effect` for an open job; False when another worker did it or is at it.

    When the effect raises, nothing of it stays, the error is kept on the job and the
    job comes back after a growing pause; it is never dropped.
    """
    renew_connection()
    try:
        with transaction.atomic():
            job = (
                Job.objects.select_for_update(skip_locked=True)
                .filter(pk=job_id, done_at=None)
                .first()
            )
            if job is None:
                return False
            effect(job)
            job.done_at = clock.now()
            job.leased_until = None
            job.error = ""
            job.save(update_fields=["done_at", "leased_until", "error"])
    except Exception as error:
        logger.exception("job %s failed", job_id)
        _postpone(job_id, error)
        return False
    return True


def renew_connection() -> None:
    """Have the worker's connection checked before use; it outlives many tasks."""
    if not connection.in_atomic_block:
        close_old_connections()


def _postpone(job_id: int, error: Exception) -> None:
    job = Job.objects.filter(pk=job_id, done_at=None).first()
    if job is None:
        return
    pause = min(timedelta(seconds=2 ** min(job.attempts, 10)), LONGEST_PAUSE)
    Job.objects.filter(pk=job_id, done_at=None).update(
        error=f"{type(error).__name__}: {error}"[:2000],
        leased_until=timezone.now() + pause,
    )
