"""Celery tasks: each carries a Job id, calls one action and decides nothing."""

from celery import shared_task

from governance import clock, jobs
from oversight import actions


@shared_task
def check_journal(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda _job: actions.check_journal(at=clock.now()))
