"""A step on a case as a phone wrote it down, perhaps hours ago without a signal."""

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction

from cases.actions.handling import finish_self, hand_up, self_resolve, submit_result
from cases.actions.receiving import receive, settle
from cases.actions.reception import submit_verification
from cases.actions.review import submit_check
from cases.models import Case
from cases.querysets.field import open_site_tasks
from cases.workflow import Action, allowed
from governance.events import canonical
from parties.acting import Actor


@dataclass(frozen=True)
class FieldStep:
    """The action behind a step, and the names of what it is given."""

    act: Callable[..., Case]
    takes: tuple[str, ...] = ()


SUBMIT_CHECK = "submit_check"  # no row of the table: the street concludes later
ON_SITE = ("result", "remark", "position", "photos")
FIELD_STEPS: Mapping[str, FieldStep] = {
    Action.SELF_RESOLVE: FieldStep(self_resolve),
    Action.FINISH_SELF: FieldStep(finish_self, ("measures", "photos")),
    Action.HAND_UP: FieldStep(hand_up, ("opinion",)),
    Action.SUBMIT_RESULT: FieldStep(submit_result, ("result", "measures", "photos")),
    Action.SUBMIT_VERIFICATION: FieldStep(submit_verification, ON_SITE),
    SUBMIT_CHECK: FieldStep(submit_check, ON_SITE),
}


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """What the phone sends; the photos were uploaded under the submission's id."""

    action: str
    case_id: int
    version: int | None
    result: str = ""
    measures: str = ""
    opinion: str = ""
    remark: str = ""
    position: Point | None = None


@transaction.atomic
def take_step(
    *, submission_id: uuid.UUID, taken: StepTaken, actor: Actor, at: datetime
) -> Case:
    """Do it once: the same again gives the same case and does nothing (FEATURES 19).

    `taken.version` is the case as the phone saw it. When somebody was faster, Refused
    with code `stale` or `state`: nothing is kept here, everything is on the phone, and
    the person decides there; then the same id may come with the newer version.
    """
    submission, known = receive(
        submission_id,
        digest=_digest(taken),
        body=_body(taken),
        actor=actor,
        at=at,
    )
    if known is not None:
        return known
    step = FIELD_STEPS[taken.action]
    everything = {**vars(taken), "photos": str(submission_id)}
    case = step.act(
        case_id=taken.case_id,
        version=taken.version,
        actor=actor,
        at=at,
        **{name: everything[name] for name in step.takes},
    )
    settle(submission, case)
    return case


def may_take(case: Case, action: str, actor: Actor) -> bool:
    """Whether the step is still this person's, as the case is now."""
    if action == SUBMIT_CHECK:
        return open_site_tasks(actor.user_id or 0).filter(case=case).exists()
    return any(row.action == action for row in allowed(case, actor))


def _body(taken: StepTaken) -> dict[str, Any]:
    position = [taken.position.x, taken.position.y] if taken.position else None
    return {**vars(taken), "position": position}


def _digest(taken: StepTaken) -> str:
    """Over what the person did; the version seen may differ at the next try."""
    body = {**_body(taken), "version": None}
    return hashlib.sha256(canonical(["step", body]).encode()).hexdigest()
