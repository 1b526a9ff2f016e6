"""接口文档: the operations of `/api/v1/` as pages, for people who write clients."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from doors.demo import DEMO_KEYS, DemoKey
from doors.models import ApiKey, Scope
from doors.views.document import matching, operations

LONGEST = 100


@require_GET
def interface(request: HttpRequest) -> HttpResponse:
    """All operations by group; ?q narrows them."""
    asked = request.GET.get("q", "").strip()[:LONGEST]
    context = {
        "groups": matching(asked),
        "asked": asked,
        "scopes": Scope.choices,
        "base": request.build_absolute_uri("/api/v1/"),
        "demo_keys": _demo_keys(),
    }
    return render(request, "doors/interface/interface.html", context)


@require_GET
def operation(request: HttpRequest, operation_id: str) -> HttpResponse:
    """One of them: what to send, what is answered, with examples."""
    found = operations().get(operation_id)
    if found is None:
        raise Http404
    scope = dict(Scope.choices).get(found.scope, "")
    context = {
        "operation": found,
        "scope_label": scope,
        "answers": [one for one in found.answers if one.is_success],
        "errors": [one for one in found.answers if not one.is_success],
    }
    return render(request, "doors/interface/operation.html", context)


def _demo_keys() -> list[DemoKey]:
    """To try it with, as the sign-in page has the accounts; none in production."""
    if settings.PRODUCTION:
        return []
    there = set(
        ApiKey.objects.filter(
            prefix__in=[one.prefix for one in DEMO_KEYS], revoked_at=None
        ).values_list("prefix", flat=True)
    )
    return [one for one in DEMO_KEYS if one.prefix in there]
