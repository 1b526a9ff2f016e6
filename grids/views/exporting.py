"""Boundaries out of the house as a GeoPackage."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance import clock
from governance.errors import Refused
from grids.codes import Level
from grids.exporting import export as write
from grids.forms import ExportForm
from grids.http import administrator

MEDIA_TYPE = "application/geopackage+sqlite3"


@require_GET
def export(request: HttpRequest) -> HttpResponse | FileResponse:
    """The form; with `?level=5&within=990101001` the file."""
    administrator(request)
    form = ExportForm(request.GET or None)
    if form.is_valid():
        at, level = clock.now(), form.cleaned_data["level"]
        within = form.cleaned_data["within"]
        try:
            file = _written(level, within, at)
        except Refused as refused:
            refused.show_in(form)
        else:
            day = f"{timezone.localdate(at):%Y%m%d}"
            name = "_".join(filter(None, (level.word, within, day)))
            return FileResponse(
                file,
                as_attachment=True,
                filename=f"{name}.gpkg",
                content_type=MEDIA_TYPE,
            )
    status = 422 if form.is_bound else 200
    return render(request, "grids/export.html", {"form": form}, status=status)


def _written(level: Level, within: str, at: datetime) -> BinaryIO:
    """An open file that is gone when it is closed: SQLite writes to paths only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "areas.gpkg"
        write(path, level, within=within, at=at)
        return path.open("rb")
