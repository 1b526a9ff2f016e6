"""Who is told what about tasks and items: circles found from postings."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from duties.models import GridItemAdmission, Task, TaskReceiver
from duties.workflow import (
    COMMAND,
    COMMUNITY,
    DEPARTMENT,
    FIELD,
    STREET,
    Action,
)
from grids.codes import Level
from parties import actions as parties
from parties.models import Posting


def people_of(receiver: TaskReceiver, at: datetime) -> list[int]:
    """Whoever it is addressed to, at the area's posts or in the unit."""
    if receiver.person_id is not None:
        return [receiver.person_id]
    postings = Posting.objects.current(at)
    if receiver.organisation_id is not None:
        return (
            postings.holding(*DEPARTMENT)
            .of_organisation(receiver.organisation_id)
            .user_ids()
        )
    roles = (*FIELD, *COMMUNITY, *STREET, *COMMAND)
    return postings.holding(*roles).filter(post__area=receiver.area_id).user_ids()


def people_of_issuer(task: Task, at: datetime) -> list[int]:
    """Who drafted and who signed, and nobody else of the unit."""
    return [one for one in (task.drafted_by_id, task.issued_by_id) if one is not None]


def receiver_page(receiver: TaskReceiver) -> str:
    """Where its people work on it: the phone in a grid, else the desk."""
    in_grid = receiver.area is not None and receiver.area.level >= Level.GRID
    if in_grid or receiver.person_id is not None:
        return f"/m/duties/{receiver.pk}/"
    return f"/desk/duties/receivers/{receiver.pk}/"


@transaction.atomic
def tell(
    *,
    chain: str,
    circle: str,
    action: str,
    mark: str,
    receiver_ids: Iterable[int] = (),
    quiet: bool = False,
    at: datetime,
) -> None:
    """One notification for each person of the circle; running twice tells once."""
    if quiet:
        return
    kind, _colon, number = chain.partition(":")
    label, key = str(Action(action).label), f"{chain}:{mark}"
    if kind == "admission":
        _tell_applicant(int(number), label, key, at)
    elif kind == "task":
        _tell_of_task(int(number), circle, label, key, at)
    else:
        _tell_of_receiver(int(number), circle, label, key, list(receiver_ids), at)


def _tell_applicant(admission_id: int, label: str, key: str, at: datetime) -> None:
    admission = GridItemAdmission.objects.get(pk=admission_id)
    parties.notify(
        user_ids=[admission.applied_by_id],
        kind="notice",
        title=_("准入事项%(word)s：%(item)s") % {"word": label, "item": admission.item},
        body=admission.opinion,
        url=f"/duties/admissions/{admission.pk}/",
        subject=admission.chain,
        key=key,
        at=at,
    )


def _tell_of_task(
    task_id: int, circle: str, label: str, key: str, at: datetime
) -> None:
    task = Task.objects.get(pk=task_id)
    if circle == "issuer":
        people = people_of_issuer(task, at)
        _notify(task, people, label, task.get_absolute_url(), key, at)
        return
    named = task.receivers.with_names()
    if task.ended_at is None:
        named = named.filter(parent=None)
    for receiver in named:
        _notify_receiver(receiver, label, f"{key}:{receiver.pk}", at)


def _tell_of_receiver(
    receiver_id: int,
    circle: str,
    label: str,
    key: str,
    receiver_ids: list[int],
    at: datetime,
) -> None:
    receiver = TaskReceiver.objects.with_names().get(pk=receiver_id)
    if circle == "children":
        for child in TaskReceiver.objects.with_names().filter(pk__in=receiver_ids):
            _notify_receiver(child, label, f"{key}:{child.pk}", at)
    elif circle == "giver":
        above = (
            people_of(receiver.parent, at)
            if receiver.parent
            else people_of_issuer(receiver.task, at)
        )
        url = f"/desk/duties/receivers/{receiver.pk}/"
        _notify(receiver.task, above, label, url, key, at, receiver.name)
    else:
        _notify_receiver(receiver, label, key, at)


def _notify_receiver(
    receiver: TaskReceiver, label: str, key: str, at: datetime
) -> None:
    people, url = people_of(receiver, at), receiver_page(receiver)
    _notify(receiver.task, people, label, url, key, at, receiver.requirement)


def _notify(
    task: Task,
    people: list[int],
    label: str,
    url: str,
    key: str,
    at: datetime,
    body: str = "",
) -> None:
    parties.notify(
        user_ids=people,
        kind="todo",
        title=_("任务%(word)s：%(title)s") % {"word": label, "title": task.title},
        body=body or task.requirement[:200],
        url=url,
        subject=task.chain,
        key=key,
        urgent=task.is_emergency,
        at=at,
    )
