"""Filing on the phone: 上报 and 即报即结."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from cases import actions
from cases.actions.filing import WITHOUT_PHOTO, placed
from cases.actions.restaging import restage_photos
from cases.actions.texting import texted_to
from cases.forms.filing import FilingForm, PlaceForm
from cases.models import Case, Category, Photo, Submission
from cases.querysets.duplicates import Matter, wording
from cases.querysets.field import (
    communities_by_street,
    first_photos,
    grouped_categories,
    recent_filings,
    waiting_photos,
)
from cases.views import words
from cases.views.photos import served, take_files
from cases.workflow import Action, State, rows
from governance import clock, crypto
from governance.errors import Refused
from governance.numbers import number_of
from parties import http
from parties.acting import Actor


def _may(action: Action, actor: Actor) -> bool:
    return any(
        who.role == actor.role for row in rows(action, State.DRAFT) for who in row.who
    )


def may_report(actor: Actor) -> bool:
    return _may(Action.REPORT, actor)


@never_cache
def file_case(request: HttpRequest, kind: str = Action.REPORT) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    if not may_report(who):
        raise Refused(
            _("您当前的岗位不上报案件。请在右上角切换到网格员等岗位。"), code="role"
        )
    if request.method == "POST":
        return _received(request, who, at)
    form = FilingForm(
        initial={
            "submission": uuid.uuid4(),
            "kind": kind,
            "crs": "wgs84",
            "found_at": at.isoformat(),
        }
    )
    return _page(request, form, who, at)


def _received(request: HttpRequest, who: Actor, at: datetime) -> HttpResponse:
    form = FilingForm(request.POST, request.FILES)
    form.is_valid()
    batch = form.cleaned_data.setdefault("submission", uuid.uuid4())
    for field, stage in (("photos", "report"), ("photos_after", "after")):
        files = request.FILES.getlist(field)
        for fault in take_files(files, batch=batch, stage=stage, actor=who, at=at):
            form.add_error(field, fault)
    if form.errors:
        return _page(request, form, who, at, status=422)
    alike = _unseen(request, form, who, at)
    if alike or form.errors:
        return _page(request, form, who, at, alike=alike, status=422)
    try:
        case = _file(form, who, at)
    except actions.Conflict as conflict:
        actions.keep_conflict(conflict=conflict)
        return _conflict(request, conflict, form, who)
    except Refused as refused:
        form.refuse(refused.field, refused.code, str(refused))
        return _page(request, form, who, at, status=422)
    return redirect("phone_filed", case.pk)


def _file(form: FilingForm, who: Actor, at: datetime) -> Case:
    submission = form.cleaned_data["submission"]
    restage_photos(batch=submission, on_spot=form.on_spot, actor=who)
    act = actions.resolve_on_spot if form.on_spot else actions.report
    return act(submission_id=submission, report=form.report(), actor=who, at=at)


def _unseen(
    request: HttpRequest, form: FilingForm, who: Actor, at: datetime
) -> list[dict[str, Any]]:
    """Likely duplicates that were not shown yet for this category."""
    given = form.cleaned_data
    seen = request.POST.get("duplicates_seen") == str(given["category"].pk)
    known = Submission.objects.filter(pk=given["submission"]).exists()
    if seen or known:
        return []
    try:
        return _alike(given, who, at)
    except Refused as refused:
        form.refuse(refused.field, refused.code, str(refused))
        return []


def _alike(given: dict[str, Any], who: Actor, at: datetime) -> list[dict[str, Any]]:
    """Up to five, the likeliest first; a link only to what the person may see."""
    found = Case.objects.alike(matter_of(given, at))
    ids = [one.case.pk for one in found]
    visible = set(
        Case.objects.visible_to(who).filter(pk__in=ids).values_list("pk", flat=True)
    )
    photos = first_photos(ids)
    place = _place_query(given)
    return [
        {
            "case": one.case,
            "reason": words.reason(one),
            "ago": words.span((at - one.case.reported_at).total_seconds() / 60),
            "words": words.STATE_WORDS[State(one.case.state)],
            "place": place if one.case.pk in photos else "",
            "visible": one.case.pk in visible,
        }
        for one in found
    ]


def matter_of(given: dict[str, Any], at: datetime) -> Matter:
    """Refused when the place belongs to no area."""
    located = given["lng"] is not None
    place = placed(
        actions.Report(
            category_id=given["category"].pk,
            description=given["description"],
            address=given["address"],
            lng=given["lng"],
            lat=given["lat"],
            crs=given["crs"],
            community_code="" if located else given["community_code"],
        )
    )
    community = place.areas["community"]
    return Matter(
        category=given["category"],
        text=wording(given["address"], given["description"]),
        at=at,
        community_id=community.pk if community else 0,
        point=place.point,
    )


def _place_query(given: dict[str, Any]) -> str:
    names = ("lng", "lat", "crs", "community_code")
    known = {name: given[name] for name in names if given[name] not in (None, "")}
    return urlencode({"category": given["category"].pk, **known})


def _candidates(form: PlaceForm, at: datetime) -> Any:
    """What the hint may have shown for this category and place, whatever the words."""
    return Case.objects.candidates_for(matter_of(form.cleaned_data, at))


def _conflict(
    request: HttpRequest, conflict: actions.Conflict, form: FilingForm, who: Actor
) -> HttpResponse:
    first = (
        Case.objects.visible_to(who)
        .filter(submission=conflict.submission_id, reporter_id=who.user_id)
        .first()
    )
    context = {"conflict": conflict, "first": first, "given": form.cleaned_data}
    return render(request, "cases/phone/conflict.html", context, status=409)


def _page(
    request: HttpRequest,
    form: FilingForm,
    who: Actor,
    at: datetime,
    *,
    alike: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    batch = (
        form.cleaned_data["submission"] if form.is_bound else form["submission"].value()
    )
    photos = list(waiting_photos(batch, who.user_id or 0)) if form.is_bound else []
    usual, addresses = recent_filings(who.user_id or 0)
    categories = Category.objects.active().order_by("code5", "kind", "id")
    chosen = form["category"].value()
    context = {
        "form": form,
        "batch": batch,
        "may_spot": _may(Action.RESOLVE_ON_SPOT, who),
        "may_lack_photo": who.role in WITHOUT_PHOTO,
        "majors": grouped_categories(categories),
        "usual": usual,
        "addresses": addresses,
        "chosen": _category(chosen).first() if chosen else None,
        "streets": communities_by_street(who.area_code, timezone.localdate(at)),
        "photos": [one for one in photos if one.stage != Photo.Stage.AFTER],
        "photos_after": [one for one in photos if one.stage == Photo.Stage.AFTER],
        "alike": alike,
        "area_code": who.area_code,
    }
    return render(request, "cases/phone/file.html", context, status=status)


def _category(pk: Any) -> Any:
    return Category.objects.active().with_conditions().filter(pk=number_of(pk) or 0)


@require_http_methods(["GET", "POST"])
def duplicates(request: HttpRequest) -> HttpResponse:
    """The hint of likely duplicates, before anything is sent.

    What was typed so far comes by POST, so that it stays out of the server's logs.
    """
    form = PlaceForm(request.POST or request.GET)
    context: dict[str, Any] = {"alike": []}
    who, at = http.actor(request), clock.now()
    if form.is_valid() and may_report(who):
        context["alike"] = _alike(form.cleaned_data, who, at)
        context["category_id"] = form.cleaned_data["category"].pk
    return render(request, "cases/phone/_duplicates.html", context)


@require_GET
def duplicate_photo(request: HttpRequest, case_id: int) -> FileResponse:
    """The first picture of a case that the hint shows for this category and place."""
    who, form = http.actor(request), PlaceForm(request.GET)
    if not form.is_valid() or not may_report(who):
        raise Http404
    case = get_object_or_404(_candidates(form, clock.now()), pk=case_id)
    photo = first_photos([case.pk]).get(case.pk)
    if photo is None:
        raise Http404
    return served(photo.thumb)


@require_POST
def support_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """＋1 on a case that the hint showed for this category and place."""
    who, at = http.actor(request), clock.now()
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return redirect("phone_file")
    case = get_object_or_404(_candidates(form, at), pk=case_id)
    remark = request.POST.get("description", "").strip()[:500]
    actions.support(case_id=case.pk, remark=remark, actor=who, at=at)
    messages.success(
        request, _("已记到 %(no)s，不用重复上报。") % {"no": case.display_no}
    )
    return redirect("phone_home")


@never_cache
@require_GET
def filed(request: HttpRequest, case_id: int) -> HttpResponse:
    """The receipt: number, who has it now and until when, the resident's code."""
    who, at = http.actor(request), clock.now()
    own = Case.objects.visible_to(who).with_names().filter(reporter_id=who.user_id)
    case = get_object_or_404(own, pk=case_id)
    context = {
        "row": words.row(case, who, at),
        "case": case,
        "code": crypto.unseal(case.query_code) if case.has_complainant else "",
        "texted": texted_to(case),
    }
    return render(request, "cases/phone/filed.html", context)
