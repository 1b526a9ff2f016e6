"""Celery tasks: each carries a Job id, calls one action and decides nothing."""

from celery import shared_task
from django.utils import translation

from exchange import actions
from exchange.http import outgoing_again
from exchange.models import Export
from governance import clock, jobs
from governance.errors import Refused
from governance.models import Job


@shared_task
def check_import(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.check_import(**job.args, at=clock.now())
    )


@shared_task
def write_import(*, job_id: int, **_: object) -> bool:
    return jobs.run(
        job_id, lambda job: actions.write_import(**job.args, at=clock.now())
    )


@shared_task
def run_export(*, job_id: int, **_: object) -> bool:
    return jobs.run(job_id, _export)


def _export(job: Job) -> None:
    """What may not be read any more is refused in words."""
    export = Export.objects.get(pk=job.args["export_id"])
    at = clock.now()
    with translation.override(export.language):
        try:
            outgoing, actor = outgoing_again(export)
        except Refused as refused:
            actions.refuse_export(export_id=export.pk, words=str(refused), at=at)
        else:
            actions.produce(export_id=export.pk, outgoing=outgoing, actor=actor, at=at)
