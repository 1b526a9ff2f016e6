"""考核报表: the indicators of a month and the lists behind them (DOMAIN C.9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.models import (
    Case,
    CaseClock,
    SupervisionOrder,
    UnitScore,
    WhistleAssignment,
)
from cases.querysets import kpi
from cases.querysets.desk import reads_report
from cases.querysets.kpi import BY_CODE, INDICATORS, Indicator, Period, Ratio, Scope
from cases.querysets.kpi_facts import assignments
from cases.querysets.kpi_shares import borne
from cases.querysets.scope import PLACEMENT_COLUMNS
from cases.views.desk import areas_below
from governance import clock
from grids.codes import Level
from grids.models import Area
from parties import http
from parties.acting import Actor
from parties.models import Organisation

PAGE = 50
FAULTS = ("overdue", "rework")


@dataclass(frozen=True)
class Chosen:
    """What the reader chose: a month, and an area in the own one."""

    who: Actor
    at: datetime
    year: int
    month: int
    area: Area

    @property
    def period(self) -> Period:
        return Period.month(self.year, self.month)

    @property
    def month_text(self) -> str:
        return f"{self.year}-{self.month:02d}"

    def scope(self, unit: int | None = None) -> Scope:
        column = PLACEMENT_COLUMNS[self.area.level]
        return Scope.of(
            self.who, self.period, self.at,
            organisation_id=unit, **{column: self.area.pk},
        )  # fmt: skip

    def url(self, code: str, part: str, **more: Any) -> str:
        given = {"month": self.month_text, "area": self.area.code, "part": part, **more}
        query = "&".join(f"{name}={value}" for name, value in given.items() if value)
        return f"{http.address('report')}{code}/?{query}"


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """A statement for each indicator and each column of the tables; see `kpi`."""
    chosen = _chosen(request)
    scope = chosen.scope()
    context = {
        "chosen": chosen,
        "figures": [
            _figure(one, one.ratio(scope), chosen.area.code, chosen)
            for one in INDICATORS
        ],
        "communities": _communities(scope, chosen),
        "units": _units(scope, chosen),
        "areas": areas_below(chosen.who, chosen.at),
        **_neighbours(chosen),
    }
    return render(request, "cases/report/report.html", context)


@require_GET
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """数字反查: exactly the rows that a figure counts."""
    indicator = _indicator(code)
    chosen, unit = _chosen(request), _number(request.GET.get("unit", ""))
    part = _part(request)
    scope = chosen.scope(unit or None)
    counted = indicator.counted(scope)
    rows = counted if part == "part" else indicator.of(scope)
    page = max(_number(request.GET.get("page", "")), 1)
    found = list(named(rows)[(page - 1) * PAGE : page * PAGE + 1])
    shown = found[:PAGE]
    here = counted.filter(pk__in=[row.pk for row in shown])
    inside = set(here.values_list("pk", flat=True))

    def url(**more: Any) -> str:
        return chosen.url(code, more.pop("part", part), unit=unit, **more)

    context = {
        "chosen": chosen,
        "indicator": indicator,
        "ratio": indicator.ratio(scope),
        "unit": Organisation.objects.filter(pk=unit).first(),
        "part": part,
        "all_url": url(part="all"),
        "part_url": url(part="part"),
        "rows": [listed_row(row, row.pk in inside) for row in shown],
        "newer_url": url(page=page - 1) if page > 1 else "",
        "older_url": url(page=page + 1) if len(found) > PAGE else "",
    }
    return render(request, "cases/report/list.html", context)


def rows_behind(request: HttpRequest, code: str) -> tuple[Any, Any]:
    """The label of the figure, and all rows that it counts."""
    indicator, chosen = _indicator(code), _chosen(request)
    scope = chosen.scope(_number(request.GET.get("unit", "")) or None)
    counts = indicator.counted if _part(request) == "part" else indicator.of
    return indicator.name, counts(scope)


def _indicator(code: str) -> Indicator:
    if code not in BY_CODE:
        raise Http404
    return BY_CODE[code]


def _part(request: HttpRequest) -> str:
    return "part" if request.GET.get("part") == "part" else "all"


def _chosen(request: HttpRequest) -> Chosen:
    who, at = http.actor(request), clock.now()
    area = chosen_area(request, who)
    return Chosen(who, at, *_month(request.GET.get("month", ""), at), area)


def chosen_area(request: HttpRequest, who: Actor) -> Area:
    """`?area=`, or the own one.

    Not found for who answers for no area (DOMAIN C.9), and outside the own one.
    """
    if not reads_report(who):
        raise Http404
    code = request.GET.get("area") or who.area_code
    area = Area.objects.filter(code=code).within([who.area_code]).first()
    if area is None or area.level not in PLACEMENT_COLUMNS:
        raise Http404
    return area


def _month(text: str, at: datetime) -> tuple[int, int]:
    """`2026-11`; the present month for anything else."""
    try:
        given = datetime.strptime(text, "%Y-%m")  # noqa: DTZ007 - only its numbers
    except ValueError:
        here = localtime(at)
        return here.year, here.month
    return min(max(given.year, 2000), 9000), given.month


def _neighbours(chosen: Chosen) -> dict[str, str]:
    number = chosen.year * 12 + chosen.month - 1

    def url(n: int) -> str:
        return f"?month={n // 12}-{n % 12 + 1:02d}&area={chosen.area.code}"

    return {"before_url": url(number - 1), "after_url": url(number + 1)}


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _figure(
    one: Indicator, ratio: Ratio, area: str, chosen: Chosen, unit: int | None = None
) -> dict[str, Any]:
    return {
        "indicator": one,
        "ratio": ratio,
        "all_url": chosen.url(one.code, "all", area=area, unit=unit),
        "part_url": chosen.url(one.code, "part", area=area, unit=unit),
    }


def _communities(scope: Scope, chosen: Chosen) -> dict[str, Any]:
    """A row for each community that has something; none at the community itself."""
    if chosen.area.level >= Level.COMMUNITY:
        return {}
    columns = [BY_CODE[code] for code in kpi.OF_COMMUNITIES]
    found = {one.code: one.by_community(scope) for one in columns}
    areas = Area.objects.filter(pk__in=_keys(found.values())).order_by("code")
    rows = [
        {
            "name": area.short_name or area.name,
            "figures": [
                _figure(one, found[one.code].get(area.pk, Ratio()), area.code, chosen)
                for one in columns
            ],
        }
        for area in areas
    ]
    return {"columns": columns, "rows": rows}


def _units(scope: Scope, chosen: Chosen) -> dict[str, Any]:
    """A row for each unit, with what it bears of the faults and the street's marks."""
    columns = [BY_CODE[code] for code in kpi.OF_UNITS]
    found = {one.code: one.by_unit(scope) for one in columns}
    shares = borne({code: BY_CODE[code].counted(scope) for code in FAULTS})
    marks = _marks(scope)
    keys = _keys([*found.values(), shares, marks])
    units = Organisation.objects.filter(pk__in=keys).order_by("level", "pk")
    rows = [
        {
            "name": unit.short_name or unit.name,
            "figures": [
                _figure(
                    one, found[one.code].get(unit.pk, Ratio()), chosen.area.code,
                    chosen, unit.pk,
                )
                for one in columns
            ],
            "shares": [shares.get(unit.pk, {}).get(code, 0) for code in FAULTS],
            "mark": marks.get(unit.pk),
        }
        for unit in units
    ]  # fmt: skip
    return {"columns": columns, "rows": rows}


def _marks(scope: Scope) -> dict[int, dict[str, Any]]:
    """n and mean of the marks (1 to 5) for the calls that 报到及时率 is about."""
    lines = assignments(scope).values("pk")
    rows = UnitScore.objects.filter(assignment__in=lines).by_organisation()
    return {row["organisation"]: row for row in rows}


def _keys(found: Iterable[dict[int, Any]]) -> set[int]:
    return {key for one in found for key in one}


NAMES = ("category", "street", "community")
ORDER = {
    CaseClock: "due_at",
    WhistleAssignment: "checkin_due_at",
    SupervisionOrder: "due_at",
    Case: "reported_at",
}


def named(rows: Any) -> Any:
    """With the names a row shows, what was due first on top."""
    if rows.model is Case:
        names = [*NAMES, "holder_org"]
    else:
        names = [*(f"case__{name}" for name in NAMES), "organisation"]
    return rows.select_related(*names).order_by(ORDER[rows.model], "pk")


def listed_row(row: Any, counted: bool) -> dict[str, Any]:
    """case, unit, due, done, tags (text, tone) and whether it is in the numerator."""
    found = {"counted": counted, "case": getattr(row, "case", row), "tags": []}
    if isinstance(row, Case):
        return {**found, "unit": row.holder_org, "reported": row.reported_at}
    found |= {"unit": row.organisation}
    if isinstance(row, CaseClock):
        return {
            **found, "due": row.due_at, "done": row.stopped_at, "tags": _tags(row),
        }  # fmt: skip
    if isinstance(row, WhistleAssignment):
        late = [(_("报到超时"), "urgent")] if row.checkin_overdue else []
        return {
            **found, "due": row.checkin_due_at, "done": row.checkin_at, "tags": late,
        }  # fmt: skip
    late = [(_("逾期回复"), "urgent")] if row.late_round else []
    return {**found, "due": row.due_at, "done": row.replied_at, "tags": late}


def _tags(row: CaseClock) -> list[tuple[str, str]]:
    tags = []
    if row.is_overdue:
        tags.append((_("超时"), "urgent"))
    if row.exempt:
        tags.append((_("不计超时（申诉通过）"), "good"))
    if row.round < row.case.reopened_count:
        tags.append((_("第 %(n)d 轮") % {"n": row.round + 1}, ""))
    return tags
