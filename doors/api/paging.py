"""Cursors: signed and opaque, so that nobody builds on what is in them."""

from typing import Any

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

SALT = "doors.cursor"
MOST = 200
USUAL = 50


class PageQuery(serializers.Serializer):
    cursor = serializers.CharField(
        required=False, max_length=300, help_text="上一页答复的 next_cursor，原样带回"
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, default=USUAL,
        help_text="一页多少条",
    )  # fmt: skip


class PageOut(serializers.Serializer):
    next_cursor = serializers.CharField(
        allow_null=True, help_text="没有下一页时为 null"
    )


def newest_first(
    request: Request, found: QuerySet[Any], asked: dict[str, Any], *, before: int = 0
) -> tuple[list[Any], str | None]:
    """A page by descending id after the cursor, and the next cursor. A row that comes
    in meanwhile moves nothing."""
    last = read(asked.get("cursor", "")) or before
    ordered = found.order_by("-pk")
    if last:
        ordered = ordered.filter(pk__lt=last)
    limit = asked["limit"]
    page = list(ordered[: limit + 1])
    shown = page[:limit]
    return shown, (cursor(shown[-1].pk) if len(page) > limit else None)


def cursor(last: int) -> str:
    return signing.dumps(last, salt=SALT)


def read(text: str) -> int:
    """The id in a cursor; 0 without one. Raises ValidationError (400)."""
    if not text:
        return 0
    try:
        return int(signing.loads(text, salt=SALT))
    except signing.BadSignature as error:
        fault = _("cursor 无效，请从第一页重新查询。")
        raise ValidationError({"cursor": [fault]}, code="cursor") from error


def asked_of(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    """The query of a request, checked; raises ValidationError (400)."""
    given = kind(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
