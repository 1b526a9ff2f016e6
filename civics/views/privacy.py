"""隐私说明, and what people may ask about their personal data."""

import uuid
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.actions import Conflict
from cases.models import Case
from cases.querysets.field import communities_by_street
from civics import actions, http
from civics.forms.requests import DataRequestForm
from civics.models import PersonalDataRequest, PrivacyNotice
from civics.views import proof
from governance import clock
from governance.errors import Refused


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """The notice in force, or with ?version= one that was."""
    wanted = request.GET.get("version") or actions.current_version()
    notice = PrivacyNotice.objects.filter(version=wanted).first()
    return render(request, "civics/privacy.html", {"notice": notice})


@login_not_required
@never_cache
def data_request(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    verified = http.verified_phone(request, at) is not None
    streets = communities_by_street("", timezone.localdate(at))
    kind = request.GET.get("kind", "")
    form = DataRequestForm(
        request.POST or None,
        verified=verified,
        streets=streets,
        initial={"submission": uuid.uuid4(), "kind": kind},
    )
    said = ""
    if request.method == "POST":
        if proof.asked_for_code(request) and not verified:
            said = proof.send(request, form, at)
        elif form.is_valid() and (case := _asked(request, form, at)):
            http.open_case(request, case, at)
            return redirect("resident_receipt")
    context = {
        "form": form,
        "said": said,
        "masked": phone.masked if (phone := http.verified_phone(request, at)) else "",
        "has_desk": actions.category_of(PersonalDataRequest.Kind.SEE) is not None,
    }
    status = 422 if form.is_bound and not said else 200
    return render(request, "civics/data_request.html", context, status=status)


def _asked(request: HttpRequest, form: DataRequestForm, at: datetime) -> Case | None:
    """The case of the request; None when it was refused, with the sentence in place."""
    given = form.cleaned_data
    before = http.filed_before(request, given["submission"], at)
    if before is not None:
        return before
    phone = proof.proven(request, form, purpose=str(given["submission"]), at=at)
    if phone is None:
        return None
    try:
        return actions.ask_about_data(
            submission_id=given["submission"],
            kind=given["kind"],
            words=given["words"],
            about_no=given["about_no"],
            community_code=given["community_code"],
            phone_id=phone.pk,
            name=given["name"],
            agreed=given["agreed"],
            actor=http.resident(request),
            at=at,
        )
    except Conflict as conflict:
        form.add_error(None, str(conflict))
    except Refused as refused:
        refused.show_in(form)
    return None
