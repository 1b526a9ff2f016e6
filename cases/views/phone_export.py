"""At the desk: bring in what a grid worker exported from a phone without a signal."""

import base64
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cases import actions
from cases.forms.fields import position_of
from cases.forms.phone_export import PhoneExportForm
from cases.forms.submission import SubmissionIn, report_of
from cases.models import Case, Category
from cases.phone_exports import ItemInFile, PhoneExport, photo_in, read_export
from governance import clock
from governance.errors import Refused
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
    found = read_export(file)
    worker = actions.worker_of(user_id=found.account_id, actor=who, at=at)
    file.seek(0)
    name = default_storage.save(f"{FOLDER}/{uuid.uuid4()}.zip", file)
    _sweep()
    parcel = signing.dumps({"name": name, "user": who.user_id}, salt=SALT)
    rows = [_row(one, file) for one in found.items]
    return {"found": found, "worker": worker, "rows": rows, "parcel": parcel}


def _sweep() -> None:
    """What was looked at and never brought in does not stay."""
    _folders, names = default_storage.listdir(FOLDER)
    for name in names:
        path = f"{FOLDER}/{name}"
        if timezone.now() - default_storage.get_modified_time(path) > KEPT:
            default_storage.delete(path)


def _row(item: ItemInFile, file: Any) -> dict[str, Any]:
    """One item as the desk judges it: words, first picture, and whether it may come."""
    case = Case.objects.filter(submission=item.id).first()
    given = SubmissionIn(data={**item.fields, "id": item.id, "kind": item.kind})
    fault = "" if not item.is_finished or given.is_valid() else _first(given.errors)
    state = "there" if case else "draft" if not item.is_finished else "ready"
    chosen = str(item.fields.get("category", ""))
    category = Category.objects.filter(pk=chosen) if chosen.isdecimal() else None
    return {
        "item": item,
        "case": case,
        "state": "fault" if fault and not case else state,
        "fault": fault,
        "category": category.first() if category is not None else None,
        "found_at": parse_datetime(str(item.fields.get("found_at") or "")),
        "picture": _picture(item, file),
    }


def _first(errors: Any) -> str:
    return " ".join(str(one) for one in next(iter(errors.values())))


def _picture(item: ItemInFile, file: Any) -> str:
    """The first photo as a data address: it is nobody's yet and has no other."""
    if not item.photos:
        return ""
    content = photo_in(file, item.photos[0])
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"


@require_POST
def bring_in(request: HttpRequest) -> HttpResponse:
    """One item, or all that are ready; what is refused stays with its sentence."""
    who, at = http.actor(request), clock.now()
    try:
        parcel = signing.loads(request.POST.get("parcel", ""), salt=SALT, max_age=KEPT)
        file = default_storage.open(parcel["name"])
    except (signing.BadSignature, FileNotFoundError):
        messages.error(request, _("预览已过期，请重新选择文件。"))
        return redirect("phone_export")
    if parcel["user"] != who.user_id:
        messages.error(request, _("预览已过期，请重新选择文件。"))
        return redirect("phone_export")
    with file:
        found = read_export(file)
        wanted = request.POST.getlist("item")
        chosen = [one for one in found.items if str(one.id) in wanted]
        for item in chosen:
            _bring(request, item, found, file, who, at)
        worker = actions.worker_of(user_id=found.account_id, actor=who, at=at)
        rows = [_row(one, file) for one in found.items]
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


def _from(photo: Any, file: Any) -> actions.Picture:
    place = {"lng": _degrees(photo.lng), "lat": _degrees(photo.lat)}
    return actions.Picture(
        id=photo.id,
        stage=photo.stage,
        content=partial(photo_in, file, photo),
        taken_at=parse_datetime(photo.taken_at) if photo.taken_at else None,
        position=position_of(place),
    )


def _degrees(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
