"""The resident's window on one case: its number and six digits, no account."""

import uuid
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases import actions
from cases.explain import explain_to_resident
from cases.models import Case, Photo, Rating
from cases.views import words
from cases.views.photos import served
from cases.workflow import Action, State, allowed
from civics import actions as civics
from civics import http
from civics.forms.tracking import (
    AskAgainForm,
    LookupForm,
    RatingForm,
    ResidentWithdrawForm,
)
from governance import clock
from governance.errors import Refused
from parties.acting import Actor

SHOWN_STAGES = (Photo.Stage.REPORT, Photo.Stage.BEFORE, Photo.Stage.AFTER)
AWAY = gettext_lazy("离开太久了，请重新输入案卷号和查询码。")


@login_not_required
@never_cache
def resident_lookup(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    if request.method == "POST":
        return _looked_up(request, at)
    case = http.opened_case(request, at)
    if case is None:
        form = LookupForm(initial={"case_no": request.GET.get("no", "")})
        return render(request, "civics/lookup.html", {"form": form})
    return _case_page(request, case)


def _looked_up(request: HttpRequest, at: datetime) -> HttpResponse:
    form = LookupForm(request.POST)
    if form.is_valid():
        try:
            who = http.resident(request)
            case = civics.open_case(**form.cleaned_data, actor=who, at=at)
        except Refused as refused:
            form.add_error("code", str(refused))
        else:
            request.session.cycle_key()
            http.open_case(request, case, at)
            return redirect("resident_lookup")
    return render(request, "civics/lookup.html", {"form": form}, status=422)


@login_not_required
@never_cache
@require_POST
def resident_rate(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    case = http.opened_case(request, at)
    if case is None:
        messages.warning(request, AWAY)
        return redirect("resident_lookup")
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _case_page(request, case, form, status=422)
    try:
        act = actions.rate_merged if case.state == State.MERGED else actions.rate
        act(
            case_id=case.pk,
            score=form.cleaned_data["score"],
            solved=form.cleaned_data["solved"],
            comment=form.cleaned_data["comment"],
            channel="portal",
            actor=http.resident(request),
            at=at,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _case_page(request, case, form, status=422)
    messages.success(request, _("谢谢您的评价。"))
    return redirect("resident_lookup")


@login_not_required
@never_cache
@require_POST
def resident_withdraw(request: HttpRequest) -> HttpResponse:
    """撤回: the resident takes back what nobody has begun to handle."""
    at = clock.now()
    case = http.opened_case(request, at)
    if case is None:
        messages.warning(request, AWAY)
        return redirect("resident_lookup")
    form = ResidentWithdrawForm(request.POST)
    if not form.is_valid():
        return _case_page(request, case, withdrawing=form, status=422)
    try:
        actions.withdraw(
            case_id=case.pk,
            opinion=form.cleaned_data["reason"],
            actor=http.resident(request),
            at=at,
        )
    except Refused as refused:
        form.add_error(None, str(refused))
        return _case_page(request, case, withdrawing=form, status=422)
    messages.success(request, _("已撤回。问题还在的，7 天内可以请社区复核受理。"))
    return redirect("resident_lookup")


@login_not_required
@never_cache
@require_POST
def resident_ask_again(request: HttpRequest) -> HttpResponse:
    """申请重开 or 复核: what ended is not over for the resident."""
    at = clock.now()
    case = http.opened_case(request, at)
    if case is None:
        messages.warning(request, AWAY)
        return redirect("resident_lookup")
    form = AskAgainForm(request.POST)
    if not form.is_valid():
        return _case_page(request, case, asking=form, status=422)
    try:
        actions.ask_again(
            case_id=case.pk,
            words=form.cleaned_data["words"],
            actor=http.resident(request),
            at=at,
        )
    except Refused as refused:
        refused.show_in(form)
        return _case_page(request, case, asking=form, status=422)
    messages.success(
        request,
        _("已转给%(unit)s值班长审核，结果会告诉您。") % {"unit": case.street.name},
    )
    return redirect("resident_lookup")


def _case_page(
    request: HttpRequest,
    case: Case,
    form: RatingForm | None = None,
    *,
    withdrawing: ResidentWithdrawForm | None = None,
    asking: AskAgainForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may = {row.action for row in allowed(case, Actor.resident())}
    shown = _followed(case)
    events = words.events_of(shown)
    may_rate = _may_rate(case)
    context = {
        "case": case,
        "shown": shown,
        "now": words.told_resident(shown, has_rated=not may_rate),
        "suspension": shown.suspensions.running().first(),
        "next": _next(case, shown, may_rate=may_rate),
        "progress": words.progress(shown, events),
        "journey": words.journey(shown, events),
        "photos": _pictures(case).order_by("received_at", "id"),
        "rating": _own_rating(case, shown),
        "may_rate": may_rate,
        "form": form or RatingForm(),
        "may_withdraw": Action.WITHDRAW in may or withdrawing is not None,
        "withdrawing": withdrawing or ResidentWithdrawForm(),
        "may_ask": actions.may_ask_again(case, clock.now()),
        "asking": asking or AskAgainForm(),
    }
    return render(request, "civics/tracked.html", context, status=status)


def _followed(case: Case) -> Case:
    """The case whose progress is shown: a merged one follows its master."""
    return case.master if case.state == State.MERGED and case.master else case


def _next(case: Case, shown: Case, *, may_rate: bool) -> str:
    """What comes next; what another resident rated the master is no business of this
    one."""
    theirs = case != shown and shown.state == State.RATING
    if theirs and (shown.last_score or not may_rate):
        return ""
    return explain_to_resident(shown, clock.now())


def _may_rate(case: Case) -> bool:
    if case.state == State.MERGED:
        return actions.merged_may_rate(case)
    return case.state == State.RATING and not case.last_score


def _own_rating(case: Case, shown: Case) -> Rating | None:
    """The last rating of this resident, not of others who asked for the same."""
    whose = case if case.state == State.MERGED else None
    return shown.ratings.filter(merged_case=whose).order_by("-at", "-id").first()


def _pictures(case: Case) -> QuerySet[Photo]:
    """Of a merged case its own, and of its master only how it looks afterwards."""
    own = Q(case=case, stage__in=SHOWN_STAGES)
    after = Q(case=_followed(case), stage=Photo.Stage.AFTER)
    return Photo.objects.filter(own | after)


@login_not_required
@require_POST
def resident_leave(request: HttpRequest) -> HttpResponse:
    request.session.pop(http.CASE, None)
    return redirect("resident_lookup")


@login_not_required
@require_GET
def resident_photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    """A picture of the case this browser opened."""
    case = http.opened_case(request, clock.now())
    if case is None:
        raise Http404
    return served(get_object_or_404(_pictures(case), pk=photo_id).thumb)
