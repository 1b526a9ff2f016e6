"""The lists people keep under a name: kept from the inbox, tended on one page."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases.actions import saved_views as actions
from cases.forms.own_work import NewViewForm, ViewForm
from cases.models import SavedView
from cases.querysets import inbox as boxes
from cases.querysets.narrowing import Narrowing
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor


def query_of(given: QueryDict) -> str:
    """Box, text and narrowing of an address in a fixed order; the rest is left out."""
    pairs = [("box", given.get("box", ""))] if given.get("box") in boxes.BY_NAME else []
    text = given.get("q", "").strip()[:100]
    if text:
        pairs.append(("q", text))
    return urlencode([*pairs, *Narrowing.of(given).pairs()])


def offered(who: Actor, current: str) -> list[dict[str, Any]]:
    """The views this person has, and which of them is open."""
    found: Any = SavedView.objects.visible_to(who)
    return [{"view": one, "is_here": one.query == current} for one in found]


@require_GET
def manage(request: HttpRequest) -> HttpResponse:
    who = http.actor(request)
    found: Any = SavedView.objects.visible_to(who)
    rows = [
        {
            "view": one,
            "form": ViewForm(
                initial={"name": one.name, "is_shared": one.is_shared},
                auto_id=f"view-{one.pk}-%s",
            ),
        }
        for one in found
    ]
    heads = who.role in actions.HEADS
    context = {"rows": rows, "may_drop_shared": heads}
    return render(request, "cases/inbox/views.html", context)


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Back to the list with the view open; 422 with what was typed."""
    who = http.actor(request)
    form = NewViewForm(request.POST)
    query = query_of(QueryDict(request.POST.get("query", "").lstrip("?")))
    if form.is_valid():
        given = form.cleaned_data
        try:
            view = actions.keep_view(
                name=given["name"],
                query=query,
                is_shared=given["is_shared"],
                actor=who,
                at=clock.now(),
            )
        except Refused as refused:
            form.add_error(refused.field, str(refused))
        else:
            messages.success(request, _("视图“%s”已保存。") % view.name)
            return redirect(f"{reverse('inbox')}?{view.query}")
    context = {"form": form, "query": query}
    return render(request, "cases/inbox/view_new.html", context, status=422)


@require_POST
def change(request: HttpRequest, view_id: int, what: str) -> HttpResponse:
    """`rename` (with sharing), `up`, `down` or `drop`; then the page of all views."""
    who, at = http.actor(request), clock.now()
    view: Any = get_object_or_404(SavedView.objects.visible_to(who), pk=view_id)
    about: dict[str, Any] = {"view_id": view.pk, "actor": who, "at": at}
    if what == "drop":
        actions.drop_view(**about)
    elif what in ("up", "down"):
        actions.move_view(**about, up=what == "up")
    else:
        form = ViewForm(request.POST)
        if not form.is_valid():
            raise Refused(str(next(iter(form.errors.values()))[0]), code="name")
        actions.change_view(**about, **form.cleaned_data)
    return redirect("saved_views")
