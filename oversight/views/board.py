"""`/desk/board/`: the live dashboard of a street, community, district or city.

The page is made of two pieces. `now` is what moves with every step of a case; `month`
is heavier and asked for later. The page asks `pulse` every few seconds and for a piece
only when something moved; an unchanged piece answers 304.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from cases.lamps import calendar_for, lamp_of
from cases.models import CaseClock, WhistleAssignment
from cases.querysets.kpi import BY_CODE as INDICATORS
from cases.views.desk import areas_below
from oversight.querysets import changes, lists, tables, tallies
from oversight.querysets.boards import NONE, Field, fields
from oversight.querysets.colours import COLOURS
from oversight.querysets.sight import Sight, day_of, days_until
from oversight.views.seen import etag, list_url, rule, sight_of
from parties import http

CALLS = 10
REPEATS = 12
TREND_DAYS = 30
HEADLINE = (
    "response", "solution", "satisfaction", "handling_in_time", "closing_in_time",
    "review_return", "rework", "recurrence", "first_resolution",
)  # fmt: skip


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    sight = sight_of(request)
    context = {
        **_now(sight),
        "areas": areas_below(sight.actor, sight.at),
        "since": changes.seen_until(0, sight.at),
        "colours": COLOURS,
        "month_query": _month_query(request, sight),
    }
    return render(request, "oversight/board.html", context)


@require_GET
@cache_control(private=True, no_cache=True)
@condition(etag_func=etag)
def now(request: HttpRequest) -> HttpResponse:
    return render(request, "oversight/_now.html", _now(sight_of(request)))


@require_GET
@cache_control(private=True, no_cache=True)
@condition(etag_func=etag)
def month(request: HttpRequest) -> HttpResponse:
    """`by` names the indicator by which communities, `by_unit` units are ranked."""
    sight = sight_of(request)
    area, found = sight.area.code, rule()
    context = {
        "sight": sight,
        "month": f"{sight.period.starts_at:%Y-%m}",
        "headline": _headline(sight),
        "trend": _trend(sight),
        "repeats": _repeats(sight, found.repeats, found.repeat_days),
        "rule": found,
        "communities": _table(
            request,
            sight,
            tables.of_communities(
                sight.scope, sight.area, request.GET.get("by", "closing_in_time"),
                found.least_sample,
            ),
            "by",
        ),
        "units": _table(
            request,
            sight,
            tables.of_units(
                sight.scope, request.GET.get("by_unit", "check_in"), found.least_sample
            ),
            "by_unit",
        ),
        "report_url": f"{http.address('report')}?month="
        f"{sight.period.starts_at:%Y-%m}&area={area}",
    }  # fmt: skip
    return render(request, "oversight/_month.html", context)


@require_GET
@cache_control(private=True, no_store=True)
def pulse(request: HttpRequest) -> JsonResponse:
    """?since=: whether a case of the area moved after that Event, and up to where."""
    sight = sight_of(request)
    text = request.GET.get("since", "")
    since = int(text) if text.isdecimal() and len(text) < 19 else 0
    return JsonResponse(
        {
            "moved": changes.moved(sight.area, since),
            "since": changes.seen_until(since, sight.at),
        }
    )


def _month_query(request: HttpRequest, sight: Sight) -> str:
    ranked = {
        name: request.GET[name] for name in ("by", "by_unit") if name in request.GET
    }
    return urlencode({"area": sight.area.code, **ranked})


def _now(sight: Sight) -> dict[str, Any]:
    boards = fields()
    whole, by_board = tallies.tally(sight, boards)
    return {
        "sight": sight,
        "today": day_of(sight.at),
        "counters": _counters(sight, whole),
        "colour_counts": [
            _number(sight, code, whole.n[code], label)
            for code, label in COLOURS.items()
        ],
        "open_n": whole.n["open"],
        "whistle": _whistle(sight),
        "boards": _boards(sight, boards, by_board),
        "loads": _loads(sight),
    }


def _number(sight: Sight, code: str, n: int, label: Any, **more: Any) -> dict[str, Any]:
    """A number with the address of exactly what it counts."""
    return {
        "code": code, "n": n, "label": label,
        "url": list_url(code, sight.area.code, **more),
    }  # fmt: skip


def _counters(sight: Sight, whole: tallies.Tally) -> list[dict[str, Any]]:
    today = day_of(sight.at)
    return [
        _number(sight, "open", whole.n["open"], _("在办案件")),
        _number(sight, "red", whole.n["red"], _("已超时")),
        _number(sight, "yellow", whole.n["yellow"], _("将超时")),
        _number(sight, "urgent", whole.n["urgent"], _("紧急在办")),
        _number(sight, "suspended", whole.n["suspended"], _("挂账中")),
        _number(
            sight, "reported", whole.today["reported"], _("今日上报"), period=today
        ),
        _number(sight, "closed", whole.today["closed"], _("今日结案"), period=today),
    ]


def _whistle(sight: Sight) -> dict[str, Any]:
    n = tallies.presence(sight)
    return {
        "called": _number(sight, "called", n["called"], _("已吹哨")),
        "numbers": [
            _number(sight, code, n[code], lists.BY_CODE[code].label)
            for code in ("late", "absent", "came", "returning", "finished")
        ],
        "rows": _calls(sight),
        "more": max(n["absent"] + n["came"] - CALLS, 0),
        "rate": _ratio(sight, "check_in"),
    }


def _calls(sight: Sight) -> list[dict[str, Any]]:
    """Who has not come first, what is due first on top; then who came."""
    waiting = lists.absent(sight).order_by("checkin_due_at", "pk")
    names = ("organisation", "whistle", "case__category", "case__community")
    found = list(waiting.select_related(*names)[:CALLS])
    if len(found) < CALLS:
        came = lists.BY_CODE["came"].rows(sight).order_by("-checkin_at", "pk")
        found += came.select_related(*names)[: CALLS - len(found)]
    clocks = CaseClock.objects.filter(
        assignment__in=[line.pk for line in found], stopped_at=None
    )
    running = {one.assignment_id: one for one in clocks}
    known = calendar_for(running.values())
    return [
        {
            "line": line,
            "lamp": lamp_of(running[line.pk], sight.at, known)
            if line.pk in running and line.status == WhistleAssignment.Status.PENDING
            else None,
        }
        for line in found
    ]


def _boards(
    sight: Sight, boards: Iterable[Field], by_board: dict[int, tallies.Tally]
) -> list[dict[str, Any]]:
    """The cards; categories that stand nowhere have one only while cases have them."""
    shares = tallies.in_time(sight, boards)
    found = []
    for one in boards:
        own = by_board[one.key]
        if one.key == NONE and not own.n["open"] + own.n["reported"]:
            continue
        narrow: dict[str, Any] = {"board": one.key}
        month: dict[str, Any] = {**narrow, "period": sight.period}
        found.append(
            {
                "field": one,
                "name": one.name or _("未归板块"),
                "numbers": [
                    _number(sight, "open", own.n["open"], _("在办"), **narrow),
                    _number(sight, "red", own.n["red"], _("超时"), **narrow),
                    _number(
                        sight, "reported", own.n["reported"], _("本月上报"), **month
                    ),
                    _number(sight, "closed", own.n["closed"], _("本月结案"), **month),
                ],
                "ratio": shares[one.key],
                "due_url": list_url("due", sight.area.code, **month),
                "good_url": list_url("closed_in_time", sight.area.code, **month),
                "party": _party(sight) if one.shows_party_work else [],
            }
        )
    return found


def _party(sight: Sight) -> list[dict[str, Any]]:
    """What the platform itself holds of Party building: 报到, 网格在岗, 包联, N力量."""
    numbers = {
        code: lists.BY_CODE[code].rows(sight).count()
        for code in ("grids", "manned", "forces", "contacts")
    }
    return [
        {
            "label": _("网格在岗"),
            "parts": [
                _number(sight, "manned", numbers["manned"], ""),
                _number(sight, "grids", numbers["grids"], ""),
            ],
        },
        {
            "label": _("包联部门"),
            "parts": [_number(sight, "contacts", numbers["contacts"], "")],
        },
        {
            "label": _("N 力量"),
            "parts": [_number(sight, "forces", numbers["forces"], "")],
        },
    ]


def _loads(sight: Sight) -> list[dict[str, Any]]:
    """The areas below with their open cases, the most loaded first."""
    n, areas = tallies.load(sight)
    return [
        {"area": area, "n": n[area.pk], "url": list_url("open", area.code)}
        for area in areas
    ]


def _ratio(sight: Sight, code: str, unit: int | None = None, area: str = "") -> dict:
    """A figure of the month with the two lists behind it (the month report's own)."""
    indicator = INDICATORS[code]
    return _figure(sight, indicator, indicator.ratio(sight.scope), unit, area)


def _figure(
    sight: Sight, indicator: Any, ratio: Any, unit: int | None = None, area: str = ""
) -> dict[str, Any]:
    month = f"{sight.period.starts_at:%Y-%m}"
    base = f"{http.address('report')}{indicator.code}/?month={month}"
    base += f"&area={area or sight.area.code}"
    base += f"&unit={unit}" if unit else ""
    return {
        "indicator": indicator,
        "ratio": ratio,
        "all_url": f"{base}&part=all",
        "part_url": f"{base}&part=part",
    }


def _headline(sight: Sight) -> list[dict[str, Any]]:
    return [
        _figure(sight, indicator, ratio)
        for indicator, ratio in tables.headline(sight.scope, HEADLINE)
    ]


def _trend(sight: Sight) -> dict[str, Any]:
    days = tallies.daily(sight.during(days_until(sight.at, TREND_DAYS)))
    area = sight.area.code
    return {
        "days": [
            {
                "day": day.starts_at,
                "reported": _number(sight, "reported", reported, "", period=day),
                "closed": _number(sight, "closed", closed, "", period=day),
            }
            for day, reported, closed in days
        ],
        "data": {
            "days": [f"{day.starts_at:%m-%d}" for day, _r, _c in days],
            "reported": [reported for _day, reported, _c in days],
            "closed": [closed for _day, _r, closed in days],
            "urls": {
                code: [list_url(code, area, period=day) for day, _r, _c in days]
                for code in ("reported", "closed")
            },
        },
    }


def _repeats(sight: Sight, least: int, days: int) -> list[dict[str, Any]]:
    recent = sight.during(days_until(sight.at, days))
    return [
        {
            **row,
            "url": list_url(
                "counted", row["grid__code"], period=recent.period,
                category=row["category"],
            ),
        }
        for row in tallies.repeats(recent, least, REPEATS)
    ]  # fmt: skip


def _table(
    request: HttpRequest, sight: Sight, table: tables.Table | None, name: str
) -> dict[str, Any] | None:
    if table is None or not table.rows:
        return None
    by_unit = name == "by_unit"

    def ranking_url(code: str) -> str:
        query = request.GET.copy()
        query["area"], query[name] = sight.area.code, code
        return f"?{query.urlencode()}"

    return {
        "columns": [(one, ranking_url(one.code)) for one in table.columns],
        "ranked_by": table.ranked_by,
        "least": table.least,
        "rows": [
            {
                "row": row,
                "figures": [
                    _figure(
                        sight, one, ratio, row.key if by_unit else None,
                        "" if by_unit else row.code,
                    )
                    for one, ratio in zip(table.columns, row.ratios, strict=True)
                ],
            }
            for row in table.rows
        ],
    }  # fmt: skip
