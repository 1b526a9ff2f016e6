"""The front of the house: `/`."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from civics import http
from civics.forms.tracking import LookupForm
from civics.models import Place
from civics.querysets.public import rule
from governance import clock
from parties.http import within_site
from parties.views import home

YEAR = 365 * 24 * 3600


@login_not_required
@never_cache
def portal(request: HttpRequest) -> HttpResponse:
    """Signed-in people are led on to the first page of their post."""
    if request.user.is_authenticated:
        return home(request)
    context = {
        "lookup": LookupForm(),
        "is_open": rule().is_open,
        "phone": http.verified_phone(request, clock.now()),
        "begun": bool(request.session.get(http.DRAFT, {}).get("description")),
    }
    return render(request, "civics/portal.html", context)


@login_not_required
@never_cache
@require_GET
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """A QR code in the street: on to the report, the place filled in."""
    place = get_object_or_404(Place, code=code)
    if place.ended_at is not None:
        return render(request, "civics/scan_ended.html", {"place": place}, status=410)
    http.scan(request, place)
    kept = http.draft(request)
    kept |= {
        "lng": [f"{place.point.x:.7f}"],
        "lat": [f"{place.point.y:.7f}"],
        "crs": ["cgcs2000"],
        "accuracy_m": [str(place.accuracy_m)],
        "method": ["address"],
        "grid_code": [place.area.code],
        "community_code": [""],
        "address": [place.address],
    }
    http.keep_draft(request, kept)
    return redirect("resident_report")


@login_not_required
@require_POST
def elder(request: HttpRequest) -> HttpResponse:
    """长辈版 (DOMAIN E.9): everything large from now on, or no longer; by a cookie, so
    that it needs no scripts, and those in the page change it as well."""
    answer = redirect(within_site(request, request.POST.get("next", "")) or "portal")
    chosen = "1" if request.POST.get("elder") == "1" else "0"
    answer.set_cookie(
        "elder", chosen, max_age=YEAR, samesite="Lax", secure=request.is_secure()
    )
    return answer


@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """On a telephone that is not one's own: nothing is left behind."""
    http.forget(request)
    return redirect("portal")
