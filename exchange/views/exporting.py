"""Take a list out: say what for, wait if it is long, download."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from exchange import actions
from exchange.forms import PURPOSES, ExportForm
from exchange.http import outgoing as outgoing_of
from exchange.http import outgoing_again
from exchange.lists import BY_CODE, Listing
from exchange.models import Export
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import http

RECENT = 20


@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """What the person took out in this post, newest first."""
    mine = Export.objects.visible_to(http.actor(request))[:RECENT]
    context = {"exports": mine, "at": clock.now()}
    return render(request, "exchange/exports.html", context)


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """The list as narrowed in the address; a short one is answered at once."""
    outgoing = outgoing_of(code, request)
    listing = BY_CODE[code]
    form = ExportForm(http.posted(request), sensitive=outgoing.sensitive)
    if request.method == "POST" and form.is_valid():
        try:
            export = _requested(request, listing, outgoing, form)
        except Refused as refused:
            refused.show_in(form)
        else:
            return redirect("export_progress", token=export.token)
    context = {
        "form": form,
        "listing": listing,
        "outgoing": outgoing,
        "purposes": PURPOSES,
        "is_long": outgoing.is_long,
        "back_url": _back(listing, request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "exchange/ask.html", context, status=status)


def _requested(
    request: HttpRequest,
    listing: Listing,
    outgoing: actions.Outgoing,
    form: ExportForm,
) -> Export:
    return actions.request_export(
        listing=listing.code,
        query=request.GET.urlencode(),
        outgoing=outgoing,
        file_format=form.cleaned_data["format"],
        purpose=form.cleaned_data["purpose"],
        language=get_language() or "",
        actor=http.actor(request),
        at=clock.now(),
    )


def _back(listing: Listing, request: HttpRequest) -> str:
    """The page that the list was looked at on."""
    address = http.address(listing.page)
    if listing.code in ("report", "board"):
        given = request.GET.copy()
        code = (given.pop("code", None) or [""])[-1]
        middle = "lists/" if listing.code == "board" else ""
        return f"{address}{middle}{code}/?{given.urlencode()}" if code else address
    return f"{address}?{request.GET.urlencode()}" if address else ""


def _mine(request: HttpRequest, token: UUID) -> Export:
    mine = Export.objects.visible_to(http.actor(request))
    export: Export = get_object_or_404(mine, token=token)
    return export


@require_GET
def progress(request: HttpRequest, token: UUID) -> HttpResponse:
    """How far it is; asks again by itself until there is something to download."""
    export = _mine(request, token)
    done, total = export.place.progress()
    context: dict[str, Any] = {
        "one": export,
        "done": done,
        "total": total,
        "is_over": clock.now() >= export.expires_at,
    }
    piece = wants_piece(request)
    name = "exchange/_export.html" if piece else "exchange/export.html"
    return render(request, name, context)


@require_GET
def download(request: HttpRequest, token: UUID) -> FileResponse:
    """The rights are asked for once more: the list must still be the person's."""
    export = _mine(request, token)
    outgoing_again(export)
    path = actions.download(
        export_id=export.pk, actor=http.actor(request), at=clock.now()
    )
    when = f"{localtime(export.created_at):%Y%m%d-%H%M}"
    return FileResponse(
        path.open("rb"),
        as_attachment=True,
        filename=f"{export.title}-{when}.{export.format}",
    )
