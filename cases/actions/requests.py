"""What extension, suspension and appeal have in common: asked, reviewed, decided.

The action has the case locked. `kind` is `extension`, `suspension` or `appeal`.
"""

from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.step import note, require
from cases.models import Case, CaseClock, CaseRequest
from cases.workflow import REVIEWERS, RequestStatus, Stage, stands
from governance.errors import Refused
from parties.acting import Actor

R = TypeVar("R", bound=CaseRequest)
APPROVE, REJECT = "approve", "reject"
DECISIONS = {APPROVE: gettext_lazy("同意"), REJECT: gettext_lazy("不同意")}
CIRCLES: dict[str, tuple[str, ...]] = {
    RequestStatus.UNIT_REVIEW: ("unit_reviewers",),
    RequestStatus.STREET_REVIEW: ("street_dispatcher",),
    RequestStatus.LEADER_REVIEW: ("street_leader", "district_command"),
    RequestStatus.DISTRICT_REVIEW: ("district_command",),
}
"""Who is told that a request has come to this desk."""


def running_clock(case: Case, *stages: Stage) -> CaseClock | None:
    """The first of these clocks that runs; the case's lock keeps it as it is."""
    return (
        CaseClock.objects.filter(
            case=case,
            stage__in=stages,
            assignment=None,
            running_since__isnull=False,
            superseded=False,
        )
        .order_by("started_at", "pk")
        .first()
    )


def check_reviewer(
    case: Case, kind: str, request: R | None, actor: Actor, missing: str
) -> R:
    """The request, when this person may review it where it lies now; else Refused.

    Whoever asked for it or reviewed it before does not review it again (C.1: 职责分离).
    """
    if request is None or not request.is_open:
        raise Refused(missing, code="state")
    desk = REVIEWERS[kind][request.status]
    if not any(stands(who, case, actor) for who in desk):
        raise Refused(
            _("这份申请现在“%(status)s”，不由您的岗位办理。")
            % {"status": RequestStatus(request.status).label},
            code="role",
        )
    check_other(request, actor)
    return request


def check_asker(request: R | None, actor: Actor, missing: str) -> R:
    """The open request, when it is this person's own; else Refused."""
    if request is None:
        raise Refused(missing, code="state")
    if actor.user_id is None or request.asked_by_id != actor.user_id:
        raise Refused(_("只有申请人可以撤回申请。"), code="role")
    return request


def check_other(request: CaseRequest, actor: Actor) -> None:
    before = {request.asked_by_id, *(one["user"] for one in request.reviews)}
    if actor.user_id in before:
        raise Refused(
            _("申请人和已审核过的人不能再审核这份申请，请由他人办理。"),
            code="separation",
        )


def check_decision(decision: str, opinion: str) -> None:
    if decision not in (APPROVE, REJECT):
        raise Refused(_("请选择同意或不同意。"), code="required", field="decision")
    require({"opinion": opinion}, {"opinion": _("请填写审核意见。")})


def lay_on(case: Case, kind: str, request: CaseRequest, status: str) -> None:
    """Put the request on a desk, or end it; the case shows it while it is open."""
    request.status = RequestStatus(status)
    setattr(case, f"{kind}_review", status if request.is_open else "")


def reviewed(
    case: Case,
    kind: str,
    request: CaseRequest,
    *,
    decision: str,
    opinion: str,
    then: str,
    actor: Actor,
    at: datetime,
) -> dict[str, Any]:
    """Write down what this reviewer said and lay the request on the next desk.

    `then` is the status after an approval; answers what goes into the journal.
    """
    desk = request.status
    request.reviews.append(
        {
            "status": desk,
            "user": actor.user_id,
            "by": f"{actor.organisation_name}·{actor.post_name}·{actor.name}",
            "approved": decision == APPROVE,
            "opinion": opinion,
            "at": at.isoformat(),
        }
    )
    lay_on(case, kind, request, then if decision == APPROVE else RequestStatus.REJECTED)
    if not request.is_open:
        request.decided_at = at
    return {
        "desk": desk,
        "decision": decision,
        "opinion": opinion,
        "request_status": request.status,
    }


def withdrawn(
    case: Case, kind: str, request: CaseRequest, actor: Actor, at: datetime
) -> None:
    """撤回: whoever asked takes the request back."""
    lay_on(case, kind, request, RequestStatus.CANCELLED)
    request.decided_at = at
    request.save()
    note(case, f"withdraw_{kind}", actor=actor, at=at, detail={})


def told(kind: str, request: CaseRequest) -> tuple[str, ...]:
    """Whoever reviews next, or, when it is decided, whoever asked."""
    return CIRCLES.get(request.status, (f"{kind}_asker",))
