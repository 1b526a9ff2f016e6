"""The inbox of departments, enterprises and the street's own offices."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases.lamps import Clocks
from cases.models import Case
from cases.querysets import desk
from cases.querysets import inbox as boxes
from cases.querysets.cases import CaseQuerySet
from cases.querysets.narrowing import LAMPS, WHOSE, Narrowing, narrowed
from cases.views.bulk import bulk_for
from cases.views.desk import rows as desk_rows
from cases.views.saved_views import offered, query_of
from cases.workflow import CALLED, Stage, State, WhistleKind
from governance import clock
from governance.calendar import outside_hours
from governance.middleware import wants_piece
from parties import http
from parties.acting import Actor
from parties.models import Posting

# What a called unit never meets: what comes before the street hands it on.
EARLY = (
    State.DRAFT, State.REPORTED, State.VERIFYING, State.SELF_HANDLING,
    State.SELF_REVIEW, State.COMMUNITY_HANDLING, State.STREET_PENDING, State.REJECTED,
    State.TRANSFERRED,
)  # fmt: skip


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One box of the unit; `after` is the keyset cursor of the row before."""
    who, at = http.actor(request), clock.now()
    visible = Case.objects.visible_to(who)
    tally = boxes.tally(visible, who)
    figures = tally.figures
    chosen = boxes.BY_NAME.get(request.GET.get("box", "")) or _first(figures)
    if chosen.name in tally.ids:
        inside: CaseQuerySet = Case.objects.of_ids(tally.ids[chosen.name])
    else:
        inside = boxes.in_box(visible, chosen.name, who)
    asked = Narrowing.of(request.GET)
    found = _found(request, inside, who, at).with_names("street")
    found = boxes.with_own_lines(found, who)
    cursor = request.GET.get("after", "")
    page: list[Any] = list(desk.after(found.by_urgency(), cursor)[: desk.PAGE + 1])
    more = page[desk.PAGE :]
    page = page[: desk.PAGE]
    away = absences(who, at)
    context = {
        "box": chosen,
        "boxes": [(box, figures.get(box.name)) for box in boxes.BOXES],
        "rows": _rows(page, who, at, away),
        "q": request.GET.get("q", ""),
        "next_cursor": desk.cursor_of(page[-1]) if more else "",
        "is_first": not cursor,
        "here": request.get_full_path(),
        "acts": Stage.CHECKIN.label if who.role in CALLED else "",
        "asked": asked,
        "kept": f"&{kept}" if (kept := _kept(request, asked)) else "",
        "filling_in": [one for one in away.values() if one.user_id == who.user_id],
    }
    if wants_piece(request):
        return render(request, "cases/inbox/_inbox.html", context)
    context |= {
        "bulk_actions": bulk_for(who),
        "filters": filters(tally, asked),
        "views": offered(who, query_of(request.GET)),
    }
    return render(request, "cases/inbox/inbox.html", context)


def _found(request: HttpRequest, inside: Any, who: Actor, at: datetime) -> Any:
    """Of the cases of a box, those that are asked for."""
    found = narrowed(inside, Narrowing.of(request.GET), who, at)
    return found.search(request.GET.get("q", ""))


def listed(request: HttpRequest) -> tuple[Any, Any]:
    """The label of the box in the address, and all its cases as narrowed there."""
    who, at = http.actor(request), clock.now()
    visible = Case.objects.visible_to(who)
    box = boxes.BY_NAME.get(request.GET.get("box", ""))
    if box is None:
        box = _first(boxes.tally(visible, who).figures)
    inside = boxes.in_box(visible, box.name, who)
    return box.label, _found(request, inside, who, at)


def _kept(request: HttpRequest, asked: Narrowing) -> str:
    """What the links to boxes and pages carry on: the text and the narrowing."""
    text = request.GET.get("q", "")
    return urlencode([*([("q", text)] if text else []), *asked.pairs()])


def filters(tally: boxes.Tally, asked: Narrowing) -> list[dict[str, Any]]:
    """What may be ticked; areas and categories are those of open cases."""
    choices: list[tuple[str, Any, list[tuple[str, Any]]]] = [
        ("whose", _("谁在办"), list(WHOSE.items())),
        ("lamp", _("时限"), list(LAMPS.items())),
        ("outside", _("到达时间"), [("1", _("非工作时间到达"))]),
        ("kind", _("哨型"), list(WhistleKind.choices)),
        (
            "state",
            _("状态"),
            [(one.value, one.label) for one in State if one not in EARLY],
        ),
        ("area", _("街道"), desk.areas_of(tally.streets)),
        ("category", _("类别"), desk.categories_of(tally.categories)),
    ]
    return [
        {
            "name": name,
            "label": label,
            "n": len(ticked := getattr(asked, name)),
            "options": [(value, text, value in ticked) for value, text in options],
        }
        for name, label, options in choices
        if options
    ]


def absences(who: Actor, at: datetime) -> dict[int, Posting]:
    """Of the own unit: who is absent, and the delegation that says who fills in."""
    found = Posting.objects.stand_ins(who.organisation_id, at)
    away: dict[int, Posting] = {}
    for one in found:
        if one.delegated_from is not None:
            away[one.delegated_from.user_id] = one
    return away


def _first(figures: dict[str, int]) -> boxes.Box:
    """The first box in which something waits."""
    return next((box for box in boxes.BOXES if figures.get(box.name)), boxes.BOXES[0])


def came_at(case: Any) -> datetime:
    """When the unit was called, else when the case was filed."""
    line = next(iter(case.own_lines), None)
    blown: datetime | None = line.whistle.blown_at if line is not None else None
    return blown or case.reported_at


def _rows(
    page: list[Case], who: Actor, at: datetime, away: dict[int, Posting]
) -> list[dict[str, Any]]:
    """The rows of the desk, with the unit's line and the two clocks it answers for,
    whether it came outside working hours, and the absence of who has it in hand."""
    came = {case.pk: came_at(case) for case in page}
    clocks = Clocks(page, at, *came.values())
    rows = desk_rows(page, who, at, clocks)
    outside = outside_hours(came.values(), clocks.known)
    for row in rows:
        case = row["case"]
        line = next(iter(case.own_lines), None)
        row["line"] = line
        row["outside"] = came[case.pk] in outside
        row["away"] = away.get(case.holder_user_id)
        for one in clocks.of_case.get(case.pk, ()):
            if one.superseded:
                continue
            if one.stage == Stage.HANDLE:
                row["handle"] = clocks.lamp(one)
            elif one.stage == Stage.CHECKIN and line and one.assignment_id == line.pk:
                row["checkin"] = clocks.lamp(one)
    return rows
