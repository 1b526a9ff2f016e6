"""部门报到: the called organisations check in, finish their part and feed back."""

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import checkins, clocks
from cases.actions.handling import check_result
from cases.actions.spot import distance_to
from cases.actions.step import (
    Given,
    Holder,
    advance,
    aside,
    attach_photos,
    locked,
    require,
    unit_of,
)
from cases.actions.whistling import blown_assignments
from cases.models import Case, Photo, Whistle, WhistleAssignment
from cases.workflow import CALLED, ON_SITE_M, Action, State, find
from governance.errors import Refused
from grids.codes import Level
from parties.acting import Actor

Role = WhistleAssignment.Role
Status = WhistleAssignment.Status
MODES = (WhistleAssignment.Mode.ON_SITE, WhistleAssignment.Mode.ONLINE)
# The organisation was let go by a ruling and has no part in the case any more.
OUT = (Status.RETURN_APPROVED, Status.RETURN_REJECTED)


@transaction.atomic
def check_in(
    *,
    case_id: int,
    mode: str,
    position: Point | None,
    remark: str,
    actor: Actor,
    at: datetime,
    photos: str | None = None,
) -> WhistleAssignment:
    """报到. The lead's moves the case (T24); a support's marks its own line only."""
    case = locked(case_id)
    assignment = assignment_of(case, actor)
    if assignment.status == Status.RETURN_REQUESTED:
        raise Refused(_("贵单位已提出异议，请等待裁定。"), code="state")
    if assignment.status != Status.PENDING:
        raise Refused(_("贵单位已经报到，不用重复。"), code="state")
    if mode not in MODES:
        raise Refused(_("请选择报到方式。"), code="required", field="mode")
    if mode == WhistleAssignment.Mode.ON_SITE and position is None:
        raise Refused(
            _("到场报到需要定位。请允许定位，或改选线上报到。"),
            code="required",
            field="position",
        )
    distance = distance_to(case, position, assignment.whistle)
    is_there = mode == WhistleAssignment.Mode.ON_SITE and _is_near(distance)
    if not is_there:
        _excused(assignment.whistle, mode, distance, remark)
    ticking = clocks.Ticking(at, checkins.stop_checkin(assignment=assignment, at=at))
    _sign_in(assignment, mode, position, distance, remark, actor, at)
    if is_there:
        _at_the_spot(assignment, distance, at)
    assignment.save()
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.CHECK_IN,
        actor=actor,
        least=0,
        field="photos",
    )
    detail = {
        "organisation": actor.organisation_name,
        "role": assignment.role,
        "mode": mode,
        **_measured(assignment.whistle, distance),
        "overdue": assignment.checkin_overdue,
        "remark": remark,
    }
    _checked_in(case, assignment, detail, ticking, actor, at)
    return assignment


def _is_near(distance: float | None) -> bool:
    return distance is not None and distance <= ON_SITE_M


def _excused(whistle: Whistle, mode: str, distance: float | None, remark: str) -> None:
    """Where the whistle asks for presence, who is not there says why."""
    if not whistle.requires_presence or remark.strip():
        return
    if mode == WhistleAssignment.Mode.ON_SITE and distance is not None:
        raise Refused(
            _("您离现场 %(m)d 米，超过 %(near)d 米不算到场。请写明不能到场的原因。")
            % {"m": round(distance), "near": ON_SITE_M},
            code="required",
            field="remark",
        )
    raise Refused(
        _("这次吹哨要求到场。线上报到的，请写明不能到场的原因。"),
        code="required",
        field="remark",
    )


def _sign_in(
    assignment: WhistleAssignment,
    mode: str,
    position: Point | None,
    distance: float | None,
    remark: str,
    actor: Actor,
    at: datetime,
) -> None:
    assignment.status = Status.CHECKED_IN
    assignment.checkin_at, assignment.checkin_by_id = at, actor.user_id
    assignment.checkin_mode, assignment.checkin_point = mode, position
    assignment.checkin_distance_m = distance
    assignment.checkin_remark = remark.strip()


def _at_the_spot(
    assignment: WhistleAssignment, distance: float | None, at: datetime
) -> None:
    assignment.status = Status.ON_SITE
    assignment.arrived_at, assignment.arrived_distance_m = at, distance


def _measured(whistle: Whistle, distance: float | None) -> dict[str, float | None]:
    """For the journal: how far from the gathering point, or from the case."""
    return {"gather_m" if whistle.gather_point else "distance_m": distance}


def _checked_in(
    case: Case,
    assignment: WhistleAssignment,
    detail: dict[str, Any],
    ticking: clocks.Ticking,
    actor: Actor,
    at: datetime,
) -> None:
    if assignment.role == Role.LEAD and case.state == State.WHISTLED:
        advance(
            case,
            find(case, Action.CHECK_IN, actor),
            actor=actor,
            at=at,
            holder=Holder(actor.organisation_id, actor.user_id),
            given=Given(detail=detail),
            ticking=ticking,
        )
        return
    aside(
        case,
        "support_check_in",
        actor=actor,
        at=at,
        subject=assignment.pk,
        detail=detail,
        tell=("lead", "street_command"),
        ticking=ticking,
    )


@transaction.atomic
def arrive(
    *,
    case_id: int,
    position: Point | None,
    actor: Actor,
    at: datetime,
    photos: str | None = None,
) -> WhistleAssignment:
    """到场: a unit that checked in from afar now stands at the spot."""
    case = locked(case_id)
    assignment = to_arrive(case, actor, at)
    if position is None:
        raise Refused(
            _("登记到场需要定位。请允许定位后重试。"), code="required", field="position"
        )
    distance = distance_to(case, position, assignment.whistle)
    if not _is_near(distance):
        raise Refused(
            _("您离现场 %(m)d 米，超过 %(near)d 米不算到场。请到现场再登记。")
            % {"m": round(distance or 0), "near": ON_SITE_M},
            code="far",
            field="position",
        )
    _at_the_spot(assignment, distance, at)
    assignment.save(update_fields=["status", "arrived_at", "arrived_distance_m"])
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.CHECK_IN,
        actor=actor,
        least=0,
        field="photos",
    )
    aside(
        case,
        "arrive",
        actor=actor,
        at=at,
        subject=assignment.pk,
        detail={
            "organisation": actor.organisation_name,
            **_measured(assignment.whistle, distance),
        },
        tell=("lead", "street_command"),
    )
    return assignment


def to_arrive(case: Case, actor: Actor, at: datetime) -> WhistleAssignment:
    """The unit's line, checked in but not yet at the spot; Refused otherwise."""
    assignment = assignment_of(case, actor)
    if assignment.status != Status.CHECKED_IN:
        raise Refused(_("报到以后、办结以前才能登记到场，一次就够。"), code="state")
    return assignment


@transaction.atomic
def finish_support(
    *,
    case_id: int,
    opinion: str,
    photos: str | None,
    actor: Actor,
    at: datetime,
) -> WhistleAssignment:
    """协办办结: a support says what it did; the lead feeds back for all."""
    case = locked(case_id)
    assignment = assignment_of(case, actor)
    if assignment.role != Role.SUPPORT:
        raise Refused(_("主办单位请用“主办反馈”。"), code="role")
    if assignment.status not in (Status.CHECKED_IN, Status.ON_SITE):
        raise Refused(_("请先报到，再提交协办意见。"), code="state")
    require({"opinion": opinion}, {"opinion": _("请填写协办意见。")})
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.AFTER,
        actor=actor,
        least=0,
        field="photos",
    )
    assignment.status, assignment.opinion = Status.DONE, opinion
    assignment.done_at, assignment.done_by_id = at, actor.user_id
    assignment.save()
    case.had_part(actor.user_id)
    aside(
        case,
        "finish_support",
        actor=actor,
        at=at,
        subject=assignment.pk,
        detail={"organisation": actor.organisation_name, "opinion": opinion},
        changed=["doers"],
        tell=("lead", "street_command"),
    )
    return assignment


@transaction.atomic
def feed_back(
    *,
    case_id: int,
    result: str,
    measures: str,
    photos: str | None,
    override: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """主办反馈 (T36), once every support is done or with a reason for not waiting."""
    case = locked(case_id, version)
    transition = find(case, Action.FEED_BACK, actor)
    check_result(result, measures)
    supports = list(
        blown_assignments(case)
        .exclude(status=Status.CANCELLED)
        .filter(role=Role.SUPPORT)
        .select_related("organisation")
    )
    waiting = [one for one in supports if one.status != Status.DONE]
    if waiting and not override.strip():
        raise Refused(
            _("%(names)s还没有办结。请等其办结，或填写不等的理由。")
            % {"names": "、".join(one.organisation.name for one in waiting)},
            code="supports",
            field="override",
        )
    attach_photos(
        case=case,
        batch=photos,
        stage=Photo.Stage.AFTER,
        actor=actor,
        least=1,
        field="photos",
    )
    ticking = _release(waiting, override, at)
    case.done_by(actor.user_id)
    blown_assignments(case).filter(role=Role.LEAD).update(
        status=Status.DONE, opinion=measures, done_at=at, done_by_id=actor.user_id
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.STREET)),
        given=Given(
            measures,
            {
                "result": result,
                "override": override,
                "supports": [
                    {"organisation": one.organisation.name, "opinion": one.opinion}
                    for one in supports
                ],
            },
        ),
        ticking=ticking,
    )
    return case


def _release(
    waiting: list[WhistleAssignment], override: str, at: datetime
) -> clocks.Ticking:
    """The supports that were not waited for: called off, their clocks stopped."""
    ticking = clocks.Ticking(at)
    for assignment in waiting:
        ticking.facts += checkins.stop_checkin(assignment=assignment, at=at)
        assignment.status, assignment.opinion = Status.CANCELLED, override
        assignment.save(update_fields=["status", "opinion"])
    return ticking


def assignment_of(case: Case, actor: Actor) -> WhistleAssignment:
    """The acting organisation's line in the whistle; Refused when it was not called."""
    assignment = (
        blown_assignments(case)
        .select_related("whistle")
        .exclude(status=Status.CANCELLED)
        .filter(organisation_id=actor.organisation_id)
        .exclude(status__in=OUT)
        .first()
        if actor.role in CALLED
        else None
    )
    if assignment is None or not case.is_open:
        raise Refused(_("贵单位没有被吹哨处理本案。"), code="role")
    assignment.case = case
    return assignment
