"""Import areas in three steps: upload, look at what was found, confirm."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.gis.geos import GEOSGeometry
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance import clock
from governance.errors import Refused
from grids import actions, uploads
from grids.forms import ImportForm
from grids.http import administrator
from grids.importing import Plan, plan
from grids.uploads import Upload

# Shapes on the preview are drawn with so many steps across; nobody sees finer ones.
PREVIEW_STEPS = 2000
SHOWN_FINDINGS = 300


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    administrator(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        token = uploads.keep(
            name=given.name,
            chunks=given.chunks(),
            options=form.options(),
            user_id=_user_id(request),
            at=clock.now(),
        )
        try:
            plan(_found(request, token).path, form.options(), source=given.name)
        except Refused as refused:
            uploads.forget(token)
            refused.show_in(form)
        else:
            return redirect("areas_import_review", token=token)
    status = 422 if form.is_bound else 200
    return render(request, "grids/import_upload.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, token: UUID) -> HttpResponse:
    actor = administrator(request)
    found = _found(request, token)
    drafted = plan(found.path, found.options, source=found.name)
    accepted = request.POST.getlist("accept")
    refused = None
    if request.method == "POST":
        try:
            actions.import_areas(
                plan=drafted, accepted=accepted, actor=actor, at=clock.now()
            )
        except Refused as error:
            refused = error
        else:
            uploads.forget(token)
            messages.success(request, _told(drafted))
            return redirect("areas_map")
    return render(
        request,
        "grids/import_review.html",
        {
            "upload": found,
            "plan": drafted,
            "findings": drafted.findings[:SHOWN_FINDINGS],
            "hidden": max(0, len(drafted.findings) - SHOWN_FINDINGS),
            "kinds": drafted.unaccepted([]),
            "accepted": accepted,
            "refused": refused,
            "preview": _preview(drafted),
        },
        status=422 if refused else 200,
    )


def _found(request: HttpRequest, token: UUID) -> Upload:
    found = uploads.find(token, _user_id(request))
    if found is None:
        raise Http404
    return found


def _user_id(request: HttpRequest) -> int:
    assert request.user.pk is not None  # noqa: S101 - the middleware asks for login
    return request.user.pk


def _told(drafted: Plan) -> str:
    return _("已导入：新增 %(new)d，改名 %(renamed)d，边界更新 %(redrawn)d。") % {
        "new": len(drafted.new),
        "renamed": len(drafted.renamed),
        "redrawn": len(drafted.redrawn),
    }


def _preview(drafted: Plan) -> dict[str, Any]:
    """What the map shows: the areas of the file, and where the findings are."""
    moved = dict.fromkeys(drafted.new, "new")
    moved |= dict.fromkeys(drafted.redrawn, "redrawn")
    moved |= dict.fromkeys((c for one in drafted.errors for c in one.areas), "bad")
    areas = [
        _feature(
            one.geometry,
            code=one.code,
            name=one.name,
            state=moved.get(one.code, "same"),
        )
        for one in drafted.candidates
    ]
    findings = [
        _feature(one.geometry, number=number, severity=one.severity)
        for number, one in enumerate(drafted.findings[:SHOWN_FINDINGS])
    ]
    return {"areas": _collection(areas), "findings": _collection(findings)}


def _collection(features: list[dict[str, Any] | None]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [one for one in features if one]}


def _feature(shape: GEOSGeometry | None, **properties: Any) -> dict[str, Any] | None:
    """A GeoJSON Feature; None for what has no place on the map."""
    if shape is None or shape.empty or max(map(abs, shape.extent)) > 180:
        return None
    west, south, east, north = shape.extent
    coarse = shape.simplify(max(east - west, north - south) / PREVIEW_STEPS)
    shown = shape if coarse.empty else coarse
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": json.loads(shown.geojson),
    }
