"""数字反查: every number of the board and the list behind it.

A number is the count of the rows that `BY_CODE[code].rows(sight)` gives, whether it was
counted alone or, for speed, in one grouped statement for many (`tallies`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import WhistleAssignment
from cases.querysets import kpi_facts as facts
from cases.querysets.kpi import BY_CODE as INDICATORS
from cases.querysets.kpi import Indicator
from cases.workflow import State
from governance.calendar import ZONE
from grids.codes import Level
from grids.models import Area
from oversight.querysets.colours import COLOURS, with_colour
from oversight.querysets.sight import Sight
from parties.models import ContactDepartment, Posting

Rows = Any
CALLED = (State.WHISTLED, State.JOINT_HANDLING, State.DISPUTED)
LEFT = ("cancelled", "return_approved")
CAME = ("checked_in", "on_site", "return_rejected")


@dataclass(frozen=True)
class Listed:
    """`label` heads the list; `rows` are those of a board as somebody sees it."""

    code: str
    label: Any
    rows: Callable[[Sight], Rows]


def _open(sight: Sight) -> Rows:
    return sight.cases.open()


def _coloured(colour: str) -> Callable[[Sight], Rows]:
    return lambda sight: with_colour(sight.cases, sight.at).filter(colour=colour)


def reported(sight: Sight) -> Rows:
    return facts.reports(sight.scope)


def closed(sight: Sight) -> Rows:
    """Closed in the period and not opened again since."""
    starts_at, ends_at = sight.scope.within
    return sight.cases.filter(
        state__in=facts.OVER, closed_at__gte=starts_at, closed_at__lt=ends_at
    )


def called(sight: Sight) -> Rows:
    """The units that whistles of cases in hand have called and not let go again."""
    waiting = sight.cases.in_state(*CALLED)
    return WhistleAssignment.objects.filter(
        whistle__status="blown", case__in=waiting.values("pk")
    ).exclude(status__in=LEFT)


def late(sight: Sight) -> Q:
    return Q(status="pending", checkin_due_at__lte=sight.at)


def absent(sight: Sight) -> Rows:
    return called(sight).filter(status="pending")


def grids(sight: Sight) -> Rows:
    day = sight.at.astimezone(ZONE).date()
    below = Area.objects.active(day).within([sight.area.code])
    return below.at_level(Level.GRID)


def manned(sight: Sight) -> Rows:
    """Grids with a 网格长 or 网格员 in office."""
    held = Posting.objects.current(sight.at).holding("grid_leader", "grid_worker")
    return grids(sight).filter(pk__in=held.values("post__area"))


def forces(sight: Sight) -> Rows:
    """N力量 in office: 包片民警, 社区医生, 党员志愿者 and others (DOMAIN D.2)."""
    held = Posting.objects.current(sight.at).holding("grid_force")
    return held.filter(post__area__code__startswith=sight.area.code)


def contacts(sight: Sight) -> Rows:
    """包联部门 of the area and of what lies in it, in force."""
    day = sight.at.astimezone(ZONE).date()
    return ContactDepartment.objects.filter(
        Q(ends_date=None) | Q(ends_date__gt=day),
        starts_date__lte=day,
        area__code__startswith=sight.area.code,
        organisation__is_active=True,
    )


def due(sight: Sight) -> Rows:
    return facts.rounds(sight.scope)


def closed_in_time(sight: Sight) -> Rows:
    return INDICATORS["closing_in_time"].counted(sight.scope)


LISTS = (
    Listed("open", _("在办案件"), _open),
    Listed("urgent", _("紧急在办"), lambda sight: _open(sight).filter(urgent=True)),
    *(Listed(code, label, _coloured(code)) for code, label in COLOURS.items()),
    Listed(
        "suspended", _("挂账中"), lambda sight: sight.cases.in_state(State.SUSPENDED)
    ),
    Listed("reported", _("上报"), reported),
    Listed("closed", _("结案"), closed),
    Listed(
        "counted", _("同点同类上报"),
        lambda sight: facts.counted_reports(sight.scope),    ),
    Listed("due", _("应结案"), due),
    Listed("closed_in_time", _("按期结案"), closed_in_time),
    Listed("called", _("已吹哨的单位"), called),
    Listed("absent", _("还没有报到"), absent),
    Listed("late", _("超时未报到"), lambda sight: called(sight).filter(late(sight))),
    Listed("came", _("已报到"), lambda sight: called(sight).filter(status__in=CAME)),
    Listed(
        "returning", _("申请退回"),
        lambda sight: called(sight).filter(status="return_requested"),
    ),
    Listed(
        "finished", _("已完成任务"), lambda sight: called(sight).filter(status="done")
    ),
    Listed("grids", _("网格"), grids),
    Listed("manned", _("有网格长或网格员在岗的网格"), manned),
    Listed("forces", _("在岗 N 力量"), forces),
    Listed("contacts", _("包联部门"), contacts),
)  # fmt: skip


def of_indicator(indicator: Indicator) -> tuple[Listed, Listed]:
    """The denominator and the numerator of a rate, in any period."""
    code, name = indicator.code, indicator.name
    return (
        Listed(f"{code}-all", name, lambda sight: indicator.of(sight.scope)),
        Listed(f"{code}-part", name, lambda sight: indicator.counted(sight.scope)),
    )


RATES = [one for indicator in INDICATORS.values() for one in of_indicator(indicator)]
BY_CODE = {one.code: one for one in [*LISTS, *RATES]}
