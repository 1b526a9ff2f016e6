"""挂账: a case that cannot be handled now stands still until a day that is named.

DOMAIN B.5 and C.3, "Suspension", T34, T35: the handling party asks, the dispatcher
reviews first; the district decides, or the street's leader up to 30 days. In time, with
a safety measure and its photo, at most 365 days, once for a case (a second time as the
district's 特批), never for an emergency.
"""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.alarms import is_emergency
from cases.actions.requests import (
    REJECT,
    check_asker,
    check_decision,
    check_other,
    check_reviewer,
    lay_on,
    reviewed,
    running_clock,
    told,
    withdrawn,
)
from cases.actions.step import (
    Given,
    Holder,
    advance,
    attach_photos,
    locked,
    note,
    require,
)
from cases.actions.telling import remind
from cases.models import Case, CaseClock, Photo, Suspension
from cases.workflow import (
    HANDLING_STATES,
    OPEN_REQUESTS,
    REVIEWERS,
    Action,
    RequestStatus,
    Stage,
    State,
    find,
    handles,
    stands,
)
from governance import calendar
from governance.errors import Refused
from governance.events import Follow
from parties.acting import Actor

MOST = 2  # the second one by the district only
LONGEST = timedelta(days=365)
STREETS_OWN_DAYS = 30
REMIND_EVERY = timedelta(days=30)
RESUMES_AT = time(9, 0)
DISTRICT_DESK = REVIEWERS["suspension"][RequestStatus.DISTRICT_REVIEW]


def may_request_suspension(case: Case, actor: Actor, at: datetime) -> CaseClock:
    """The clock that would stand still at this person's asking, or Refused."""
    if case.state not in (*HANDLING_STATES, State.DISTRICT_COORD):
        raise Refused(_("只有正在办理的案件才能申请挂账。"), code="state")
    if not _is_party(case, actor):
        raise Refused(_("挂账由正在办理的承办单位申请。"), code="role")
    if is_emergency(case):
        raise Refused(_("紧急案件不能挂账，请按应急流程办理。"), code="guard")
    clock = _in_time(case, at)
    if case.suspension_review:
        raise Refused(_("已有一份挂账申请正在审核，请等审核结果。"), code="state")
    if _granted(case) >= MOST:
        raise Refused(
            _("本案已挂账 %(n)d 次，不能再挂账。") % {"n": MOST}, code="guard"
        )
    return clock


def _is_party(case: Case, actor: Actor) -> bool:
    if case.state == State.DISTRICT_COORD:
        return any(stands(who, case, actor) for who in DISTRICT_DESK)
    return handles(case, actor)


def _in_time(case: Case, at: datetime) -> CaseClock:
    """The clock of the one who has the case; Refused when it has run out."""
    stages = (
        (Stage.COORD, Stage.MEETING)
        if case.state == State.DISTRICT_COORD
        else (Stage.HANDLE,)
    )
    clock = running_clock(case, *stages)
    if clock is None or clock.due_at is None:
        raise Refused(_("办理时限没有在计时，不能挂账。"), code="state")
    if at > clock.due_at:
        raise Refused(_("已超过办理时限，不能挂账，请抓紧办理。"), code="overdue")
    return clock


def _granted(case: Case) -> int:
    return int(case.suspensions.filter(status=RequestStatus.APPROVED).count())


@transaction.atomic
def request_suspension(
    *,
    case_id: int,
    ground: str,
    reason: str,
    resume_date: date | None,
    safety_measure: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Suspension:
    """申请挂账."""
    case = locked(case_id, version)
    may_request_suspension(case, actor, at)
    if ground not in Suspension.Ground.values:
        raise Refused(_("请选择挂账原因。"), code="required", field="ground")
    require({"reason": reason}, {"reason": _("请写明挂账的理由和依据。")})
    resume_date = _checked_date(resume_date, at)
    require(
        {"safety_measure": safety_measure},
        {"safety_measure": _("请写明挂账期间的安全措施，例如围挡、警示。")},
    )
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.EVIDENCE,
        actor=actor,
        least=1,
        field="photos",
    )
    suspension = Suspension(
        case=case,
        ground=ground,
        reason=reason,
        resume_date=resume_date,
        safety_measure=safety_measure,
        asked_by_id=actor.user_id or 0,
        organisation_id=actor.organisation_id,
        asked_at=at,
    )
    lay_on(case, "suspension", suspension, RequestStatus.STREET_REVIEW)
    suspension.save()
    note(
        case,
        "request_suspension",
        actor=actor,
        at=at,
        detail={
            "opinion": reason,
            "ground": ground,
            "resume_date": resume_date,
            "safety_measure": safety_measure,
        },
        tell=told("suspension", suspension),
    )
    return suspension


def _checked_date(resume_date: date | None, at: datetime) -> date:
    if resume_date is None:
        raise Refused(_("请选择计划恢复日期。"), code="required", field="resume_date")
    today = at.astimezone(calendar.ZONE).date()
    if resume_date <= today:
        raise Refused(
            _("计划恢复日期须在今天以后，请重新选择。"),
            code="date",
            field="resume_date",
        )
    if resume_date > today + LONGEST:
        raise Refused(
            _("挂账最长 365 天，请选择 %(date)s 或更早的日期。")
            % {"date": today + LONGEST},
            code="date",
            field="resume_date",
        )
    return resume_date


def open_suspension(case: Case) -> Suspension | None:
    if not case.suspension_review:
        return None
    return case.suspensions.filter(status__in=OPEN_REQUESTS).first()


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
        or _granted(case)
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


def may_withdraw_suspension(case: Case, actor: Actor, at: datetime) -> Suspension:
    return check_asker(open_suspension(case), actor, _("本案没有待审核的挂账申请。"))


@transaction.atomic
def withdraw_suspension(
    *, case_id: int, actor: Actor, at: datetime, version: int | None = None
) -> Suspension:
    """撤回挂账申请, by whoever asked."""
    case = locked(case_id, version)
    suspension = may_withdraw_suspension(case, actor, at)
    withdrawn(case, "suspension", suspension, actor, at)
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
    _in_time(case, at)
    until = datetime.combine(suspension.resume_date, RESUMES_AT, calendar.ZONE)
    if until <= at:
        raise Refused(
            _("计划恢复日期已到，不能再批准；请不予批准，由承办单位重新申请。"),
            code="date",
        )
    require({"opinion": opinion}, {"opinion": _("请填写审核意见。")})
    if _granted(case):
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
        follow=_reminders(suspension, at, until),
    )
    return case


def _terms(suspension: Suspension) -> dict[str, object]:
    return {
        "ground": suspension.ground,
        "resume_date": suspension.resume_date,
        "safety_measure": suspension.safety_measure,
        "special_reason": suspension.special_reason,
    }


def _reminders(suspension: Suspension, at: datetime, until: datetime) -> list[Follow]:
    """Every 30 days unit and dispatcher look again whether it must go on."""
    jobs, when = [], at + REMIND_EVERY
    while when < until:
        args = {"suspension_id": suspension.pk, "days": (when - at).days}
        jobs.append(
            Follow(task="cases.tasks.remind_suspension", args=args, run_at=when)
        )
        when += REMIND_EVERY
    return jobs


@transaction.atomic
def remind_suspension(*, suspension_id: int, days: int, at: datetime) -> None:
    """定期复核提醒; nothing is said about a case that was resumed meanwhile."""
    running = Suspension.objects.running().filter(pk=suspension_id)
    suspension = running.select_related("case__category").first()
    if suspension is None:
        return
    remind(
        case=suspension.case,
        title=_("挂账已满 %(days)d 天，请复核是否可以恢复办理") % {"days": days},
        circles=("unit", "street_dispatcher"),
        key=f"suspension:{suspension.pk}:{days}",
        at=at,
    )


@transaction.atomic
def resume_handling(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """恢复办理 (T35): by the platform on the day, earlier by the dispatcher; on with
    the time that was left, in the hands it was in."""
    case = locked(case_id, version)
    transition = find(case, Action.RESUME_HANDLING, actor)
    require({"opinion": opinion}, {"opinion": _("请写明恢复办理的原因。")})
    suspension = case.suspensions.select_for_update().get(
        status=RequestStatus.APPROVED, resumed_at=None
    )
    suspension.resumed_at = at
    suspension.save(update_fields=["resumed_at"])
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id, suspension.held_by_id),
        given=Given(opinion),
    )
    return case
