"""The catalogue: what somebody means by a few words, and one category whole."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Category
from doors.api.base import Door
from doors.api.master import CategoryOut
from doors.api.paging import asked_of
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from governance import clock

TAGS = ["基础数据"]
READ = {"GET": Scope.MASTER_READ}
MOST = 50


class SuggestQuery(serializers.Serializer):
    q = serializers.CharField(
        max_length=50,
        help_text="代码、名称、通俗说法、全拼或首字母，空格隔开的都要符合",
    )
    kind = serializers.ChoiceField(choices=Category.Kind.choices, required=False)
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST, default=10
    )


class SuggestedOut(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField(source="code5")
    name = serializers.CharField()
    kind = serializers.CharField()
    major_name = serializers.CharField(allow_blank=True)
    plain_words = serializers.CharField(allow_blank=True, help_text="通俗说法")


class SuggestionsOut(serializers.Serializer):
    categories = SuggestedOut(many=True, help_text="最符合的在前")


class ResponsibleOut(serializers.Serializer):
    role = serializers.CharField(help_text="lead 主责，support 配合")
    who = serializers.CharField()
    organisation = serializers.IntegerField(source="organisation_id", allow_null=True)
    area_name = serializers.CharField(source="area.name")
    condition = serializers.IntegerField(source="condition_id", allow_null=True)
    legal_basis = serializers.CharField(allow_blank=True)


class ConfusableOut(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField(allow_blank=True, help_text="怎么区分")


class CategoryDetailOut(CategoryOut):
    handling_unit = serializers.CharField(allow_blank=True)
    competent_unit = serializers.CharField(allow_blank=True)
    responsibilities = ResponsibleOut(many=True, help_text="权责清单，自己辖区的")
    confusables = ConfusableOut(many=True, help_text="易混类别")


class SuggestView(Door):
    scopes = READ

    @extend_schema(
        operation_id="suggest_categories", tags=TAGS, summary="按几个字找类别",
        parameters=[SuggestQuery], responses={200: SuggestionsOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Best match first, as the search of the phone and the desk."""
        asked = asked_of(SuggestQuery, request)
        found = Category.objects.active().search(asked["q"])
        if "kind" in asked:
            found = found.filter(kind=asked["kind"])
        rows = SuggestedOut(found[: asked["limit"]], many=True).data
        return Response({"categories": rows})


class CategoryView(Door):
    scopes = READ

    @extend_schema(
        operation_id="read_category", tags=TAGS, summary="一个类别",
        responses={200: CategoryDetailOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, category_id: int) -> Response:
        """Conditions and limits, extra questions, what it is confused with, and who
        answers for it where this post acts."""
        who, today = self.who, timezone.localdate(clock.now())
        known = Category.objects.with_conditions().with_questions()
        found = get_object_or_404(
            known.with_responsibilities(today, who), pk=category_id
        )
        whole: dict[str, Any] = {
            **CategoryOut(found).data,
            "handling_unit": found.handling_unit,
            "competent_unit": found.competent_unit,
            "responsibilities": ResponsibleOut(
                found.valid_responsibilities, many=True
            ).data,
            "confusables": _confusables(found),
        }
        return Response(whole)


def _confusables(category: Category) -> list[dict[str, Any]]:
    hints = {one["code5"]: one["hint"] for one in category.confusables}
    others = Category.objects.under(category.standard_ref).active()
    return [
        {"id": one.pk, "code": one.code5, "name": one.name, "hint": hints[one.code5]}
        for one in others.filter(code5__in=list(hints)).order_by("code5")
    ]
