"""The API's answer to errors, in one shape for all of them.

{"code", "message" (Chinese), "message_en", "field", "errors": [the same for each]};
`errors` has every fault that was found, the first of them stands at the top.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as usual_handler

from governance.bilingual import english
from governance.errors import Refused
from governance.parsers import UNSTORABLE_CODE

PREFIX = "/api/"


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(_("请求的内容太大，请分几次发送或缩小照片。"))


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Refused → 422; what REST framework knows, by its status; a bug rises."""
    if isinstance(error, Refused):
        return Response(refusal(error), status=422)
    if isinstance(error, RequestDataTooBig | TooManyFilesSent):
        error = TooLarge()
    elif isinstance(error, SuspiciousOperation):
        error = exceptions.ParseError()
    answer = usual_handler(error, context)
    if answer is None:
        return None
    answer.data = faulty(list(_faults(error, answer.status_code, context)))
    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What is refused before any view is asked, in the same shape for programs."""
    if not request.path_info.startswith(PREFIX):
        return defaults.bad_request(request, exception)
    return JsonResponse(faulty([fault(_unread(), "parse_error")]), status=400)


# A place is one thing to an action and two fields to whoever sends it.
SENT_AS = {"point": "lng", "position": "lng"}


def refusal(refused: Refused) -> dict[str, Any]:
    field = SENT_AS.get(refused.field or "", refused.field)
    return faulty([fault(str(refused), refused.code, field)])


def fault(message: str, code: str, field: str | None = None) -> dict[str, Any]:
    return {
        "code": code,
        "message": message,
        "message_en": english(message),
        "field": field,
    }


def faulty(faults: list[dict[str, Any]]) -> dict[str, Any]:
    return {**faults[0], "errors": faults}


def _faults(
    error: Exception, code: int, context: Mapping[str, Any]
) -> Iterable[dict[str, Any]]:
    if isinstance(error, exceptions.ValidationError):
        yield from _of_fields(error.detail, "")
        return
    detail = getattr(error, "detail", None)
    known = getattr(detail, "code", "") or CODES.get(code, "error")
    said = _sentence(error, code, context)
    yield fault(said or str(detail or _("请求没有成功。")), str(known))


CODES = {401: "not_authenticated", 403: "permission_denied", 404: "not_found"}


def _sentence(error: Exception, code: int, context: Mapping[str, Any]) -> str:
    """What we say in place of the framework's own short words."""
    if isinstance(error, exceptions.NotAuthenticated):
        return _("请先登录，或在请求头中提供密钥。")
    if isinstance(error, exceptions.Throttled):
        return _("请求太频繁，请在 %(n)d 秒后再试。") % {
            "n": ceil(getattr(error, "wait", None) or 1)
        }
    if isinstance(error, exceptions.MethodNotAllowed):
        return _("这个地址不支持这种请求方法，请对照接口文档。")
    if isinstance(error, exceptions.UnsupportedMediaType):
        return _("不支持这种内容类型，请对照接口文档设置 Content-Type。")
    if isinstance(error, exceptions.NotAcceptable):
        return _("不能以这种格式答复，请修改 Accept 请求头或 format 参数。")
    if (
        isinstance(error, exceptions.ParseError)
        and error.get_codes() != UNSTORABLE_CODE
    ):
        return _unread()
    if code == 404:
        return _("没有找到，或者不在您的范围内。")
    return ""


def _unread() -> str:
    return _("请求的内容无法解析，请检查格式。")


def _of_fields(detail: Any, path: str) -> Iterable[dict[str, Any]]:
    """Every fault of a serializer, nested fields joined by dots."""
    if isinstance(detail, dict):
        for name, inside in detail.items():
            here = "" if name == "non_field_errors" else str(name)
            yield from _of_fields(inside, ".".join(filter(None, [path, here])))
    elif isinstance(detail, list):
        for inside in detail:
            yield from _of_fields(inside, path)
    else:
        code = str(getattr(detail, "code", "invalid"))
        # The framework has no other language for a body that is `null`.
        nothing = code == "null" and not path
        said = _("请求的内容应是一个 JSON 对象。") if nothing else str(detail)
        yield fault(said, code, path or None)
