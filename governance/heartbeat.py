"""Processes write down that they are alive; /healthz reads it.

Heartbeats are real time: a moved product clock must not hide a dead process.
"""

import time

from django.utils import timezone

from governance.models import Heartbeat

PAUSE_SECONDS = 2.0
_written: dict[str, float] = {}


def beat(process: str) -> None:
    """Note that `process` is alive; writes at most once in `PAUSE_SECONDS`."""
    turn = time.monotonic()
    if turn - _written.get(process, -PAUSE_SECONDS) < PAUSE_SECONDS:
        return
    Heartbeat.objects.bulk_create(
        [Heartbeat(process=process, at=timezone.now())],
        update_conflicts=True,
        unique_fields=["process"],
        update_fields=["at"],
    )
    _written[process] = turn
