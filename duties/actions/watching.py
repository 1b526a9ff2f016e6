"""Deadlines of receivers: a reminder on the way, a mark when they have passed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from duties.actions.telling import people_of, people_of_issuer, receiver_page
from duties.models import Task, TaskReceiver
from governance import events
from governance.events import Follow
from parties import actions as parties
from parties.acting import Actor

REMIND_PERCENT = 80


def timers(
    task: Task, parent: TaskReceiver | None, at: datetime, due_at: datetime | None
) -> list[Follow]:
    """Two Jobs for all receivers added by one step: remind, and mark what is late.

    The reminder comes when 80 % of the time on the clock is over.
    """
    if due_at is None:
        return []
    args = {
        "task_id": task.pk,
        "parent_id": parent.pk if parent else None,
        "due_at": due_at.isoformat(),
    }
    soon = at + (due_at - at) * REMIND_PERCENT / 100
    # A moment after the deadline, since handing in at the deadline is in time.
    after = max(due_at, at) + timedelta(seconds=1)
    return [
        Follow(task="duties.tasks.remind", args=args, run_at=max(soon, at)),
        Follow(task="duties.tasks.mark_overdue", args=args, run_at=after),
    ]


def _late_or_soon(
    task_id: int, parent_id: int | None, due_at: str
) -> list[TaskReceiver]:
    """The receivers of that step that have not handed in, locked."""
    waiting = TaskReceiver.objects.waiting().filter(
        task=task_id, parent=parent_id, due_at=datetime.fromisoformat(due_at)
    )
    return list(
        waiting.select_related("task", "area", "organisation", "person", "parent__area")
        .select_for_update(of=("self",))
        .order_by("id")
    )


@transaction.atomic
def remind(*, task_id: int, parent_id: int | None, due_at: str, at: datetime) -> None:
    """Tell those who have not handed in that the deadline is near."""
    waiting = _late_or_soon(task_id, parent_id, due_at)
    for receiver in waiting:
        _tell(receiver, people_of(receiver, at), _("任务快到期：%(title)s"), "soon", at)


@transaction.atomic
def mark_overdue(
    *, task_id: int, parent_id: int | None, due_at: str, at: datetime
) -> None:
    """逾期: mark, write and tell the receiver and whoever passed it on."""
    late = [
        one
        for one in _late_or_soon(task_id, parent_id, due_at)
        if one.overdue_at is None and one.is_late(at)
    ]
    for receiver in late:
        receiver.overdue_at = receiver.due_at
        receiver.version += 1
        receiver.save(update_fields=["overdue_at", "version"])
        events.record(
            chain=receiver.chain,
            action="duties.mark_overdue",
            actor=Actor.system(),
            at=at,
            detail={"state": receiver.state, "due_at": receiver.due_at},
        )
        above = (
            people_of(receiver.parent, at)
            if receiver.parent
            else people_of_issuer(receiver.task, at)
        )
        people = people_of(receiver, at) + above
        _tell(receiver, people, _("任务已逾期：%(title)s"), "late", at)


def _tell(
    receiver: TaskReceiver, people: list[int], title: str, mark: str, at: datetime
) -> None:
    parties.notify(
        user_ids=people,
        kind="alert",
        title=title % {"title": receiver.task.title},
        body=receiver.name,
        url=receiver_page(receiver),
        subject=receiver.chain,
        key=f"{receiver.chain}:{mark}",
        urgent=receiver.task.is_emergency,
        at=at,
    )
