"""The way of all cases on one page, with how many stand where."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases import diagram
from cases.models import Case
from cases.workflow import (
    JOURNEY,
    OPEN_STATES,
    RESUME,
    TRANSITIONS,
    By,
    Stage,
    State,
    Transition,
    Who,
)
from governance import clock
from governance.middleware import wants_piece
from grids.codes import Level
from parties import http
from parties.acting import Actor
from parties.roles import ADMIN_ROLES, Role, surface_of

TICKS = {
    "start": _("启动%(stage)s"), "stop": _("停止%(stage)s"),
    "pause": _("暂停%(stage)s"), "resume": _("恢复%(stage)s"),
    "release": _("接着走（若暂停过）%(stage)s"),
    "pass_on": _("接着走（换了单位则重新起算）%(stage)s"),
}  # fmt: skip
OTHERS = {"system": _("系统"), "resident": _("诉求人"), "device": _("感知设备")}
STANDING = {
    By.HOLDER: _("（承办人本人）"), By.UNIT: _("（承办单位）"),
    By.LEAD: _("（主办单位）"),
}  # fmt: skip


@require_GET
def workflow(request: HttpRequest) -> HttpResponse:
    """The diagram, live; `state` shows only the rows of the table that touch it."""
    who, at = http.actor(request), clock.now()
    if not may_see(who):
        raise Http404
    chosen = request.GET.get("state", "")
    chosen = chosen if chosen in State.values else ""
    numbers = _numbers(who, at)
    links = {str(state): f"?state={state}#rows" for state in State}
    badges = {
        state: (n, _list_url(who, state)) for state, (n, _late) in numbers.items()
    }
    context = {
        "svg": _picture(links, badges),
        "stages": _stages(who, numbers),
        "rows": [_row(one) for one in TRANSITIONS if _touches(one, chosen)],
        "chosen": State(chosen) if chosen else None,
        "total": sum(n for n, _late in numbers.values()),
        "late": sum(late for _n, late in numbers.values()),
        "here": request.get_full_path(),
        "at": at,
    }
    template = "_workflow.html" if wants_piece(request) else "workflow.html"
    return render(request, f"cases/workflow/{template}", context)


def may_see(who: Actor) -> bool:
    """Administrators, and desks of a street and above, each within its scope."""
    if who.role in ADMIN_ROLES:
        return True
    at_street = who.area_level is not None and who.area_level <= Level.STREET
    return at_street and surface_of(who.role) == "desk"


def _numbers(who: Actor, at: datetime) -> dict[str, tuple[int, int]]:
    """Open cases and overdue ones by state. An administrator, who may open no case,
    sees the numbers of all."""
    found = Case.objects.all()
    if who.role not in ADMIN_ROLES:
        found = found.visible_to(who)
    counted = found.by_state(at)
    return {state: counted.get(state, (0, 0)) for state in OPEN_STATES}


def _list_url(who: Actor, state: str) -> str:
    if who.role in ADMIN_ROLES:
        return f"{reverse('admin:cases_case_changelist')}?state__exact={state}"
    return f"{reverse('desk_queue')}?queue=open&state={state}"


def _picture(links: dict[str, str], badges: dict[str, tuple[int, str]]) -> SafeString:
    picture = diagram.svg(links=links, badges=badges, style="")
    return mark_safe(picture)  # noqa: S308 - everything in it is escaped there


def _stages(who: Actor, numbers: dict[str, tuple[int, int]]) -> list[dict[str, Any]]:
    """The same as a list, for a narrow screen and for readers of the screen."""
    placed = {state for _label, states in JOURNEY for state in states}
    rest = tuple(state for state in State if state not in placed)
    return [
        {
            "label": label,
            "states": [
                {
                    "state": State(state),
                    "n": numbers[state][0] if state in numbers else None,
                    "late": numbers[state][1] if state in numbers else 0,
                    "url": _list_url(who, state) if state in numbers else "",
                }
                for state in states
            ],
        }
        for label, states in (*JOURNEY, (_("其他去向"), rest))
    ]


def _touches(row: Transition, state: str) -> bool:
    return not state or state in row.sources or state == row.target


def _row(row: Transition) -> dict[str, Any]:
    return {
        "id": row.id,
        "action": row.action.label,
        "sources": [State(one).label for one in row.sources],
        "target": _("原办理状态") if row.target == RESUME else State(row.target).label,
        "who": list(dict.fromkeys(_who(one) for one in row.who)),
        "guards": [guard.sentence for guard in row.guards],
        "clocks": [
            TICKS[name] % {"stage": Stage(stage).label} for name, stage in row.clocks
        ],
    }


def _who(who: Who) -> str:
    name = OTHERS.get(who.role) or Role(who.role).label
    return f"{name}{STANDING.get(who.by, '')}"
