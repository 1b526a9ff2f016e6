"""The door itself: which format was asked for, whose key, and errors in that format."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from urllib.parse import unquote_to_bytes

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cases import actions as cases
from doors import actions
from doors.http import address, given_key
from doors.models import ApiClient, ApiKey, Scope
from doors.open311.encoding import CONTENT_TYPES, JSON, XML, Answer, written
from doors.open311.problems import Problem, errors, invalid
from governance import api, clock
from governance.errors import Refused
from parties.acting import Actor

PREFIX = "/open311/"
FORM_ENCODED = "application/x-www-form-urlencoded"

View = Callable[..., Answer | HttpResponseBase]


def door(*methods: str) -> Callable[[View], Callable[..., HttpResponseBase]]:
    """A view of this door: public, for these methods, and never without an answer in
    the format that was asked for. HEAD is asked like GET."""

    def wrapped(view: View) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answered(
            request: HttpRequest, form: str | None = None, **named: Any
        ) -> HttpResponseBase:
            form = (form or XML).lower()
            try:
                _must_be(request, methods, form)
                _must_be_utf8(request)
                _admit(request)
                found = view(request, **named)
            except Problem as problem:
                found = problem.answer()
            except Refused as refused:
                found = _refused(refused)
            except (
                BadRequest,
                SuspiciousOperation,
                MultiPartParserError,
                UnreadablePostError,
            ):
                found = _unread()
            return _respond(found, form, methods)

        return answered

    return wrapped


def _admit(request: HttpRequest) -> None:
    """Count the request: with a key of this door on its client, else on the address.

    Raises Problem (429), which says when to come back, beyond the limit.
    """
    key, at = _key_of(request), clock.now()
    if key is not None and _fault_of(key) is None:
        admission = actions.admit(key=key, at=at)
    else:
        admission = actions.admit_stranger(ip=address(request), at=at)
    if not admission.allowed:
        said = _("请求过于频繁，请 %(n)d 秒后再试。") % {"n": admission.retry_after}
        raise Problem(429, [(429, said)], retry_after=admission.retry_after)


def _must_be(request: HttpRequest, methods: tuple[str, ...], form: str) -> None:
    if form not in CONTENT_TYPES:
        raise invalid(_("只提供 .xml 和 .json 两种格式。"))
    method = "GET" if request.method == "HEAD" else request.method
    if method not in methods:
        said = _("这个地址只接受 %(methods)s。") % {"methods": ", ".join(methods)}
        raise Problem(405, [(405, said)])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """What is refused before any view is asked: of this door in the format that was
    asked for, of the others in theirs."""
    path = request.path_info.lower()
    if not path.startswith(PREFIX):
        return api.bad_request(request, exception)
    form = JSON if path.rstrip("/").endswith(".json") else XML
    return _respond(_unread(), form, ())


def _unread() -> Answer:
    return errors(400, [(400, _("请求的内容读不懂，请检查编码和格式。"))])


def _must_be_utf8(request: HttpRequest) -> None:
    """UTF-8 is required everywhere (GeoReport v2, Encoding). Words in another encoding
    would become signs that nobody can read; refused, the client still has them."""
    if request.content_type != FORM_ENCODED:
        return
    try:
        unquote_to_bytes(request.body).decode()
    except UnicodeDecodeError as error:
        raise invalid(_("请求的内容不是 UTF-8 编码，请转换后重发。")) from error


def _refused(refused: Refused) -> Answer:
    """GeoReport has 400 for whatever cannot be fulfilled; of two contents under one
    id both are kept."""
    if isinstance(refused, cases.Conflict):
        cases.keep_conflict(conflict=refused)
    code = 409 if refused.code == "conflict" else 400
    return errors(400, [(code, str(refused))])


def _respond(
    found: Answer | HttpResponseBase, form: str, methods: tuple[str, ...]
) -> HttpResponseBase:
    if isinstance(found, HttpResponseBase):
        return found
    form = form if form in CONTENT_TYPES else XML
    response = HttpResponse(
        written(found, form), status=found.status, content_type=CONTENT_TYPES[form]
    )
    if found.status == 405:
        response["Allow"] = ", ".join(methods)
    if found.retry_after:
        response["Retry-After"] = str(found.retry_after)
    # What is public may be read by pages of other sites; there is no cookie in it.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def client_of(request: HttpRequest) -> ApiClient:
    """The client whose key came with the request, in its body, address or a header.

    Raises Problem: 403 where there is none that is valid and has the scope.
    """
    key = _key_of(request)
    if key is None:
        given = given_key(request, request.POST)
        missing = _("缺少 api_key，请向平台管理员申请。")
        wrong = _("api_key 无效，请核对后重试。")
        raise Problem(403, [(403, wrong if given else missing)])
    fault = _fault_of(key)
    if fault is not None:
        raise Problem(403, [(403, fault)])
    return key.client


def _key_of(request: HttpRequest) -> ApiKey | None:
    text = given_key(request, request.POST)
    return actions.find_key(text) if text else None


def _fault_of(key: ApiKey) -> str | None:
    """Why a key that there is does not open this door."""
    try:
        actions.check_usable(key, clock.now())
    except Refused as refused:
        return str(refused)
    if not key.client.may(Scope.OPEN311):
        return _("这个 api_key 没有 Open311 接口的权限。")
    return None


def actor_of(request: HttpRequest, client: ApiClient) -> Actor:
    """The complainant, of whom no more is known than the system he came by."""
    resident = Actor.resident(name=client.name, ip=address(request))
    return replace(resident, via=client.name)
