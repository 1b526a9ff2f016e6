"""Putting right what was filed wrongly, and adding to what can no longer be changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.filing import chosen_area, next_category
from cases.actions.publishing import publish
from cases.actions.reception import set_condition
from cases.actions.step import ROUTED, locked, note, require, unit_of
from cases.models import Case, Category
from cases.workflow import DISPATCH, Stage, State, Who, stands
from governance import events
from governance.errors import Refused
from governance.events import Follow
from grids.codes import Level
from grids.models import Area
from grids.querysets import placement_of
from parties.acting import Actor

CORRECTORS = (Who("community_acceptor"), Who("street_acceptor"), *DISPATCH)
ANNOTATORS = (Who("archivist"), Who("street_shift_head"))
CLOSED_TO_CORRECTION = (State.FEEDBACK_REVIEW, State.CHECKING, State.RATING)
AT_COMMUNITY = (
    State.VERIFYING, State.SELF_HANDLING, State.SELF_REVIEW, State.COMMUNITY_HANDLING,
)  # fmt: skip
READ_ONLY = (State.ARCHIVED, State.TRANSFERRED, State.VOIDED)
LIMITED = (Stage.ACCEPT, Stage.VERIFY, Stage.JUDGE, Stage.HANDLE)


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What shall stand instead; what is None stays as it is. `point` is SRID 4490."""

    category_id: int | None = None
    condition_id: int | None = None
    address: str | None = None
    point: Point | None = None
    urgent: bool | None = None


def may_correct(case: Case, actor: Actor, at: datetime) -> None:
    """受理员 and 派遣员 may, until the result is reviewed; Refused otherwise."""
    if not any(stands(who, case, actor) for who in CORRECTORS):
        raise Refused(_("案件信息由受理员、派遣员更正。"), code="role")
    if not case.is_open or case.state in CLOSED_TO_CORRECTION:
        raise Refused(
            _("案件现在是“%(state)s”，反馈以后不能再更正类别和地址。")
            % {"state": State(case.state).label},
            code="state",
        )


def may_add_note(case: Case, actor: Actor, at: datetime) -> None:
    if not any(stands(who, case, actor) for who in ANNOTATORS):
        raise Refused(_("补充说明由档案员、街道值班长填写。"), code="role")
    if case.state not in READ_ONLY:
        raise Refused(_("案件归档以后才用补充说明，现在请直接办理。"), code="state")


@transaction.atomic
def correct_case(
    *,
    case_id: int,
    correction: Correction,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """更正 (DOMAIN C.3, extra rules): category, condition, address, place, urgency.

    Before and after go into the journal. A running limit that changes is reckoned
    again from its original start, so that a case may be overdue at once. A case that
    nobody has in hand yet goes to the desk of its right place.
    """
    case = locked(case_id, version)
    may_correct(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明更正的理由。")})
    before = _facts(case)
    condition_id = case.condition_id
    _recategorise(case, correction, at)
    _move(case, correction)
    if correction.address is not None:
        require({"address": correction.address}, {"address": _("请填写地址。")})
        case.address = correction.address.strip()
    if correction.urgent is not None:
        case.urgent = correction.urgent
    after = _facts(case)
    changes = {
        key: [before[key], now] for key, now in after.items() if before[key] != now
    }
    if not changes:
        raise Refused(_("没有改动，请先修改要更正的内容。"), code="unchanged")
    ticking = _relimited(case, at, same_condition=condition_id == case.condition_id)
    note(
        case,
        "correct_case",
        actor=actor,
        at=at,
        detail={"changes": changes, "opinion": opinion},
        tell=("holder", "unit"),
        ticking=ticking,
        follow=_followed(case, changes),
    )
    return case


@transaction.atomic
def add_note(*, case_id: int, opinion: str, actor: Actor, at: datetime) -> Case:
    """补充说明: what is archived stays as it is; this is appended to its journal."""
    case = locked(case_id)
    may_add_note(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请填写补充说明。")})
    event = events.record(
        chain=case.chain,
        action="cases.add_note",
        actor=actor,
        at=at,
        detail={"opinion": opinion},
    )
    publish(case, event)
    return case


def _facts(case: Case) -> dict[str, Any]:
    grid = case.grid or case.community
    return {
        "category": case.category.name,
        "condition": case.condition.text if case.condition else "",
        "address": case.address,
        "point": f"{case.point.x:.6f}, {case.point.y:.6f}" if case.point else "",
        "grid": grid.name,
        "urgent": case.urgent,
    }


def _recategorise(case: Case, correction: Correction, at: datetime) -> None:
    """Another category leaves the case without a condition unless one is chosen."""
    chosen = correction.category_id
    if is_other := chosen is not None and chosen != case.category_id:
        category: Category = next_category(chosen)
        case.category, case.condition = category, None
        case.confidential = category.is_confidential
    if correction.condition_id:
        set_condition(case, correction.condition_id)
    if not is_other or case.condition_id is not None:
        return
    if clocks.open_clock(case, Stage.HANDLE) is not None:
        raise Refused(
            _("处置已开始计时，改了小类须同时选择新的立案条件。"),
            code="required",
            field="condition",
        )


def _move(case: Case, correction: Correction) -> None:
    """Place the case anew, as deep as the map knows; in hand, it stays in its area."""
    if correction.point is None or correction.point == case.point:
        return
    area, remark = chosen_area(Area.objects.locate(correction.point), "")
    placement = placement_of(area)
    community, street = placement["community"], placement["street"]
    if case.state in AT_COMMUNITY and community != case.community:
        raise Refused(
            _("案件已在社区手里，改到别的社区请先转回待接报。"),
            field="point",
            code="moved",
        )
    if case.state not in (*AT_COMMUNITY, *ROUTED) and street != case.street:
        raise Refused(
            _("案件已在办理，改到别的街道请由区级协调。"), field="point", code="moved"
        )
    for name, value in placement.items():
        setattr(case, name, value)
    case.point, case.placement_code = correction.point, area.code
    case.raw_x, case.raw_y, case.crs = (
        correction.point.x,
        correction.point.y,
        "cgcs2000",
    )
    case.method, case.accuracy_m = Case.Method.MAP, None
    case.placement_note = remark or "更正位置后重新归属"
    if case.state in ROUTED:
        level = Level.COMMUNITY if case.state == State.REPORTED else Level.STREET
        case.holder_org_id, case.holder_user_id = unit_of(case, level), None


def _relimited(case: Case, at: datetime, *, same_condition: bool) -> clocks.Ticking:
    ticking = clocks.Ticking(at)
    for stage in LIMITED:
        if stage == Stage.HANDLE and same_condition:
            continue
        clock = clocks.open_clock(case, stage)
        if clock is None:
            continue
        limit = clocks.limit_of(stage, case)
        if (limit.n, limit.unit) != (clock.base_n, clock.limit_unit):
            clocks.relimit(clock=clock, limit=limit, at=at, ticking=ticking)
    return ticking


def _followed(case: Case, changes: dict[str, Any]) -> list[Follow]:
    args: dict[str, Any] = {"case_id": case.pk}
    follow = []
    if case.state in ROUTED:
        route = {**args, "state": case.state}
        follow.append(Follow(task="cases.tasks.route", args=route))
    if "category" in changes or "point" in changes:
        follow.append(Follow(task="cases.tasks.link_recurrence", args=args))
    return follow
