"""What pages of all floors may say about duties."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from duties.models import Incident, PatrolRecord, TaskReceiver
from duties.workflow import FIELD
from governance import clock
from parties import http
from parties.acting import Actor

TODAY = 5


def duties(request: HttpRequest) -> dict[str, Any]:
    """Context for pages of people in the grid; nothing is read until asked for.

    may_patrol, patrol (the running PatrolRecord or None), duties_waiting (the first
    tasks that wait, each with whether it is late), emergencies (parts of emergency
    tasks whose incident runs: where to report).
    """

    @cache
    def worker() -> Actor | None:
        posting = http.acting_posting(request) if _signed_in(request) else None
        in_grid = posting is not None and posting.post.role in FIELD
        return Actor.of(posting) if posting and in_grid else None

    @cache
    def patrol() -> PatrolRecord | None:
        who = worker()
        running = PatrolRecord.objects.running()
        return running.filter(user_id=who.user_id or 0).first() if who else None

    @cache
    def waiting() -> list[tuple[TaskReceiver, bool]]:
        who, at = worker(), clock.now()
        if who is None:
            return []
        mine = TaskReceiver.objects.addressed_to(who).waiting().with_names()
        return [(one, one.is_late(at)) for one in mine[:TODAY]]

    @cache
    def emergencies() -> list[TaskReceiver]:
        who = worker()
        if who is None:
            return []
        running = Incident.objects.running(clock.now()).values("task")
        mine = TaskReceiver.objects.addressed_to(who).filter(task__in=running)
        return list(mine.select_related("task__incident").order_by("-pk"))

    return {
        "emergencies": emergencies,
        "may_patrol": lambda: worker() is not None,
        "patrol": patrol,
        "duties_waiting": waiting,
    }


def _signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated
