"""Celery tasks: each carries a Job id, calls one action and decides nothing."""

from celery import shared_task

from governance import clock, jobs
from governance.models import Job
from parties import actions


@shared_task
def drain(*, job_id: int, **_: object) -> bool:
    """Not `jobs.run`: what is sent cannot be rolled back (`actions.delivering`).

    False when it was done before, or another worker is at it.
    """
    jobs.renew_connection()
    job = Job.objects.filter(pk=job_id, done_at=None).first()
    if job is None:
        return False
    actions.drain(**job.args, job_id=job.pk, now=clock.now)
    return Job.objects.filter(pk=job_id, done_at__isnull=False).exists()
