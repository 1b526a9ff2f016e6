"""Celery tasks: each carries a Job id, calls one action and decides nothing."""

from celery import shared_task

from cases import actions
from governance import clock, jobs


@shared_task
def route(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.route(**job.args, at=clock.now()))


@shared_task
def tell(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.tell(**job.args, at=clock.now()))


@shared_task
def link_recurrence(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.link_recurrence(**job.args, at=clock.now())
    )


@shared_task
def watch_clock(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.watch_clock(**job.args, at=clock.now()))


@shared_task
def reckon_clock(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.reckon_clock(**job.args, at=clock.now())
    )


@shared_task
def escalate_after_rating(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id,
        lambda job: actions.escalate_after_rating(**job.args, at=clock.now()),
    )


@shared_task
def remind_suspension(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.remind_suspension(**job.args, at=clock.now())
    )


@shared_task
def tell_alert(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.tell_alert(**job.args, at=clock.now()))


@shared_task
def watch_overdue(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.watch_overdue(**job.args, at=clock.now())
    )


@shared_task
def escalate(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.escalate(**job.args, at=clock.now()))


@shared_task
def watch_supervision(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.watch_supervision(**job.args, at=clock.now())
    )


@shared_task
def watch_stage(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, lambda job: actions.watch_stage(**job.args, at=clock.now()))


@shared_task
def watch_confirmation(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.watch_confirmation(**job.args, at=clock.now())
    )
