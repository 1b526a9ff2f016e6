"""The kernel's own tasks, rung by beat's timetable (`governance.celery`)."""

from datetime import timedelta

from celery import shared_task

from governance import clock, journal
from governance.heartbeat import beat
from governance.jobs import renew_connection


@shared_task
def beat_heartbeat() -> None:
    """Beat rang, the broker carried it and this worker ran it."""
    renew_connection()
    beat("tasks")


@shared_task
def anchor_journal() -> None:
    """Anchor the journal once a day; the timetable rings more often than that."""
    renew_connection()
    at = clock.now()
    if not journal.anchored_since(at - timedelta(days=1)):
        journal.anchor(at=at)
