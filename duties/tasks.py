"""Celery tasks: each carries a Job id, calls one action and decides nothing."""

from celery import shared_task

from duties import actions
from governance import clock, jobs


@shared_task
def tell(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.tell(**job.args, at=clock.now()))


@shared_task
def settle(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.settle(**job.args, at=clock.now()))


@shared_task
def remind(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.remind(**job.args, at=clock.now()))


@shared_task
def mark_overdue(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.mark_overdue(**job.args, at=clock.now())
    )


@shared_task
def end_forgotten(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.end_forgotten(**job.args, at=clock.now())
    )


@shared_task
def end_round(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.end_round(**job.args, at=clock.now()))
