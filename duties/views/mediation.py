"""Mediation: its part of the case page, its own page and steps, and the figures."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.models import Case
from cases.views.photos import served
from cases.workflow import Action as CaseAction
from cases.workflow import State
from duties import actions
from duties.forms import mediation as forms
from duties.forms.care import RevealForm
from duties.forms.steps import DutyForm
from duties.models import AgreementPhoto, Mediation
from duties.views.desk import events_of
from duties.views.steps import Step
from duties.views.visits import photo_context, take_photos
from governance import clock
from governance.errors import Refused
from grids.codes import Level
from parties import http
from parties.acting import Actor

PAGE = 50
LEVELS = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.DISTRICT)
STEPS: dict[str, Step] = {
    "open": Step(actions.open_mediation, forms.OpenForm),
    "session": Step(actions.record_session, forms.SessionForm),
    "agreement": Step(actions.sign_agreement, forms.AgreementForm),
    "rate": Step(actions.rate_party, forms.RatePartyForm),
}


def visible_case(who: Actor, case_id: int) -> Case:
    """A dispute within the scope; anything else is 404."""
    found = Case.objects.visible_to(who).filter(confidential=True)
    case: Case = get_object_or_404(
        found.select_related("category", "holder_org"), pk=case_id
    )
    return case


def mediation_of(case: Case) -> Mediation | None:
    found = Mediation.objects.select_related("template", "opened_by").filter(case=case)
    mediation: Mediation | None = found.first()
    if mediation is not None:
        mediation.case = case
    return mediation


def story_of(case: Case, who: Actor) -> dict[str, Any]:
    """What the page and the piece on the case page say of a dispute."""
    mediation = mediation_of(case)
    if mediation is None:
        return {"case": case, "mediation": None, "steps": _steps(case, None, who)}
    raises = case.state == State.COMMUNITY_HANDLING
    return {
        "case": case,
        "mediation": mediation,
        "parties": _parties(mediation),
        "sessions": list(
            mediation.sessions.select_related("recorded_by").order_by("number")
        ),
        "members": list(
            case.members.filter(removed_at=None).select_related("user").order_by("pk")
        ),
        "photos": list(mediation.photos.order_by("received_at", "id")),
        "follow_ups": list(
            mediation.follow_ups.select_related("task").order_by("days")
        ),
        "steps": _steps(case, mediation, who),
        "failed_often": actions.hints_to_raise(mediation),
        "raise_url": reverse("case_action", args=[case.pk, CaseAction.RAISE_TO_STREET])
        if raises
        else "",
    }


def _parties(mediation: Mediation) -> list[tuple[Any, str]]:
    found = mediation.parties.order_by("pk")
    return [(one, actions.masked_party(one)) for one in found]


def _steps(case: Case, found: Mediation | None, who: Actor) -> list[tuple[str, Any]]:
    """(name, label) of what this person may do now."""
    names = _next(case, found, who)
    if (
        found is not None
        and actions.may_rate_parties(case, who)
        and found.parties.filter(score="").exists()
    ):
        names.append("rate")
    return [(name, STEPS[name].form.submit) for name in names]


def _next(case: Case, found: Mediation | None, who: Actor) -> list[str]:
    try:
        actions.may_mediate(case, who)
    except Refused:
        return []
    if found is None:
        return ["open"]
    if found.outcome == Mediation.Outcome.AGREED:
        return []
    reached = found.outcome == Mediation.Outcome.REACHED
    return ["agreement", "session"] if reached else ["session"]


@require_GET
def panel(request: HttpRequest, case_id: int) -> HttpResponse:
    """The piece of the case page, fetched by the name of its address."""
    who = http.actor(request)
    context = story_of(visible_case(who, case_id), who)
    return render(request, "duties/mediation/_panel.html", context)


@require_GET
def mediation(request: HttpRequest, case_id: int) -> HttpResponse:
    who = http.actor(request)
    context = story_of(visible_case(who, case_id), who)
    found = context["mediation"]
    context["events"] = events_of(found.chain) if found else []
    return render(request, "duties/mediation/mediation.html", context)


@never_cache
def step(request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    """开始调解, 记录调解会, 签订协议, 记录评价."""
    who, at = http.actor(request), clock.now()
    if action not in STEPS:
        raise Http404
    case, chosen = visible_case(who, case_id), STEPS[action]
    subject = mediation_of(case)
    if subject is None and action != "open":
        raise Refused(_("本案还没有开始调解，请先开始调解。"), code="state")
    if request.method == "POST":
        form = chosen.form(
            request.POST, request.FILES, subject=subject or case, actor=who, at=at
        )
        takes = "photos" in form.fields
        batch = take_photos(request, form, who, at) if takes else uuid.uuid4()
        if form.is_valid() and _done(chosen, form, case, subject, who, at):
            messages.success(request, _("“%s”已办理。") % form.submit)
            return redirect("mediation", case.pk)
    else:
        batch = uuid.uuid4()
        form = chosen.form(subject=subject or case, actor=who, at=at)
    context = {
        "case": case,
        "form": form,
        "title": form.submit,
        "back": reverse("mediation", args=[case.pk]),
        **photo_context(form, batch, who),
    }
    status = 422 if form.is_bound else 200
    return render(request, "duties/mediation/step.html", context, status=status)


def _done(
    chosen: Step, form: DutyForm, case: Case, subject: Any, who: Actor, at: datetime
) -> bool:
    ids: dict[str, int] = {}
    if subject is None or chosen.act is actions.open_mediation:
        ids = {"case_id": case.pk}
    elif chosen.act is not actions.rate_party:
        ids = {"mediation_id": subject.pk}
    try:
        chosen.act(actor=who, at=at, **ids, **form.arguments())
    except Refused as refused:
        form.refuse(refused.field, str(refused))
        return False
    return True


@never_cache
def parties(request: HttpRequest, case_id: int) -> HttpResponse:
    """查看完整: asks for the reason (GET), shows the parties once (POST)."""
    who, at = http.actor(request), clock.now()
    case = visible_case(who, case_id)
    found = get_object_or_404(Mediation, case=case)
    given = request.POST if request.method == "POST" else None
    form = RevealForm(given, subject=found, actor=who, at=at)
    context: dict[str, Any] = {"case": case, "form": form}
    if form.is_bound and form.is_valid():
        try:
            context["opened"] = actions.reveal_parties(
                mediation_id=found.pk, actor=who, at=at, **form.arguments()
            )
        except Refused as refused:
            form.refuse(refused.field, str(refused))
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "duties/mediation/parties.html", context, status=status)


@require_GET
def agreement_photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    return served(_own_photo(request, photo_id).served)


@require_GET
def agreement_thumb(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    return served(_own_photo(request, photo_id).thumb)


def _own_photo(request: HttpRequest, photo_id: uuid.UUID) -> AgreementPhoto:
    visible = AgreementPhoto.objects.visible_to(http.actor(request))
    found: AgreementPhoto = get_object_or_404(visible, pk=photo_id)
    return found


@require_GET
def mediations(request: HttpRequest) -> HttpResponse:
    """How many were solved at which level; and those the reader is let into."""
    who = http.actor(request)
    counted = Mediation.objects.counted_for(who).by_level()
    blank = {"total": 0, "agreed": 0, "open": 0, "failed": 0}
    seen = listed(request)
    if (before := http.number_in(request, "before")) is not None:
        seen = seen.filter(pk__lt=before)
    page = list(seen[: PAGE + 1])
    context = {
        "levels": [(Level(one).label, counted.get(one, blank)) for one in LEVELS],
        "sum": {key: sum(row[key] for row in counted.values()) for key in blank},
        "rows": [(one, _named(one)) for one in page[:PAGE]],
        "older_url": f"?before={page[PAGE - 1].pk}" if len(page) > PAGE else "",
    }
    return render(request, "duties/mediation/mediations.html", context)


def _named(one: Mediation) -> str:
    return "、".join(actions.masked_party(party) for party in one.parties.all())


def listed(request: HttpRequest) -> Any:
    """All that the reader sees."""
    return Mediation.objects.visible_to(http.actor(request)).with_names()


def cells(one: Any) -> list[Any]:
    """A row of the list for a table, names masked as on the page."""
    return [
        one.case.display_no, one.case.category.name, one.case.community.name,
        _named(one), one.template.name, str(one.get_level_display()),
        str(one.get_outcome_display()), one.sittings, one.opened_at, one.signed_at,
        one.judicial_confirmation,
    ]  # fmt: skip
