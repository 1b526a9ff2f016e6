"""What a telephone stands behind: its reports, what it follows, what it agreed to."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases.models import Case
from cases.querysets.field import communities_by_street
from cases.views import words
from cases.workflow import State
from civics import actions, http
from civics.forms.areas import AreaForm
from civics.forms.phone import PhoneForm
from civics.models import AreaFollow, Consent, Follow, PersonalDataRequest, Phone
from civics.views import proof
from civics.views.data_file import data_file
from governance import clock
from governance.errors import Refused
from parties.http import within_site

SHOWN = 50


@login_not_required
@never_cache
def resident_phone(request: HttpRequest) -> HttpResponse:
    """Prove a telephone, then go on to where that was asked for."""
    at = clock.now()
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    onward = within_site(request, wanted) or reverse("resident_mine")
    if request.method == "GET" and http.verified_phone(request, at):
        return redirect(onward)
    form, said = PhoneForm(request.POST or None), ""
    if request.method == "POST":
        if proof.asked_for_code(request):
            said = proof.send(request, form, at)
        elif form.is_valid() and proof.proven(request, form, purpose=onward, at=at):
            return redirect(onward)
    context = {"form": form, "said": said, "next": onward}
    status = 422 if form.errors else 200
    return render(request, "civics/phone.html", context, status=status)


@login_not_required
@never_cache
def resident_mine(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    phone = http.verified_phone(request, at)
    if phone is None:
        query = urlencode({"next": reverse("resident_mine")})
        return redirect(f"{reverse('resident_phone')}?{query}")
    return _page(request, phone, at)


def _page(
    request: HttpRequest, phone: Phone, at: datetime, area: AreaForm | None = None
) -> HttpResponse:
    areas = AreaFollow.objects.running().filter(phone=phone).select_related("area")
    consents = Consent.objects.order_by("-given_at", "-pk")
    consents = consents.select_related("case__category")
    follows = Follow.objects.running().filter(phone=phone)
    context = {
        "phone": phone,
        "areas": areas.order_by("area__code"),
        "area_form": area or _area_form(at),
        "files": PersonalDataRequest.objects.filter(phone=phone, open_until__gt=at),
        "consents": consents.filter(phone=phone)[:SHOWN],
        "reports": [
            {"case": one.case, "words": words.STATE_WORDS[State(one.case.state)]}
            for one in consents.of_filing(phone.pk)[:SHOWN]
            if one.case is not None
        ],
        "follows": [
            {"follow": one, "words": words.STATE_WORDS[State(one.case.state)]}
            for one in follows.select_related("case__category").order_by("-at")[:SHOWN]
        ],
    }
    status = 422 if area is not None else 200
    return render(request, "civics/mine.html", context, status=status)


def _area_form(at: datetime, given: Any = None) -> AreaForm:
    return AreaForm(given, streets=communities_by_street("", timezone.localdate(at)))


@login_not_required
@require_POST
def resident_follow_area(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    phone = http.verified_phone(request, at)
    if phone is None:
        return redirect("resident_mine")
    form = _area_form(at, request.POST)
    if form.is_valid():
        try:
            found = actions.follow_area(
                area_code=form.cleaned_data["area_code"], phone_id=phone.pk,
                actor=http.resident(request), at=at,
            )  # fmt: skip
        except Refused as refused:
            refused.show_in(form)
        else:
            said = _("已关注%(area)s，有新公开的案件每天发一条短信。")
            messages.success(request, said % {"area": found.area.name})
            return redirect("resident_mine")
    return _page(request, phone, at, form)


@login_not_required
@require_POST
def resident_unfollow_area(request: HttpRequest, follow_id: int) -> HttpResponse:
    at = clock.now()
    phone = http.verified_phone(request, at)
    if phone is not None:
        found = get_object_or_404(AreaFollow, pk=follow_id, phone=phone)
        actions.unfollow_area(
            follow_id=found.pk, phone_id=phone.pk, actor=http.resident(request), at=at
        )
        messages.success(request, _("不再关注，也不再发短信。"))
    return redirect("resident_mine")


@login_not_required
@require_POST
def resident_open(request: HttpRequest, case_id: int) -> HttpResponse:
    """Open an own report without its code: the telephone has been proven."""
    at = clock.now()
    phone = http.verified_phone(request, at)
    if phone is None:
        return redirect("resident_mine")
    own = Consent.objects.of_filing(phone.pk)
    case = get_object_or_404(Case, pk=case_id, pk__in=own.values("case"))
    http.open_case(request, case, at)
    return redirect("resident_lookup")


@login_not_required
@require_POST
def resident_data(request: HttpRequest, request_id: int) -> HttpResponse:
    """The file with all that is held, once the desk handed it over."""
    at = clock.now()
    phone = http.verified_phone(request, at)
    if phone is None:
        return redirect("resident_mine")
    asked = get_object_or_404(PersonalDataRequest, pk=request_id, phone=phone)
    try:
        found = actions.fetch_data(
            request_id=asked.pk, phone_id=phone.pk, actor=http.resident(request), at=at
        )
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("resident_mine")
    return data_file(found)


@login_not_required
@require_POST
def resident_unfollow(request: HttpRequest, follow_id: int) -> HttpResponse:
    at = clock.now()
    phone = http.verified_phone(request, at)
    if phone is not None:
        follow = get_object_or_404(Follow, pk=follow_id, phone=phone)
        actions.unfollow(
            follow_id=follow.pk, phone_id=phone.pk, actor=http.resident(request), at=at
        )
        messages.success(request, _("不再关注，也不再发短信。"))
    return redirect("resident_mine")
