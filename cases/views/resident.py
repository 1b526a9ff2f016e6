"""The resident's window: a case number and six digits, no account."""

import uuid
from datetime import datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import actions
from cases.actions.residents import open_by_code
from cases.explain import explain_to_resident
from cases.forms.steps import LookupForm, RatingForm
from cases.models import Case, Photo
from cases.views import words
from cases.views.photos import served
from cases.workflow import State
from governance import clock
from governance.errors import Refused
from parties.acting import Actor

SESSION_KEY = "resident_case"
OPEN_FOR = timedelta(minutes=30)
SHOWN_STAGES = (Photo.Stage.REPORT, Photo.Stage.BEFORE, Photo.Stage.AFTER)


def _opened(request: HttpRequest, at: datetime) -> Case | None:
    """The case this browser opened with its code in the last half hour."""
    kept = request.session.get(SESSION_KEY)
    if not kept or datetime.fromisoformat(kept["until"]) <= at:
        return None
    found = Case.objects.select_related("category", "holder_org", "master")
    return found.filter(pk=kept["case"]).first()


@login_not_required
@never_cache
def resident_lookup(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    if request.method == "POST":
        return _looked_up(request, at)
    case = _opened(request, at)
    if case is None:
        form = LookupForm(initial={"case_no": request.GET.get("no", "")})
        return render(request, "cases/resident/lookup.html", {"form": form})
    return _case_page(request, case, RatingForm())


def _looked_up(request: HttpRequest, at: datetime) -> HttpResponse:
    form = LookupForm(request.POST)
    if form.is_valid():
        try:
            case = open_by_code(**form.cleaned_data, at=at)
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            request.session.cycle_key()
            until = (at + OPEN_FOR).isoformat()
            request.session[SESSION_KEY] = {"case": case.pk, "until": until}
            return redirect("resident_lookup")
    return render(request, "cases/resident/lookup.html", {"form": form}, status=422)


@login_not_required
@never_cache
@require_POST
def resident_rate(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    case = _opened(request, at)
    if case is None:
        messages.warning(request, _("离开太久了，请重新输入案卷号和查询码。"))
        return redirect("resident_lookup")
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _case_page(request, case, form, status=422)
    try:
        actions.rate(
            case_id=case.pk,
            score=form.cleaned_data["score"],
            solved=form.cleaned_data["solved"],
            comment=form.cleaned_data["comment"],
            channel="portal",
            actor=Actor.resident(ip=request.META.get("REMOTE_ADDR", "")),
            at=at,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _case_page(request, case, form, status=422)
    messages.success(request, _("谢谢您的评价。"))
    return redirect("resident_lookup")


def _case_page(
    request: HttpRequest, case: Case, form: RatingForm, status: int = 200
) -> HttpResponse:
    events = words.events_of(case)
    stages = SHOWN_STAGES
    context = {
        "case": case,
        "now": words.told_resident(case),
        "next": explain_to_resident(case, clock.now()),
        "progress": words.progress(case, events),
        "journey": words.journey(case, events),
        "photos": case.photos.filter(stage__in=stages).order_by("received_at", "id"),
        "rating": case.ratings.order_by("-at", "-id").first(),
        "may_rate": case.state == State.RATING and not case.last_score,
        "form": form,
    }
    return render(request, "cases/resident/case.html", context, status=status)


@login_not_required
@require_POST
def resident_leave(request: HttpRequest) -> HttpResponse:
    request.session.pop(SESSION_KEY, None)
    return redirect("resident_lookup")


@login_not_required
@require_GET
def resident_photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    """A picture of the case this browser opened."""
    case = _opened(request, clock.now())
    own = Photo.objects.filter(case=case, case__isnull=False, stage__in=SHOWN_STAGES)
    return served(get_object_or_404(own, pk=photo_id).thumb)
