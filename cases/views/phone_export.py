"""At the desk: bring in what a grid worker exported from a phone without a signal."""

import base64
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases import actions
from cases.forms.fields import position_of
from cases.forms.phone_export import PhoneExportForm
from cases.forms.submission import SubmissionIn, report_of
from cases.models import Category, Submission
from cases.phone_exports import (
    ItemInFile,
    PhoneExport,
    PhotoInFile,
    first_photos,
    moment,
    photo_in,
    read_export,
)
from governance import clock
from governance.errors import Refused
from governance.numbers import number_of
from parties import http
from parties.acting import Actor

SALT = "cases.phone_export"
FOLDER = "phone-exports"
KEPT = timedelta(days=1)


def phone_export(request: HttpRequest) -> HttpResponse:
    """Choose the file, see what is in it; nothing is brought in yet."""
    who, at = http.actor(request), clock.now()
    form = PhoneExportForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        try:
            context |= _seen(form.cleaned_data["file"], who, at)
        except Refused as refused:
            form.add_error("file", str(refused))
    status = 422 if form.errors else 200
    return render(request, "cases/desk/phone_export.html", context, status=status)


def _seen(file: Any, who: Actor, at: datetime) -> dict[str, Any]:
    actions.may_bring_in(who)
    found = read_export(file)
    worker = actions.worker_of(user_id=found.account_id, actor=who, at=at)
    rows = _rows(found, file)
    file.seek(0)
    name = default_storage.save(f"{FOLDER}/{uuid.uuid4()}.zip", file)
    _sweep()
    parcel = signing.dumps({"name": name, "user": who.user_id}, salt=SALT)
    return {"found": found, "worker": worker, "rows": rows, "parcel": parcel}


def _sweep() -> None:
    """What was looked at and never brought in does not stay."""
    _folders, names = default_storage.listdir(FOLDER)
    for name in names:
        path = f"{FOLDER}/{name}"
        # Another desk may have brought it in, or swept, since the folder was listed.
        with suppress(FileNotFoundError):
            if timezone.now() - default_storage.get_modified_time(path) > KEPT:
                default_storage.delete(path)


def _rows(found: PhoneExport, file: Any) -> list[dict[str, Any]]:
    """The items as the desk judges them: words, first picture, whether it may come."""
    ids = [item.id for item in found.items]
    there = Submission.objects.filter(case__isnull=False).select_related("case")
    known = there.in_bulk(ids)
    chosen = {_category_of(item) for item in found.items} - {None}
    categories = Category.objects.in_bulk(chosen)
    pictures = first_photos(file, found.items)
    return [
        {
            **_state(item, known.get(item.id)),
            "item": item,
            "category": categories.get(_category_of(item) or 0),
            "found_at": moment(item.fields.get("found_at")),
            "picture": _picture(pictures.get(item.id)),
        }
        for item in found.items
    ]


def _category_of(item: ItemInFile) -> int | None:
    return number_of(item.fields.get("category"))


def _state(item: ItemInFile, known: Submission | None) -> dict[str, Any]:
    case = known.case if known else None
    given = SubmissionIn(data={**item.fields, "id": item.id, "kind": item.kind})
    fault = "" if not item.is_finished or given.is_valid() else _first(given.errors)
    state = "there" if case else "draft" if not item.is_finished else "ready"
    return {
        "case": case,
        "state": "fault" if fault and not case else state,
        "fault": fault,
    }


def _first(errors: Any) -> str:
    return " ".join(str(one) for one in next(iter(errors.values())))


def _picture(content: bytes | None) -> str:
    """As a data address: it is nobody's yet and has no other."""
    if content is None:
        return ""
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"


@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """One item, or all that are ready; what is refused stays with its sentence."""
    who, at = http.actor(request), clock.now()
    try:
        parcel = signing.loads(request.POST.get("parcel", ""), salt=SALT, max_age=KEPT)
        if parcel["user"] != who.user_id:
            raise signing.BadSignature
        file = default_storage.open(parcel["name"])
    except (signing.BadSignature, FileNotFoundError):
        messages.error(request, _("预览已过期，请重新选择文件。"))
        return redirect("phone_export")
    with file:
        found = read_export(file)
        wanted = request.POST.getlist("item")
        chosen = [one for one in found.items if str(one.id) in wanted]
        for item in chosen:
            _bring(request, item, found, file, who, at)
        worker = actions.worker_of(user_id=found.account_id, actor=who, at=at)
        rows = _rows(found, file)
    if all(row["state"] in ("there", "draft") for row in rows):
        default_storage.delete(parcel["name"])
    context = {
        "form": PhoneExportForm(),
        "found": found,
        "worker": worker,
        "rows": rows,
        "parcel": request.POST["parcel"],
    }
    return render(request, "cases/desk/phone_export.html", context)


def _bring(
    request: HttpRequest,
    item: ItemInFile,
    found: PhoneExport,
    file: Any,
    who: Actor,
    at: datetime,
) -> None:
    given = SubmissionIn(data={**item.fields, "id": item.id, "kind": item.kind})
    if not item.is_finished or not given.is_valid():
        return
    fields = dict(given.validated_data)
    del fields["id"], fields["kind"]
    try:
        case = actions.bring_in(
            submission_id=item.id,
            kind=item.kind,
            report=report_of(fields, item.id),
            pictures=[_from(one, file) for one in item.photos],
            worker_id=found.account_id,
            actor=who,
            at=at,
        )
    except actions.Conflict as conflict:
        actions.keep_conflict(conflict=conflict)
        messages.error(request, f"{item.title}{_('：')}{conflict}")
    except Refused as refused:
        messages.error(request, f"{item.title}{_('：')}{refused}")
    else:
        words = {"title": item.title, "no": case.display_no}
        messages.success(request, _("“%(title)s”已导入：%(no)s。") % words)


def _from(photo: PhotoInFile, file: Any) -> actions.Picture:
    place = {"lng": _degrees(photo.lng), "lat": _degrees(photo.lat)}
    return actions.Picture(
        id=photo.id,
        stage=photo.stage,
        content=partial(photo_in, file, photo),
        taken_at=photo.taken_at,
        position=position_of(place),
    )


def _degrees(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
