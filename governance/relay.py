"""Lease the Jobs that are due and ring Celery with their ids.

The relay is a process of its own, so that a web request never meets the broker. A
lease is real time; whether a job is due is asked of the (movable) product clock. A job
whose ring was lost, or whose worker died, is rung again when its lease has run out. A
job that failed rests with its error on it and takes nobody's place in flight; its error
is wiped when it is leased again.
"""

import logging
import time
from collections.abc import Callable

from django.db import connection
from kombu.exceptions import OperationalError

from governance import clock
from governance.celery import app
from governance.heartbeat import beat

logger = logging.getLogger(__name__)

LEASE_SECONDS = 15
PAUSE_SECONDS = 0.1
IN_FLIGHT = 300

_LEASE_SQL = """
UPDATE governance_job SET leased_until = now() + make_interval(secs => %(lease)s),
    attempts = attempts + 1, error = ''
WHERE id IN (
    SELECT id FROM governance_job
    WHERE done_at IS NULL AND run_at <= %(at)s
      AND (leased_until IS NULL OR leased_until < now())
    ORDER BY run_at, id
    LIMIT greatest(0, %(limit)s - (
        SELECT count(*) FROM governance_job
        WHERE done_at IS NULL AND leased_until >= now() AND error = ''))
    FOR UPDATE SKIP LOCKED)
RETURNING id, task
"""


def lease_due() -> list[tuple[int, str]]:
    """Lease up to `IN_FLIGHT` due jobs, oldest first; (id, task name) of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            _LEASE_SQL,
            {"lease": LEASE_SECONDS, "at": clock.now(), "limit": IN_FLIGHT},
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def ring(job_id: int, task: str) -> None:
    app.send_task(task, kwargs={"job_id": job_id}, retry=False)


def release(job_ids: list[int]) -> None:
    """Give leases back after the broker could not be reached; retried in a second."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_job SET leased_until = now() + interval '1 second', "
            "attempts = attempts - 1 WHERE id = ANY(%s) AND done_at IS NULL",
            [job_ids],
        )


def step() -> int:
    """One round: lease and ring. Returns how many were rung.

    When the broker cannot be reached, the leases not yet rung are given back.
    """
    due = lease_due()
    for position, (job_id, task) in enumerate(due):
        try:
            ring(job_id, task)
        except OperationalError as error:
            release([job_id for job_id, _ in due[position:]])
            logger.warning("broker lost, %d jobs wait: %s", len(due) - position, error)
            time.sleep(1)
            return position
    return len(due)


def run(stopping: Callable[[], bool]) -> None:
    """Until told to stop; a lost broker or database is waited for, not died of."""
    while not stopping():
        try:
            beat("relay")
            rung = step()
        except Exception:
            logger.exception("relay round failed; trying again")
            connection.close()
            time.sleep(1)
            continue
        if not rung:
            time.sleep(PAUSE_SECONDS)
