"""Day and week report of the board: to print, and as Excel (FEATURES 68).

Made by the functions that the board itself is made by, so that both say the same at
the same moment. What is in hand is known of now alone, so a report of a period that is
over leaves it out; what happened in the period is counted as it is known now.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from cases.querysets.kpi import INDICATORS
from oversight.querysets import lists, tables, tallies
from oversight.querysets.sight import DAY, Sight, day_of, week_of
from oversight.views.figures import figure, number
from oversight.views.parts import counters_of, fields_of, repeats_of, table_of
from oversight.views.seen import day_in, rule, sight_of
from oversight.workbooks import Sheet, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PERIODS = {"day": day_of, "week": week_of}
CALLS = ("called", "late", "absent", "came", "returning", "finished")


@dataclass(frozen=True)
class Briefing:
    """What was asked for: a day or a week of an area."""

    kind: str
    sight: Sight

    @property
    def is_current(self) -> bool:
        starts_at, ends_at = self.sight.scope.within
        return starts_at <= self.sight.at < ends_at

    @property
    def title(self) -> str:
        return _("综合日报") if self.kind == "day" else _("综合周报")

    @property
    def days(self) -> str:
        """`2026-11-23`, of a week `2026-11-23 – 2026-11-29`."""
        starts_at, ends_at = self.sight.scope.within
        first = f"{localtime(starts_at):%Y-%m-%d}"
        last = f"{localtime(ends_at - DAY):%Y-%m-%d}"
        return first if first == last else f"{first} – {last}"

    def url(self, name: str, moment: datetime | None = None, kind: str = "") -> str:
        given = {
            "kind": kind or self.kind,
            "date": f"{localtime(moment or self.sight.period.starts_at):%Y-%m-%d}",
            "area": self.sight.area.code,
        }
        return f"{reverse(name)}?{urlencode(given)}"


@require_GET
@cache_control(private=True, no_store=True)
def briefing(request: HttpRequest) -> HttpResponse:
    asked = _asked(request)
    period = asked.sight.period
    context = {
        **_content(asked),
        "before_url": asked.url("briefing", period.starts_at - DAY),
        "after_url": asked.url("briefing", period.ends_at),
        "day_url": asked.url("briefing", kind="day"),
        "week_url": asked.url("briefing", kind="week"),
        "excel_url": asked.url("briefing_excel"),
    }
    return render(request, "oversight/briefing.html", context)


@require_GET
@cache_control(private=True, no_store=True)
def excel(request: HttpRequest) -> HttpResponse:
    """The same numbers as a workbook, a sheet for each part."""
    asked = _asked(request)
    content = workbook(_sheets(_content(asked)), _foot(asked))
    name = f"{asked.kind}-{asked.sight.area.code}-{asked.sight.period.starts_at:%Y%m%d}"
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _asked(request: HttpRequest) -> Briefing:
    """?kind=day|week&date=, today's by default; not found for a day to come."""
    sight = sight_of(request)
    kind = request.GET.get("kind", "day")
    if kind not in PERIODS:
        raise Http404
    moment = day_in(request, "date") or sight.at
    if moment > sight.at:
        raise Http404
    return Briefing(kind, sight.during(PERIODS[kind](moment)))


def _content(asked: Briefing) -> dict[str, Any]:
    sight, found = asked.sight, rule()
    scope, least = sight.scope, found.least_sample
    communities = tables.of_communities(scope, sight.area, "closing_in_time", least)
    units = tables.of_units(scope, "check_in", least)
    return {
        "asked": asked,
        "sight": sight,
        "standing": _standing(sight) if asked.is_current else [],
        "calls": _calls(sight) if asked.is_current else [],
        "fields": fields_of(sight),
        "figures": [figure(sight, one, one.ratio(scope)) for one in INDICATORS],
        "communities": table_of(sight, communities, str),
        "units": table_of(sight, units, str),
        "rule": found,
        "repeats": repeats_of(sight, found) if asked.is_current else [],
    }


def _standing(sight: Sight) -> list[dict[str, Any]]:
    """The board's counters."""
    today = sight.during(day_of(sight.at))
    whole = tallies.summed(tallies.standing(today), tallies.flowing(today))
    return counters_of(today, whole)


def _calls(sight: Sight) -> list[dict[str, Any]]:
    n = tallies.presence(sight)
    return [number(sight, code, n[code], lists.BY_CODE[code].label) for code in CALLS]


def _sheets(content: dict[str, Any]) -> list[Sheet]:
    ratio = [_("分子"), _("分母"), _("比率")]
    sheets = [
        Sheet(
            _("当前"), [_("项目"), _("件数")],
            [[str(one["label"]), one["n"]]
             for one in [*content["standing"], *content["calls"]]],
        ),
        Sheet(
            _("板块"), [_("板块"), _("上报"), _("结案"), *ratio],
            [[one["name"], *(part["n"] for part in one["numbers"]),
              *_ratio(one["ratio"])] for one in content["fields"]],
        ),
        Sheet(
            _("指标"), [_("指标"), *ratio, _("口径")],
            [[str(one["indicator"].name), *_ratio(one["ratio"]),
              str(one["indicator"].definition)] for one in content["figures"]],
        ),
    ]  # fmt: skip
    for title, key in ((_("各社区"), "communities"), (_("各单位"), "units")):
        if content[key]:
            sheets.append(_ranking(title, content[key]))
    repeats = [
        [row["community__name"], row["grid__name"], row["category__name"], row["n"],
         row["open"]] for row in content["repeats"]
    ]  # fmt: skip
    if repeats:
        head = [_("社区"), _("网格"), _("类别"), _("上报"), _("在办")]
        sheets.append(Sheet(_("同点同类"), head, repeats))
    return [one for one in sheets if one.rows]


def _ranking(title: str, table: dict[str, Any]) -> Sheet:
    head = [_("名次"), _("名称"), _("类型")]
    for indicator, _url in table["columns"]:
        head += [f"{indicator.name} {part}" for part in (_("分子"), _("分母"), "%")]
    rows = []
    for one in table["rows"]:
        row = one["row"]
        cells = [row.rank or _("样本不足"), row.name, row.group]
        for found in one["figures"]:
            cells += _ratio(found["ratio"])
        rows.append(cells)
    return Sheet(title, head, rows)


def _ratio(ratio: Any) -> list[Any]:
    return [ratio.numerator, ratio.denominator, ratio.percent]


def _foot(asked: Briefing) -> list[str]:
    """What it is, of when, and who took it out (DOMAIN E.4)."""
    sight = asked.sight
    return [
        f"{sight.area.name} {asked.title} {asked.days}",
        _("数据截至 %(at)s") % {"at": f"{localtime(sight.at):%Y-%m-%d %H:%M:%S}"},
        _("导出人 %(who)s") % {"who": f"{sight.actor.name} {sight.actor.post_name}"},
    ]
