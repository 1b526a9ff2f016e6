"""Celery's part: no Job of its own, a round that the timetable rings for."""

from celery import shared_task

from civics import actions
from governance import clock
from governance.jobs import renew_connection


@shared_task
def tell_followers() -> int:
    """Idempotent: each row says what was told already."""
    renew_connection()
    return actions.tell_followers(at=clock.now())


@shared_task
def tell_area_followers() -> int:
    """Idempotent: each row says until when it was told."""
    renew_connection()
    return actions.tell_area_followers(at=clock.now())


@shared_task
def purge() -> dict[str, int]:
    """Idempotent: what was forgotten is not found again."""
    renew_connection()
    return actions.purge(at=clock.now())
