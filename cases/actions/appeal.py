"""超期申诉: the handling department says why it was late through no fault of its own.

DOMAIN B.5: only the handling department, only after closing and before archiving, only
when it was overdue, once for a case, two reviews by different people. Granted, the fact
stays (`CaseClock.is_overdue`) and the statistics leave it out (`exempt`).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.requests import (
    check_decision,
    check_reviewer,
    lay_on,
    reviewed,
    told,
)
from cases.actions.step import locked, note, require
from cases.models import Case, CaseClock, OverdueAppeal
from cases.workflow import RequestStatus, Stage, State
from governance.errors import Refused
from parties.acting import Actor

APPELLANTS = ("department_liaison", "department_handler", "department_leader")


def may_appeal_overdue(case: Case, actor: Actor, at: datetime) -> CaseClock:
    """The overdue clock this person may appeal against, or Refused."""
    if case.state != State.CLOSED:
        raise Refused(_("结案以后、归档以前才能提超期申诉。"), code="state")
    clock = clocks.last_handling(case)
    if not _handled(case, clock, actor):
        raise Refused(_("超期申诉由办理本案的单位提出。"), code="role")
    if clock is None or not clock.is_overdue:
        raise Refused(_("本案处置没有超期，不用申诉。"), code="guard")
    if case.appeals.exists():
        raise Refused(_("本案已提过超期申诉，每案只能申诉一次。"), code="guard")
    return clock


def _handled(case: Case, clock: CaseClock | None, actor: Actor) -> bool:
    """Of the department, or the street's own office, that fed the result back."""
    if case.resume_state == State.JOINT_HANDLING:
        return actor.role in APPELLANTS and actor.organisation_id == case.lead_org_id
    return (
        case.resume_state == State.STREET_HANDLING
        and actor.role == "street_handler"
        and clock is not None
        and actor.organisation_id == clock.organisation_id
    )


@transaction.atomic
def appeal_overdue(
    *,
    case_id: int,
    reason: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> OverdueAppeal:
    """超期申诉."""
    case = locked(case_id, version)
    clock = may_appeal_overdue(case, actor, at)
    require({"reason": reason}, {"reason": _("请写明超期的客观原因。")})
    appeal = OverdueAppeal(
        case=case,
        clock=clock,
        reason=reason,
        asked_by_id=actor.user_id or 0,
        organisation_id=actor.organisation_id,
        asked_at=at,
    )
    lay_on(case, "appeal", appeal, RequestStatus.STREET_REVIEW)
    appeal.save()
    note(
        case,
        "appeal_overdue",
        actor=actor,
        at=at,
        detail={"opinion": reason},
        tell=told("appeal", appeal),
    )
    return appeal


def may_review_appeal(case: Case, actor: Actor, at: datetime) -> OverdueAppeal:
    """The appeal on this person's desk, or Refused."""
    asked = case.appeals.select_related("clock")
    appeal = asked.first() if case.appeal_review else None
    missing = _("本案没有待审核的超期申诉。")
    return check_reviewer(case, "appeal", appeal, actor, missing)


@transaction.atomic
def review_appeal(
    *,
    case_id: int,
    decision: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> OverdueAppeal:
    """审核超期申诉, first by the street, then by the district."""
    case = locked(case_id, version)
    appeal = may_review_appeal(case, actor, at)
    check_decision(decision, opinion)
    first = appeal.status == RequestStatus.STREET_REVIEW
    detail = reviewed(
        case,
        "appeal",
        appeal,
        decision=decision,
        opinion=opinion,
        then=RequestStatus.DISTRICT_REVIEW if first else RequestStatus.APPROVED,
        actor=actor,
        at=at,
    )
    appeal.save()
    if appeal.status == RequestStatus.APPROVED:
        appeal.clock.exempt = True
        appeal.clock.save(update_fields=["exempt"])
        detail |= {"exempt": True}
    note(
        case,
        "review_appeal",
        actor=actor,
        at=at,
        detail=detail,
        tell=told("appeal", appeal),
        ticking=None
        if case.appeal_review
        else clocks.watch_again(case, Stage.ARCHIVE_AFTER, at),
    )
    return appeal
