"""权责清单 (DOMAIN D.3): who answers for what, where."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import ResponsibilityItem
from doors.api.by_form import FormDoor
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD
from doors.models import Scope


class ResponsibilityOut(serializers.Serializer):
    id = serializers.IntegerField()
    category = serializers.IntegerField(source="category_id")
    category_name = serializers.CharField(source="category.name")
    condition = serializers.IntegerField(
        source="condition_id", allow_null=True, help_text="只管这一条；null 是整个小类"
    )
    condition_text = serializers.CharField(source="condition.text", default="")
    organisation = serializers.IntegerField(
        source="organisation_id", allow_null=True,
        help_text="null 是案件所在的社区或街道自己",
    )  # fmt: skip
    organisation_name = serializers.CharField(source="organisation.name", default="")
    level = serializers.IntegerField(help_text="责任层级")
    role = serializers.CharField(help_text="lead 主责，support 配合")
    area = serializers.CharField(source="area.code", help_text="适用区域，含其下级")
    legal_basis = serializers.CharField(allow_blank=True)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class ResponsibilityPageOut(PageOut):
    results = ResponsibilityOut(many=True)


class ResponsibilityQuery(PageQuery):
    category = serializers.IntegerField(required=False, min_value=1, max_value=2**53)
    organisation = serializers.IntegerField(
        required=False, min_value=1, max_value=2**53
    )


class ResponsibilitiesView(FormDoor):
    scopes = {"GET": Scope.MASTER_READ}

    @extend_schema(
        operation_id="list_responsibilities", tags=["基础数据"],
        summary="查询权责清单", parameters=[ResponsibilityQuery],
        responses={200: ResponsibilityPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What holds today above and below the area of the post, as the pages of the
        catalogue show it."""
        asked = asked_of(ResponsibilityQuery, request)
        today = timezone.localtime(self.at).date()
        found: Any = ResponsibilityItem.objects.valid(today).in_sight_of(self.who)
        for name in ("category", "organisation"):
            if name in asked:
                found = found.filter(**{name: asked[name]})
        found = found.select_related("category", "condition", "organisation", "area")
        shown, cursor = newest_first(request, found, asked)
        rows = ResponsibilityOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})
