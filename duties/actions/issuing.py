"""A task is drafted, signed and sent down, closed or taken back."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from duties.actions.addressing import (
    Addressee,
    add_receivers,
    check_addressees,
    codes_of_receivers,
    reach_of_issuer,
)
from duties.actions.admissions import may_address
from duties.actions.step import advance, locked_task, require
from duties.actions.watching import timers
from duties.models import GridItemAdmission, Task
from duties.workflow import (
    DRAFTERS,
    TASK_TRANSITIONS,
    Action,
    ReceiverState,
    TaskState,
    find,
)
from governance import calendar, events
from governance.errors import Refused
from parties.acting import Actor

# Kept with the task, so in one language.
ALL_ACCEPTED = "接收单位已全部验收通过，自动办结。"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a task says; the limit starts to run at 签发."""

    title: str
    kind: str
    requirement: str
    limit_n: Decimal
    limit_unit: str
    addressees: tuple[Addressee, ...]
    admission_id: int | None = None
    service_kind: str = ""
    checklist: list[dict[str, Any]] = field(default_factory=list)
    expires_at: datetime | None = None


@transaction.atomic
def draft_task(*, paper: Paper, actor: Actor, at: datetime) -> Task:
    """拟稿 (DOMAIN C.8): nobody below sees it before it is signed."""
    if actor.role not in DRAFTERS:
        raise Refused(_("您当前的岗位不下发任务。"), code="role")
    require(
        {"title": paper.title, "requirement": paper.requirement},
        {"title": _("请填写标题。"), "requirement": _("请填写任务要求。")},
    )
    reach = reach_of_issuer(actor, at)
    chosen = check_addressees(paper.addressees, reach)
    admission = _admission(paper, actor)
    may_address(
        kind=paper.kind,
        admission=admission,
        expires_at=paper.expires_at,
        codes=reach.codes(chosen),
        actor=actor,
        at=at,
    )
    task = Task.objects.create(
        title=paper.title.strip(),
        kind=paper.kind,
        requirement=paper.requirement.strip(),
        issuer_id=actor.organisation_id or 0,
        admission=admission,
        service_kind=paper.service_kind,
        checklist=paper.checklist,
        limit_n=paper.limit_n,
        limit_unit=paper.limit_unit,
        expires_at=paper.expires_at,
        drafted_by_id=actor.user_id or 0,
        drafted_at=at,
    )
    add_receivers(task, chosen)
    events.record(
        chain=task.chain,
        action="duties.draft_task",
        actor=actor,
        at=at,
        detail={
            "to": TaskState.DRAFT,
            "given": {
                "title": task.title,
                "kind": task.kind,
                "limit": f"{paper.limit_n} {paper.limit_unit}",
                "admission": paper.admission_id,
                "expires_at": paper.expires_at,
                "addressees": [str(one) for one in chosen],
            },
        },
    )
    return task


def _admission(paper: Paper, actor: Actor) -> GridItemAdmission | None:
    if paper.admission_id is None:
        return None
    found = GridItemAdmission.objects.visible_to(actor).select_related("area")
    admission: GridItemAdmission | None = found.filter(pk=paper.admission_id).first()
    return admission


@transaction.atomic
def issue(
    *, task_id: int, version: int | None = None, actor: Actor, at: datetime
) -> Task:
    """签发 (K01): the limit starts, the receivers are told."""
    task = locked_task(task_id, version)
    row = find(TASK_TRANSITIONS, task, Action.ISSUE, actor, at)
    may_address(
        kind=task.kind,
        admission=task.admission,
        expires_at=task.expires_at,
        codes=codes_of_receivers(task),
        actor=actor,
        at=at,
    )
    task.due_at = calendar.due_at(at, task.limit_n, task.limit_unit)
    task.issued_by_id, task.issued_at = actor.user_id, at
    task.receivers.update(due_at=task.due_at)
    advance(
        task,
        row,
        actor=actor,
        at=at,
        given={"due_at": task.due_at, "receivers": task.receivers.count()},
        follow=timers(task, None, at, task.due_at),
    )
    return task


@transaction.atomic
def cancel(
    *,
    task_id: int,
    opinion: str,
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> Task:
    """撤销 (K02): nobody has to do anything for it any more."""
    task = locked_task(task_id, version)
    row = find(TASK_TRANSITIONS, task, Action.CANCEL, actor, at)
    require({"opinion": opinion}, {"opinion": _("请填写撤销的理由。")})
    was_draft = task.state == TaskState.DRAFT
    return _end(task, row, opinion, actor, at, quiet=was_draft)


@transaction.atomic
def close(
    *,
    task_id: int,
    opinion: str,
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> Task:
    """办结 (K03) by the issuer, also when some have not answered."""
    task = locked_task(task_id, version)
    row = find(TASK_TRANSITIONS, task, Action.CLOSE, actor, at)
    require({"opinion": opinion}, {"opinion": _("请填写办结意见。")})
    return _end(task, row, opinion, actor, at)


@transaction.atomic
def settle(*, task_id: int, at: datetime) -> None:
    """办结 by itself once all whom the issuer named are accepted (a Job's effect)."""
    task = locked_task(task_id)
    named = task.receivers.filter(parent=None)
    if (
        task.state != TaskState.ISSUED
        or named.exclude(state=ReceiverState.ACCEPTED).exists()
    ):
        return
    system = Actor.system()
    row = find(TASK_TRANSITIONS, task, Action.CLOSE, system, at)
    _end(task, row, ALL_ACCEPTED, system, at)


def _end(
    task: Task, row: Any, opinion: str, actor: Actor, at: datetime, quiet: bool = False
) -> Task:
    task.ended_at, task.end_note = at, opinion.strip()
    open_ones = task.receivers.exclude(state=ReceiverState.ACCEPTED).count()
    advance(
        task,
        row,
        actor=actor,
        at=at,
        opinion=opinion.strip(),
        given={"not_accepted": open_ones},
        tell={"quiet": quiet},
    )
    return task
