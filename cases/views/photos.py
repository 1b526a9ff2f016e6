"""Photos: taken in by themselves, shown to whoever may see the case."""

import hashlib
import uuid
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases import actions
from cases.forms.fields import position_of
from cases.forms.filing import PhotoForm
from cases.models import Photo
from cases.querysets.field import photos_visible_to
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor

CACHE = "private, max-age=86400, immutable"


@require_POST
def upload_photo(request: HttpRequest) -> HttpResponse:
    """One picture under a client-made id; answers JSON, 422 with the sentence."""
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        refused = Refused(_("照片没有收全，请重新选择这张照片。"), code="incomplete")
        return JsonResponse(refused.as_dict(), status=422)
    given = form.cleaned_data
    try:
        photo = actions.upload_photo(
            photo_id=given["id"],
            batch=given["batch"],
            stage=given["stage"],
            content=actions.content_of(given["photo"]),
            actor=http.actor(request),
            at=clock.now(),
            taken_at=given["taken_at"],
            position=position_of(given),
        )
    except Refused as refused:
        return JsonResponse(refused.as_dict(), status=422)
    return JsonResponse(
        {
            "id": str(photo.pk),
            "url": reverse("photo", args=[photo.pk]),
            "thumb_url": reverse("photo_thumb", args=[photo.pk]),
        }
    )


@require_POST
def remove_photo(request: HttpRequest, photo_id: uuid.UUID) -> HttpResponse:
    """Take back an own picture that no case has yet; gone already is fine."""
    actions.remove_photo(photo_id=photo_id, actor=http.actor(request))
    return HttpResponse(status=204)


@require_GET
def photo(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    return served(_own(request, photo_id).served)


@require_GET
def photo_thumb(request: HttpRequest, photo_id: uuid.UUID) -> FileResponse:
    return served(_own(request, photo_id).thumb)


def _own(request: HttpRequest, photo_id: uuid.UUID) -> Photo:
    found: Photo = get_object_or_404(
        photos_visible_to(http.actor(request)), pk=photo_id
    )
    return found


def served(name: str) -> FileResponse:
    response = FileResponse(default_storage.open(name), content_type="image/jpeg")
    response["Cache-Control"] = CACHE
    response["X-Content-Type-Options"] = "nosniff"
    return response


def take_files(
    files: list[Any], *, batch: uuid.UUID, stage: str, actor: Actor, at: datetime
) -> list[str]:
    """Keep pictures that came with the form itself; the sentences of those refused.

    The id follows from batch and content, so that a form sent twice keeps them once.
    """
    faults = []
    for file in files:
        try:
            content = actions.content_of(file)
            photo_id = uuid.uuid5(batch, stage + hashlib.sha256(content).hexdigest())
            actions.upload_photo(
                photo_id=photo_id,
                batch=batch,
                stage=stage,
                content=content,
                actor=actor,
                at=at,
            )
        except Refused as refused:
            faults.append(f"{file.name}{_('：')}{refused}")
    return faults
