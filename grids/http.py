"""Who stands behind a request, without knowing the floor above."""

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.module_loading import import_string

from governance.errors import Refused
from governance.identity import Identity

ACTOR = "parties.http.actor"
FIRST = "parties.http.is_first_administrator"
ADMINISTRATOR = "system_admin"


def actor(request: HttpRequest) -> Any:
    """Whoever acts; has `snapshot()` and `role`. Raises Refused without a post."""
    return import_string(ACTOR)(request)


def administrator(request: HttpRequest) -> Any:
    """Whoever acts, being an administrator; these pages do not exist for others.

    Places come before posts: the superuser of the first start, who never held one,
    acts in their own name.
    """
    try:
        someone = actor(request)
    except Refused as refused:
        if refused.code != "no_posting" or not import_string(FIRST)(request):
            raise
        return Identity(name=request.user.get_username(), user_id=request.user.pk)
    if someone.role != ADMINISTRATOR:
        raise Http404
    return someone
