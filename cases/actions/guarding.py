"""到场值守: the grid worker stands by the danger of an urgent case (F2).

Beside the way of the case: neither coming nor leaving changes its state.
"""

from datetime import datetime

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.spot import WORKERS, distance_to
from cases.actions.step import aside, locked, note, require
from cases.models import Case, SiteTask
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting


@transaction.atomic
def send_guard(*, case_id: int, at: datetime) -> SiteTask | None:
    """The platform sends the grid's worker on duty; None where there is none."""
    case = locked(case_id)
    worker_id = _on_duty(case, at)
    open_guards = case.site_tasks.filter(kind=SiteTask.Kind.GUARD, submitted_at=None)
    if worker_id is None or open_guards.exists():
        return None
    task = SiteTask.objects.create(
        case=case,
        kind=SiteTask.Kind.GUARD,
        worker_id=worker_id,
        requirement=_("到现场看护，设警示、劝离行人，等处置单位到场。"),
        sent_by=None,
        sent_at=at,
    )
    aside(
        case,
        "send_guard",
        actor=Actor.system(),
        at=at,
        detail={"worker": worker_id},
        subject=task.pk,
        tell=("guard",),
    )
    return task


def _on_duty(case: Case, at: datetime) -> int | None:
    """The worker of the case's grid, in the primary post first; else its leader."""
    if case.grid is None:
        return None
    posted = Posting.objects.current(at).at(case.grid).order_by("-is_primary", "pk")
    found = {role: posted.holding(role).first() for role in WORKERS}
    return next((one.user_id for one in found.values() if one is not None), None)


@transaction.atomic
def arrive_on_guard(
    *, case_id: int, position: Point | None, actor: Actor, at: datetime
) -> SiteTask:
    """已到场: with how far from the point of the case, when the phone knows."""
    case = locked(case_id)
    task = _own_guard(case, actor)
    if task.arrived_at is not None:
        raise Refused(_("您已经登记到场，离开时请点“已撤离”。"), code="state")
    task.arrived_at, task.position = at, position
    task.distance_m = distance_to(case, position)
    task.save(update_fields=["arrived_at", "position", "distance_m"])
    note(
        case,
        "arrive_on_guard",
        actor=actor,
        at=at,
        detail={"distance_m": task.distance_m},
        tell=("street_command",),
    )
    return task


@transaction.atomic
def leave_guard(*, case_id: int, remark: str, actor: Actor, at: datetime) -> SiteTask:
    """已撤离: with a word on how the place is left."""
    case = locked(case_id)
    task = _own_guard(case, actor)
    if task.arrived_at is None:
        raise Refused(_("请先登记“已到场”。"), code="state")
    require({"remark": remark}, {"remark": _("请写明撤离时现场的情况。")})
    task.note, task.submitted_at = remark.strip(), at
    task.save(update_fields=["note", "submitted_at"])
    note(
        case,
        "leave_guard",
        actor=actor,
        at=at,
        detail={"opinion": task.note},
        tell=("street_command",),
    )
    return task


def _own_guard(case: Case, actor: Actor) -> SiteTask:
    task = case.site_tasks.filter(kind=SiteTask.Kind.GUARD, submitted_at=None).first()
    if task is None:
        raise Refused(_("这项值守已经结束。"), code="state")
    if actor.user_id is None or task.worker_id != actor.user_id:
        raise Refused(_("这项值守派给了别人。"), code="role")
    return task
