"""Who stands behind a request, without knowing the floor above."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string

from governance.errors import Refused
from governance.identity import Identity

ACTOR = "parties.http.actor"
ADMINISTRATOR = "system_admin"


def actor(request: HttpRequest) -> Any:
    """Whoever acts; has `snapshot()` and `role`. Raises Refused without a post."""
    return import_string(ACTOR)(request)


def administrator(request: HttpRequest) -> Any:
    """Whoever acts, being an administrator; these pages do not exist for others.

    Places come before posts: staff without a posting act in their own name.
    """
    try:
        someone = actor(request)
    except Refused as refused:
        if not request.user.is_staff or refused.code != "no_posting":
            raise
        return Identity(name=request.user.get_username(), user_id=request.user.pk)
    if someone.role != ADMINISTRATOR and not request.user.is_staff:
        raise Http404
    return someone
