"""作废 (T50): what should never have been a case; two persons, before any dispatch."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import Given, Holder, advance, locked, note, require
from cases.models import Case, VoidRequest, Whistle
from cases.workflow import DISTRICT, SHIFT, Action, State, find, rows, stands
from governance.errors import Refused
from parties.acting import Actor

Status = VoidRequest.Status


def may_request_void(case: Case, actor: Actor, at: datetime) -> None:
    """Whether this person may ask that the case be voided; Refused if not."""
    if not any(stands(who, case, actor) for who in SHIFT):
        raise Refused(_("作废由本街道值班长申请。"), code="role")
    _check_undispatched(case)
    if case.void_requested_by_id is not None:
        raise Refused(_("本案已有一份作废申请，等待区指挥中心批准。"), code="state")


def may_refuse_void(case: Case, actor: Actor, at: datetime) -> VoidRequest:
    """The open request that this person may refuse, or Refused."""
    if not any(stands(who, case, actor) for who in DISTRICT):
        raise Refused(_("作废申请由区指挥中心审批。"), code="role")
    if case.void_requested_by_id == actor.user_id:
        raise Refused(_("作废须两人办理，申请人不能审批自己的申请。"), code="guard")
    return _open_request(case)


@transaction.atomic
def request_void(
    *,
    case_id: int,
    reason: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> VoidRequest:
    """申请作废: by the shift head, because it was a test or filed by mistake."""
    case = locked(case_id, version)
    may_request_void(case, actor, at)
    if reason not in VoidRequest.Reason.values:
        raise Refused(_("请选择作废原因。"), code="required", field="reason")
    require({"opinion": opinion}, {"opinion": _("请写明为什么要作废。")})
    request = VoidRequest.objects.create(
        case=case,
        reason=reason,
        words=opinion,
        status=Status.OPEN,
        requested_by_id=actor.user_id or 0,
        requested_at=at,
    )
    case.void_requested_by_id = actor.user_id
    note(
        case,
        "request_void",
        actor=actor,
        at=at,
        detail={"void_reason": reason, "opinion": opinion},
        tell=("district_command",),
    )
    return request


@transaction.atomic
def void(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """批准作废 (T50): by the district command, never by who asked for it."""
    case = locked(case_id, version)
    transition = find(case, Action.VOID, actor)
    _check_undispatched(case)
    require({"opinion": opinion}, {"opinion": _("请填写审批意见。")})
    request = _open_request(case)
    _decide(request, Status.APPROVED, opinion, actor, at)
    case.void_requested_by_id = None
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(None),
        given=Given(opinion, {"void_reason": request.reason}),
    )
    return case


@transaction.atomic
def refuse_void(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> VoidRequest:
    """不批准作废: the case goes on as if nobody had asked."""
    case = locked(case_id, version)
    request = may_refuse_void(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明不批准的理由。")})
    _decide(request, Status.REFUSED, opinion, actor, at)
    case.void_requested_by_id = None
    note(
        case,
        "refuse_void",
        actor=actor,
        at=at,
        detail={"opinion": opinion},
        tell=("street_shift_head",),
    )
    return request


def _check_undispatched(case: Case) -> None:
    if not rows(Action.VOID, case.state):
        raise Refused(
            _("案件现在是“%(state)s”，只有还没有派遣的案件可以作废。")
            % {"state": State(case.state).label},
            code="state",
        )
    if case.whistles.filter(status=Whistle.Status.BLOWN).exists():
        raise Refused(_("本案已向部门吹过哨，不能作废，请按流程办结。"), code="guard")
    if case.merged.filter(state=State.MERGED).exists():
        raise Refused(_("已有案件并入本案，请先拆案，再申请作废。"), code="guard")


def _open_request(case: Case) -> VoidRequest:
    request = case.void_requests.filter(status=Status.OPEN).first()
    if request is None:
        raise Refused(_("作废申请已经审批或失效。"), code="state")
    return request


def _decide(
    request: VoidRequest, status: str, opinion: str, actor: Actor, at: datetime
) -> None:
    request.status, request.opinion = status, opinion
    request.decided_by_id, request.decided_at = actor.user_id, at
    request.save(update_fields=["status", "opinion", "decided_by", "decided_at"])
