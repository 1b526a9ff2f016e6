"""Cases, and what hangs on them: clocks, whistles, orders, meetings, gaps."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import (
    Case,
    CaseClock,
    JointMeeting,
    SupervisionOrder,
    Suspension,
    WhistleAssignment,
)
from cases.views import desk, inbox, meetings, phone, report, requests
from cases.views import scores as scores_views
from cases.views import supervision as supervision_views
from cases.workflow import State
from exchange.actions import Outgoing
from exchange.lists.fields import Ask, Field, out, word_of
from grids.models import Area
from oversight.views import lists as board_views
from parties.models import Posting

CASE_FIELDS = (
    Field("案卷号", "case_no", 24),
    Field("状态", "state", 16, word_of(State)),
    Field("小类代码", "category__code5", 10),
    Field("小类", "category__name", 22),
    Field("紧急", "urgent", 8),
    Field("来源", "source", 12, word_of(Case.Source)),
    Field("街道", "street__name"),
    Field("社区", "community__name"),
    Field("网格", "grid__name"),
    Field("地址", "address", 36),
    Field("问题描述", "description", 48),
    Field("当前责任单位", "holder_org__name", 26),
    Field("上报时间", "reported_at", 18),
    Field("最近时限", "due_at", 18),
    Field("结案时间", "closed_at", 18),
    Field("评价", "last_score", 12, word_of(Case.Score)),
)
PARTS: dict[Any, tuple[Field, ...]] = {
    CaseClock: (
        Field("责任单位", "organisation__name", 26),
        Field("时限", "due_at", 18),
        Field("完成时间", "stopped_at", 18),
        Field("超时", "is_overdue", 8),
    ),
    WhistleAssignment: (
        Field("被吹哨单位", "organisation__name", 26),
        Field("报到时限", "checkin_due_at", 18),
        Field("报到时间", "checkin_at", 18),
        Field("报到超时", "checkin_overdue", 10),
    ),
    SupervisionOrder: (
        Field("被督办单位", "organisation__name", 26),
        Field("回复时限", "due_at", 18),
        Field("回复时间", "replied_at", 18),
    ),
    Suspension: (
        Field("挂账原因", "ground", 18, word_of(Suspension.Ground)),
        Field("挂账理由", "reason", 36),
        Field("期间安全措施", "safety_measure", 36),
        Field("申请单位", "organisation__name", 26),
        Field("批准时间", "decided_at", 18),
        Field("计划恢复日期", "resume_date", 16),
    ),
}
PLACES: dict[Any, tuple[Field, ...]] = {
    Area: (
        Field("编码", "code", 22),
        Field("名称", "name", 26),
        Field("上级", "parent__name", 26),
    ),
    Posting: (
        Field("姓名", "user__name"),
        Field("单位", "post__organisation__name", 28),
        Field("岗位", "post__name", 22),
        Field("区域", "post__area__name", 26),
    ),
}
CONTACT_FIELDS = (
    Field("包联部门", "organisation__name", 28),
    Field("区域", "area__name", 26),
    Field("说明", "note", 30),
)


MEETING_FIELDS = (
    Field("会议名称", "title", 30),
    Field("会议纪要号", "number", 20),
    Field("区县", "district__name"),
    Field("会议时间", "held_at", 18),
    Field("会议地点", "place", 26),
    Field("状态", "status", 12, word_of(JointMeeting.Status)),
    Field("议题数", "size", 10),
)
GAP_FIELDS = (
    Field("小类", "category__name", 22),
    Field("区域", "area__name", 22),
    Field("说明", "note", 48),
    Field("案卷号", "case__case_no", 24),
    Field("列入时间", "at", 18),
    Field("销号时间", "settled_at", 18),
    Field("销号依据", "settled_by__legal_basis", 30),
)


def of_cases(label: Any, rows: QuerySet[Any]) -> Outgoing:
    """Of cases, or of what hangs on them, with the case it hangs on."""
    if rows.model is Case:
        found = rows.order_by("-reported_at", "-pk")
        return out(label, CASE_FIELDS, found, sensitive=True)
    fields = [replace(one, path=f"case__{one.path}") for one in CASE_FIELDS]
    return out(label, [*fields, *PARTS[rows.model]], rows, sensitive=True)


def at_desk(request: Ask) -> Outgoing:
    return of_cases(*desk.listed(request))


def in_inbox(request: Ask) -> Outgoing:
    return of_cases(*inbox.listed(request))


def on_phone(request: Ask) -> Outgoing:
    return of_cases(*phone.listed(request))


def supervised(request: Ask) -> Outgoing:
    return of_cases(*supervision_views.listed(request))


def suspended(request: Ask) -> Outgoing:
    return of_cases(_("问题库"), requests.pool(request))


def behind_report(request: Ask) -> Outgoing:
    label, rows = report.rows_behind(request, request.GET.get("code", ""))
    return of_cases(label, report.named(rows))


def behind_board(request: Ask) -> Outgoing:
    label, rows = board_views.rows_behind(request, request.GET.get("code", ""))
    if rows.model is Case or rows.model in PARTS:
        return of_cases(label, rows)
    fields = PLACES.get(rows.model, CONTACT_FIELDS)
    return out(label, fields, rows, sensitive=rows.model is Posting)


def meetings_held(request: Ask) -> Outgoing:
    found = meetings.meetings_listed(request)
    label = pgettext("list", "治理联席会议")
    return out(label, MEETING_FIELDS, found, sensitive=False)


def gaps(request: Ask) -> Outgoing:
    label, found = pgettext("list", "职责空白"), meetings.gaps_listed(request)
    return out(label, GAP_FIELDS, found, sensitive=False)


def scores(request: Ask) -> Outgoing:
    begin, found = scores_views.listed(request)
    return Outgoing(
        title=f"{pgettext('list', '单位评分')} {begin:%Y-%m}",
        headings=["单位", "评分次数", "平均分"],
        widths=[28, 12, 12],
        rows=lambda: ([one["name"], one["n"], _mean(one["mean"])] for one in found),
        n=len(found),
        sensitive=False,
    )


def _mean(value: Any) -> str:
    return f"{value:.2f}"
