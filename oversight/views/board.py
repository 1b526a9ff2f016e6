"""`/desk/board/`: the live dashboard of a street, community, district or city.

The page is made of two pieces. `now` is what moves with every step of a case; `month`
is heavier and asked for later. The page asks `pulse` every few seconds and for a piece
only when something moved; an unchanged piece answers 304.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_GET

from cases.lamps import calendar_for, lamp_of
from cases.models import CaseClock, Category, WhistleAssignment
from cases.views.desk import areas_below
from oversight.querysets import changes, lists, tallies
from oversight.querysets.boards import NONE, Field, fields
from oversight.querysets.colours import COLOURS
from oversight.querysets.sight import Sight, day_of
from oversight.views.figures import number, ratio_of
from oversight.views.parts import counters_of
from oversight.views.seen import etag, list_url, sight_of
from parties import http

CALLS = 10
FACTS = 3


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
@cache_control(private=True, no_store=True)
def pulse(request: HttpRequest) -> JsonResponse:
    """?since=: whether a case of the area moved after that Event, up to where, and
    the time of the platform: that of the device may be wrong."""
    sight = sight_of(request)
    since = http.number_in(request, "since") or 0
    return JsonResponse(
        {
            "moved": changes.moved(sight.area, since),
            "since": changes.seen_until(since, sight.at),
            "at": sight.at,
        }
    )


def _month_query(request: HttpRequest, sight: Sight) -> str:
    ranked = {
        name: request.GET[name] for name in ("by", "by_unit") if name in request.GET
    }
    return urlencode({"area": sight.area.code, **ranked})


def _now(sight: Sight) -> dict[str, Any]:
    today = sight.during(day_of(sight.at))
    standing, flowing = tallies.standing(today), tallies.flowing(today)
    whole = tallies.summed(standing, flowing)
    return {
        "sight": sight,
        "counters": counters_of(today, whole),
        "colour_counts": [
            number(sight, code, whole[code], label) for code, label in COLOURS.items()
        ],
        "whistle": _whistle(sight),
        "boards": _boards(today, standing, flowing),
        "loads": _loads(sight),
    }


def _whistle(sight: Sight) -> dict[str, Any]:
    n = tallies.presence(sight)
    return {
        "called": number(sight, "called", n["called"], _("已吹哨")),
        "numbers": [
            number(sight, code, n[code], lists.BY_CODE[code].label)
            for code in ("late", "absent", "came", "returning", "finished")
        ],
        "rows": _calls(sight),
        "more": max(n["absent"] + n["came"] - CALLS, 0),
        "rate": ratio_of(sight, "check_in"),
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
    today: Sight, standing: dict[int, tallies.Tally], flowing: dict[int, tallies.Tally]
) -> list[dict[str, Any]]:
    """The cards; categories that stand nowhere have one only while cases have them."""
    names = dict(Category.objects.filter(pk__in=standing).values_list("pk", "name"))
    found = []
    for one in fields():
        own = tallies.summed(standing, flowing, only=one.categories)
        if one.key == NONE and not own.total():
            continue
        narrow: dict[str, Any] = {"board": one.key}
        day = {**narrow, "period": today.period}
        found.append(
            {
                "name": one.name or _("未归板块"),
                "numbers": [
                    number(today, "open", own["open"], _("在办"), **narrow),
                    number(today, "red", own["red"], _("超时"), **narrow),
                    number(today, "reported", own["reported"], _("今日上报"), **day),
                    number(today, "closed", own["closed"], _("今日结案"), **day),
                ],
                "facts": _party(today)
                if one.shows_party_work
                else _commonest(today, one, standing, names),
            }
        )
    return found


def _commonest(
    sight: Sight,
    board: Field,
    standing: dict[int, tallies.Tally],
    names: dict[int, str],
) -> list[dict[str, Any]]:
    """The categories of a board with the most open cases."""
    here = sorted(
        ((standing[key]["open"], names[key], key) for key in standing
         if key in board.categories),
        key=lambda one: (-one[0], one[1]),
    )  # fmt: skip
    return [
        {"label": name, "parts": [number(sight, "open", n, "", category=key)]}
        for n, name, key in here[:FACTS]
    ]


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
                number(sight, "manned", numbers["manned"], ""),
                number(sight, "grids", numbers["grids"], ""),
            ],
        },
        {
            "label": _("包联部门"),
            "parts": [number(sight, "contacts", numbers["contacts"], "")],
        },
        {
            "label": _("N 力量"),
            "parts": [number(sight, "forces", numbers["forces"], "")],
        },
    ]


def _loads(sight: Sight) -> list[dict[str, Any]]:
    """The areas below with their open cases, the most loaded first."""
    n, areas = tallies.load(sight)
    return [
        {"area": area, "n": n[area.pk], "url": list_url("open", area.code)}
        for area in areas
    ]
