"""One step of a task, a receiver or an item: lock, ask the table, change, Event."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from duties.models import GridItemAdmission, Task, TaskReceiver
from duties.workflow import STATE_LABELS, Transition
from governance import events
from governance.errors import Refused
from governance.events import Follow
from governance.models import Event
from parties.acting import Actor


def locked_task(task_id: int, version: int | None = None) -> Task:
    """The task, locked; Refused when it changed since `version` was read."""
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("issuer", "admission__area")
        .get(pk=task_id)
    )
    _fresh(task, version)
    return task


def locked_receiver(receiver_id: int, version: int | None = None) -> TaskReceiver:
    """The receiver, locked, with its task and whoever passed it on."""
    receiver = (
        TaskReceiver.objects.select_for_update(of=("self",))
        .select_related(
            "task__issuer", "task__admission__area", "parent__area", "area",
            "organisation", "person",
        )
        .get(pk=receiver_id)
    )  # fmt: skip
    _fresh(receiver, version)
    return receiver


def locked_admission(admission_id: int) -> GridItemAdmission:
    return (
        GridItemAdmission.objects.select_for_update(of=("self",))
        .select_related("area", "applicant")
        .get(pk=admission_id)
    )


def _fresh(subject: Task | TaskReceiver, version: int | None) -> None:
    if version is not None and version != subject.version:
        raise Refused(
            _("有人先您一步，现在是“%(state)s”。请看过后再办。")
            % {"state": STATE_LABELS[subject.state]},
            code="stale",
        )


def require(given: Mapping[str, Any], sentences: Mapping[str, str]) -> None:
    """Refuse at the first field left empty, in the order of `sentences`."""
    for name, sentence in sentences.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise Refused(sentence, code="required", field=name)


def advance(
    subject: Task | TaskReceiver | GridItemAdmission,
    row: Transition,
    *,
    actor: Actor,
    at: datetime,
    opinion: str = "",
    given: Mapping[str, Any] | None = None,
    tell: Mapping[str, Any] | None = None,
    follow: Iterable[Follow] = (),
) -> Event:
    """Carry out the row: state, Event and the Jobs that follow.

    `given` goes into the journal as it is; `tell` adds to what is said to the circle.
    """
    before, subject.state = subject.state, row.target
    if isinstance(subject, Task | TaskReceiver):
        subject.version += 1
    subject.save()
    told = [telling(subject, row, **(tell or {}))] if row.tell else []
    return events.record(
        chain=subject.chain,
        action=f"duties.{row.action}",
        actor=actor,
        at=at,
        detail={
            "transition": row.id,
            "from": before,
            "to": row.target,
            "opinion": opinion,
            "given": dict(given or {}),
        },
        follow=[*told, *follow],
    )


def telling(
    subject: Task | TaskReceiver | GridItemAdmission, row: Transition, **more: Any
) -> Follow:
    """The Job that tells the circle of a row; `mark` keeps it apart from others."""
    return Follow(
        task="duties.tasks.tell",
        args={
            "chain": subject.chain,
            "circle": row.tell,
            "action": str(row.action),
            "mark": f"{row.id}:{getattr(subject, 'version', subject.state)}",
            **more,
        },
    )
