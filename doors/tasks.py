"""Celery tasks: each carries a Job id, calls one action and decides nothing."""

from celery import shared_task

from doors import actions
from governance import clock, jobs


@shared_task
def write_back(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.write_back(**job.args, at=clock.now()))
