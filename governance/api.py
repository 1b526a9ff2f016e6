"""The API's answer to errors: one shape for every Refused."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler as usual_handler

from governance.errors import Refused


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Refused → 422 {"code", "message", "field"}; everything else as DRF has it."""
    if isinstance(error, Refused):
        return Response(error.as_dict(), status=422)
    return usual_handler(error, context)
