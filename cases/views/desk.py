"""The dispatcher's desk: queues by what must be done next."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from cases.actions.bringing_in import MAY_BRING_IN
from cases.lamps import Clocks, exempt_of, lamps_of
from cases.models import Case, Escalation
from cases.querysets import desk
from cases.querysets.cases import CaseQuerySet
from cases.querysets.desk import Queue
from cases.querysets.disputes import MEETING_READERS
from cases.querysets.names import give_names
from cases.querysets.scope import sees_much
from cases.views.bulk import bulk_for
from cases.views.workflow import may_see
from cases.workflow import State
from governance import clock
from governance.middleware import wants_piece
from grids.codes import Level
from grids.models import Area
from parties import http
from parties.acting import Actor
from parties.models import Notification

FILTERS = ("q", "area", "state", "only")
LISTS = (
    ("meetings", pgettext_lazy("list", "治理联席会议")),
    ("gaps", pgettext_lazy("list", "职责空白")),
)
ONLY = {"overdue": _("超时"), "urgent": _("紧急"), "unread": _("有新消息")}


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """A page of one queue; `after` is the keyset cursor of the row before."""
    who, at = http.actor(request), clock.now()
    chosen = _chosen(request)
    visible = Case.objects.visible_to(who)
    tally = desk.tally(visible, who)
    queued = desk.in_queue(visible, chosen, who, tally)
    found = _narrowed(request, queued, who, at)
    if chosen.name != "closed":
        found = found.by_urgency(walk=sees_much(who))
    page, next_cursor = _page(found, chosen, request.GET.get("after", ""))
    give_names(page)
    context = {
        "queue": chosen,
        "groups": _groups(request, tally.figures, who),
        "rows": rows(page, who, at),
        "next_url": _url(request, after=next_cursor) if next_cursor else "",
        "first_url": _url(request, after="") if request.GET.get("after") else "",
        "points_url": f"points/{_url(request, after='', view='')}",
        "here": request.get_full_path(),
        "lists": LISTS if who.role in MEETING_READERS else (),
        "reads_pool": desk.reads_pool(who),
        "brings_in": who.role in MAY_BRING_IN,
        "reads_report": desk.reads_report(who),
        "view": "map" if request.GET.get("view") == "map" else "list",
        "list_url": _url(request, view=""),
        "map_url": _url(request, view="map"),
        "given": {name: request.GET.get(name, "") for name in FILTERS},
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
    }
    if wants_piece(request):
        return render(request, "cases/desk/_desk.html", context)
    context |= {
        "areas": areas_below(who, at),
        "only": ONLY,
        "states": State,
        "sees_workflow": may_see(who),
        "bulk_actions": bulk_for(who),
    }
    return render(request, "cases/desk/desk.html", context)


@require_GET
def points(request: HttpRequest) -> JsonResponse:
    """The queue on the map, as GeoJSON; at most `MAP_POINTS` of the most urgent."""
    who, at = http.actor(request), clock.now()
    visible = Case.objects.visible_to(who)
    queued = desk.in_queue(visible, _chosen(request), who)
    found = _narrowed(request, queued, who, at)
    located = (
        found.exclude(point=None)
        .select_related("category")
        .by_urgency(walk=sees_much(who))
    )
    cases = list(located[: desk.MAP_POINTS])
    lamps = lamps_of(cases, at)
    features = [_feature(case, lamps.get(case.pk)) for case in cases]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def rows(
    cases: list[Case], who: Actor, at: datetime, clocks: Clocks | None = None
) -> list[dict[str, Any]]:
    """case, lamp, level of alarm, unread, exempt from overdue, in own hands or not."""
    lamps = (clocks or Clocks(cases, at)).leading()
    exempt = exempt_of(cases)
    levels = Escalation.objects.highest_of(cases)
    unread = Notification.objects.unread_among(
        [case.chain for case in cases], who.user_id or 0
    )
    return [
        {
            "case": case,
            "lamp": lamps.get(case.pk),
            "alarm": levels.get(case.pk),
            "unread": case.chain in unread,
            "exempt": case.pk in exempt,
            "is_mine": case.holder_user_id in who.hands,
        }
        for case in cases
    ]


def listed(request: HttpRequest) -> tuple[Any, Any]:
    """The label of the queue in the address, and all its cases as narrowed there."""
    who, at = http.actor(request), clock.now()
    chosen = _chosen(request)
    queued = desk.in_queue(Case.objects.visible_to(who), chosen, who)
    return chosen.label, _narrowed(request, queued, who, at)


def _chosen(request: HttpRequest) -> Queue:
    name = request.GET.get("queue", "mine")
    return desk.BY_NAME.get(name, desk.QUEUES[0])


def _narrowed(
    request: HttpRequest, queued: CaseQuerySet, who: Actor, at: datetime
) -> Any:
    return narrowed_queue(request.GET, queued, who, at)


def narrowed_queue(
    given: QueryDict, queued: CaseQuerySet, who: Actor, at: datetime
) -> Any:
    """A queue narrowed by `q`, `area`, `state` and `only` of an address."""
    found = queued.search(given.get("q", ""))
    area = given.get("area", "")
    if area:
        found = found.filter(placement_code__startswith=area)
    state = given.get("state", "")
    if state in State.values:
        found = found.in_state(state)
    only = given.get("only", "")
    if only == "overdue":
        found = found.overdue(at)
    elif only == "urgent":
        found = found.filter(urgent=True)
    elif only == "unread":
        subjects = Notification.objects.visible_to(who.user_id or 0).unread()
        found = found.filter(pk__in=desk.case_ids(subjects))
    return found


def _page(found: Any, chosen: Queue, cursor: str) -> tuple[list[Case], str]:
    page: list[Any]
    if chosen.name == "closed":
        page = list(desk.before(found, cursor)[: desk.PAGE + 1])
    else:
        page = list(desk.after(found, cursor)[: desk.PAGE + 1])
    if len(page) <= desk.PAGE:
        return page, ""
    page = page[: desk.PAGE]
    last = page[-1]
    return page, str(last.pk) if chosen.name == "closed" else desk.cursor_of(last)


def _groups(
    request: HttpRequest, figures: dict[str, int], who: Actor
) -> list[dict[str, Any]]:
    """The rail: groups of queues with how many wait in each."""
    groups: dict[str, list[dict[str, Any]]] = {}
    chosen = _chosen(request)
    for queue in desk.queues_of(who):
        groups.setdefault(str(queue.group), []).append(
            {
                "queue": queue,
                "n": None if queue.name == "closed" else figures[queue.name],
                "url": _url(request, queue=queue.name, after=""),
                "is_here": queue.name == chosen.name,
            }
        )
    return [{"label": label, "queues": queues} for label, queues in groups.items()]


def areas_below(who: Actor, at: datetime) -> list[Area]:
    """What the place filter offers: the communities of a street, else streets."""
    if who.area_level is None or who.area_level >= Level.COMMUNITY:
        return []
    level = Level.COMMUNITY if who.area_level == Level.STREET else Level.STREET
    below = Area.objects.active(at.date()).within([who.area_code]).at_level(level)
    return list(below.order_by("code"))


def _url(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}"


def _feature(case: Case, lamp: Any) -> dict[str, Any]:
    assert case.point is not None  # noqa: S101 - those without were excluded
    return {
        "type": "Feature",
        "id": case.pk,
        "geometry": {"type": "Point", "coordinates": list(case.point.coords)},
        "properties": {
            "no": case.display_no,
            "title": case.category.name,
            "address": case.address,
            "state": str(case.get_state_display()),
            "left": lamp.text if lamp else "",
            "lamp": lamp.colour if lamp else "grey",
            "urgent": case.urgent,
            "url": f"/cases/{case.pk}/",
        },
    }
