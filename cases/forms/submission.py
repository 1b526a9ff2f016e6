"""The shape of a filing as programs and phones send it."""

import uuid
from typing import Any

from rest_framework import serializers

from cases import actions
from cases.forms.filing import PHONE_NUMBER
from cases.models import Case, ComplainantConsent
from cases.workflow import Action
from governance.geo import Crs
from governance.parsers import NOT_STORABLE, UNSTORABLE_CODE, has_unstorable


class SubmissionIn(serializers.Serializer):
    id = serializers.UUIDField(help_text="客户端生成；同一编号同一内容再送，答复不变")
    kind = serializers.ChoiceField(
        choices=[Action.REPORT.value, Action.RESOLVE_ON_SPOT.value],
        default=Action.REPORT.value,
    )
    category = serializers.IntegerField(help_text="小类的编号")
    description = serializers.CharField(max_length=2000)
    address = serializers.CharField(max_length=256)
    lng = serializers.FloatField(required=False, allow_null=True, default=None)
    lat = serializers.FloatField(required=False, allow_null=True, default=None)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)
    accuracy_m = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0
    )
    method = serializers.ChoiceField(
        choices=Case.Method.choices, default=Case.Method.GPS.value
    )
    grid_code = serializers.CharField(max_length=18, default="", allow_blank=True)
    community_code = serializers.CharField(max_length=12, default="", allow_blank=True)
    urgent = serializers.BooleanField(default=False)
    photos = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="照片的批次"
    )
    measures = serializers.CharField(max_length=1000, default="", allow_blank=True)
    complainant_name = serializers.CharField(
        max_length=50, default="", allow_blank=True
    )
    complainant_contact = serializers.CharField(
        max_length=20, default="", allow_blank=True, validators=[PHONE_NUMBER]
    )
    contact_hidden = serializers.BooleanField(
        default=False, help_text="居民不让部门看到电话"
    )
    consent = serializers.ChoiceField(
        choices=ComplainantConsent.Kind.choices,
        default="",
        allow_blank=True,
        help_text="代报时必填：居民是否同意留下姓名和电话",
    )
    consent_reason = serializers.CharField(
        max_length=200,
        default="",
        allow_blank=True,
        help_text="没有取得同意的理由，consent 为 none 时必填",
    )
    found_at = serializers.CharField(max_length=40, default="", allow_blank=True)
    answers = serializers.DictField(
        required=False,
        default=dict,
        help_text="附加问题的回答：问题编号 → 文字，多选为文字的列表",
    )

    def validate_answers(self, given: dict[str, Any]) -> dict[str, Any]:
        """Sent as a form, they come past the parser of JSON."""
        if has_unstorable(given):
            raise serializers.ValidationError(NOT_STORABLE, code=UNSTORABLE_CODE)
        return given


def report_of(given: dict[str, Any], submission: uuid.UUID) -> actions.Report:
    """`given` is what SubmissionIn found right, without id and kind."""
    photos = given.pop("photos") or submission
    return actions.Report(
        category_id=given.pop("category"), photos=str(photos), **given
    )
