"""The inbox of departments, enterprises and the street's own offices."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.lamps import calendar_for, lamp_of
from cases.models import Case, CaseClock
from cases.querysets import desk
from cases.querysets import inbox as boxes
from cases.views.bulk import bulk_for
from cases.views.desk import rows as desk_rows
from cases.workflow import CALLED, Stage
from governance import clock
from parties import http
from parties.acting import Actor


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One box of the unit; `after` is the keyset cursor of the row before."""
    who, at = http.actor(request), clock.now()
    figures = boxes.figures(Case.objects.visible_to(who), who)
    chosen = boxes.BY_NAME.get(request.GET.get("box", "")) or _first(figures)
    visible = boxes.in_box(Case.objects.visible_to(who), chosen.name, who)
    found = visible.search(request.GET.get("q", "")).with_names()
    found = boxes.with_own_lines(found, who)
    cursor = request.GET.get("after", "")
    page: list[Any] = list(desk.after(found.by_urgency(), cursor)[: desk.PAGE + 1])
    more = page[desk.PAGE :]
    page = page[: desk.PAGE]
    context = {
        "box": chosen,
        "boxes": [(box, figures.get(box.name)) for box in boxes.BOXES],
        "rows": _rows(page, who, at),
        "q": request.GET.get("q", ""),
        "next_cursor": desk.cursor_of(page[-1]) if more else "",
        "is_first": not cursor,
        "here": request.get_full_path(),
        "acts": who.role in CALLED,
        "bulk_actions": bulk_for(who),
    }
    piece = bool(request.htmx)  # type: ignore[attr-defined]
    template = "_inbox.html" if piece else "inbox.html"
    return render(request, f"cases/inbox/{template}", context)


def _first(figures: dict[str, int]) -> boxes.Box:
    """The first box in which something waits."""
    return next((box for box in boxes.BOXES if figures.get(box.name)), boxes.BOXES[0])


def _rows(page: list[Case], who: Actor, at: datetime) -> list[dict[str, Any]]:
    """The rows of the desk, with the unit's line and the two clocks it answers for."""
    rows = desk_rows(page, who, at)
    clocks = list(
        CaseClock.objects.filter(
            case__in=[case.pk for case in page if case.is_open],
            stage__in=[Stage.CHECKIN, Stage.HANDLE],
            stopped_at=None,
            superseded=False,
        )
    )
    known = calendar_for(clocks)
    for row in rows:
        line = next(iter(row["case"].own_lines), None)
        row["line"] = line
        for one in clocks:
            if one.case_id != row["case"].pk:
                continue
            if one.stage == Stage.HANDLE:
                row["handle"] = lamp_of(one, at, known)
            elif line is not None and one.assignment_id == line.pk:
                row["checkin"] = lamp_of(one, at, known)
    return rows
