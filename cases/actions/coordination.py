"""区级、市级协调: what is beyond the street goes up, and comes back with a conclusion
(DOMAIN C.3, T22, T30–T33, T45)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.calls import Call
from cases.actions.documents import next_number
from cases.actions.reception import set_condition
from cases.actions.settling import (
    close_coordination,
    close_lines,
    keep_supports,
    open_coordination,
)
from cases.actions.step import Given, Holder, advance, locked, require, unit_of
from cases.actions.whistling import check_call, sound, write
from cases.limits import Limit
from cases.models import (
    AgendaItem,
    Case,
    Coordination,
    DocumentNumber,
    JointMeeting,
    Whistle,
    WhistleAssignment,
)
from cases.workflow import Action, Stage, State, Transition, find
from governance.calendar import Unit
from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from parties.acting import Actor

Status = WhistleAssignment.Status
Reason = Coordination.Reason
Origin = Coordination.Origin
Outcome = Coordination.Outcome
REWORKS = ("cases.rework", "cases.rework_after_rating")
LONGEST_DAYS = 60


@transaction.atomic
def escalate_to_district(
    *,
    case_id: int,
    reason: str,
    matter: str,
    work_done: str,
    proposal: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """上呈区级 (T22). A dispatcher may only for what lies across streets (F10)."""
    case = locked(case_id, version)
    transition = find(case, Action.ESCALATE_TO_DISTRICT, actor)
    if reason not in Reason.values:
        raise Refused(_("请选择上呈理由。"), code="required", field="reason")
    if actor.role == "street_dispatcher" and reason != Reason.CROSS_STREET:
        raise Refused(
            _("派遣员只能以“跨街道”上呈；其他理由请街道值班长上呈。"),
            code="role",
            field="reason",
        )
    if reason == Reason.REWORKED_TWICE and case.rework_count < 2:
        raise Refused(
            _("本案返工未满两次，请选择其他理由。"), code="guard", field="reason"
        )
    _require_account(matter, work_done, proposal)
    open_coordination(
        case,
        level=Level.DISTRICT,
        origin=Origin.ESCALATED,
        reason=reason,
        matter=matter,
        work_done=work_done,
        proposal=proposal,
        at=at,
    )
    detail = {"reason": reason, "work_done": work_done, "proposal": proposal}
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.DISTRICT)),
        given=Given(matter, detail),
    )
    return case


@transaction.atomic
def escalate_dissatisfied(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """二次不满意上呈 (T45): two reworks did not satisfy; the district takes it up."""
    case = locked(case_id, version)
    transition = find(case, Action.ESCALATE_DISSATISFIED, actor)
    require({"opinion": opinion}, {"opinion": _("请写明上呈意见。")})
    records = _rework_records(case)
    open_coordination(
        case,
        level=Level.DISTRICT,
        origin=Origin.DISSATISFIED,
        reason=Reason.REWORKED_TWICE,
        matter=opinion,
        work_done=records,
        at=at,
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.DISTRICT)),
        given=Given(opinion, {"work_done": records}),
    )
    return case


@transaction.atomic
def escalate_after_rating(*, case_id: int, at: datetime) -> None:
    """The platform's own T45, as soon as a rating is 不满意 after two reworks.

    Does nothing when somebody settled it meanwhile.
    """
    case = locked(case_id)
    spent = case.rework_count >= 2 and case.last_score == Case.Score.DISSATISFIED
    if case.state == State.RATING and spent:
        escalate_dissatisfied(
            case_id=case_id,
            opinion=_("两次返工后诉求人仍不满意，自动上呈区级。"),
            actor=Actor.system(),
            at=at,
        )


def _rework_records(case: Case) -> str:
    """两次返工记录: what was asked for each time, from the journal."""
    asked = Event.objects.filter(chain=case.chain, action__in=REWORKS).order_by("seq")
    lines = [
        _("第 %(n)d 次返工：%(words)s") % {"n": n, "words": one.detail["opinion"]}
        for n, one in enumerate(asked, 1)
    ]
    return "\n".join(lines)[:1000]


@transaction.atomic
def dispatch_by_ruling(
    *,
    case_id: int,
    call: Call,
    ruling: str,
    days: int | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Whistle:
    """协调结论派遣 (T30), by the minutes of the joint meeting or by a ruling.

    Everybody competent in the district (the city) may be called. `days` (工作日) is
    the limit that was set, otherwise that of the filing condition holds.
    """
    case = locked(case_id, version)
    transition = find(case, Action.DISPATCH_BY_RULING, actor)
    area = case.city if case.state == State.CITY_COORD else case.district
    check_call(case, call, reach=area)
    limits = {Stage.HANDLE: _in_days(days)} if days is not None else {}
    item = _conclude_item(case)
    ruling = ruling.strip() or (item.ruling if item else "")
    require({"ruling": ruling}, {"ruling": _("请写明裁定意见，或先印发会议纪要。")})
    set_condition(case, call.condition_id)
    number = (
        item.meeting.number
        if item
        else next_number(DocumentNumber.Kind.RULING, area, at)
    )
    lead = next(one.organisation_id for one in call.called if one.role == "lead")
    returned = (
        Status.RETURN_REJECTED if lead == case.lead_org_id else Status.RETURN_APPROVED
    )
    called = write(case, call, actor, at, number)
    kept = keep_supports(case, called)
    closing = close_lines(case, at, returned=returned)
    close_coordination(case, Outcome.DISPATCHED, ruling, at, document=number, item=item)
    ticking, detail = sound(case, called, actor, at)
    ticking.facts[:0] = closing
    key = "minutes" if item else "ruling"
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.lead_org_id),
        given=Given(ruling, {key: number, "days": days, **kept, **detail}),
        ticking=ticking,
        limits=limits,
    )
    return called


@transaction.atomic
def send_back_to_street(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """退回街道办理 (T31): the street judges it anew."""
    case = locked(case_id, version)
    transition = find(case, Action.SEND_BACK_TO_STREET, actor)
    require({"opinion": opinion}, {"opinion": _("请写明退回意见。")})
    item = _conclude_item(case)
    closing = close_lines(case, at, returned=Status.RETURN_APPROVED)
    case.lead_org_id = None
    close_coordination(case, Outcome.RETURNED, opinion, at, item=item)
    _move(case, transition, actor, at, Level.STREET, Given(opinion), closing)
    return case


@transaction.atomic
def escalate_to_city(
    *,
    case_id: int,
    matter: str,
    work_done: str,
    proposal: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """上呈市级 (T32), by the director of the district's centre."""
    case = locked(case_id, version)
    transition = find(case, Action.ESCALATE_TO_CITY, actor)
    _require_account(matter, work_done, proposal)
    close_coordination(case, Outcome.ESCALATED, matter, at, item=_conclude_item(case))
    open_coordination(
        case,
        level=Level.CITY,
        origin=Origin.RAISED,
        matter=matter,
        work_done=work_done,
        proposal=proposal,
        at=at,
    )
    given = Given(matter, {"work_done": work_done, "proposal": proposal})
    _move(case, transition, actor, at, Level.CITY, given)
    return case


@transaction.atomic
def send_down_to_district(
    *,
    case_id: int,
    opinion: str,
    days: int | None,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """市级交办 (T33): the district coordinates on, within the days that are set."""
    case = locked(case_id, version)
    transition = find(case, Action.SEND_DOWN_TO_DISTRICT, actor)
    require(
        {"opinion": opinion, "days": days},
        {"opinion": _("请写明交办意见。"), "days": _("请填写交办时限。")},
    )
    limits = {Stage.COORD: _in_days(days)}
    close_coordination(case, Outcome.SENT_DOWN, opinion, at)
    open_coordination(
        case, level=Level.DISTRICT, origin=Origin.SENT_DOWN, matter=opinion, at=at
    )
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, Level.DISTRICT)),
        given=Given(opinion, {"days": days}),
        limits=limits,
    )
    return case


def _conclude_item(case: Case) -> AgendaItem | None:
    """The case's item on an agenda, done with; Refused before its minutes are out."""
    item = (
        AgendaItem.objects.select_for_update(of=("self",))
        .select_related("meeting")
        .filter(case=case, taken_off_at=None, is_concluded=False)
        .first()
    )
    if item is None:
        return None
    if item.meeting.status != JointMeeting.Status.ISSUED:
        raise Refused(
            _("本案已列入“%(title)s”议题，请先印发会议纪要，或把本案移出议题。")
            % {"title": item.meeting.title},
            code="meeting",
        )
    item.is_concluded = True
    item.save(update_fields=["is_concluded"])
    return item


def _move(
    case: Case,
    transition: Transition,
    actor: Actor,
    at: datetime,
    level: Level,
    given: Given,
    facts: list[dict[str, Any]] | None = None,
) -> None:
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(unit_of(case, level)),
        given=given,
        ticking=clocks.Ticking(at, facts or []),
    )


def _require_account(matter: str, work_done: str, proposal: str) -> None:
    require(
        {"matter": matter, "work_done": work_done, "proposal": proposal},
        {
            "matter": _("请写明事由。"),
            "work_done": _("请写明已做的工作。"),
            "proposal": _("请写明处理建议。"),
        },
    )


def _in_days(days: int | None) -> Limit:
    if days is None or not 1 <= days <= LONGEST_DAYS:
        raise Refused(
            _("时限请填 1 到 %(most)d 个工作日。") % {"most": LONGEST_DAYS},
            code="limit",
            field="days",
        )
    return Limit(Decimal(days), Unit.WORK_DAY)
