"""推诿治理: the lead disputes the whistle, the street leader rules (DOMAIN C.3)."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions import checkins, clocks
from cases.actions.calls import Call, with_basis
from cases.actions.documents import next_number
from cases.actions.reception import set_condition
from cases.actions.settling import close_lines, keep_supports, open_coordination
from cases.actions.step import Given, Holder, advance, locked, require, unit_of
from cases.actions.whistling import blown_assignments, check_call, sound, write
from cases.models import (
    Case,
    Coordination,
    Dispute,
    DocumentNumber,
    ResponsibilityGap,
    Whistle,
    WhistleAssignment,
)
from cases.workflow import Action, Stage, WhistleKind, find
from governance import calendar
from governance.errors import Refused
from grids.codes import Level
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation

Role = WhistleAssignment.Role
Status = WhistleAssignment.Status


def disputable_until(case: Case, line: WhistleAssignment) -> datetime | None:
    """The end of the window: the earlier of the 报到 limit and 4 工作时 after the
    whistle (DOMAIN C.3, disputes); None for an emergency whistle, which has none."""
    blown_at = line.whistle.blown_at
    if line.whistle.kind == WhistleKind.EMERGENCY or blown_at is None:
        return None
    limit = clocks.limit_of(Stage.DISPUTE_WINDOW, case)
    end = calendar.due_at(blown_at, limit.n, limit.unit)
    return min(end, line.checkin_due_at or end)


@transaction.atomic
def dispute(
    *,
    case_id: int,
    reason: str,
    legal_basis: str,
    suggested: str,
    suggested_organisation_id: int | None,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """提出异议 (T25): once for each department and case, inside the window."""
    case = locked(case_id, version)
    transition = find(case, Action.DISPUTE, actor)
    line = check_may_dispute(case, actor, at)
    named = (
        Organisation.objects.active().filter(pk=suggested_organisation_id or 0).first()
    )
    suggested = named.name if named else suggested.strip()
    if reason not in Dispute.Reason.values:
        raise Refused(_("请选择异议理由。"), code="required", field="reason")
    require(
        {"legal_basis": legal_basis, "suggested": suggested, "opinion": opinion},
        {
            "legal_basis": _("请写明法规依据，引用到条款。"),
            "suggested": _("请选择或写明建议的承办单位。"),
            "opinion": _("请写明异议意见。"),
        },
    )
    Dispute.objects.create(
        case=case,
        assignment=line,
        organisation_id=line.organisation_id,
        reason=reason,
        legal_basis=legal_basis,
        suggested_organisation=named,
        suggested=suggested,
        opinion=opinion,
        raised_by_id=actor.user_id,
        raised_at=at,
    )
    _mark(line, Status.RETURN_REQUESTED)
    detail = {"reason": reason, "law": legal_basis, "suggested": suggested}
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.STREET)),
        given=Given(opinion, detail),
    )
    return case


def check_may_dispute(case: Case, actor: Actor, at: datetime) -> WhistleAssignment:
    """The lead's line while it may dispute it; else Refused."""
    line = _lead_line(case)
    if Dispute.objects.filter(case=case, organisation_id=line.organisation_id).exists():
        raise Refused(
            _("贵单位对本案已经提出过异议，每个部门每案只能提一次。"), code="once"
        )
    until = disputable_until(case, line)
    if until is None:
        raise Refused(
            _("应急哨须先处置，结案后再申请责任认定，不能提出异议。"), code="emergency"
        )
    if at > until:
        raise Refused(
            _("异议须在 %(until)s 前提出，现在已经超过时限，请按派单办理。")
            % {"until": timezone.localtime(until).strftime("%m-%d %H:%M")},
            code="window",
        )
    return line


@transaction.atomic
def reassign(
    *,
    case_id: int,
    call: Call,
    ruling: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Whistle:
    """裁定改派 (T26): another lead, with its full limits.

    The district may call whoever is competent anywhere in it (DOMAIN C.3).
    """
    case = locked(case_id, version)
    transition = find(case, Action.REASSIGN, actor)
    disputed = _open_dispute(case)
    require({"ruling": ruling}, {"ruling": _("请写明裁定意见。")})
    check_call(case, call, reach=reach_of_ruling(case, actor))
    call = with_basis(case, call)
    if any(
        one.role == Role.LEAD and one.organisation_id == disputed.organisation_id
        for one in call.called
    ):
        raise Refused(
            _("改派须另定主办单位；要维持原主办，请用“裁定维持”。"),
            code="lead",
            field="lead",
        )
    set_condition(case, call.condition_id)
    number = _rule(case, disputed, Dispute.Outcome.REASSIGNED, ruling, actor, at)
    called = write(case, call, actor, at, number)
    kept = keep_supports(case, called)
    closing = close_lines(case, at, returned=Status.RETURN_APPROVED)
    ticking, detail = sound(case, called, actor, at)
    ticking.facts[:0] = closing
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.lead_org_id),
        given=Given(
            ruling,
            {"ruling": number, "line": Status.RETURN_APPROVED, **kept, **detail},
        ),
        ticking=ticking,
    )
    return called


@transaction.atomic
def uphold(
    *,
    case_id: int,
    ruling: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """裁定维持 (T27): it was the lead's; one 无理退回, and the lead counts as there."""
    case = locked(case_id, version)
    transition = find(case, Action.UPHOLD, actor)
    disputed = _open_dispute(case)
    require({"ruling": ruling}, {"ruling": _("请写明裁定意见。")})
    number = _rule(case, disputed, Dispute.Outcome.UPHELD, ruling, actor, at)
    line = disputed.assignment
    ticking = clocks.Ticking(at, checkins.stop_checkin(assignment=line, at=at))
    if line.checkin_at is None:
        line.checkin_at, line.checkin_mode = at, WhistleAssignment.Mode.RULING
    line.status = Status.CHECKED_IN
    line.save(update_fields=["status", "checkin_at", "checkin_mode"])
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(line.organisation_id),
        given=Given(ruling, {"ruling": number, "line": Status.RETURN_REJECTED}),
        ticking=ticking,
    )
    return case


@transaction.atomic
def take_over(
    *,
    case_id: int,
    organisation_id: int,
    ruling: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """裁定街道兜底 (T28): nobody answers for it; the street does, and it is listed."""
    case = locked(case_id, version)
    transition = find(case, Action.TAKE_OVER, actor)
    disputed = _open_dispute(case)
    require({"ruling": ruling}, {"ruling": _("请写明裁定意见。")})
    office = (
        Organisation.objects.active()
        .filter(pk=organisation_id, area_id=case.street_id)
        .first()
    )
    if office is None:
        raise Refused(
            _("请选择本街道的承办科室或站所。"), code="required", field="organisation"
        )
    number = _rule(case, disputed, Dispute.Outcome.TAKEN_OVER, ruling, actor, at)
    ResponsibilityGap.objects.create(
        case=case, category=case.category, area=case.street, note=ruling, at=at
    )
    ticking = clocks.Ticking(at, close_lines(case, at, returned=Status.RETURN_APPROVED))
    case.lead_org_id = None
    detail: dict[str, Any] = {"ruling": number, "line": Status.RETURN_APPROVED}
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(office.pk),
        given=Given(ruling, {**detail, "organisation": office.name}),
        ticking=ticking,
    )
    return case


@transaction.atomic
def refer_to_district(
    *,
    case_id: int,
    reason: str,
    focus: str,
    positions: str,
    proposal: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """提请区级协调 (T29): the street's ruling is not accepted, or departments of the
    district are at odds; `reason` says which (`Dispute.Referral`)."""
    case = locked(case_id, version)
    transition = find(case, Action.REFER_TO_DISTRICT, actor)
    disputed = _open_dispute(case)
    if reason not in Dispute.Referral.values:
        raise Refused(_("请选择提请理由。"), code="required", field="reason")
    require(
        {"focus": focus, "positions": positions, "proposal": proposal},
        {
            "focus": _("请写明争议焦点。"),
            "positions": _("请写明各方意见。"),
            "proposal": _("请写明处理建议。"),
        },
    )
    _settle(disputed, Dispute.Outcome.REFERRED, focus, "", actor, at)
    open_coordination(
        case,
        level=Level.DISTRICT,
        origin=Coordination.Origin.REFERRED,
        matter=focus,
        work_done=positions,
        proposal=proposal,
        at=at,
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.DISTRICT)),
        given=Given(
            focus, {"reason": reason, "positions": positions, "proposal": proposal}
        ),
    )
    return case


def reach_of_ruling(case: Case, actor: Actor) -> Area | None:
    """Where the units may be competent that this person's ruling calls: None for a
    street, which calls to its own area alone."""
    return None if actor.role == "street_leader" else case.district


def _rule(
    case: Case, disputed: Dispute, outcome: str, ruling: str, actor: Actor, at: datetime
) -> str:
    """Write the 裁定书 of who rules, the street or the district; answers its number."""
    area = case.street if actor.role == "street_leader" else case.district
    number = next_number(DocumentNumber.Kind.RULING, area, at)
    _settle(disputed, outcome, ruling, number, actor, at)
    return number


def _settle(
    disputed: Dispute, outcome: str, text: str, number: str, actor: Actor, at: datetime
) -> None:
    disputed.outcome, disputed.ruling, disputed.ruling_number = outcome, text, number
    disputed.ruled_by_id, disputed.ruled_at = actor.user_id, at
    disputed.save(
        update_fields=["outcome", "ruling", "ruling_number", "ruled_by", "ruled_at"]
    )


def _mark(line: WhistleAssignment, status: str) -> None:
    line.status = status
    line.save(update_fields=["status"])


def _lead_line(case: Case) -> WhistleAssignment:
    line: WhistleAssignment | None = (
        blown_assignments(case).select_related("whistle").filter(role=Role.LEAD).first()
    )
    if line is None:
        raise Refused(_("本案没有在办的吹哨单。"), code="state")
    return line


def _open_dispute(case: Case) -> Dispute:
    found = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("assignment")
        .filter(case=case, outcome="")
        .first()
    )
    if found is None:
        raise Refused(_("本案没有待裁定的异议。"), code="state")
    return found
