"""Master data and figures: areas, catalogue, organisations, messages, indicators."""

from typing import Any

from django.utils.timezone import localtime
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Category
from cases.querysets.kpi import INDICATORS
from cases.views.report import Chosen, chosen_area
from doors.api.base import Door
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.models import Scope
from governance import clock, geo
from governance.geo import Crs
from grids.codes import Level
from grids.models import Area
from parties import actions as parties
from parties.models import Notification, Organisation


class AreaOut(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.IntegerField(help_text="1 市 … 5 网格 6 微网格")
    parent: Any = serializers.IntegerField(source="parent_id", allow_null=True)


class AreaQuery(PageQuery):
    level = serializers.ChoiceField(choices=Level.choices, required=False)
    within = serializers.RegexField(r"^\d{4,18}$", required=False)
    q = serializers.CharField(required=False, max_length=50)


class AreaPageOut(PageOut):
    results = AreaOut(many=True)


class SpotQuery(serializers.Serializer):
    lng = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)


class LocatedOut(serializers.Serializer):
    area = AreaOut()
    on_border = serializers.BooleanField()
    neighbours = AreaOut(many=True)


class ConditionOut(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    limit_text = serializers.CharField(allow_blank=True)


class QuestionOut(serializers.Serializer):
    id = serializers.IntegerField()
    label: Any = serializers.CharField()
    kind = serializers.CharField()
    options = serializers.ListField(child=serializers.CharField())
    is_required = serializers.BooleanField()


class CategoryOut(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField(source="code5")
    name = serializers.CharField()
    kind = serializers.CharField()
    major_name = serializers.CharField(allow_blank=True)
    urgent_default = serializers.BooleanField()
    self_resolvable = serializers.BooleanField()
    conditions = ConditionOut(source="active_conditions", many=True)
    questions = QuestionOut(source="active_questions", many=True)


class CategoryPageOut(PageOut):
    results = CategoryOut(many=True)


class WordsQuery(PageQuery):
    q = serializers.CharField(required=False, max_length=50)


class OrganisationOut(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    short_name = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    level = serializers.IntegerField()
    area = serializers.IntegerField(source="area_id", allow_null=True)
    can_be_whistled = serializers.BooleanField()


class OrganisationPageOut(PageOut):
    results = OrganisationOut(many=True)


class MessageOut(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    subject = serializers.CharField(allow_blank=True, help_text="如 case:17")
    urgent = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class MessageQuery(PageQuery):
    unread = serializers.BooleanField(required=False, default=False)


class MessagePageOut(PageOut):
    results = MessageOut(many=True)
    unread = serializers.IntegerField(help_text="一共几条未读，即铃铛上的数")


class ReadIn(serializers.Serializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**53),
        max_length=200, required=False, help_text="不给则全部标为已读",
    )  # fmt: skip


class ReadOut(serializers.Serializer):
    read = serializers.IntegerField(help_text="这次标为已读的条数")


class FigureQuery(serializers.Serializer):
    month = serializers.RegexField(r"^20\d{2}-(0[1-9]|1[0-2])$", required=False)
    area = serializers.RegexField(r"^\d{4,18}$", required=False)


class FigureOut(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    percent = serializers.CharField(help_text="没有分母时为 —")


class FiguresOut(serializers.Serializer):
    month = serializers.CharField()
    area = serializers.CharField()
    figures = FigureOut(many=True)


class Listed(Door):
    """A list by descending id."""

    out: type[serializers.Serializer]

    def paged(self, found: Any, asked: dict[str, Any]) -> Response:
        shown, cursor = newest_first(self.request, found, asked)
        rows = self.out(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})


class AreasView(Listed):
    scopes = {"GET": Scope.MASTER_READ}
    out = AreaOut

    @extend_schema(
        operation_id="list_areas", tags=["基础数据"], summary="查询区划与网格",
        parameters=[AreaQuery], responses={200: AreaPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The areas in force; `within` is the code of an area, itself included."""
        asked = asked_of(AreaQuery, request)
        found = Area.objects.filter(valid_to=None)
        plain = {
            "level": asked.get("level"), "name__contains": asked.get("q"),
            "code__startswith": asked.get("within"),
        }  # fmt: skip
        return self.paged(found.filter(**{k: v for k, v in plain.items() if v}), asked)


class LocateView(Door):
    scopes = {"GET": Scope.MASTER_READ}

    @extend_schema(
        operation_id="locate", tags=["基础数据"], summary="坐标在哪个网格",
        parameters=[SpotQuery], responses={200: LocatedOut, 400: BAD, 422: REFUSED},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = asked_of(SpotQuery, request)
        point = geo.to_point(asked["lng"], asked["lat"], asked["crs"])
        return Response(LocatedOut(Area.objects.locate(point)).data)


class CategoriesView(Listed):
    scopes = {"GET": Scope.MASTER_READ}
    out = CategoryOut

    @extend_schema(
        operation_id="list_categories", tags=["基础数据"], summary="查询事项目录",
        parameters=[WordsQuery], responses={200: CategoryPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Categories in use with their filing conditions and extra questions."""
        asked = asked_of(WordsQuery, request)
        found = Category.objects.active()
        if asked.get("q"):
            found = found.filter(name__contains=asked["q"])
        return self.paged(found.with_conditions().with_questions(), asked)


class OrganisationsView(Listed):
    scopes = {"GET": Scope.MASTER_READ}
    out = OrganisationOut

    @extend_schema(
        operation_id="list_organisations", tags=["基础数据"], summary="查询单位",
        parameters=[WordsQuery], responses={200: OrganisationPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = asked_of(WordsQuery, request)
        found = Organisation.objects.active()
        if asked.get("q"):
            found = found.filter(name__contains=asked["q"])
        return self.paged(found, asked)


class MessagesView(Listed):
    scopes = {"GET": Scope.MESSAGES, "POST": Scope.MESSAGES}
    out = MessageOut

    @extend_schema(
        operation_id="list_messages", tags=["消息"], summary="收取消息",
        parameters=[MessageQuery], responses={200: MessagePageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What was written to the person of this post, newest first."""
        asked = asked_of(MessageQuery, request)
        own = Notification.objects.visible_to(self.who.user_id or 0)
        answer = self.paged(own.unread() if asked["unread"] else own, asked)
        answer.data["unread"] = own.unread().order_by().count()
        return answer

    @extend_schema(
        operation_id="read_messages", tags=["消息"], summary="标为已读",
        request=ReadIn, responses={200: ReadOut},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = ReadIn(data=request.data)
        given.is_valid(raise_exception=True)
        n = parties.mark_read(
            user_id=self.who.user_id or 0, ids=given.validated_data.get("ids"),
            at=clock.now(),
        )  # fmt: skip
        return Response({"read": n})


class FiguresView(Door):
    scopes = {"GET": Scope.FIGURES_READ}

    @extend_schema(
        operation_id="read_figures", tags=["统计"], summary="考核指标",
        parameters=[FigureQuery],
        responses={200: FiguresOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The indicators of a month (DOMAIN C.9) in an area of one's own; 404 for posts
        that answer for no area."""
        asked, at = asked_of(FigureQuery, request), clock.now()
        area = chosen_area(request._request, self.who)
        month = asked.get("month") or localtime(at).strftime("%Y-%m")
        year, number = map(int, month.split("-"))
        scope = Chosen(self.who, at, year, number, area).scope()
        rows = []
        for one in INDICATORS:
            ratio = one.ratio(scope)
            rows.append(
                {
                    "code": one.code, "name": str(one.name),
                    "definition": str(one.definition), "numerator": ratio.numerator,
                    "denominator": ratio.denominator, "percent": ratio.percent,
                }
            )  # fmt: skip
        return Response({"month": month, "area": area.code, "figures": rows})
