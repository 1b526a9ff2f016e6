"""The indicators of DOMAIN C.9, each defined once: what it counts, of what, and why.

A figure and the list behind it are the same queryset (数字反查): `Indicator.of` is the
denominator, `Indicator.counted` narrows it to the numerator, and `ratio` counts both in
one statement. An indicator costs one statement, a table by community or by unit one for
each column; each reads the rows of its period from an index on the deadline or the day
of report, with some index look-ups for each, and never what lies before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Q
from django.utils.translation import gettext_lazy as _

from cases.querysets import kpi_facts as facts
from cases.querysets.kpi_facts import Period, Rows, Scope
from cases.workflow import Stage

__all__ = ["BY_CODE", "INDICATORS", "Indicator", "Period", "Ratio", "Scope"]

NOTHING = "—"


@dataclass(frozen=True)
class Ratio:
    """So many of so many."""

    numerator: int = 0
    denominator: int = 0

    @property
    def percent(self) -> str:
        """`93.72%`, rounded half up; "—" where there is nothing to divide by."""
        if not self.denominator:
            return NOTHING
        hundredths = (self.numerator * 20000 + self.denominator) // (
            2 * self.denominator
        )
        return f"{hundredths // 100}.{hundredths % 100:02d}%"


@dataclass(frozen=True)
class Indicator:
    """`definition` is the sentence printed beside the figure.

    `of` gives the rows of the denominator and `part` says which of them are in the
    numerator. `place` and `unit` lead from a row to the community and to the unit
    responsible at that time.
    """

    code: str
    name: Any
    definition: Any
    of: Callable[[Scope], Rows]
    part: Callable[[Scope], Q | Exists]
    higher_is_better: bool = True
    place: str = "case__community"
    unit: str = "organisation"

    def counted(self, scope: Scope) -> Rows:
        """The rows of the numerator."""
        return self.of(scope).filter(self.part(scope))

    def ratio(self, scope: Scope) -> Ratio:
        found = self.of(scope).aggregate(**self._counts(scope))
        return Ratio(found["numerator"], found["denominator"])

    def by_community(self, scope: Scope) -> dict[int, Ratio]:
        return self._by(self.place, scope)

    def by_unit(self, scope: Scope) -> dict[int, Ratio]:
        return self._by(self.unit, scope)

    def _by(self, path: str, scope: Scope) -> dict[int, Ratio]:
        rows = (
            self.of(scope)
            .order_by()
            .annotate(group=F(path))
            .exclude(group=None)
            .values("group")
            .annotate(**self._counts(scope))
        )
        return {
            row["group"]: Ratio(row["numerator"], row["denominator"]) for row in rows
        }

    def _counts(self, scope: Scope) -> dict[str, Count]:
        part = Q(self.part(scope))
        return {"denominator": Count("pk"), "numerator": Count("pk", filter=part)}


def _closed_rounds(scope: Scope) -> Rows:
    return facts.rounds(scope).filter(facts.closed())


def _found_by_grid(scope: Scope) -> Rows:
    return _closed_rounds(scope).filter(case__source__in=facts.FOUND_BY_GRID)


def _accepted(scope: Scope) -> Rows:
    return facts.rounds(scope).filter(facts.accepted_by_community())


def _whistled(scope: Scope) -> Rows:
    return facts.rounds(scope).filter(facts.whistled())


def _fed_back(scope: Scope) -> Rows:
    return facts.rounds(scope).filter(facts.ran(Stage.REVIEW))


def _invited(scope: Scope) -> Rows:
    return facts.rounds(scope).filter(facts.ran(Stage.RATING_WINDOW))


def _first_replies(scope: Scope) -> Rows:
    return facts.clocks(scope, Stage.FIRST_REPLY).filter(facts.from_residents())


def _solved_known(scope: Scope) -> Rows:
    return facts.spoken(scope).exclude(solved=None)


def _satisfied_known(scope: Scope) -> Rows:
    return facts.spoken(scope).exclude(satisfied=None)


def _grid_reports(scope: Scope) -> Rows:
    return facts.counted_reports(scope).filter(source__in=facts.FOUND_BY_GRID)


def _filed(scope: Scope) -> Rows:
    return facts.counted_reports(scope).filter(facts.filed())


def _closed(scope: Scope) -> Q:
    return facts.closed()


def _not_late(stage: Stage) -> dict[str, Any]:
    return {
        "of": lambda scope: facts.clocks(scope, stage),
        "part": facts.in_time,
    }


CASE: dict[str, Any] = {"place": "community", "unit": "holder_org"}

INDICATORS = (
    Indicator(
        "grid_resolution", _("小事不出网格率"),
        _("自办结案的案件 ÷ 应结案中由网格人员首先发现并已结案的案件"),
        _found_by_grid, lambda scope: facts.resolved_by_grid(),
    ),
    Indicator(
        "community_resolution", _("社区办结率"),
        _(
            "由社区办理并结案的案件 ÷ 应结案中社区接报（自办或上呈，不含系统自动上呈"
            "）的案件"
        ),
        _accepted,
        lambda scope: facts.closed() & Q(organisation__kind="community"),
    ),
    Indicator(
        "acceptance", _("接报及时率"),
        _(
            "时限内接报（自办、上呈、不予受理等）的件数 ÷ 接报时限落在本期的件数；时"
            "限到时系统自动上呈的不算及时"
        ),
        lambda scope: facts.current(scope, Stage.ACCEPT),
        lambda scope: Q(stopped_at__lt=F("due_at")),
    ),
    Indicator(
        "verification", _("按时核实率"),
        _("按时核实的次数 ÷ 核实时限落在本期的次数"),
        **_not_late(Stage.VERIFY),
    ),
    Indicator(
        "checking", _("按时核查率"),
        _("按时核查的次数 ÷ 核查时限落在本期的次数"),
        **_not_late(Stage.CHECK),
    ),
    Indicator(
        "dispatching", _("派遣准确率"),
        _("首次主办单位一直没有变更的吹哨案件 ÷ 应结案中的吹哨案件"),
        _whistled, lambda scope: ~Q(facts.whistled(led_by_other=True)),
    ),
    Indicator(
        "check_in", _("报到及时率"),
        _("时限内报到的派单 ÷ 报到时限落在本期的派单（主办、协办各计一次）"),
        facts.checkins_due, lambda scope: facts.checked_in_in_time(),
    ),
    Indicator(
        "presence", _("到场率"),
        _(
            "到场（距集合点或案发点 500 米内）的派单 ÷ 报到时限落在本期、"
            "要求到场的派单"
        ),
        facts.presence_required, lambda scope: Q(arrived_at__isnull=False),
    ),
    Indicator(
        "whistle_closing", _("吹哨办结率"),
        _("已结案的吹哨案件 ÷ 应结案中的吹哨案件"), _whistled, _closed,
    ),
    Indicator(
        "returning", _("退回率"),
        _("提出异议的派单 ÷ 报到时限落在本期的全部派单"),
        facts.assignments, lambda scope: facts.disputed(),
        higher_is_better=False,
    ),
    Indicator(
        "unfounded_return", _("无理退回率"),
        _(
            "提出异议而被裁定维持原派的派单 ÷ 报到时限落在本期的全部派单；裁定改派的"
            "不计"
        ),
        facts.assignments, lambda scope: facts.disputed(outcome="upheld"),
        higher_is_better=False,
    ),
    Indicator(
        "closing", _("结案率"),
        _(
            "已结案 ÷ 应结案；应结案 = 处置时限落在本期、已处置或已超时未处置的案件，"
            "不含挂账、作废和并入他案的"
        ),
        facts.rounds, _closed,
    ),
    Indicator(
        "closing_in_time", _("按期结案率"),
        _("已结案且处置没有超时的案件 ÷ 应结案"),
        facts.rounds, lambda scope: facts.closed() & facts.in_time(scope),
    ),
    Indicator(
        "handling_in_time", _("按期处置率"),
        _("处置没有超时的案件 ÷ 应处置（处置时限落在本期）的案件"),
        facts.rounds, facts.in_time,
    ),
    Indicator(
        "overdue", _("超期率"),
        _(
            "处置超时且不属申诉通过的案件 ÷ 应处置的案件；申诉通过的超时仍列在应处置"
            "中，注明“不计超时”"
        ),
        facts.rounds, lambda scope: facts.late(scope) & Q(exempt=False),
        higher_is_better=False,
    ),
    Indicator(
        "extension", _("延期率"),
        _("至少批准过一次延期的案件 ÷ 应处置的案件"),
        facts.rounds, lambda scope: facts.extended(), higher_is_better=False,
    ),
    Indicator(
        "suspension", _("挂账率"),
        _("挂账中的案件 ÷ 在办（含挂账）的案件；按当前状态计，不分月份"),
        facts.open_cases, lambda scope: Q(state="SUSPENDED"),
        higher_is_better=False, **CASE,
    ),
    Indicator(
        "rework", _("返工率"),
        _("至少返工一次（核查不通过或不满意）的案件 ÷ 应结案中已反馈的案件"),
        _fed_back, lambda scope: facts.reworked(), higher_is_better=False,
    ),
    Indicator(
        "review_return", _("审核退回率"),
        _("审核退回的反馈 ÷ 审核时限落在本期的反馈，每次反馈各计一次"),
        facts.feedbacks, lambda scope: facts.returned(), higher_is_better=False,
    ),
    Indicator(
        "first_resolution", _("首办解决率"),
        _("没有返工、没有变更主办的已结案案件 ÷ 应结案中的已结案案件"),
        _closed_rounds,
        lambda scope: ~Q(facts.reworked()) & ~Q(facts.whistled(led_by_other=True)),
    ),
    Indicator(
        "response", _("响应率"),
        _("时限内首次联系诉求人的案件 ÷ 首次响应时限落在本期的群众诉求案件"),
        _first_replies, facts.in_time,
    ),
    Indicator(
        "solution", _("解决率"),
        _(
            "最后一次评价或回访认定已解决的案件 ÷ 应结案中诉求人说明了是否解决的案件"
            "；未评价、联系不上的不计"
        ),
        _solved_known, lambda scope: Q(solved=True),
    ),
    Indicator(
        "satisfaction", _("满意率"),
        _(
            "最后一次有效评价或回访为非常满意、满意或基本满意的案件 ÷ 应结案中有有效"
            "评价或回访的案件；未评价的不计"
        ),
        _satisfied_known, lambda scope: Q(satisfied=True),
    ),
    Indicator(
        "participation", _("参评率"),
        _("诉求人作了评价的案件 ÷ 应结案中邀请评价的案件"),
        _invited, lambda scope: facts.rated(),
    ),
    Indicator(
        "duplication", _("重复上报率"),
        _("并入他案的案件（重复上报数） ÷ 本期上报的案件，不含作废的"),
        facts.reports, lambda scope: Q(state="MERGED"),
        higher_is_better=False, **CASE,
    ),
    Indicator(
        "recurrence", _("复发率"),
        _("结案后重开或被关联为复发的案件 ÷ 应结案中的已结案案件"),
        _closed_rounds, lambda scope: facts.recurred(), higher_is_better=False,
    ),
    Indicator(
        "effective_report", _("有效上报率"),
        _("已立案（有单位承办）的案件 ÷ 本期网格人员上报的案件，不含并入他案和作废的"),
        _grid_reports, lambda scope: facts.filed(), **CASE,
    ),
    Indicator(
        "missed_report", _("漏报率"),
        _("公众举报经核实属实的案件 ÷ 本期上报的案件中已立案的"),
        _filed, lambda scope: facts.found_true(), higher_is_better=False, **CASE,
    ),
    Indicator(
        "supervision_reply", _("督办按时回复率"),
        _("按时回复的督办单 ÷ 回复时限落在本期的督办单"),
        facts.orders, lambda scope: facts.answered_in_time(),
    ),
)  # fmt: skip
BY_CODE = {one.code: one for one in INDICATORS}

# The columns of the two tables of the report.
OF_COMMUNITIES = (
    "grid_resolution", "community_resolution", "acceptance", "closing",
    "closing_in_time", "overdue", "rework", "satisfaction",
)  # fmt: skip
OF_UNITS = (
    "check_in", "unfounded_return", "closing", "handling_in_time", "overdue", "rework",
    "satisfaction", "supervision_reply",
)  # fmt: skip
