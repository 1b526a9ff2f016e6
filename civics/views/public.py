"""What everybody may see: the public map and list, one case of it, ＋1 and 关注."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

from cases.explain import explain_to_resident
from cases.models import Case
from cases.views import words
from cases.workflow import State
from civics import actions, http
from civics.models import Follow
from civics.querysets.public import blurred, public_cases, rule
from governance import clock
from governance.errors import Refused
from grids.codes import Level
from grids.models import Area

PAGE = 20
MOST_POINTS = 2000
# It was there once; whoever kept the address is told that it is gone (FixMyStreet F1).
GONE = (State.VOIDED,)


@login_not_required
@never_cache
@require_GET
def public_list(request: HttpRequest) -> HttpResponse:
    at, given = clock.now(), rule()
    if not given.is_open:
        raise Http404
    found = public_cases(at, given).order_by("-reported_at", "-pk")
    street = request.GET.get("street", "")
    if street.isdecimal():
        found = found.filter(street__code=street)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    city = Area.objects.at_level(Level.CITY).order_by("code").first()
    context = {
        **_turning(page, street),
        "rows": [_row(case) for case in page],
        "rule": given,
        "street": street,
        "streets": Area.objects.at_level(Level.STREET).order_by("code"),
        "area_code": street or (city.code if city else ""),
        "points_url": f"{reverse('public_points')}?{urlencode({'street': street})}",
    }
    return render(request, "civics/public_list.html", context)


def _turning(page: Page[Case], street: str) -> dict[str, str]:
    """What _pager.html needs."""

    def address(number: int) -> str:
        return "?" + urlencode({"page": number, "street": street})

    return {
        "newer_url": address(page.number - 1) if page.has_previous() else "",
        "older_url": address(page.number + 1) if page.has_next() else "",
        "summary": f"{page.number} / {page.paginator.num_pages}"
        if page.has_other_pages()
        else "",
    }


@login_not_required
@require_GET
@cache_control(public=True, max_age=300)
def public_points(request: HttpRequest) -> JsonResponse:
    """GeoJSON: where, blurred; what kind, how it stands. No words of anybody."""
    at, given = clock.now(), rule()
    if not given.is_open:
        raise Http404
    found = public_cases(at, given).exclude(point=None).order_by("-reported_at", "-pk")
    street = request.GET.get("street", "")
    if street.isdecimal():
        found = found.filter(street__code=street)
    features = [
        _feature(case, blurred(case.point.x, case.point.y, given.blur_m))
        for case in found[:MOST_POINTS]
    ]
    return JsonResponse(
        {"type": "FeatureCollection", "features": features},
        content_type="application/geo+json",
    )


def _feature(case: Case, middle: tuple[float, float]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "name": case.category.name,
            "words": str(words.STATE_WORDS[State(case.state)]),
            "open": case.is_open,
            "url": reverse("public_case", args=[case.case_no]),
        },
        "geometry": {"type": "Point", "coordinates": middle},
    }


@login_not_required
@never_cache
def public_case(request: HttpRequest, case_no: str) -> HttpResponse:
    """One case as everybody may see it; a POST says ＋1 or follows it."""
    at = clock.now()
    case = public_cases(at).filter(case_no=case_no).first()
    if case is None:
        gone = Case.objects.filter(case_no=case_no, state__in=GONE, confidential=False)
        if gone.exclude(category__is_confidential=True).exists():
            return render(request, "civics/public_gone.html", status=410)
        raise Http404
    if request.method == "POST":
        return _followed(request, case, at)
    return _page(request, case, at)


def _followed(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    phone = http.verified_phone(request, at)
    here = reverse("public_case", args=[case.case_no])
    if phone is None:
        return redirect(f"{reverse('resident_phone')}?{urlencode({'next': here})}")
    given: dict[str, Any] = {
        "case_id": case.pk, "phone_id": phone.pk, "actor": http.resident(request),
        "at": at,
    }  # fmt: skip
    try:
        if "join" in request.POST:
            actions.join(remark="", **given)
            messages.success(request, _("已记上您的＋1，有进展会发短信告诉您。"))
        else:
            actions.follow(**given)
            messages.success(request, _("已关注，有进展会发短信告诉您。"))
    except Refused as refused:
        return _page(request, case, at, fault=str(refused), status=422)
    return redirect(here)


def _page(
    request: HttpRequest,
    case: Case,
    at: datetime,
    *,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    phone = http.verified_phone(request, at)
    own = Follow.objects.running().filter(case=case, phone=phone) if phone else None
    events = words.events_of(case)
    context = {
        "case": case,
        "now": words.told_resident(case, has_rated=bool(case.last_score)),
        "next": "" if case.state == State.RATING else explain_to_resident(case, at),
        "journey": words.journey(case, events),
        "progress": [
            {"title": one.title, "at": one.at, "unit": one.unit, "before": one.before}
            for one in words.progress(case, events)
        ],
        "phone": phone,
        "own": own.first() if own is not None else None,
        "fault": fault,
    }
    return render(request, "civics/public_case.html", context, status=status)


def _row(case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "words": words.STATE_WORDS[State(case.state)],
        "unit": case.holder_org.name if case.is_open and case.holder_org else "",
    }
