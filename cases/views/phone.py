"""The phone of people in the grid: what waits, own cases, one case."""

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases import story
from cases.explain import explain
from cases.lamps import lamps_of
from cases.models import Case
from cases.querysets.field import first_photos, open_site_tasks
from cases.views import words
from cases.views.steps import STEPS
from cases.workflow import Action, allowed
from governance import clock
from governance.numbers import number_of
from parties import http
from parties.acting import Actor
from parties.roles import GRID_ROLES, Role

PAGE = 20
RECENT = 3
LISTS = {"mine": _("我上报的"), "hand": _("我手上的"), "grid": _("本网格")}


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My grid, what waits for me today, and one big button."""
    who, at = http.actor(request), clock.now()
    tasks = list(open_site_tasks(who.user_id or 0))
    with_task = [task.case_id for task in tasks]
    lamps = lamps_of([task.case for task in tasks], at)
    in_hand = (
        Case.objects.todo_of(who).exclude(pk__in=with_task).with_names().by_urgency()
    )
    rows = words.rows(in_hand[:PAGE], who, at)
    postings = [one for one in http.postings(request) if one.post.role in GRID_ROLES]
    postings.sort(key=lambda one: one.pk != who.posting_id)
    context = {
        "tasks": [(task, lamps.get(task.case_id)) for task in tasks],
        "rows": rows,
        "points": _points([task.case for task in tasks] + [one.case for one in rows]),
        "grids": [one.post.area for one in postings if one.post.area],
        "recent": _with_photos(_own(who).order_by("-id")[:RECENT], who, at),
        "most": PAGE,
    }
    return render(request, "cases/phone/home.html", context)


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """Own cases, those underway first, then the newest; `before` turns the page."""
    who, at = http.actor(request), clock.now()
    which = _which(request, who)
    found = _chosen(which, who).with_names().order_by("-underway", "-id")
    found = found.filter(_after(request.GET.get("before", "")))
    page = list(found[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    older = f"{last.underway:d}.{last.pk}" if last else ""
    page = page[:PAGE]
    lists = {name: label for name, label in LISTS.items() if _has(name, who)}
    context = {
        "lists": lists,
        "which": which,
        "rows": _with_photos(page, who, at),
        "older_url": f"?list={which}&before={older}" if older else "",
    }
    return render(request, "cases/phone/cases.html", context)


def listed(request: HttpRequest) -> tuple[Any, Any]:
    """The label of the list in the address, and all its cases."""
    who = http.actor(request)
    which = _which(request, who)
    return LISTS[which], _chosen(which, who)


def _which(request: HttpRequest, who: Actor) -> str:
    which = request.GET.get("list", "mine")
    return which if which in LISTS and _has(which, who) else "mine"


def _has(name: str, who: Actor) -> bool:
    """A micro-grid is part of a grid whose cases are not all its leader's to see."""
    return name != "grid" or who.role != Role.MICRO_GRID_LEADER


def _after(before: str) -> Q:
    """What comes after the case that `before` names, `1.37` for one underway."""
    underway, _dot, pk = before.partition(".")
    last = number_of(pk)
    if underway not in ("0", "1") or last is None:
        return Q()
    older = Q(underway=underway == "1", pk__lt=last)
    return older | Q(underway=False) if underway == "1" else older


def _points(cases: list[Case]) -> list[dict[str, Any]]:
    """What waits, as pins of the map."""
    return [
        {
            "lng": case.point.x,
            "lat": case.point.y,
            "label": case.category.name,
            "tone": "red" if case.urgent else "blue",
            "url": reverse("phone_case", args=[case.pk]),
        }
        for case in cases
        if case.point is not None
    ]


def _own(who: Actor) -> Any:
    visible = Case.objects.visible_to(who).filter(reporter_id=who.user_id)
    return visible.with_names()


def _with_photos(cases: Any, who: Actor, at: datetime) -> list[tuple[words.Row, Any]]:
    """Rows of a list, each with its earliest photo."""
    found = list(cases)
    photos = first_photos([case.pk for case in found])
    return [(row, photos.get(row.case.pk)) for row in words.rows(found, who, at)]


def _chosen(which: str, who: Actor) -> Any:
    visible = Case.objects.visible_to(who)
    if which == "hand":
        return visible.open().filter(holder_user_id=who.user_id)
    if which == "grid":
        return visible.filter(grid_id=who.area_id)
    return _own(who)


@require_GET
def case_page(request: HttpRequest, case_id: int) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    visible = Case.objects.visible_to(who).with_names().select_related("district")
    case = get_object_or_404(visible, pk=case_id)
    context = {
        "case": case,
        "row": words.row(case, who, at),
        "explanation": explain(case, at),
        "journey": words.journey(case, words.events_of(case)),
        "timeline": [one for one in story.timeline(case) if not one.is_note],
        "photos": list(case.photos.order_by("received_at", "id")),
        "steps": _steps(case, who),
        "task": open_site_tasks(who.user_id or 0).filter(case=case).first(),
    }
    return render(request, "cases/phone/case.html", context)


def _steps(case: Case, who: Actor) -> list[Action]:
    """Exactly what the table allows this person, of what is done on a phone."""
    return [Action(row.action) for row in allowed(case, who) if row.action in STEPS]
