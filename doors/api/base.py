"""What every endpoint of `/api/v1/` has in common."""

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from doors import actions, http
from doors.api.openapi import DoorSchema
from doors.models import ApiKey
from governance import clock
from governance.api import TooLarge, refusal
from governance.errors import Refused
from governance.events import canonical
from governance.numbers import number_of
from governance.renderers import JSONRenderer
from parties.acting import Actor

CHINESE = "zh-hans"
FORM_ROOM = 1024 * 1024
LONGEST_KEY = 200


class Door(APIView):
    """An endpoint. Programs are answered in Chinese with the English beside it; people
    who are signed in, in the language they chose.
    """

    schema = DoorSchema()
    scopes: ClassVar[Mapping[str, str]] = {}
    largest: ClassVar[int] = settings.PHOTO_MAX_BYTES
    """Bytes of a file that is sent here."""

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        signed_in = getattr(request, "user", None) and request.user.is_authenticated
        if signed_in and not http.header_key(request):
            return super().dispatch(request, *args, **kwargs)
        with translation.override(CHINESE):
            answer: Any = super().dispatch(request, *args, **kwargs)
            answer["Content-Language"] = CHINESE
            return answer.render() if isinstance(answer, Response) else answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        length = number_of(request.META.get("CONTENT_LENGTH") or 0)
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if str(request.content_type).startswith("multipart/"):
            most = self.largest + FORM_ROOM
        if length is None or length > most:
            raise TooLarge

    @cached_property
    def who(self) -> Actor:
        return http.actor(self.request)


def once(method: Callable[..., Response]) -> Callable[..., Response]:
    """With `Idempotency-Key`, the same request again gets the same answer and does
    nothing; another one under a known key is refused."""

    @wraps(method)
    def answered(self: Door, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return method(self, request, *args, **kwargs)
        if len(key) > LONGEST_KEY or not key.isascii():
            raise Refused(
                _("Idempotency-Key 最多 200 个 ASCII 字符。"), code="idempotency_key"
            )

        def act() -> tuple[int, Any, dict[str, str]]:
            answer = method(self, request, *args, **kwargs)
            headers = dict(answer.items())
            headers.pop("Content-Type", None)  # said by whatever renders the body
            return answer.status_code, _kept(answer), headers

        try:
            done = actions.answer_once(
                owner=_owner(request), key=key, digest=_digest(request),
                at=clock.now(), act=act,
            )  # fmt: skip
        except actions.KeyReused as reused:
            return Response(refusal(reused), status=409)
        headers = dict(done.headers)
        if done.is_replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(done.body, status=done.status, headers=headers)

    answered.is_once = True  # type: ignore[attr-defined]
    return answered


def _kept(answer: Response) -> Any:
    return json.loads(JSONRenderer().render(answer.data) or b"null")


def _owner(request: Request) -> str:
    if isinstance(request.auth, ApiKey):
        return f"client:{request.auth.client_id}"
    return f"user:{request.user.pk}"


def _digest(request: Request) -> str:
    sent = {
        name: [_plain(one) for one in request.data.getlist(name)]
        for name in request.data
    } if hasattr(request.data, "getlist") else request.data  # fmt: skip
    said = [request.method, request.get_full_path(), request.headers.get("If-Match")]
    return hashlib.sha256(canonical([*said, sent]).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return value
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.hexdigest()
