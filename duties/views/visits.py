"""Records of visits: filled in, looked at, reported as a case; their photos."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from cases.models import Case, Photo
from cases.querysets.field import waiting_photos
from cases.views.photos import served, take_files
from duties import actions, checklists
from duties.forms.steps import DutyForm
from duties.forms.visits import FindingForm, RecordForm
from duties.models import CareTarget, VisitPhoto, VisitRecord
from duties.views.steps import home_of, visible_receiver
from duties.workflow import RECEIVER_TRANSITIONS, Action, find, receives
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor


@never_cache
def record(request: HttpRequest, receiver_id: int) -> HttpResponse:
    """填写走访、排查记录; an abnormal one leads on to 一键上报."""
    who, at = http.actor(request), clock.now()
    receiver = visible_receiver(who, receiver_id)
    if request.method == "POST":
        form = RecordForm(
            request.POST, request.FILES, subject=receiver, actor=who, at=at
        )
        batch = take_photos(request, form, who, at)
        made = None if form.errors else _recorded(form, receiver.pk, who, at)
        if made is not None:
            messages.success(request, _("记录已保存。"))
            if made.is_abnormal and made.case_id is None:
                return redirect("visit_finding", made.pk)
            return redirect(home_of(request, receiver, who))
    else:
        find(RECEIVER_TRANSITIONS, receiver, Action.RECORD, who, at)
        batch = uuid.uuid4()
        initial = {"submission": uuid.uuid4(), "target": request.GET.get("target")}
        form = RecordForm(subject=receiver, actor=who, at=at, initial=initial)
    context = {
        "receiver": receiver,
        "task": receiver.task,
        "form": form,
        "back": home_of(request, receiver, who),
        **photo_context(form, batch, who),
    }
    status = 422 if form.is_bound else 200
    return render(request, "duties/record.html", context, status=status)


def take_photos(request: HttpRequest, form: Any, who: Actor, at: datetime) -> uuid.UUID:
    """The batch of the form, with the pictures that came with the form itself."""
    form.is_valid()
    batch: uuid.UUID = form.cleaned_data.get("batch") or uuid.uuid4()
    form.cleaned_data["batch"] = batch
    files = request.FILES.getlist("photos")
    stage = Photo.Stage.REPORT
    for fault in take_files(files, batch=batch, stage=stage, actor=who, at=at):
        form.add_error("photos", fault)
    return batch


def _recorded(
    form: RecordForm, receiver_id: int, who: Actor, at: datetime
) -> VisitRecord | None:
    try:
        return actions.record_visit(
            receiver_id=receiver_id,
            submission=form.cleaned_data["submission"],
            visit=form.visit(),
            actor=who,
            at=at,
        )
    except Refused as refused:
        form.refuse(refused.field, str(refused))
        return None


def photo_context(form: DutyForm, batch: uuid.UUID, who: Actor) -> dict[str, Any]:
    waiting = waiting_photos(batch, who.user_id or 0) if form.is_bound else []
    return {"batch": batch, "photos": list(waiting), "stage": Photo.Stage.REPORT}


def visible_record(who: Actor, record_id: int) -> VisitRecord:
    visible = VisitRecord.objects.visible_to(who).select_related(
        "receiver__task__issuer", "receiver__area", "receiver__organisation",
        "receiver__person", "target__grid", "visitor",
    )  # fmt: skip
    found: VisitRecord = get_object_or_404(visible, pk=record_id)
    return found


@require_GET
def visit_record(request: HttpRequest, record_id: int) -> HttpResponse:
    """One record with its task and the case that came of it."""
    who = http.actor(request)
    found = visible_record(who, record_id)
    target: CareTarget | None = found.target
    seen = Case.objects.visible_to(who).with_names()
    context = {
        "record": found,
        "case": seen.filter(pk=found.case_id).first() if found.case_id else None,
        "receiver": found.receiver,
        "task": found.receiver.task,
        "back": home_of(request, found.receiver, who),
        "answers": [(one, checklists.spoken(one)) for one in found.answers],
        "identity": actions.masked(target) if target else None,
        "photos": list(found.photos.order_by("received_at", "id")),
        "may_report": receives(found.receiver, who) and found.case_id is None,
    }
    return render(request, "duties/visit_record.html", context)


@never_cache
def finding(request: HttpRequest, record_id: int) -> HttpResponse:
    """一键上报: the case of an abnormal record, filled in as far as it is known."""
    who, at = http.actor(request), clock.now()
    found = visible_record(who, record_id)
    if found.case_id is not None:
        return redirect("visit_record", found.pk)
    if request.method == "POST":
        form = FindingForm(request.POST, request.FILES, subject=found, actor=who, at=at)
        batch = take_photos(request, form, who, at)
        if not form.errors and _reported(form, found.pk, who, at):
            messages.success(request, _("已上报为案件，可以在案件中查看进展。"))
            return redirect("visit_record", found.pk)
    else:
        batch = uuid.uuid4()
        form = FindingForm(subject=found, actor=who, at=at)
    context = {
        "record": found,
        "task": found.receiver.task,
        "form": form,
        "kept": list(found.photos.order_by("received_at", "id")),
        "back": reverse("visit_record", args=[found.pk]),
        **photo_context(form, batch, who),
    }
    status = 422 if form.is_bound else 200
    return render(request, "duties/finding.html", context, status=status)


def _reported(form: FindingForm, record_id: int, who: Actor, at: datetime) -> bool:
    try:
        actions.report_finding(
            record_id=record_id, finding=form.finding(), actor=who, at=at
        )
    except Refused as refused:
        form.refuse(refused.field, str(refused))
        return False
    return True


@require_GET
def visit_photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    return served(_own_photo(request, photo_id).served)


@require_GET
def visit_photo_thumb(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    return served(_own_photo(request, photo_id).thumb)


def _own_photo(request: HttpRequest, photo_id: uuid.UUID) -> VisitPhoto:
    visible = VisitPhoto.objects.visible_to(http.actor(request))
    found: VisitPhoto = get_object_or_404(visible, pk=photo_id)
    return found
