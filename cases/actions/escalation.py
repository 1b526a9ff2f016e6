"""三级预警 (DOMAIN C.6): raise a level once, and write what it brings.

一级 is a banner, 二级 a 催办单, 三级 a 督办单. The platform raises them when a clock
or a count says so; a person may urge by hand.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions import clocks
from cases.actions.alarms import at_red, red_at
from cases.actions.alerting import holder_circle, send
from cases.actions.publishing import publish
from cases.actions.step import locked, require
from cases.actions.supervision import issue, may_order
from cases.models import Case, CaseClock, Escalation, SupervisionOrder, Urging
from cases.workflow import WINDOWS, Stage
from governance import calendar, events
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor

Level = Escalation.Level
Trigger = Escalation.Trigger
URGERS = (
    "community_acceptor", "community_leader", "street_acceptor", "street_dispatcher",
    "street_shift_head", "street_leader", "district_command", "district_director",
    "inspector",
)  # fmt: skip
URGE_PAUSE = timedelta(hours=2)
OPINIONS: dict[str, Any] = {
    Trigger.OVERDUE: gettext_lazy("%(stage)s已超时，请立即办理。"),
    Trigger.ABSENT: gettext_lazy("超过报到时限仍未报到，请立即报到。"),
    Trigger.RETURNED: gettext_lazy("办理结果已两次被审核退回，请按退回理由补齐。"),
    Trigger.LONG_OVERDUE: gettext_lazy("%(stage)s严重超时，请说明原因并限期办结。"),
    Trigger.REWORKED: gettext_lazy("已两次返工，请说明原因并限期办结。"),
    Trigger.DISSATISFIED: gettext_lazy("诉求人两次不满意，请说明原因和整改措施。"),
}


def _reopened(case: Case) -> Event | None:
    """With what the current round began; None in the first."""
    found = Event.objects.filter(chain=case.chain, action="cases.reopen")
    return found.order_by("-seq").first()


def _returned(case: Case) -> int:
    returns = Event.objects.filter(chain=case.chain, action="cases.return_result")
    if (begun := _reopened(case)) is not None:
        returns = returns.filter(seq__gt=begun.seq)
    return returns.count()


def _dissatisfied(case: Case) -> int:
    """Of the 诉求人 whose rating counts; the others' are noted beside (DOMAIN C.7)."""
    found = case.ratings.filter(score=Case.Score.DISSATISFIED)
    if (begun := _reopened(case)) is not None:
        found = found.filter(at__gte=begun.at)
    own = found.filter(merged_case=None) if case.has_complainant else found
    return own.count()


COUNTED: dict[str, tuple[int, Callable[[Case], int]]] = {
    Trigger.RETURNED: (Level.ORANGE, _returned),
    Trigger.REWORKED: (Level.RED, lambda case: case.rework_count),
    Trigger.DISSATISFIED: (Level.RED, _dissatisfied),
}
"""What happens a second time: the level it raises, and how often it did since the case
was last reopened."""


def raise_level(
    case: Case,
    level: int,
    trigger: str,
    *,
    unit_id: int | None,
    at: datetime,
    clock: CaseClock | None = None,
) -> Escalation | None:
    """The new row; None when this was raised before in this round."""
    row, created = Escalation.objects.get_or_create(
        case=case,
        round=case.reopened_count,
        clock=clock,
        level=level,
        trigger=trigger,
        defaults={"organisation_id": unit_id, "at": at},
    )
    return row if created else None


def unit_of_clock(clock: CaseClock) -> int | None:
    """The unit that answers: the called one, else whoever has the case in hand."""
    if clock.assignment is not None:
        return clock.assignment.organisation_id
    return clock.case.holder_org_id


def warn(clock: CaseClock, percent: int, at: datetime) -> Urging | None:
    """一级 at 80 %, 二级 with a 催办单 when the time is over.

    The end of ACCEPT takes the case from the desk: nobody is left to be urged.
    """
    if percent < 80:
        return None
    if percent < 100:
        level, trigger = Level.YELLOW, Trigger.NEARLY_DUE
    else:
        level = Level.ORANGE
        trigger = Trigger.ABSENT if clock.assignment_id else Trigger.OVERDUE
    unit = unit_of_clock(clock)
    row = raise_level(clock.case, level, trigger, unit_id=unit, at=at, clock=clock)
    if row is None or level == Level.YELLOW or clock.stage == Stage.ACCEPT:
        return None
    urging = _urging(clock.case, row, said(trigger, clock), None, at)
    if trigger == Trigger.OVERDUE:
        _journal(clock.case, "urge", Actor.system(), at, _of(row, urging))
    return urging


def said(trigger: str, clock: CaseClock | None) -> str:
    stage = Stage(clock.stage).label if clock else ""
    return str(OPINIONS[trigger]) % {"stage": stage}


@transaction.atomic
def watch_overdue(*, clock_id: int, at: datetime) -> None:
    """三级 for a clock that is overdue too long; comes again when it is too early."""
    case_id = CaseClock.objects.values_list("case_id", flat=True).get(pk=clock_id)
    case = locked(case_id)
    clock = (
        CaseClock.objects.select_for_update(of=("self",))
        .select_related("assignment")
        .get(pk=clock_id)
    )
    clock.case = case
    if clock.running_since is None or clock.stage in WINDOWS:
        return
    working = calendar.load(clock.running_since)
    if at < red_at(clock, working):
        events.enqueue(subject=case.chain, at=at, follow=[at_red(clock, working)])
        return
    _raise_red(case, Trigger.LONG_OVERDUE, unit_of_clock(clock), at, clock)


@transaction.atomic
def escalate(*, case_id: int, trigger: str, at: datetime) -> None:
    """What happened a second time: a 催办单 for returns, a 督办单 for the rest."""
    case = locked(case_id)
    level, count = COUNTED[trigger]
    if count(case) < 2:
        return
    unit = case.holder_org_id
    if trigger == Trigger.DISSATISFIED:
        handled = clocks.last_handling(case)
        unit = (handled.organisation_id if handled else None) or unit
    if level == Level.RED:
        _raise_red(case, trigger, unit, at)
        return
    row = raise_level(case, level, trigger, unit_id=unit, at=at)
    if row is None:
        return
    urging = _urging(case, row, said(trigger, None), None, at)
    _journal(case, "urge", Actor.system(), at, _of(row, urging))
    _tell_urging(case, urging, at, patient=True)


def _raise_red(
    case: Case,
    trigger: str,
    unit_id: int | None,
    at: datetime,
    clock: CaseClock | None = None,
) -> None:
    row = raise_level(case, Level.RED, trigger, unit_id=unit_id, at=at, clock=clock)
    if row is None:
        return
    order = None
    if unit_id is not None and may_order(unit_id):
        order = issue(
            case, unit_id=unit_id, opinion=said(trigger, clock), escalation=row,
            actor=Actor.system(), at=at,
        )  # fmt: skip
    action = "supervise" if order else "escalate"
    _journal(case, action, Actor.system(), at, _of(row, order))
    circles = ["district_command" if order else "city_command", "holder"]
    if clock is not None:
        circles.append(holder_circle(clock))
    send(
        case,
        circles,
        units=[unit_id] if unit_id else [],
        title=_("三级预警·%(why)s：%(category)s")
        % {"why": row.get_trigger_display(), "category": case.category.name},
        more=_("督办单 %(number)s。") % {"number": order.number} if order else "",
        key=f"escalation:{row.pk}",
        at=at,
    )


def may_urge(case: Case, actor: Actor, at: datetime) -> None:
    """Whether this person may urge the unit that has the case now; else Refused."""
    if actor.role not in URGERS or not actor.acts_in(case.placement_code):
        raise Refused(_("催办由本案所在社区、街道、区的人员发出。"), code="role")
    if not case.is_open:
        raise Refused(_("案件已经办结，不用催办。"), code="state")
    if case.holder_org_id == actor.organisation_id:
        raise Refused(_("案件就在本单位手里，请直接办理。"), code="own")
    last = (
        case.urgings.filter(urged_by__isnull=False, at__gt=at - URGE_PAUSE)
        .order_by("-at")
        .first()
    )
    if last is not None:
        raise Refused(
            _("%(at)s 已经催办过。两小时内不重复催办，请稍后再催。")
            % {"at": last.at.astimezone(calendar.ZONE).strftime("%H:%M")},
            code="too_soon",
        )


@transaction.atomic
def urge(*, case_id: int, opinion: str, actor: Actor, at: datetime) -> Urging:
    """催办 by hand: a numbered 催办单 to the holder unit, and 二级预警."""
    case = locked(case_id)
    may_urge(case, actor, at)
    require({"opinion": opinion}, {"opinion": _("请写明催办事由。")})
    row = raise_level(
        case, Level.ORANGE, Trigger.URGED, unit_id=case.holder_org_id, at=at
    )
    urging = _urging(case, row, opinion.strip(), actor.user_id, at)
    _journal(case, "urge", actor, at, {"urging": urging.number, "opinion": opinion})
    _tell_urging(case, urging, at, patient=False)
    return urging


def _tell_urging(case: Case, urging: Urging, at: datetime, *, patient: bool) -> None:
    """In Chinese whatever the language of whoever urged, as all messages are."""
    send(
        case,
        ["holder", "street_leader"],
        units=[urging.organisation_id],
        title=f"催办：{case.category.name}",
        more=f"催办单 {urging.display_no}：{urging.opinion}",
        key=f"urging:{urging.pk}",
        at=at,
        patient=patient,
    )


def _urging(
    case: Case,
    row: Escalation | None,
    opinion: str,
    user_id: int | None,
    at: datetime,
) -> Urging:
    unit = row.organisation_id if row is not None else case.holder_org_id
    return Urging.objects.create(
        case=case,
        number=f"{case.case_no}-C{case.urgings.count() + 1:02d}",
        escalation=row,
        organisation_id=unit or 0,
        opinion=opinion,
        urged_by_id=user_id,
        at=at,
    )


def _of(row: Escalation, paper: Urging | SupervisionOrder | None) -> dict[str, Any]:
    detail = {
        "level": row.level,
        "trigger": row.trigger,
        "stage": row.clock.stage if row.clock else "",
        "organisation": row.organisation.name if row.organisation else "",
    }
    if isinstance(paper, Urging):
        return {**detail, "urging": paper.number, "opinion": paper.opinion}
    if paper is not None:
        return {**detail, "supervision": paper.number, "opinion": paper.opinion}
    return detail


def _journal(
    case: Case, action: str, actor: Actor, at: datetime, detail: dict[str, Any]
) -> None:
    """Without a new version of the case: nobody's open form is put aside for it."""
    event = events.record(
        chain=case.chain, action=f"cases.{action}", actor=actor, at=at, detail=detail
    )
    publish(case, event)
