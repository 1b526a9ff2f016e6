"""Who stands behind a request, without knowing the floor above."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string

ACTOR = "parties.http.actor"
ADMINISTRATOR = "system_admin"


def actor(request: HttpRequest) -> Any:
    """Whoever acts; has `snapshot()` and `role`. Raises Refused without a post."""
    return import_string(ACTOR)(request)


def administrator(request: HttpRequest) -> Any:
    """Whoever acts, being an administrator; these pages do not exist for others."""
    if request.user.is_staff:
        return actor(request)
    someone = actor(request)
    if someone.role != ADMINISTRATOR:
        raise Http404
    return someone
