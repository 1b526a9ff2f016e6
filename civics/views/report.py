"""居民上报 in three steps: what, where, who (FEATURES 69, 75; DOMAIN E.9).

Everything is kept by the server between the steps, so that it works without JavaScript
and nothing that was typed or sent is lost.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.actions import Conflict, keep_conflict
from cases.models import Case, Category, Photo
from cases.querysets.duplicates import Matter
from cases.querysets.field import communities_by_street, grouped_categories
from cases.views import words
from cases.views.filing import matter_of
from cases.views.photos import served, take_files
from cases.workflow import State
from civics import actions, http
from civics.actions.reporting import take_back_photo
from civics.forms.report import KEPT, ReportForm, WhoForm, reportable
from civics.querysets.nearby import Nearby, nearby
from civics.querysets.public import blurred, rule
from civics.views import proof
from governance import clock, crypto
from governance.errors import Refused
from governance.numbers import number_of
from grids.codes import Level
from grids.models import Area

MOST_PHOTOS = 6
FOUND = 30


@dataclass(frozen=True)
class Step:
    label: str
    is_: str


@login_not_required
@never_cache
def what(request: HttpRequest) -> HttpResponse:
    """Step 1: the kind of matter, words, pictures."""
    at, kept = clock.now(), http.draft(request)
    if request.method != "POST":
        return _what_page(request, ReportForm(_bound(kept)), kept, shows_faults=False)
    _keep(request, kept, "what")
    if remove := request.POST.get("remove"):
        take_back_photo(photo_id=_uuid(remove), batch=_batch(kept))
        return redirect("resident_report")
    form = ReportForm(_bound(kept))
    form.is_valid()
    if "search" not in request.POST:
        for fault in _take_photos(request, kept, at):
            form.add_error("photos", fault)
        if not form.fails("what"):
            return redirect("resident_where")
    shows = "search" not in request.POST
    status = 422 if shows else 200
    return _what_page(request, form, kept, shows_faults=shows, status=status)


@login_not_required
@never_cache
def where(request: HttpRequest) -> HttpResponse:
    """Step 2: the place, and what the kind of matter asks besides."""
    kept = http.draft(request)
    if request.method == "POST":
        _keep(request, kept, "where")
    form = ReportForm(_bound(kept))
    form.is_valid()
    if form.fails("what"):
        return redirect("resident_report")
    if request.method != "POST":
        return _where_page(request, form, shows_faults=False)
    if not form.fails("where"):
        try:
            matter_of(form.cleaned_data, clock.now())
        except Refused as refused:
            form.refuse(refused.field, refused.code, str(refused))
        else:
            return redirect("resident_who")
    return _where_page(request, form, status=422)


@login_not_required
@never_cache
def who(request: HttpRequest) -> HttpResponse:
    """Step 3: a telephone with its code, and consent; then it is filed."""
    at = clock.now()
    if request.method == "POST" and (case := _filed_before(request, at)):
        return _done(request, case, at)
    kept = http.draft(request)
    report = ReportForm(_bound(kept))
    report.is_valid()
    if report.fails("what") or report.fails("where"):
        return redirect("resident_report" if report.fails("what") else "resident_where")
    verified = http.verified_phone(request, at)
    if request.method != "POST":
        form = WhoForm(verified=verified is not None)
        return _who_page(request, form, report, at)
    form = WhoForm(request.POST, verified=verified is not None)
    if proof.asked_for_code(request) and verified is None:
        said = proof.send(request, form, at)
        return _who_page(
            request, form, report, at, said=said, status=200 if said else 422
        )
    if not form.is_valid():
        return _who_page(request, form, report, at, status=422)
    return _filed(request, form, report, at)


def _filed(
    request: HttpRequest, form: WhoForm, report: ReportForm, at: datetime
) -> HttpResponse:
    submission = report.cleaned_data["submission"]
    phone = proof.proven(request, form, purpose=str(submission), at=at)
    if phone is None:
        return _who_page(request, form, report, at, status=422)
    same = number_of(form.cleaned_data["same"])
    try:
        if same is not None and same in _alike_ids(request, report, at):
            return _joined(request, same, phone.pk, report, at)
        case = actions.file_report(
            submission_id=submission,
            report=report.report(),
            phone_id=phone.pk,
            name=form.cleaned_data["name"],
            agreed=form.cleaned_data["agreed"],
            contact_hidden=form.cleaned_data["contact_hidden"],
            actor=http.resident(request),
            at=at,
        )
    except Conflict as conflict:
        keep_conflict(conflict=conflict)
        form.add_error(None, str(conflict))
        return _who_page(request, form, report, at, status=409)
    except Refused as refused:
        refused.show_in(form)
        return _who_page(request, form, report, at, status=422)
    return _done(request, case, at)


def _done(request: HttpRequest, case: Case, at: datetime) -> HttpResponse:
    http.drop_draft(request)
    http.open_case(request, case, at)
    return redirect("resident_receipt")


def _joined(
    request: HttpRequest, case_id: int, phone_id: int, report: ReportForm, at: datetime
) -> HttpResponse:
    """Somebody reported the very thing before: ＋1 in place of a second case."""
    case = actions.join(
        case_id=case_id,
        phone_id=phone_id,
        remark=report.cleaned_data["description"][:500],
        actor=http.resident(request),
        at=at,
    )
    http.drop_draft(request)
    return render(request, "civics/joined.html", {"case": case})


@login_not_required
@never_cache
@require_GET
def receipt(request: HttpRequest) -> HttpResponse:
    """回执: the number and the code, who has it and what comes next."""
    case = http.opened_case(request, clock.now())
    if case is None:
        return redirect("resident_lookup")
    context = {
        "case": case,
        "code": crypto.unseal(case.query_code),
        "now": words.told_resident(case, has_rated=False),
    }
    return render(request, "civics/receipt.html", context)


@login_not_required
@never_cache
@require_GET
def draft_photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    """A picture of the report that is being written in this browser."""
    kept = request.session.get(http.DRAFT)
    if not kept:
        raise Http404
    waiting = _waiting(_batch(kept))
    return served(get_object_or_404(waiting, pk=photo_id).thumb)


# --- what is kept -------------------------------------------------------------------
def _bound(kept: dict[str, list[str]]) -> MultiValueDict:
    return MultiValueDict(kept)


def _keep(request: HttpRequest, kept: dict[str, list[str]], step: str) -> None:
    """Into the session what this step asks for, as it was sent."""
    names = {*KEPT[step]}
    if step == "where":  # what was unticked is not sent, and must not stay
        asked = [*kept, *request.POST]
        names |= {name for name in asked if name.startswith("answers.")}
    for name in names:
        kept[name] = request.POST.getlist(name)
        if not kept[name]:
            del kept[name]
    http.keep_draft(request, kept)


def _batch(kept: dict[str, list[str]]) -> uuid.UUID:
    return _uuid(kept["submission"][0])


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


def _waiting(batch: uuid.UUID) -> Any:
    found = Photo.objects.filter(batch=batch, case=None, user=None)
    return found.order_by("received_at", "id")


def _take_photos(
    request: HttpRequest, kept: dict[str, list[str]], at: datetime
) -> list[str]:
    """Keep the pictures that came along; the sentences of those refused."""
    files, batch = request.FILES.getlist("photos"), _batch(kept)
    room = MOST_PHOTOS - _waiting(batch).count()
    faults = []
    if len(files) > room:
        faults = [_("最多 %(n)d 张照片，多出的没有收。") % {"n": MOST_PHOTOS}]
    who = http.resident(request)
    for file in files[: max(room, 0)]:
        try:
            actions.admit_photo(actor=who, at=at)
        except Refused as refused:
            return [*faults, str(refused)]
        faults += take_files([file], batch=batch, stage="report", actor=who, at=at)
    return faults


def _filed_before(request: HttpRequest, at: datetime) -> Case | None:
    sent = request.POST.get("submission", "")
    return http.filed_before(request, _uuid(sent), at) if sent else None


# --- pages --------------------------------------------------------------------------
def _steps(now: int) -> list[Step]:
    labels = (_("什么问题"), _("在哪里"), _("怎么联系您"))
    is_ = ("done", "now", "ahead")
    return [
        Step(label, is_[(number > now) - (number < now) + 1])
        for number, label in enumerate(labels)
    ]


def _what_page(
    request: HttpRequest,
    form: ReportForm,
    kept: dict[str, list[str]],
    *,
    shows_faults: bool,
    status: int = 200,
) -> HttpResponse:
    form.is_valid()
    if not shows_faults:
        form.errors.clear()
    search = request.POST.get("q", "").strip()
    categories = reportable().order_by("code5", "kind", "id")
    found = [one for one in categories if _fits(one, search)][:FOUND] if search else []
    chosen = form["category"].value()
    context = {
        "form": form,
        "steps": _steps(0),
        "search": search,
        "found": found,
        "majors": grouped_categories(categories),
        "chosen": next((one for one in categories if str(one.pk) == chosen), None),
        "photos": _waiting(_batch(kept)),
        "most_photos": MOST_PHOTOS,
        "place": http.scanned_place(request),
    }
    return render(request, "civics/report_what.html", context, status=status)


def _fits(category: Category, search: str) -> bool:
    """By name, everyday word, pinyin or code, as the phone finds it."""
    word = search.lower()
    return (
        word in category.name.lower()
        or word in category.plain_words.lower()
        or f" {word}" in f" {category.pinyin}"
        or category.code5.startswith(word)
    )


def _where_page(
    request: HttpRequest,
    form: ReportForm,
    *,
    shows_faults: bool = True,
    status: int = 200,
) -> HttpResponse:
    if not shows_faults:
        form.errors.clear()
    city = Area.objects.at_level(Level.CITY).order_by("code").first()
    context = {
        "form": form,
        "steps": _steps(1),
        "streets": communities_by_street("", timezone.localdate(clock.now())),
        "addresses": [],
        "area_code": city.code if city else "",
        "place": http.scanned_place(request),
    }
    return render(request, "civics/report_where.html", context, status=status)


def _who_page(
    request: HttpRequest,
    form: WhoForm,
    report: ReportForm,
    at: datetime,
    *,
    said: str = "",
    status: int = 200,
) -> HttpResponse:
    phone = http.verified_phone(request, at)
    context = {
        "form": form,
        "report": report,
        "steps": _steps(2),
        "submission": report.cleaned_data["submission"],
        "said": said,
        "alike": _alike(request, report, at),
        "photos": _waiting(report.cleaned_data["submission"]),
        "masked": phone.masked if phone else "",
    }
    return render(request, "civics/report_who.html", context, status=status)


def _alike(
    request: HttpRequest, report: ReportForm, at: datetime
) -> list[dict[str, Any]]:
    """Open cases that may be the same, of the kinds that everybody may know of; none
    when too many places were asked about from this network."""
    given = rule()
    matter = matter_of(report.cleaned_data, at)
    if not _may_compare(request, matter, given.blur_m, at):
        return []
    return [
        {
            "case": one.alike.case,
            "reason": _reason(one),
            "ago": words.span((at - one.alike.case.reported_at).total_seconds() / 60),
            "words": words.STATE_WORDS[State(one.alike.case.state)],
        }
        for one in nearby(Case.objects.all(), matter, given.blur_m)
        if one.alike.case.is_open
        and not one.alike.case.confidential
        and not one.alike.case.category.is_confidential
        and one.alike.case.category_id not in given.hidden
    ]


def _may_compare(
    request: HttpRequest, matter: Matter, blur_m: int, at: datetime
) -> bool:
    """Once admitted for a kind of matter in a square, this browser need not ask again
    as long as it stays with it."""
    point = matter.point
    square = blurred(point.x, point.y, blur_m) if point else matter.community_id
    key = f"{matter.category.pk}:{square}"
    if request.session.get(http.COMPARED) == key:
        return True
    if not actions.may_compare(actor=http.resident(request), at=at):
        return False
    request.session[http.COMPARED] = key
    return True


def _reason(one: Nearby) -> str:
    """As far as everybody may know it, unlike `words.reason` for those at work."""
    pair = one.alike.pair
    said = [
        _("没有点位，在同一社区")
        if one.within_m is None
        else _("在 %(m)d 米以内") % {"m": one.within_m},
        _("同一小类") if pair.same_category else _("易混的小类"),
    ]
    if one.alike.by_words:
        said.append(_("说法相近"))
    return _("，").join(said)


def _alike_ids(request: HttpRequest, report: ReportForm, at: datetime) -> set[int]:
    return {one["case"].pk for one in _alike(request, report, at)}
