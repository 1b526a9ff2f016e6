"""The heavier half of the board: the month's indicators, trend, repeats, rankings."""

import hashlib
import time
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from oversight.querysets import tables, tallies
from oversight.querysets.sight import Sight, days_until
from oversight.views.figures import figure, number
from oversight.views.parts import fields_of, repeats_of, table_of
from oversight.views.seen import etag, etag_parts, list_url, rule, sight_of
from parties import http

TREND_DAYS = 30
WORTH_KEEPING = 2.0  # seconds
REST = 20
HEADLINE = (
    "response", "solution", "satisfaction", "handling_in_time", "closing_in_time",
    "review_return", "rework", "recurrence", "first_resolution",
)  # fmt: skip


@require_GET
@cache_control(private=True, no_cache=True)
@condition(etag_func=etag)
def month(request: HttpRequest) -> HttpResponse:
    """`by` names the indicator by which communities, `by_unit` units are ranked.

    It costs a statement for each indicator over the month. Where that takes long, in a
    city of very many cases, the piece is kept for `REST` times as long as it took.
    """
    sight = sight_of(request)
    parts = etag_parts(request, newest=0)
    key = f"board-month:{hashlib.sha256(parts.encode()).hexdigest()}"
    kept: str | None = cache.get(key)
    if kept is None:
        begun = time.monotonic()
        kept = render_to_string(
            "oversight/_month.html", _month(request, sight), request
        )
        took = time.monotonic() - begun
        if took >= WORTH_KEEPING:
            cache.set(key, kept, took * REST)
    return HttpResponse(kept)


def _month(request: HttpRequest, sight: Sight) -> dict[str, Any]:
    found = rule()
    by = request.GET.get("by", "closing_in_time")
    by_unit = request.GET.get("by_unit", "check_in")
    least, scope = found.least_sample, sight.scope
    communities = tables.of_communities(scope, sight.area, by, least)
    units = tables.of_units(scope, by_unit, least)
    named = f"{sight.period.starts_at:%Y-%m}"
    return {
        "sight": sight,
        "month": named,
        "headline": _headline(sight),
        "fields": fields_of(sight),
        "trend": _trend(sight),
        "repeats": repeats_of(sight, found),
        "rule": found,
        "communities": table_of(sight, communities, _ranking(request, sight, "by")),
        "units": table_of(sight, units, _ranking(request, sight, "by_unit")),
        "report_url": f"{http.address('report')}?month={named}&area={sight.area.code}",
    }


def _headline(sight: Sight) -> list[dict[str, Any]]:
    return [
        figure(sight, indicator, ratio)
        for indicator, ratio in tables.headline(sight.scope, HEADLINE)
    ]


def _trend(sight: Sight) -> dict[str, Any]:
    days = tallies.daily(sight.during(days_until(sight.at, TREND_DAYS)))
    area = sight.area.code
    return {
        "days": [
            {
                "day": day.starts_at,
                "reported": number(sight, "reported", reported, "", period=day),
                "closed": number(sight, "closed", closed, "", period=day),
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


def _ranking(request: HttpRequest, sight: Sight, name: str) -> Callable[[str], str]:
    """The address of the board with its table ranked by an indicator."""

    def url(code: str) -> str:
        query = request.GET.copy()
        query["area"], query[name] = sight.area.code, code
        return f"?{query.urlencode()}"

    return url
