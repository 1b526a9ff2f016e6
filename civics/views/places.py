"""QR codes for the street: whose places they are, and sheets to be printed."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from civics import actions, qr
from civics.forms.places import PlaceForm
from civics.models import Place
from governance import clock
from governance.errors import Refused
from governance.geo import Crs, to_point
from parties import http

MOST_SHEETS = 100


@never_cache
def places(request: HttpRequest) -> HttpResponse:
    """The places of the acting post's area, and a form for one more."""
    who, at = http.actor(request), clock.now()
    actions.require_keeper(who)
    form = PlaceForm(http.posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            place = actions.name_place(
                name=given["name"],
                address=given["address"],
                point=to_point(given["lng"], given["lat"], given["crs"] or Crs.WGS84),
                actor=who,
                at=at,
            )
        except Refused as refused:
            refused.show_in(form)
        else:
            messages.success(
                request, _("已建立“%(name)s”，请打印张贴。") % {"name": place.name}
            )
            return redirect("place_sheet", place.code)
    context = {
        "form": form,
        "places": listed(request),
        "area_code": who.area_code,
    }
    status = 422 if form.is_bound else 200
    return render(request, "civics/places.html", context, status=status)


def listed(request: HttpRequest) -> Any:
    """All places in use in the acting post's area."""
    return _own(request).order_by("-whole_area", "area__code", "name")


@require_POST
def name_grids(request: HttpRequest) -> HttpResponse:
    made = actions.name_grids(actor=http.actor(request), at=clock.now())
    messages.success(request, _("新建了 %(n)d 个网格的二维码。") % {"n": len(made)})
    return redirect("places")


@require_POST
def end_place(request: HttpRequest, code: str) -> HttpResponse:
    place = get_object_or_404(_own(request), code=code)
    actions.end_place(place_id=place.pk, actor=http.actor(request), at=clock.now())
    messages.success(request, _("已停用“%(name)s”。") % {"name": place.name})
    return redirect("places")


@never_cache
@require_GET
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """One A4 page for the street."""
    place = get_object_or_404(_own(request), code=code)
    context = {"sheets": [_sheet(request, place)]}
    return render(request, "civics/place_sheet.html", context)


@never_cache
@require_GET
def sheets(request: HttpRequest) -> HttpResponse:
    """All of them, a page each."""
    found = _own(request).order_by("area__code", "-whole_area", "name")[:MOST_SHEETS]
    drawn = [_sheet(request, place) for place in found]
    return render(request, "civics/place_sheet.html", {"sheets": drawn})


def _own(request: HttpRequest) -> Any:
    who = http.actor(request)
    actions.require_keeper(who)
    found = Place.objects.in_use().visible_to(who)
    return found.select_related("area__parent__parent")


def _sheet(request: HttpRequest, place: Place) -> dict[str, Any]:
    path = reverse("resident_scan", args=[place.code])
    url = f"{settings.SITE_URL}{path}" if settings.SITE_URL else ""
    url = url or request.build_absolute_uri(path)
    drawn = mark_safe(qr.svg(url))  # noqa: S308 - drawn by us, nothing of it typed
    typed = url.partition("://")[2].rstrip("/")
    return {"place": place, "url": url, "typed": typed, "qr": drawn}
