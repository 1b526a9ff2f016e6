"""The live board, the lists behind every number, and the tables of a month."""

from datetime import date, datetime, time
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from cases.querysets.kpi import BY_CODE as INDICATORS
from cases.querysets.kpi import OF_COMMUNITIES, OF_UNITS, Period
from cases.views.report import chosen_area, listed_row, named
from doors.api.base import Door
from doors.api.master import FigureOut, FigureQuery
from doors.api.paging import PageOut, PageQuery, asked_of
from doors.api.shapes import BAD, UNKNOWN, CaseOut
from doors.api.working import page_of
from doors.models import Scope
from governance import clock
from governance.calendar import ZONE
from oversight.querysets import lists, tables, tallies
from oversight.querysets.boards import fields
from oversight.querysets.colours import COLOURS
from oversight.querysets.sight import DAY, Sight, day_of, days_until, month_of
from oversight.views.lists import in_order, plain
from oversight.views.month import TREND_DAYS
from oversight.views.parts import REPEATS, counters_of
from oversight.views.seen import rule

TAGS = ["统计"]
READ = {"GET": Scope.FIGURES_READ}
ON_CALL = ("called", "late", "absent", "came", "returning", "finished")
OF_CASE = ("case__category", "case__holder_org", "organisation")
CODE = OpenApiParameter(
    "code", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(lists.BY_CODE)
)
INDICATOR = OpenApiParameter(
    "code", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(INDICATORS)
)


class AreaOnlyQuery(serializers.Serializer):
    area = serializers.RegexField(
        r"^\d{4,18}$", required=False, help_text="自己的辖区或其下级；默认自己的"
    )


class PeriodQuery(AreaOnlyQuery):
    first = serializers.DateField(required=False, help_text="含；默认本月一日")
    last = serializers.DateField(required=False, help_text="含；默认本月最后一天")


class RowsQuery(PageQuery, PeriodQuery):
    board = serializers.IntegerField(
        required=False, min_value=0, max_value=2**31, help_text="只要这个板块"
    )
    category = serializers.IntegerField(required=False, min_value=1, max_value=2**53)
    unit = serializers.IntegerField(required=False, min_value=1, max_value=2**53)


class IndicatorQuery(PageQuery, FigureQuery):
    part = serializers.ChoiceField(
        choices=["all", "part"], required=False, default="all",
        help_text="all 分母的全部，part 只要分子",
    )  # fmt: skip
    unit = serializers.IntegerField(required=False, min_value=1, max_value=2**53)


class TablesQuery(FigureQuery):
    by = serializers.ChoiceField(
        choices=list(OF_COMMUNITIES), required=False, default="closing_in_time"
    )
    by_unit = serializers.ChoiceField(
        choices=list(OF_UNITS), required=False, default="check_in"
    )


class NumberOut(serializers.Serializer):
    code = serializers.CharField(help_text="明细在 /board/lists/{code}/")
    label: Any = serializers.CharField()
    n = serializers.IntegerField()


class BoardFieldOut(serializers.Serializer):
    key = serializers.IntegerField(help_text="明细以 board 带回；0 为未归板块")
    name = serializers.CharField(allow_blank=True)
    open = serializers.IntegerField()
    red = serializers.IntegerField(help_text="超时")
    reported = serializers.IntegerField(help_text="今日上报")
    closed = serializers.IntegerField(help_text="今日结案")


class LoadOut(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    open = serializers.IntegerField()


class BoardOut(serializers.Serializer):
    area = serializers.CharField()
    at = serializers.DateTimeField()
    counters = NumberOut(many=True)
    colours = NumberOut(many=True, help_text="在办案件按时限灯")
    whistles = NumberOut(many=True, help_text="吹哨报到")
    boards = BoardFieldOut(many=True)
    loads = LoadOut(many=True, help_text="下级区域的在办案件，多的在前")


class DayOut(serializers.Serializer):
    day = serializers.DateField()
    reported = serializers.IntegerField()
    closed = serializers.IntegerField()


class BoardFlowOut(serializers.Serializer):
    key = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    reported = serializers.IntegerField()
    closed = serializers.IntegerField()
    due = serializers.IntegerField(help_text="应结案件")
    in_time = serializers.IntegerField(help_text="其中按期结案")


class RepeatOut(serializers.Serializer):
    grid = serializers.CharField(source="grid__code")
    grid_name = serializers.CharField(source="grid__name")
    community_name = serializers.CharField(source="community__name")
    category = serializers.IntegerField()
    category_name = serializers.CharField(source="category__name")
    n = serializers.IntegerField()
    open = serializers.IntegerField()


class BoardPeriodOut(serializers.Serializer):
    area = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    boards = BoardFlowOut(many=True)
    trend = DayOut(many=True, help_text="最近 30 天")
    repeats = RepeatOut(many=True, help_text="未诉先办：同点同类多发")


class CountedOut(serializers.Serializer):
    """What a number counts: a case, a part of one, or (grids, posts, departments) a
    name and where it is."""

    case = CaseOut(allow_null=True)
    unit = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    tags = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField(allow_blank=True)
    where = serializers.CharField(allow_blank=True)


class CountedPageOut(PageOut):
    label: Any = serializers.CharField()
    total = serializers.IntegerField()
    results = CountedOut(many=True)


class TableRowOut(serializers.Serializer):
    code = serializers.CharField(allow_blank=True, help_text="社区编码")
    unit = serializers.IntegerField(allow_null=True, help_text="单位编号")
    name = serializers.CharField()
    group = serializers.CharField(allow_blank=True, help_text="同类之间排名")
    rank = serializers.IntegerField(allow_null=True, help_text="样本太少不排名")
    figures = FigureOut(many=True)


class RankingOut(serializers.Serializer):
    ranked_by = serializers.CharField()
    least = serializers.IntegerField(help_text="排名至少要几件")
    rows = TableRowOut(many=True)


class TablesOut(serializers.Serializer):
    month = serializers.CharField()
    area = serializers.CharField()
    communities = RankingOut(allow_null=True)
    units = RankingOut()


class OfArea(Door):
    """For posts that answer for an area; 404 for all others (DOMAIN C.9)."""

    scopes = READ

    def sight(self, month: str = "") -> Sight:
        at = clock.now()
        period = month_of(at)
        if month:
            period = Period.month(*map(int, month.split("-")))
        area = chosen_area(self.request._request, self.who)
        return Sight(self.who, area, at, period)

    def during(self, asked: dict[str, Any]) -> Sight:
        sight = self.sight()
        starts_at, ends_at = sight.period.starts_at, sight.period.ends_at
        if "first" in asked:
            starts_at = _midnight(asked["first"])
        if "last" in asked:
            ends_at = day_of(_midnight(asked["last"])).ends_at
        return sight.during(Period(starts_at, ends_at))


def _midnight(day: date) -> datetime:
    """With which a day begins in Shanghai; of a day nobody means the nearest."""
    near = min(max(day, date(2000, 1, 1)), date(2999, 12, 31))
    return datetime.combine(near, time.min, ZONE)


def _number(code: str, n: int, label: Any) -> dict[str, Any]:
    return {"code": code, "n": n, "label": str(label)}


class BoardView(OfArea):
    @extend_schema(
        operation_id="read_board", tags=TAGS, summary="实时看板",
        parameters=[AreaOnlyQuery], responses={200: BoardOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """How it stands at this moment. Every number is that of a list."""
        asked_of(AreaOnlyQuery, request)
        sight = self.sight()
        today = sight.during(day_of(sight.at))
        standing, flowing = tallies.standing(today), tallies.flowing(today)
        whole, presence = tallies.summed(standing, flowing), tallies.presence(sight)
        n, areas = tallies.load(sight)
        boards = []
        for one in fields():
            own = tallies.summed(standing, flowing, only=one.categories)
            names = ("open", "red", "reported", "closed")
            row = {"key": one.key, "name": one.name}
            boards.append({**row, **{name: own[name] for name in names}})
        return Response(
            {
                "area": sight.area.code,
                "at": sight.at,
                "counters": [
                    _number(one["code"], one["n"], one["label"])
                    for one in counters_of(today, whole)
                ],
                "colours": [
                    _number(code, whole[code], text) for code, text in COLOURS.items()
                ],
                "whistles": [
                    _number(code, presence[code], lists.BY_CODE[code].label)
                    for code in ON_CALL
                ],
                "boards": boards,
                "loads": [
                    {"code": one.code, "name": one.name, "open": n[one.pk]}
                    for one in areas
                ],
            }
        )


class BoardPeriodView(OfArea):
    @extend_schema(
        operation_id="read_board_period", tags=TAGS, summary="看板：一段时间",
        parameters=[PeriodQuery],
        responses={200: BoardPeriodOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What came and was closed in a period, by board; the trend; what recurs in one
        grid. The day and week reports are printed from the same numbers."""
        sight = self.during(asked_of(PeriodQuery, request))
        found = rule()
        boards, flowing = fields(), tallies.flowing(sight)
        shares = tallies.in_time(sight, boards)
        days = tallies.daily(sight.during(days_until(sight.at, TREND_DAYS)))
        recent = sight.during(days_until(sight.at, found.repeat_days))
        repeats = tallies.repeats(recent, found.repeats, REPEATS)
        period, flows = sight.period, []
        for one in boards:
            own, share = tallies.summed(flowing, only=one.categories), shares[one.key]
            flows.append(
                {
                    "key": one.key, "name": one.name, "reported": own["reported"],
                    "closed": own["closed"], "due": share.denominator,
                    "in_time": share.numerator,
                }
            )  # fmt: skip
        return Response(
            {
                "area": sight.area.code,
                "first": period.starts_at.date(),
                "last": (period.ends_at - DAY).date(),
                "boards": flows,
                "trend": [
                    {"day": day.starts_at.date(), "reported": r, "closed": c}
                    for day, r, c in days
                ],
                "repeats": RepeatOut(repeats, many=True).data,
            }
        )


class BoardRowsView(OfArea):
    @extend_schema(
        operation_id="list_board_rows", tags=TAGS, summary="看板数字的明细",
        parameters=[CODE, RowsQuery],
        responses={200: CountedPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        """Exactly what the number counts: `total` is the number."""
        one = lists.BY_CODE.get(code)
        if one is None:
            raise NotFound
        asked = asked_of(RowsQuery, request)
        sight = self.during(asked)
        if "board" in asked:
            sight = sight.of_categories(_categories(asked["board"]))
        if "category" in asked:
            sight = sight.of_categories([asked["category"]])
        if "unit" in asked:
            sight = sight.of_unit(asked["unit"])
        rows = one.rows(sight)
        return _counted(str(one.label), rows, in_order(rows), asked)


def _categories(board: int) -> Any:
    for one in fields():
        if one.key == board:
            return one.categories
    raise NotFound


class FigureRowsView(OfArea):
    @extend_schema(
        operation_id="list_figure_rows", tags=TAGS, summary="考核指标的明细",
        parameters=[INDICATOR, IndicatorQuery],
        responses={200: CountedPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        """The rows that an indicator of a month divides, or those it counts."""
        indicator = INDICATORS.get(code)
        if indicator is None:
            raise NotFound
        asked = asked_of(IndicatorQuery, request)
        sight = self.sight(asked.get("month", ""))
        if "unit" in asked:
            sight = sight.of_unit(asked["unit"])
        counts = indicator.counted if asked["part"] == "part" else indicator.of
        rows = counts(sight.scope)
        return _counted(str(indicator.name), rows, named(rows), asked)


def _counted(label: str, rows: Any, ordered: Any, asked: dict[str, Any]) -> Response:
    if rows.model is not Case and hasattr(rows.model, "case"):
        ordered = ordered.select_related(*OF_CASE)
    shown, cursor = page_of(ordered, asked)
    results = CountedOut([_row(one) for one in shown], many=True).data
    answer = {"label": label, "total": rows.count(), "results": results}
    return Response({**answer, "next_cursor": cursor})


def _row(row: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "case": None, "unit": "", "due_at": None, "done_at": None, "tags": [],
        "name": "", "where": "",
    }  # fmt: skip
    if not isinstance(row, Case) and not hasattr(row, "case"):
        return {**found, **plain(row)}
    told = listed_row(row, False)
    unit = told["unit"]
    return {
        **found, "case": told["case"], "unit": unit.name if unit else "",
        "due_at": told.get("due"), "done_at": told.get("done"),
        "tags": [str(text) for text, _tone in told["tags"]],
    }  # fmt: skip


class FigureTablesView(OfArea):
    @extend_schema(
        operation_id="read_figure_tables", tags=TAGS, summary="社区和单位的考核表",
        parameters=[TablesQuery],
        responses={200: TablesOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The indicators of a month by community and by unit, ranked where it is fair;
        communities are null at a community itself."""
        asked = asked_of(TablesQuery, request)
        sight = self.sight(asked.get("month", ""))
        least, scope = rule().least_sample, sight.scope
        units = tables.of_units(scope, asked["by_unit"], least)
        below = tables.of_communities(scope, sight.area, asked["by"], least)
        return Response(
            {
                "month": f"{sight.period.starts_at:%Y-%m}",
                "area": sight.area.code,
                "communities": _table(below) if below is not None else None,
                "units": _table(units),
            }
        )


def _table(table: tables.Table) -> dict[str, Any]:
    return {
        "ranked_by": table.ranked_by.code,
        "least": table.least,
        "rows": [
            {
                "code": row.code, "unit": None if row.code else row.key,
                "name": row.name, "group": row.group, "rank": row.rank,
                "figures": [
                    figure_of(one, ratio)
                    for one, ratio in zip(table.columns, row.ratios, strict=True)
                ],
            }
            for row in table.rows
        ],
    }  # fmt: skip


def figure_of(indicator: Any, ratio: Any) -> dict[str, Any]:
    return {
        "code": indicator.code, "name": str(indicator.name),
        "definition": str(indicator.definition), "numerator": ratio.numerator,
        "denominator": ratio.denominator, "percent": ratio.percent,
    }  # fmt: skip
