"""Endpoints that answer with a file."""

from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request

from doors.api.by_form import OVERTAKEN_OUT, FormDoor
from doors.api.shapes import BAD, REFUSED, UNKNOWN

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"


class FileDoor(FormDoor):
    """The file comes as it is, whatever was accepted; errors are JSON."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)


def a_file(*kinds: str, said: str) -> dict[Any, Any]:
    """`responses` of an endpoint that answers with a file of one of these kinds."""
    found: dict[Any, Any] = {
        (200, kind): OpenApiResponse(OpenApiTypes.BINARY, said) for kind in kinds
    }
    return {**found, 400: BAD, 404: UNKNOWN, 409: OVERTAKEN_OUT, 422: REFUSED}


def attached(content: Any, name: str, kind: str) -> FileResponse:
    return FileResponse(content, as_attachment=True, filename=name, content_type=kind)
