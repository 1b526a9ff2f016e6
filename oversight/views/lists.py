"""数字反查: exactly the rows that a number of the board counts."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.models import (
    Case,
    CaseClock,
    Category,
    SupervisionOrder,
    WhistleAssignment,
)
from cases.querysets.kpi import Period
from cases.views.desk import rows as desk_rows
from cases.views.report import listed_row, named
from grids.models import Area
from oversight.querysets.boards import fields
from oversight.querysets.lists import BY_CODE, Listed
from oversight.querysets.sight import DAY, Sight
from oversight.views.seen import day_in, sight_of
from parties import http
from parties.models import Organisation, Posting

PAGE = 50


@require_GET
def listed(request: HttpRequest, code: str) -> HttpResponse:
    """A page of a list; `n` is how many there are, the number on the board."""
    one = _one(code)
    sight, narrowed = _narrowed(request, sight_of(request))
    rows = one.rows(sight)
    page = http.page_in(request)
    found = list(in_order(rows)[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "sight": sight,
        "one": one,
        "n": rows.count(),
        "narrowed": narrowed,
        "kind": _kind(rows.model),
        "rows": _shown(found[:PAGE], sight),
        "newer_url": http.here_with(request, page=page - 1) if page > 1 else "",
        "older_url": http.here_with(request, page=page + 1) if found[PAGE:] else "",
    }
    return render(request, "oversight/list.html", context)


def rows_behind(request: HttpRequest, code: str) -> tuple[Any, Any]:
    """The label of the number, and all rows that it counts, in order."""
    one = _one(code)
    sight, _words = _narrowed(request, sight_of(request))
    return one.label, in_order(one.rows(sight))


def _one(code: str) -> Listed:
    if code not in BY_CODE:
        raise Http404
    return BY_CODE[code]


def _narrowed(request: HttpRequest, sight: Sight) -> tuple[Sight, list[str]]:
    """By period, board and category as the address says, and that in words."""
    words = []
    starts_at, ends_at = day_in(request, "from"), day_in(request, "to")
    if starts_at and ends_at:
        sight = sight.during(Period(starts_at, ends_at))
        last = ends_at - DAY
        words.append(
            f"{starts_at:%Y-%m-%d}"
            if last <= starts_at
            else f"{starts_at:%Y-%m-%d} – {last:%Y-%m-%d}"
        )
    board = http.number_in(request, "board")
    category = http.number_in(request, "category")
    if board is not None:
        chosen = next((one for one in fields() if one.key == board), None)
        if chosen is None:
            raise Http404
        sight = sight.of_categories(chosen.categories)
        words.append(chosen.name or _("未归板块"))
    if category is not None:
        sight = sight.of_categories([category])
        words += Category.objects.filter(pk=category).values_list("name", flat=True)
    unit = http.number_in(request, "unit")
    if unit is not None:
        sight = sight.of_unit(unit)
        words += Organisation.objects.filter(pk=unit).values_list("name", flat=True)
    return sight, words


def _kind(model: Any) -> str:
    """How a row is shown: as on the desk, as in the month report, or in plain words."""
    if model is Case:
        return "case"
    parts = (CaseClock, WhistleAssignment, SupervisionOrder)
    return "part" if model in parts else "plain"


def _shown(found: list[Any], sight: Sight) -> list[dict[str, Any]]:
    kind = _kind(type(found[0])) if found else ""
    if kind == "case":
        return desk_rows(found, sight.actor, sight.at)
    if kind == "part":
        return [listed_row(row, False) for row in found]
    return [plain(row) for row in found]


def in_order(rows: Any) -> Any:
    """With the names that are shown, in the order of the list."""
    if rows.model is Case:
        return rows.with_names().order_by("-reported_at", "-pk")
    if _kind(rows.model) == "part":
        return named(rows)
    if rows.model is Area:
        return rows.select_related("parent").order_by("code")
    if rows.model is Posting:
        return rows.with_post().order_by("post__area__code", "pk")
    return rows.select_related("organisation", "area").order_by("area__code", "pk")


def plain(row: Any) -> dict[str, Any]:
    """name, and where or of whom."""
    if isinstance(row, Area):
        return {"name": row.name, "where": row.parent.name if row.parent else ""}
    if isinstance(row, Posting):
        return {"name": row.user.name, "where": f"{row.post.area} · {row.post.name}"}
    # The last kind there is: a 包联部门.
    return {"name": row.organisation.name, "where": f"{row.area.name} · {row.note}"}
