"""Open311 requests whose address in words the desk of a street or district places."""

import uuid

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from doors import actions
from doors.forms.placing import PlaceRequestForm
from doors.models import Open311Request
from doors.querysets import PLACERS
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor
from parties.roles import Role

SHOWN = 100


@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    found = _waiting(_placer(request))
    context = {"requests": found[:SHOWN], "count": found.count(), "shown": SHOWN}
    return render(request, "doors/bridges/unplaced.html", context)


@require_GET
def unplaced(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    actor = _placer(request)
    found = get_object_or_404(_waiting(actor), pk=request_id)
    return _page(request, found, _form(actor, found))


@require_POST
def place(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    actor = _placer(request)
    found = get_object_or_404(_waiting(actor), pk=request_id)
    form = _form(actor, found, request.POST)
    if form.is_valid():
        try:
            placed = actions.place_request(
                request_id=found.pk,
                community_id=form.cleaned_data["community"].pk,
                actor=actor,
                at=clock.now(),
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            number = placed.case.display_no if placed.case else ""
            messages.success(request, _("已立案，编号 %(no)s。") % {"no": number})
            return redirect("open311_unplaced")
    return _page(request, found, form)


def _placer(request: HttpRequest) -> Actor:
    """The administrator and the desks; for others there is no such list."""
    actor = http.actor(request)
    if actor.role not in (Role.SYSTEM_ADMIN, *PLACERS):
        raise Http404
    return actor


def _waiting(actor: Actor) -> "QuerySet[Open311Request]":
    found = Open311Request.objects.visible_to(actor)
    return found.select_related("client", "category", "area")


def _form(actor: Actor, found: Open311Request, *given: object) -> PlaceRequestForm:
    return PlaceRequestForm(actor, found.area.code if found.area else "", *given)


def _page(
    request: HttpRequest, found: Open311Request, form: PlaceRequestForm
) -> HttpResponse:
    context = {"waiting": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "doors/bridges/placing.html", context, status=status)
