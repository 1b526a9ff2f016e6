"""Signing in by another system: leave, come back, and be told when nobody is bound."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from doors import actions
from doors.actions import oidc
from doors.models import ExternalIdentity, IdentityProvider
from governance import clock
from governance.errors import Refused
from parties import http
from parties.views.accounts import signed_in

SESSION_KEY = "oidc_attempt"


@login_not_required
@never_cache
@require_GET
def leave(request: HttpRequest, code: str) -> HttpResponse:
    provider = get_object_or_404(IdentityProvider, code=code, is_active=True)
    back = request.build_absolute_uri(reverse("oidc_back", args=[code]))
    wanted = http.within_site(request, request.GET.get("next", ""))
    try:
        address, attempt = oidc.begin(provider, back=back, next=wanted)
    except Refused as refused:
        return _refused(request, refused)
    request.session[SESSION_KEY] = oidc.remembered(attempt)
    return redirect(address)


@login_not_required
@never_cache
@require_GET
def back(request: HttpRequest, code: str) -> HttpResponse:
    """An attempt is used up by coming back, whatever comes of it."""
    provider = get_object_or_404(IdentityProvider, code=code, is_active=True)
    attempt, at = request.session.pop(SESSION_KEY, None), clock.now()
    try:
        who = oidc.finish(provider, attempt, request.GET.dict(), at=at)
    except Refused as refused:
        return _refused(request, refused)
    identity = actions.arrive(
        provider=provider, subject=who.subject, name=who.name, at=at
    )
    if identity.user is None or not identity.user.is_active:
        return _unbound(request, identity)
    return signed_in(
        request, identity.user, way=f"oidc:{code}", wanted=attempt.get("next", "")
    )


def _unbound(request: HttpRequest, identity: ExternalIdentity) -> HttpResponse:
    context = {"identity": identity, "at": clock.now()}
    return render(request, "doors/oidc/unbound.html", context, status=403)


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    messages.error(request, str(refused))
    return redirect("login")
