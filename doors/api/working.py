"""What people do beside the steps of a case: the forms of the pages, their refusals in
the shape of all errors, and what a list by another order than the newest needs."""

from typing import Any

from django.core import signing
from django.forms import Form
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import Door
from doors.api.performing import NOT_ONES_OWN, faults_of
from doors.api.performing import OVERTAKEN as OVERTAKEN_CODES
from doors.api.shapes import error
from governance.api import faulty, refusal
from governance.errors import Refused
from governance.numbers import number_of
from governance.parsers import StorableJSONParser

SALT = "doors.place"
STATUS = {
    **dict.fromkeys((*OVERTAKEN_CODES, "double", "conflict"), 409),
    **dict.fromkeys(NOT_ONES_OWN, 403),
}
"""What a refusal is to a program: overtaken, not one's own; else 422."""
MOST_ID = 2**53
OVERTAKEN = error(
    "已经办过，或现在不能办", "state", "会议纪要已发，不能再改。",
    "The minutes are out and cannot be changed any more.",
)  # fmt: skip
GONE = OpenApiResponse(description="已办理，没有内容")


class Unfilled(Exception):
    """A form with faults; every one of them is answered."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form


class Refusing(Door):
    """An endpoint whose refusals say by their status what a program may do."""

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Unfilled):
            answer = Response(faulty(list(faults_of(exc.form))), status=422)
        elif isinstance(exc, Refused):
            answer = Response(refusal(exc), status=STATUS.get(exc.code, 422))
        else:
            return super().handle_exception(exc)
        answer.exception = True
        return answer


class Working(Refusing):
    """The same, for JSON alone."""

    parser_classes = [StorableJSONParser]


def filled(form: Any) -> dict[str, Any]:
    """What was given, clean. Raises Unfilled with every fault."""
    if not form.is_valid():
        raise Unfilled(form)
    return dict(form.cleaned_data)


def given_as(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The body of a request, checked; raises ValidationError (400)."""
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def place(text: str) -> str:
    """A cursor that says after which row the next page begins."""
    return signing.dumps(text, salt=SALT)


def place_in(cursor: str) -> str:
    """What `place` put into a cursor; empty without one. Raises ValidationError."""
    if not cursor:
        return ""
    try:
        return str(signing.loads(cursor, salt=SALT))
    except signing.BadSignature as bad:
        raise _not_of_here() from bad


def _not_of_here() -> ValidationError:
    fault = _("cursor 无效，请从第一页重新查询。")
    return ValidationError({"cursor": [fault]}, code="cursor")


def page_of(found: Any, asked: dict[str, Any]) -> tuple[list[Any], str | None]:
    """A page of rows in the order they have, counted off, and the next cursor."""
    text, limit = place_in(asked.get("cursor", "")), asked["limit"]
    begun = number_of(text or 0)
    if begun is None:
        raise _not_of_here()
    rows = list(found[begun : begun + limit + 1])
    more = len(rows) > limit
    return rows[:limit], place(str(begun + limit)) if more else None
