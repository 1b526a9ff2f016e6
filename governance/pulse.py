"""How the Celery worker and beat show that they are alive.

Each writes its own heartbeat, so that /healthz can tell a dead worker from a dead
beat. That the two also reach each other through the broker shows in the third
heartbeat, `tasks`, which the worker writes when beat's timetable rings it.
"""

import logging
import threading
from typing import Any

from celery import bootsteps
from celery.beat import PersistentScheduler
from django.db import Error, connection

from governance.heartbeat import PAUSE_SECONDS, beat

logger = logging.getLogger(__name__)


def pulse(process: str) -> None:
    """One heartbeat; a lost database is waited for by the next one."""
    try:
        beat(process)
    except Error as error:
        logger.warning("heartbeat of %s not written: %s", process, error)
        connection.close()


class BeatingScheduler(PersistentScheduler):
    """Celery's own scheduler, with a heartbeat at every turn of its loop."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        pulse("beat")
        return super().tick(*args, **kwargs)


class WorkerPulse(bootsteps.StartStopStep):
    """A thread of the worker's main process that writes its heartbeat."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        self.stopping = threading.Event()
        super().__init__(worker, **kwargs)

    def start(self, worker: Any) -> None:
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def stop(self, worker: Any) -> None:
        self.stopping.set()

    def _run(self) -> None:
        pulse("worker")
        while not self.stopping.wait(PAUSE_SECONDS):
            pulse("worker")
        connection.close()
