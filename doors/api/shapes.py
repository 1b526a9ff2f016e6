"""Shapes that several endpoints answer with, and what they have in common.

A field with the name of something that every field has, such as `label`, is Any to the
type checker.
"""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from cases.workflow import State
from governance import clock
from governance.geo import Crs


class MomentField(serializers.DateTimeField):
    """Of what is sent: a moment that can be reckoned with (`clock.reckonable`)."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            return clock.reckonable(super().to_internal_value(value))
        except (OverflowError, ValueError):
            self.fail("overflow")


class FaultOut(serializers.Serializer):
    code = serializers.CharField(help_text="给程序判断用")
    message = serializers.CharField(help_text="中文一句话：怎么了，该怎么办")
    message_en = serializers.CharField(help_text="同一句话的英文")
    field = serializers.CharField(
        allow_null=True, help_text="出错的字段；没有则为 null"
    )


class ErrorOut(FaultOut):
    """One shape for every error; the first of `errors` stands at the top."""

    errors: Any = FaultOut(many=True)


class EventOut(serializers.Serializer):
    verb = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    opinion = serializers.CharField()


class ChangeOut(serializers.Serializer):
    label: Any = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class CurrentOut(serializers.Serializer):
    version = serializers.IntegerField()
    state_label = serializers.CharField()
    holder = serializers.CharField()
    may_repeat = serializers.BooleanField(help_text="看过后仍可按现在的版本再提交")
    events = EventOut(many=True, help_text="最近发生的事，新的在前")
    changes = ChangeOut(
        many=True, required=False, help_text="带了 seen 时：自那时起哪些字段变了"
    )


class OvertakenOut(ErrorOut):
    current = CurrentOut(required=False)


FASTER = OpenApiResponse(
    OvertakenOut,
    description="有人先办了一步，或者这一步现在不能办；current 是案件现在的样子",
)


class PhotoOut(serializers.Serializer):
    id = serializers.UUIDField()
    batch = serializers.UUIDField()
    stage = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    taken_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()


class CaseOut(serializers.Serializer):
    id = serializers.IntegerField()
    case_no = serializers.CharField()
    display_no = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    state_label = serializers.CharField(source="get_state_display")
    category = serializers.IntegerField(source="category_id")
    category_name = serializers.CharField(source="category.name")
    description = serializers.CharField()
    urgent = serializers.BooleanField()
    answers = serializers.JSONField(
        help_text="[{question, label, answer}]，按上报时的问法"
    )
    address = serializers.CharField()
    lng = serializers.SerializerMethodField()
    lat = serializers.SerializerMethodField()
    crs = serializers.SerializerMethodField()
    placement_code = serializers.CharField(help_text="所在网格（或社区）的编码")
    holder = serializers.CharField(source="holder_org.name", default="")
    reported_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField(help_text="办理时以 If-Match 或 version 带回")

    def get_lng(self, case: Any) -> float | None:
        return case.point.x if case.point else None

    def get_lat(self, case: Any) -> float | None:
        return case.point.y if case.point else None

    def get_crs(self, case: Any) -> str:
        return str(Crs.CGCS2000.value)


def error(description: str, code: str, message: str, english: str) -> OpenApiResponse:
    """An error with an example, for `responses` of an endpoint."""
    said = {"code": code, "message": message, "message_en": english, "field": None}
    example = OpenApiExample(
        description, value={**said, "errors": [said]}, response_only=True
    )
    return OpenApiResponse(ErrorOut, description=description, examples=[example])


BAD = error(
    "请求有误", "invalid", "请填写合法的整数值。", "A valid integer is required."
)
UNKNOWN = error(
    "没有找到，或者不在范围内", "not_found", "没有找到，或者不在您的范围内。",
    "Not found, or outside your scope.",
)  # fmt: skip
REFUSED = error(
    "不能办理，message 说明原因", "photo_missing", "请上传至少 1 张处置后照片。",
    "Please send at least 1 photo taken after handling.",
)  # fmt: skip
CONFLICT = error(
    "同一编号、不同内容", "conflict",
    "这份上报已经提交过，但内容不同。两份都已保留，请联系社区受理岗核对。",
    "This report was sent before with other content. Both are kept; please ask the"
    " community's reception desk to compare them.",
)  # fmt: skip
ALWAYS = {
    "400": BAD,
    "401": error(
        "没有登录或密钥无效", "not_authenticated", "请先登录，或在请求头中提供密钥。",
        "Please sign in, or give a key in the header of the request.",
    ),
    "403": error(
        "没有权限，或密钥已经吊销", "scope",
        "这个密钥没有“cases:write”的权限，请向平台管理员申请。",
        "This key does not have the scope “cases:write”. Please ask the administrator"
        " of the platform for it.",
    ),
    "405": error(
        "地址对，方法不对", "method_not_allowed",
        "这个地址不支持这种请求方法，请对照接口文档。",
        "This address does not support this method; please see the documentation of"
        " the interface.",
    ),
    "406": error(
        "没有 Accept 或 format 要的格式", "not_acceptable",
        "不能以这种格式答复，请修改 Accept 请求头或 format 参数。",
        "This format cannot be answered; please change the Accept header or the"
        " parameter format.",
    ),
    "422": REFUSED,
    "429": error(
        "请求太频繁，见 Retry-After", "throttled", "请求太频繁，请在 12 秒后再试。",
        "Too many requests; please try again in 12 seconds.",
    ),
}  # fmt: skip
"""Every operation may answer so."""
WITH_BODY = {
    "413": error(
        "内容太大", "too_large", "请求的内容太大，请分几次发送或缩小照片。",
        "The request is too large; send it in several parts or make the photos"
        " smaller.",
    ),
    "415": error(
        "不支持的内容类型", "unsupported_media_type",
        "不支持这种内容类型，请对照接口文档设置 Content-Type。",
        "This content type is not supported; set Content-Type as the documentation of"
        " the interface says.",
    ),
}  # fmt: skip
"""Every operation that takes a body may answer so."""
WITH_KEY = {
    "409": error(
        "同一 Idempotency-Key、不同请求", "idempotency_key_reused",
        "这个 Idempotency-Key 已经用于另一个请求，请换一个新的。",
        "This Idempotency-Key was used for another request; please take a new one.",
    )
}  # fmt: skip
"""Every operation that is done once under a key may answer so."""
