"""街道吹哨: draft, sign, blow, withdraw."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import checkins, clocks
from cases.actions.calls import Call, check_checkin, with_basis
from cases.actions.confirming import await_confirmation
from cases.actions.reception import set_condition
from cases.actions.step import (
    Given,
    Holder,
    advance,
    locked,
    note,
    require,
)
from cases.limits import plain
from cases.models import Case, Whistle, WhistleAssignment
from cases.workflow import Action, WhistleKind, find
from governance.errors import Refused
from grids.models import Area
from parties.acting import Actor
from parties.models import Organisation

Role = WhistleAssignment.Role
Status = WhistleAssignment.Status
SIGNERS = {
    WhistleKind.ROUTINE: ("street_dispatcher", "street_shift_head", "street_leader"),
    WhistleKind.ENFORCEMENT: ("street_leader",),
    WhistleKind.EMERGENCY: ("street_shift_head", "street_leader"),
}
"""Who may blow which whistle; a joint whistle always needs the leader, an emergency
excepted (DOMAIN C.3, whistle types)."""


def may_blow(actor: Actor, kind: str, *, joint: bool) -> bool:
    """Whether this post may blow the whistle itself; others draft it for signature."""
    if actor.is_system:
        return kind == WhistleKind.ROUTINE and not joint
    if joint and kind != WhistleKind.EMERGENCY:
        return actor.role == "street_leader"
    return actor.role in SIGNERS[WhistleKind(kind)]


@transaction.atomic
def whistle(
    *,
    case_id: int,
    call: Call,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    rule: str = "",
) -> Whistle:
    """吹哨 (T20): blown at once by who may sign, otherwise drafted for signature."""
    case = locked(case_id, version)
    transition = find(case, Action.WHISTLE, actor)
    check_call(case, call)
    call = with_basis(case, call)
    settled = case.condition
    set_condition(case, call.condition_id)
    if case.whistles.filter(status=Whistle.Status.DRAFT).exists():
        raise Refused(_("本案已有一份待签发的吹哨单，请先签发或撤回。"), code="draft")
    blow = may_blow(actor, call.kind, joint=call.is_joint)
    drafted = write(case, call, actor, at)
    if blow:
        _blow(case, drafted, transition, actor, at, rule)
    else:
        case.condition = settled
        note(
            case,
            "draft_whistle",
            actor=actor,
            at=at,
            detail={"whistle": drafted.number, "called": _names(drafted)},
            tell=_signers(call),
        )
    return drafted


def _signers(call: Call) -> tuple[str, ...]:
    if call.kind == WhistleKind.EMERGENCY:
        return ("street_leader", "street_command")
    return ("street_leader",)


@transaction.atomic
def sign_whistle(
    *,
    case_id: int,
    whistle_id: int,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Whistle:
    """签发: the leader signs what the dispatcher drafted, and the whistle is blown."""
    case = locked(case_id, version)
    transition = find(case, Action.WHISTLE, actor)
    drafted = _draft_of(case, whistle_id)
    if not may_blow(actor, drafted.kind, joint=drafted.is_joint):
        raise Refused(_("这份吹哨单须由街道值班领导签发。"), code="role")
    _blow(case, drafted, transition, actor, at, "")
    return drafted


@transaction.atomic
def withdraw_whistle(
    *,
    case_id: int,
    whistle_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Whistle:
    """撤回: the draft goes back to whoever composes the next one."""
    case = locked(case_id, version)
    find(case, Action.WHISTLE, actor)
    drafted = _draft_of(case, whistle_id)
    require({"opinion": opinion}, {"opinion": _("请写明撤回理由。")})
    drafted.status = Whistle.Status.WITHDRAWN
    drafted.save(update_fields=["status"])
    drafted.assignments.update(status=Status.CANCELLED)
    note(
        case,
        "withdraw_whistle",
        actor=actor,
        at=at,
        detail={"whistle": drafted.number, "opinion": opinion},
        tell=("street_dispatcher",),
    )
    return drafted


def check_call(case: Case, call: Call, *, reach: Area | None = None) -> None:
    """The rules of a whistle; Refused at the field it concerns.

    The called must be competent in the case's street, or anywhere in `reach`.
    """
    if call.kind not in WhistleKind.values:
        raise Refused(_("请选择哨型。"), code="required", field="kind")
    leads = [one for one in call.called if one.role == Role.LEAD]
    if len(leads) != 1:
        raise Refused(
            _("主办单位必须有且只有一个，现在是 %(n)d 个。") % {"n": len(leads)},
            code="lead",
            field="lead",
        )
    ids = [one.organisation_id for one in call.called]
    if len(set(ids)) != len(ids):
        raise Refused(_("同一单位不能既主办又协办。"), code="double", field="supports")
    if any(not one.task.strip() for one in call.called):
        raise Refused(_("请写明各单位的任务。"), code="required", field="task")
    if call.kind == WhistleKind.EMERGENCY and not call.risk.strip():
        raise Refused(_("应急哨必须填写风险说明。"), code="required", field="risk")
    check_checkin(call)
    check_competent(case, ids, reach=reach)


def check_competent(
    case: Case, ids: list[int], *, reach: Area | None = None, field: str = "lead"
) -> None:
    """Refused when a unit may not be called: by the street to its own area, or by
    whoever rules anywhere in `reach`."""
    whistleable = Organisation.objects.whistleable()
    competent = set(
        (
            whistleable.with_jurisdiction_within(reach)
            if reach
            else whistleable.with_jurisdiction(case.street)
        )
        .filter(pk__in=ids)
        .values_list("pk", flat=True)
    )
    missing = Organisation.objects.filter(pk__in=set(ids) - competent).order_by("pk")
    if not missing and competent == set(ids):
        return
    abroad = missing.whistleable().in_another_street(case.street)
    if not reach and (names := "、".join(abroad.values_list("name", flat=True))):
        raise Refused(
            _("%(names)s只管辖其他街道。跨街道的联合哨由区指挥中心签发，请上呈区级。")
            % {"names": names},
            code="cross_street",
            field=field,
        )
    raise Refused(
        _("%(names)s在%(area)s没有管辖，或不在可被吹哨的单位之列。")
        % {
            "names": "、".join(missing.values_list("name", flat=True)) or _("所选单位"),
            "area": (reach or case.street).name,
        },
        code="jurisdiction",
        field=field,
    )


def _crosses_streets(case: Case, call: Call) -> bool:
    """Whether a unit is called that answers for another street only."""
    called = Organisation.objects.filter(
        pk__in=[one.organisation_id for one in call.called]
    )
    return called.in_another_street(case.street).exists()


def write(
    case: Case, call: Call, actor: Actor, at: datetime, ruling_number: str = ""
) -> Whistle:
    """The 吹哨单 as a draft; `ruling_number` when a ruling or minutes ask for it."""
    count = case.whistles.count()
    drafted = Whistle.objects.create(
        case=case,
        number=f"{case.case_no}-S{count + 1:02d}",
        kind=call.kind,
        is_joint=call.is_joint or _crosses_streets(case, call),
        status=Whistle.Status.DRAFT,
        condition=case.condition,
        legal_basis=call.legal_basis,
        ruling_number=ruling_number,
        risk=call.risk,
        gather_place=call.gather_place,
        gather_at=call.gather_at,
        gather_point=call.gather_point,
        requires_presence=call.requires_presence,
        checkin_n=call.checkin.n if call.checkin else None,
        checkin_unit=call.checkin.unit if call.checkin else "",
        drafted_by_id=actor.user_id,
        drafted_at=at,
    )
    WhistleAssignment.objects.bulk_create(
        WhistleAssignment(
            whistle=drafted,
            case=case,
            organisation_id=one.organisation_id,
            role=one.role,
            task=one.task.strip(),
            status=Status.PENDING,
        )
        for one in call.called
    )
    return drafted


def _blow(
    case: Case, drafted: Whistle, transition: Any, actor: Actor, at: datetime, rule: str
) -> None:
    ticking, detail = sound(case, drafted, actor, at)
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.lead_org_id),
        given=Given(detail={**detail, "rule": rule} if rule else detail),
        ticking=ticking,
    )


def sound(
    case: Case, drafted: Whistle, actor: Actor, at: datetime
) -> tuple[clocks.Ticking, dict[str, Any]]:
    """The whistle goes out: the lead is named, and the 报到 clock of everybody starts
    who has not reported to an earlier one.

    Answers the clocks and what goes into the journal; the caller advances the case.
    """
    drafted.status = Whistle.Status.BLOWN
    drafted.signed_by_id, drafted.blown_at = actor.user_id, at
    ticking = clocks.Ticking(at)
    if drafted.kind != WhistleKind.EMERGENCY or actor.role != "street_shift_head":
        drafted.confirmed_by_id, drafted.confirmed_at = actor.user_id, at
    else:
        ticking.follow.append(await_confirmation(case, drafted, at))
    drafted.save()
    assignments = list(drafted.assignments.select_related("organisation"))
    lead = next(one for one in assignments if one.role == Role.LEAD)
    case.lead_org_id = lead.organisation_id
    case.first_handler_org_id = case.first_handler_org_id or lead.organisation_id
    case.condition = drafted.condition or case.condition
    units = (one.organisation_id for one in assignments)
    case.called_ids = sorted({*case.called_ids, *units})
    limit = checkins.checkin_limit_for(drafted)
    for assignment in assignments:
        assignment.case = case
        if assignment.checkin_at is None:
            checkins.start_checkin(
                assignment=assignment, limit=limit, at=at, ticking=ticking
            )
    return ticking, {
        "whistle": drafted.number,
        "kind": drafted.kind,
        "joint": drafted.is_joint,
        "called": _names(drafted),
        "legal_basis": drafted.legal_basis,
        "checkin": {"n": plain(limit.n), "unit": limit.unit},
        "condition": case.condition_id,
    }


def _names(drafted: Whistle) -> list[dict[str, str]]:
    return [
        {"role": one.role, "organisation": one.organisation.name, "task": one.task}
        for one in drafted.assignments.select_related("organisation").order_by(
            "role", "id"
        )
    ]


def _draft_of(case: Case, whistle_id: int) -> Whistle:
    drafted = case.whistles.filter(pk=whistle_id, status=Whistle.Status.DRAFT).first()
    if drafted is None:
        raise Refused(_("这份吹哨单已经签发或撤回。"), code="state")
    return drafted


def newest_blown(case: Case) -> Whistle:
    """The whistle that counts now; Refused where none was blown."""
    found = (
        case.whistles.filter(status=Whistle.Status.BLOWN)
        .order_by("-blown_at", "-id")
        .first()
    )
    if found is None:
        raise Refused(_("本案还没有吹哨。"), code="state")
    return found


def blown_assignments(case: Case) -> Any:
    """The organisations called by the newest whistle that was blown."""
    newest = (
        case.whistles.filter(status=Whistle.Status.BLOWN)
        .order_by("-blown_at", "-id")
        .values("pk")[:1]
    )
    return WhistleAssignment.objects.filter(whistle__in=newest)
