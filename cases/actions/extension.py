"""延期: more time for the handling clock, asked for before it runs out.

DOMAIN B.5 and C.3, "Extension": 处置人员 → unit → dispatcher, the department itself →
dispatcher at once; each approval adds one original limit to the current deadline; at
most two for a case, refusals do not count. The deadline bars the asking only: a request
that was in time is decided on its merits later, and still counts from the old deadline.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.alarms import is_emergency
from cases.actions.requests import (
    check_asker,
    check_decision,
    check_reviewer,
    lay_on,
    reviewed,
    running_clock,
    told,
    withdrawn,
)
from cases.actions.step import locked, note, require
from cases.models import Case, CaseClock, Extension
from cases.workflow import (
    HANDLING_STATES,
    OPEN_REQUESTS,
    RequestStatus,
    Stage,
    State,
    handles,
)
from governance.errors import Refused
from parties.acting import Actor

MOST = 2
MOST_LIMITS = 3  # a total beyond so many original limits is the district's to grant
ASKED_WITHIN_THE_UNIT = ("department_handler",)


def may_request_extension(case: Case, actor: Actor, at: datetime) -> CaseClock:
    """The clock that may be extended at this person's asking, or Refused."""
    if case.state not in HANDLING_STATES:
        raise Refused(
            _("只有处置中的案件才能申请延期，挂账期间不能申请。"), code="state"
        )
    if not handles(case, actor):
        raise Refused(_("延期由正在处置的承办单位申请。"), code="role")
    if is_emergency(case):
        raise Refused(_("应急案件不能延期，请抓紧处置。"), code="guard")
    clock = running_clock(case, Stage.HANDLE)
    if clock is None or clock.due_at is None:
        raise Refused(_("处置时限没有在计时，不用延期。"), code="state")
    if at > clock.due_at:
        raise Refused(
            _("已超过处置时限，不能再申请延期；有客观原因的，结案后可提超期申诉。"),
            code="overdue",
        )
    if case.extension_review:
        raise Refused(_("已有一份延期申请正在审核，请等审核结果。"), code="state")
    if case.extensions.filter(status=RequestStatus.APPROVED).count() >= MOST:
        raise Refused(
            _("本案已批准延期 %(most)d 次，不能再延期。") % {"most": MOST},
            code="guard",
        )
    return clock


@transaction.atomic
def request_extension(
    *,
    case_id: int,
    reason: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Extension:
    """申请延期."""
    case = locked(case_id, version)
    clock = may_request_extension(case, actor, at)
    require({"reason": reason}, {"reason": _("请写明申请延期的理由。")})
    extension = Extension(
        case=case,
        clock=clock,
        reason=reason,
        asked_by_id=actor.user_id or 0,
        organisation_id=actor.organisation_id,
        asked_at=at,
        due_before=clock.due_at or at,
    )
    lay_on(case, "extension", extension, _first_desk(case, actor))
    extension.save()
    note(
        case,
        "request_extension",
        actor=actor,
        at=at,
        detail={"opinion": reason, "due_before": clock.due_at},
        tell=told("extension", extension),
    )
    return extension


def _first_desk(case: Case, actor: Actor) -> str:
    """A handler's own unit looks at it first; a unit's asking goes to the street."""
    within = case.state == State.COMMUNITY_HANDLING
    if within or actor.role in ASKED_WITHIN_THE_UNIT:
        return RequestStatus.UNIT_REVIEW
    return RequestStatus.STREET_REVIEW


def open_extension(case: Case) -> Extension | None:
    if not case.extension_review:
        return None
    found = case.extensions.filter(status__in=OPEN_REQUESTS).select_related("clock")
    return found.first()


def may_review_extension(case: Case, actor: Actor, at: datetime) -> Extension:
    """The request on this person's desk, or Refused."""
    missing = _("本案没有待审核的延期申请。")
    return check_reviewer(case, "extension", open_extension(case), actor, missing)


def due_if_approved(extension: Extension, at: datetime) -> datetime | None:
    """批准后时限: one original limit after the current deadline."""
    clock = extension.clock
    return clocks.extended_due(clock, clock.base_n, clocks.Ticking(at))


@transaction.atomic
def review_extension(
    *,
    case_id: int,
    decision: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Extension:
    """审核延期: on to the next desk, or granted, or refused."""
    case = locked(case_id, version)
    extension = may_review_extension(case, actor, at)
    check_decision(decision, opinion)
    detail = reviewed(
        case,
        "extension",
        extension,
        decision=decision,
        opinion=opinion,
        then=_next_desk(extension),
        actor=actor,
        at=at,
    )
    ticking = clocks.Ticking(at)
    if extension.status == RequestStatus.APPROVED:
        clock = extension.clock
        clocks.extend(clock=clock, n=clock.base_n, at=at, ticking=ticking)
        extension.due_after = clock.due_at
        detail |= {"due_after": clock.due_at}
    extension.save()
    note(
        case,
        "review_extension",
        actor=actor,
        at=at,
        detail={**detail, "due_before": extension.due_before},
        tell=told("extension", extension),
        ticking=ticking,
    )
    return extension


def _next_desk(extension: Extension) -> str:
    if extension.status == RequestStatus.UNIT_REVIEW:
        return RequestStatus.STREET_REVIEW
    clock = extension.clock
    beyond = clock.limit_n + clock.base_n > MOST_LIMITS * clock.base_n
    if extension.status == RequestStatus.STREET_REVIEW and beyond:
        return RequestStatus.DISTRICT_REVIEW
    return RequestStatus.APPROVED


def may_withdraw_extension(case: Case, actor: Actor, at: datetime) -> Extension:
    return check_asker(open_extension(case), actor, _("本案没有待审核的延期申请。"))


@transaction.atomic
def withdraw_extension(
    *, case_id: int, actor: Actor, at: datetime, version: int | None = None
) -> Extension:
    """撤回延期申请, by whoever asked."""
    case = locked(case_id, version)
    extension = may_withdraw_extension(case, actor, at)
    withdrawn(case, "extension", extension, actor, at)
    return extension
