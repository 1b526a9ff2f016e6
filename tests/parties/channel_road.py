"""Channels as tests set them up, and a worker that does what is due."""

from datetime import datetime
from typing import Any

from governance.models import Job
from parties import actions
from parties.acting import Actor
from parties.channels import webhook
from parties.models import Channel, Importance, Notification

SECRET = "whsec_" + "QUJD" * 8


def a_channel(kind: str, at: datetime, **more: Any) -> Channel:
    options = more.pop("options", {})
    plan = actions.Plan(
        **{
            "name": f"{kind}{Channel.objects.count()}",
            "importances": Importance.values,
            "options": options,
            **more,
        }
    )
    return actions.open_channel(kind=kind, plan=plan, actor=Actor.system(), at=at)


def a_webhook(url: str, at: datetime, **more: Any) -> Channel:
    given = {"options": {"url": url}, "secrets": {"secret": SECRET}, **more}
    return a_channel("webhook", at, **given)


def tell(user_ids: list[int], key: str, at: datetime, **more: Any) -> None:
    given = {
        "kind": Notification.Kind.NOTICE, "title": f"消息 {key}", "subject": "case:1",
        "url": "/cases/1/", **more,
    }  # fmt: skip
    actions.notify(user_ids=user_ids, key=key, at=at, **given)


def work(at: datetime) -> int:
    """Do what is due, as relay and worker would; how many letters were tried."""
    tried, now = 0, lambda: at
    while True:
        due = Job.objects.filter(
            task="parties.tasks.drain", done_at=None, run_at__lte=at
        )
        job = due.order_by("run_at", "pk").first()
        if job is None:
            return tried
        tried += actions.drain(**job.args, job_id=job.pk, now=now)


def wakes(after: datetime) -> list[datetime]:
    """When the next jobs are to run."""
    open_jobs = Job.objects.filter(task="parties.tasks.drain", done_at=None)
    return sorted(
        {*open_jobs.filter(run_at__gt=after).values_list("run_at", flat=True)}
    )


def catch_up(at: datetime, most: int = 100) -> datetime:
    """Work from one waking to the next until nothing waits; when that was."""
    work(at)
    for _ in range(most):
        if not wakes(at):
            return at
        at = wakes(at)[0]
        work(at)
    return at


def verified(headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does with `SECRET`, as docs/channels.md shows."""
    expected = webhook.signature(
        SECRET, headers["webhook-id"], int(headers["webhook-timestamp"]), body
    )
    return expected in headers["webhook-signature"].split()
