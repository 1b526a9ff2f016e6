"""申请挂账: the handling party asks, in time and with a safety measure."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.alarms import is_emergency
from cases.actions.requests import check_asker, lay_on, running_clock, told, withdrawn
from cases.actions.step import attach_photos, locked, note, require
from cases.models import Case, CaseClock, Photo, Suspension
from cases.workflow import (
    HANDLING_STATES,
    OPEN_REQUESTS,
    REVIEWERS,
    RequestStatus,
    Stage,
    State,
    handles,
    stands,
)
from governance import calendar
from governance.errors import Refused
from parties.acting import Actor

MOST = 2  # the second one by the district only
LONGEST = timedelta(days=365)
DISTRICT_DESK = REVIEWERS["suspension"][RequestStatus.DISTRICT_REVIEW]


def may_request_suspension(case: Case, actor: Actor, at: datetime) -> CaseClock:
    """The clock that would stand still at this person's asking, or Refused."""
    if case.state not in (*HANDLING_STATES, State.DISTRICT_COORD):
        raise Refused(_("只有正在办理的案件才能申请挂账。"), code="state")
    if not _is_party(case, actor):
        raise Refused(_("挂账由正在办理的承办单位申请。"), code="role")
    if is_emergency(case):
        raise Refused(_("紧急案件不能挂账，请按应急流程办理。"), code="guard")
    clock = in_time(case, at)
    if case.suspension_review:
        raise Refused(_("已有一份挂账申请正在审核，请等审核结果。"), code="state")
    if granted(case) >= MOST:
        raise Refused(
            _("本案已挂账 %(n)d 次，不能再挂账。") % {"n": MOST}, code="guard"
        )
    return clock


def _is_party(case: Case, actor: Actor) -> bool:
    if case.state == State.DISTRICT_COORD:
        return any(stands(who, case, actor) for who in DISTRICT_DESK)
    return handles(case, actor)


def in_time(case: Case, at: datetime) -> CaseClock:
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


def granted(case: Case) -> int:
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
