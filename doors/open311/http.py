"""The door itself: which format was asked for, whose key, and errors in that format."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

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
from doors.models import ApiClient, Scope
from doors.open311.encoding import CONTENT_TYPES, XML, Answer, written
from doors.open311.problems import Problem, errors, invalid
from governance import clock
from governance.errors import Refused
from parties.acting import Actor

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
                found = errors(400, [(400, _("请求的内容读不懂，请检查编码和格式。"))])
            return _respond(found, form, methods)

        return answered

    return wrapped


def _must_be(request: HttpRequest, methods: tuple[str, ...], form: str) -> None:
    if form not in CONTENT_TYPES:
        raise invalid(_("只提供 .xml 和 .json 两种格式。"))
    method = "GET" if request.method == "HEAD" else request.method
    if method not in methods:
        said = _("这个地址只接受 %(methods)s。") % {"methods": ", ".join(methods)}
        raise Problem(405, [(405, said)])


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
    # What is public may be read by pages of other sites; there is no cookie in it.
    response["Access-Control-Allow-Origin"] = "*"
    return response


def client_of(request: HttpRequest) -> ApiClient:
    """The client whose key came with the request, in its body, address or a header.

    Raises Problem: 403 where there is none that is valid and has the scope, 429 beyond
    the client's limit.
    """
    text = given_key(request, request.POST)
    if not text:
        raise Problem(403, [(403, _("缺少 api_key，请向平台管理员申请。"))])
    key = actions.find_key(text)
    if key is None:
        raise Problem(403, [(403, _("api_key 无效，请核对后重试。"))])
    at = clock.now()
    try:
        actions.check_usable(key, at)
    except Refused as refused:
        raise Problem(403, [(403, str(refused))]) from refused
    if not key.client.may(Scope.OPEN311):
        raise Problem(403, [(403, _("这个 api_key 没有 Open311 接口的权限。"))])
    if not actions.admit(key=key, at=at).allowed:
        raise Problem(429, [(429, _("请求过于频繁，请一分钟后再试。"))])
    return key.client


def actor_of(request: HttpRequest, client: ApiClient) -> Actor:
    """The complainant, of whom no more is known than the system he came by."""
    resident = Actor.resident(name=client.name, ip=address(request))
    return replace(resident, via=client.name)
