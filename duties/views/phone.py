"""Tasks and patrols on the phone of people in the grid."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from duties import actions
from duties.models import PatrolRecord, TaskReceiver, VisitRecord
from duties.querysets.patrols import found_on
from duties.views.steps import RECEIVER_STEPS, visible_receiver
from duties.workflow import (
    ANSWERED,
    RECEIVER_TRANSITIONS,
    Action,
    Kind,
    TaskState,
    allowed,
)
from governance import clock
from governance.errors import Refused
from parties import http

PAGE = 30


@require_GET
def duties(request: HttpRequest) -> HttpResponse:
    """The own tasks: what waits first, then what was handed in lately."""
    who, at = http.actor(request), clock.now()
    mine = TaskReceiver.objects.addressed_to(who).with_names()
    done = _done(mine)
    context = {
        "waiting": [(one, one.is_late(at)) for one in mine.waiting()[:PAGE]],
        "done": list(done.order_by("-submitted_at", "-id")[:PAGE]),
        "most": PAGE,
    }
    return render(request, "duties/phone/duties.html", context)


def _done(mine: Any) -> Any:
    return mine.filter(state__in=ANSWERED).exclude(task__state=TaskState.DRAFT)


def duties_listed(request: HttpRequest) -> Any:
    """All own tasks: what waits, and what was handed in."""
    mine = TaskReceiver.objects.addressed_to(http.actor(request))
    keys = [
        Q(pk__in=one.order_by().values("pk")) for one in (mine.waiting(), _done(mine))
    ]
    return TaskReceiver.objects.filter(keys[0] | keys[1]).order_by("-pk")


@require_GET
def duty(request: HttpRequest, receiver_id: int) -> HttpResponse:
    """One task: what is asked, whom to visit, what was brought back."""
    who, at = http.actor(request), clock.now()
    receiver = visible_receiver(who, receiver_id)
    rows = allowed(RECEIVER_TRANSITIONS, receiver, who, at)
    records = VisitRecord.objects.visible_to(who).filter(receiver=receiver).newest()
    found = list(records)
    context = {
        "receiver": receiver,
        "task": receiver.task,
        "is_late": receiver.is_late(at),
        "offers": [row for row in rows if row.action in RECEIVER_STEPS],
        "may_record": any(row.action == Action.RECORD for row in rows),
        "targets": _targets(receiver, {one.target_id for one in found}),
        "records": found,
    }
    return render(request, "duties/phone/duty.html", context)


def _targets(receiver: TaskReceiver, visited: set[int | None]) -> list[Any]:
    """Whom to visit, masked, with whether it was done for this task."""
    task = receiver.task
    if task.kind != Kind.VISIT or not task.service_kind:
        return []
    return [
        (one, actions.masked(one), one.pk in visited)
        for one in actions.targets_of(receiver).by_next_visit()
    ]


@require_POST
def start_patrol(request: HttpRequest) -> HttpResponse:
    """开始巡查; a refusal is said on the home page."""
    try:
        actions.start_patrol(actor=http.actor(request), at=clock.now())
        messages.success(request, _("巡查开始，发现问题随手上报。"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("phone_home")


@require_POST
def end_patrol(request: HttpRequest, patrol_id: int) -> HttpResponse:
    """结束巡查, and what was found on it."""
    who = http.actor(request)
    own = PatrolRecord.objects.visible_to(who).filter(user_id=who.user_id or 0)
    patrol = get_object_or_404(own, pk=patrol_id)
    try:
        actions.end_patrol(
            patrol_id=patrol.pk,
            remark=request.POST.get("remark", "")[:500],
            actor=who,
            at=clock.now(),
        )
        messages.success(request, _("巡查结束。"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("patrol", patrol.pk)


@require_GET
def patrols(request: HttpRequest) -> HttpResponse:
    """Own patrols on the phone, those of the area at the desk, newest first."""
    visible = patrols_listed(request)
    start = http.number_in(request, "before") or 0
    page = list(visible[start : start + PAGE + 1])
    older = f"?before={start + PAGE}" if len(page) > PAGE else ""
    context = {"patrols": page[:PAGE], "older_url": older}
    return render(request, "duties/patrols.html", context)


def patrols_listed(request: HttpRequest) -> Any:
    """All that the reader sees, with how many cases were found on each."""
    seen: Any = PatrolRecord.objects.visible_to(http.actor(request))
    return seen.with_found(clock.now()).newest()


@require_GET
def patrol(request: HttpRequest, patrol_id: int) -> HttpResponse:
    """One patrol and the cases found on it, as far as the reader may see them."""
    who, at = http.actor(request), clock.now()
    visible = PatrolRecord.objects.visible_to(who).newest()
    found = get_object_or_404(visible, pk=patrol_id)
    context = {
        "patrol": found,
        "cases": list(found_on(found, at).visible_to(who)),
        "minutes": _minutes(found, at),
        "is_own": found.user_id == who.user_id,
    }
    return render(request, "duties/patrol.html", context)


def _minutes(patrol: PatrolRecord, at: datetime) -> int:
    return int(((patrol.ended_at or at) - patrol.started_at).total_seconds() // 60)
