"""The 督办 board: every order in the reader's scope, those that wait first."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from cases.models import SupervisionOrder
from governance import clock
from parties import http

PAGE = 25
Status = SupervisionOrder.Status
TABS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "waiting": (_("待回复"), (Status.ISSUED, Status.RETURNED)),
    "answered": (_("已回复待审"), (Status.ANSWERED,)),
    "accepted": (_("已办结"), (Status.ACCEPTED,)),
    "all": (_("全部"), tuple(Status.values)),
}


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """A page of one tab, with how many orders are in each."""
    who, at = http.actor(request), clock.now()
    visible = SupervisionOrder.objects.visible_to(who)
    chosen = _chosen(request)
    figures = visible.by_status()
    page = _number(request.GET.get("page", ""))
    found = listed(request)[1].with_names()
    orders = list(found[(page - 1) * PAGE : page * PAGE + 1])
    context = {
        "tabs": [
            (name, label, sum(figures.get(status, 0) for status in statuses))
            for name, (label, statuses) in TABS.items()
        ],
        "tab": chosen,
        "orders": orders[:PAGE],
        "late": visible.unanswered_at(at).count(),
        "newer_url": f"?tab={chosen}&page={page - 1}" if page > 1 else "",
        "older_url": f"?tab={chosen}&page={page + 1}" if len(orders) > PAGE else "",
        "at": at,
    }
    return render(request, "cases/desk/supervision.html", context)


def listed(request: HttpRequest) -> tuple[Any, Any]:
    """The label of the tab in the address, and all its orders."""
    label, statuses = TABS[_chosen(request)]
    visible = SupervisionOrder.objects.visible_to(http.actor(request))
    return label, visible.filter(status__in=statuses).in_order()


def _chosen(request: HttpRequest) -> str:
    chosen = request.GET.get("tab", "")
    return chosen if chosen in TABS else "waiting"


def _number(text: str) -> int:
    return max(int(text), 1) if text.isdecimal() and len(text) < 6 else 1
