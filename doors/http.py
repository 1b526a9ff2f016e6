"""Who stands at the door: keys in requests, the actor behind them, scopes and limits.

For an endpoint of REST framework, `KeyAuthentication`, `Negotiation`, `MayUse` and
`ClientThrottle` are the defaults of the settings; it names its scopes in `scopes`, by
method. Another kind of endpoint calls `given_key`, `keyed` and `throttled` itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    AuthenticationFailed,
    NotAcceptable,
    NotAuthenticated,
    PermissionDenied,
    Throttled,
)
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from doors import actions
from doors.models import ApiClient, ApiKey, IdentityProvider
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor
from parties.models import Posting

BEARER = "bearer"


class Outsider:
    """The user of a client that acts as no post: nobody who could sign in."""

    is_authenticated = True
    is_active = True
    is_staff = is_superuser = is_anonymous = False
    must_change_password = False
    pk = id = None
    username = ""

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer wg_…` or `X-Api-Key: wg_…`; `request.auth` is the ApiKey.

    An unknown key is 401; one that is revoked or over is 403 at once.
    """

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        text = self.text_in(request._request)
        if not text:
            return None
        key = keyed(text, clock.now())
        posting = key.client.posting
        return (posting.user if posting else Outsider(key.client.name)), key

    def text_in(self, request: HttpRequest) -> str:
        return header_key(request)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class AddressKeyAuthentication(KeyAuthentication):
    """The same, also with `?api_key=wg_…`: GIS programs keep an address and no headers.
    Only for reading."""

    def text_in(self, request: HttpRequest) -> str:
        return given_key(request)


class Negotiation(DefaultContentNegotiation):
    """A `?format=` that there is not is 406, as the same in `Accept` is."""

    def filter_renderers(
        self, renderers: Iterable[BaseRenderer], format: str
    ) -> list[BaseRenderer]:
        found = [one for one in renderers if one.format == format]
        if not found:
            raise NotAcceptable
        return found


class MayUse(BasePermission):
    """Signed in, or with a key whose client has the scope that the endpoint names.

    `scopes` of the view maps methods to scopes; a method without one is for people.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            raise NotAuthenticated
        if not isinstance(request.auth, ApiKey):
            return True
        method = _method(request)
        if method not in view.allowed_methods:
            return True  # and then it is 405
        wanted = getattr(view, "scopes", {}).get(method)
        require_scope(request.auth.client, wanted)
        return True


class ClientThrottle(BaseThrottle):
    """Each client's requests a minute; the answer 429 says when to come back."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.admission = None
        if isinstance(request.auth, ApiKey):
            self.admission = actions.admit(key=request.auth, at=clock.now())
        return self.admission is None or self.admission.allowed

    def wait(self) -> float | None:
        return self.admission.retry_after if self.admission else None


def sign_in_ways(request: HttpRequest) -> dict[str, Any]:
    """Context for the page to sign in on: the providers, read when it asks for them."""
    active = IdentityProvider.objects.filter(is_active=True).order_by("name")
    return {"sign_in_ways": active}


def header_key(request: HttpRequest) -> str:
    """The key in a header of the request, or an empty text."""
    kind, _blank, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == BEARER:
        return text.strip()
    return request.headers.get("X-Api-Key", "").strip()


def given_key(request: HttpRequest, body: Mapping[str, Any] | None = None) -> str:
    """The key in a header, else as `api_key` in the query or in the body (Open311)."""
    found = header_key(request) or request.GET.get("api_key", "")
    return str(found or (body or {}).get("api_key") or "").strip()


def keyed(text: str, at: datetime) -> ApiKey:
    """The usable key with this text. Raises AuthenticationFailed (401) when there is
    none, PermissionDenied (403) when it is revoked, over or its client shut."""
    key = actions.find_key(text)
    if key is None:
        raise AuthenticationFailed(_("密钥无效，请核对后重试。"), code="key_unknown")
    try:
        actions.check_usable(key, at)
    except Refused as refused:
        raise PermissionDenied(refused.message, code=refused.code) from refused
    return key


def require_scope(client: ApiClient, scope: str | None) -> None:
    """Raises PermissionDenied (403) naming the scope that is missing."""
    if scope is None:
        raise PermissionDenied(_("这个接口只供登录的人员使用。"), code="people_only")
    if not client.may(scope):
        raise PermissionDenied(
            _("这个密钥没有“%(scope)s”的权限，请向平台管理员申请。") % {"scope": scope},
            code="scope",
        )


def throttled(key: ApiKey, at: datetime) -> None:
    """Counts the request; raises Throttled (429) beyond the limit of the client."""
    admission = actions.admit(key=key, at=at)
    if not admission.allowed:
        raise Throttled(wait=admission.retry_after)


def actor(request: Request) -> Actor:
    """Who acts in a request of REST framework: the post of the client, or the person.

    Raises Refused when that post is over, or the client has none.
    """
    if isinstance(request.auth, ApiKey):
        return client_actor(request.auth.client, request._request)
    return http.actor(request._request)


def client_actor(client: ApiClient, request: HttpRequest) -> Actor:
    """The client's post as an actor; the journal says by which client it acted."""
    posting = client.posting
    if posting is None:
        raise Refused(
            _("这个接口客户端没有指定任职，不能办理，请联系平台管理员。"),
            code="no_posting",
        )
    in_force = Posting.objects.filter(pk=posting.pk).current(clock.now()).exists()
    if not in_force:
        raise Refused(
            _("这个接口客户端的任职已经结束，请联系平台管理员。"), code="no_posting"
        )
    return replace(Actor.of(posting, ip=address(request)), via=client.name)


def address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _method(request: Request) -> str:
    method = str(request.method)
    return "GET" if method in ("HEAD", "OPTIONS") else method
