"""初审 and 终审 of a 挂账: refused, or the case stands still until its day (T34)."""

from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.requests import (
    REJECT,
    check_decision,
    check_other,
    check_reviewer,
    reviewed,
    told,
)
from cases.actions.step import Given, Holder, advance, locked, note, require
from cases.actions.suspension.asking import granted, in_time, open_suspension
from cases.actions.suspension.running import reminders
from cases.models import Case, Suspension
from cases.workflow import Action, RequestStatus, Stage, State, find
from governance import calendar
from governance.errors import Refused
from parties.acting import Actor

STREETS_OWN_DAYS = 30
RESUMES_AT = time(9, 0)


def may_review_suspension(case: Case, actor: Actor, at: datetime) -> Suspension:
    """The request on the dispatcher's desk, or Refused."""
    missing = _("本案没有待初审的挂账申请。")
    if case.suspension_review != RequestStatus.STREET_REVIEW:
        raise Refused(missing, code="state")
    return check_reviewer(case, "suspension", open_suspension(case), actor, missing)


@transaction.atomic
def review_suspension(
    *,
    case_id: int,
    decision: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Suspension:
    """初审挂账: refused, or laid before whoever decides."""
    case = locked(case_id, version)
    suspension = may_review_suspension(case, actor, at)
    check_decision(decision, opinion)
    return _said(case, suspension, "review_suspension", decision, opinion, actor, at)


def final_desk(suspension: Suspension) -> str:
    """终审: the street's leader may, up to 30 days; else the district alone."""
    case = suspension.case
    asked = suspension.asked_at.astimezone(calendar.ZONE).date()
    short = (suspension.resume_date - asked).days <= STREETS_OWN_DAYS
    if (
        not short
        or suspension.ground == Suspension.Ground.OTHER
        or case.state == State.DISTRICT_COORD
        or granted(case)
    ):
        return RequestStatus.DISTRICT_REVIEW
    return RequestStatus.LEADER_REVIEW


def may_decide_suspension(case: Case, actor: Actor, at: datetime) -> Suspension:
    """The request that waits for this person's 终审, or Refused."""
    find(case, Action.SUSPEND, actor)
    suspension = open_suspension(case)
    if suspension is None:
        raise Refused(_("本案没有待终审的挂账申请。"), code="state")
    check_other(suspension, actor)
    return suspension


@transaction.atomic
def reject_suspension(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Suspension:
    """不批准挂账: the handling goes on, its clock never stood still."""
    case = locked(case_id, version)
    suspension = may_decide_suspension(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明不批准挂账的理由。")})
    return _said(case, suspension, "reject_suspension", REJECT, opinion, actor, at)


def _said(
    case: Case,
    suspension: Suspension,
    action: str,
    decision: str,
    opinion: str,
    actor: Actor,
    at: datetime,
) -> Suspension:
    suspension.case = case
    detail = reviewed(
        case,
        "suspension",
        suspension,
        decision=decision,
        opinion=opinion,
        then=final_desk(suspension),
        actor=actor,
        at=at,
    )
    suspension.save()
    note(
        case,
        action,
        actor=actor,
        at=at,
        detail=detail,
        tell=told("suspension", suspension),
    )
    return suspension


@transaction.atomic
def suspend(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    special_reason: str = "",
    version: int | None = None,
) -> Case:
    """批准挂账 (T34): the case stands still until 09:00 of the day."""
    case = locked(case_id, version)
    transition = find(case, Action.SUSPEND, actor)
    suspension = may_decide_suspension(case, actor, at)
    in_time(case, at)
    until = datetime.combine(suspension.resume_date, RESUMES_AT, calendar.ZONE)
    if until <= at:
        raise Refused(
            _("计划恢复日期已到，不能再批准；请不予批准，由承办单位重新申请。"),
            code="date",
        )
    require({"opinion": opinion}, {"opinion": _("请填写审核意见。")})
    if granted(case):
        require(
            {"special_reason": special_reason},
            {"special_reason": _("本案挂过账，再次挂账须区级特批，请写明特批理由。")},
        )
    suspension.special_reason = special_reason
    suspension.held_by_id = case.holder_user_id
    detail = reviewed(
        case,
        "suspension",
        suspension,
        decision="approve",
        opinion=opinion,
        then=RequestStatus.APPROVED,
        actor=actor,
        at=at,
    )
    suspension.save()
    ticking = clocks.Ticking(at)
    clocks.start_until(
        case=case, stage=Stage.SUSPEND_UNTIL, until=until, at=at, ticking=ticking
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id),
        given=Given(opinion, {**_terms(suspension), "desk": detail["desk"]}),
        ticking=ticking,
        follow=reminders(suspension, at, until),
    )
    return case


def _terms(suspension: Suspension) -> dict[str, object]:
    return {
        "ground": suspension.ground,
        "resume_date": suspension.resume_date,
        "safety_measure": suspension.safety_measure,
        "special_reason": suspension.special_reason,
    }
