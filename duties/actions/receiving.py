"""What a receiver does with a task, and whoever passed it on with the answer."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duties.actions.addressing import (
    Addressee,
    add_receivers,
    check_addressees,
    reach_below,
)
from duties.actions.admissions import may_address
from duties.actions.step import advance, locked_receiver, require
from duties.actions.watching import timers
from duties.models import Task, TaskReceiver
from duties.workflow import (
    RECEIVER_TRANSITIONS,
    RECORDED_KINDS,
    Action,
    Kind,
    ReceiverState,
    find,
)
from governance.errors import Refused
from governance.events import Follow
from parties.acting import Actor


@transaction.atomic
def sign(
    *, receiver_id: int, version: int | None = None, actor: Actor, at: datetime
) -> TaskReceiver:
    """签收 (K12); of a notice it is all that is asked (K11)."""
    receiver = locked_receiver(receiver_id, version)
    row = find(RECEIVER_TRANSITIONS, receiver, Action.SIGN, actor, at)
    receiver.signed_by_id, receiver.signed_at = actor.user_id, at
    if row.target == ReceiverState.ACCEPTED:
        receiver.submitted_by_id, receiver.submitted_at = actor.user_id, at
        receiver.accepted_at = at
    advance(receiver, row, actor=actor, at=at, follow=_settling(receiver, row.target))
    return receiver


@transaction.atomic
def begin(
    *, receiver_id: int, version: int | None = None, actor: Actor, at: datetime
) -> TaskReceiver:
    """开始办理 (K13)."""
    receiver = locked_receiver(receiver_id, version)
    row = find(RECEIVER_TRANSITIONS, receiver, Action.BEGIN, actor, at)
    advance(receiver, row, actor=actor, at=at)
    return receiver


@transaction.atomic
def reissue(
    *,
    receiver_id: int,
    addressees: Iterable[Addressee],
    requirement: str = "",
    due_at: datetime | None = None,
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> TaskReceiver:
    """分解下发 (K14): to the next lower level, within the own deadline (C.8).

    Without `due_at` those below have until the own deadline.
    """
    receiver = locked_receiver(receiver_id, version)
    row = find(RECEIVER_TRANSITIONS, receiver, Action.REISSUE, actor, at)
    task = receiver.task
    reach = reach_below(receiver, at)
    chosen = check_addressees(addressees, reach)
    _admitted(task, reach.codes(chosen), at)
    until = due_at or receiver.due_at
    _within(until, receiver, at)
    children = add_receivers(
        task,
        chosen,
        parent=receiver,
        due_at=until,
        requirement=requirement.strip(),
    )
    advance(
        receiver,
        row,
        actor=actor,
        at=at,
        given={
            "addressees": [str(one) for one in chosen],
            "due_at": until,
            "requirement": requirement.strip(),
        },
        tell={"receiver_ids": [child.pk for child in children]},
        follow=timers(task, receiver, at, until),
    )
    return receiver


def _admitted(task: Task, codes: list[str], at: datetime) -> None:
    """The item of the issuer must hold for those below, too: by any way round."""
    may_address(
        kind=task.kind,
        admission=task.admission,
        expires_at=task.expires_at,
        codes=codes,
        actor=Actor.system(),
        at=at,
    )


def _within(until: datetime | None, receiver: TaskReceiver, at: datetime) -> None:
    above = receiver.due_at
    if until is None or above is None or until <= above:
        return
    raise Refused(
        _("截止时间不能晚于上级给您的时限，请往前调。"), code="late", field="due_at"
    )


@transaction.atomic
def submit(
    *,
    receiver_id: int,
    result: str,
    override: str = "",
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> TaskReceiver:
    """提交反馈 (K17). While some below are not accepted `override` says why."""
    receiver = locked_receiver(receiver_id, version)
    row = find(RECEIVER_TRANSITIONS, receiver, Action.SUBMIT, actor, at)
    require({"result": result}, {"result": _("请填写办理情况。")})
    _ready(receiver, override)
    receiver.result = result.strip()
    receiver.submitted_by_id, receiver.submitted_at = actor.user_id, at
    if receiver.due_at is not None and at > receiver.due_at:
        receiver.overdue_at = receiver.overdue_at or receiver.due_at
    advance(
        receiver,
        row,
        actor=actor,
        at=at,
        opinion=result.strip(),
        given={"override": override.strip()} if override.strip() else {},
    )
    return receiver


def _ready(receiver: TaskReceiver, override: str) -> None:
    below = receiver.children.all()
    left = below.exclude(state=ReceiverState.ACCEPTED).count()
    if left and not override.strip():
        raise Refused(
            _("还有 %(n)d 个下级没有验收通过。确需先反馈的，请写明原因。")
            % {"n": left},
            code="below",
            field="override",
        )
    if (
        receiver.task.kind in RECORDED_KINDS
        and not below.exists()
        and not receiver.records.exists()
    ):
        raise Refused(
            _("还没有一条%(kind)s记录，请先填写记录再反馈。")
            % {"kind": Kind(receiver.task.kind).label},
            code="records",
        )


@transaction.atomic
def accept(
    *,
    receiver_id: int,
    opinion: str = "",
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> TaskReceiver:
    """验收通过 (K18) by whoever passed it on, never by the one who did it."""
    receiver = locked_receiver(receiver_id, version)
    row = find(RECEIVER_TRANSITIONS, receiver, Action.ACCEPT, actor, at)
    receiver.opinion, receiver.accepted_at = opinion.strip(), at
    advance(
        receiver,
        row,
        actor=actor,
        at=at,
        opinion=opinion.strip(),
        follow=_settling(receiver, row.target),
    )
    return receiver


@transaction.atomic
def give_back(
    *,
    receiver_id: int,
    opinion: str,
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> TaskReceiver:
    """退回补充 (K19): the deadline stays as it was."""
    receiver = locked_receiver(receiver_id, version)
    row = find(RECEIVER_TRANSITIONS, receiver, Action.GIVE_BACK, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明要补充什么。")})
    receiver.opinion = opinion.strip()
    receiver.returned_count += 1
    receiver.submitted_by_id = receiver.submitted_at = None
    advance(receiver, row, actor=actor, at=at, opinion=opinion.strip())
    return receiver


def _settling(receiver: TaskReceiver, target: str) -> list[Follow]:
    """The last one the issuer named may be the end of the whole task."""
    if receiver.parent_id is not None or target != ReceiverState.ACCEPTED:
        return []
    return [Follow(task="duties.tasks.settle", args={"task_id": receiver.task_id})]
