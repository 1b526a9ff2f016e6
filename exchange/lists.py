"""The lists that can be taken out, each with its columns; rows are the page's own.

A list is asked with a request, as its page is, so that an export holds exactly what the
page would show: same scope, same narrowing, nothing that is masked there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from cases.models import Case, CaseClock, SupervisionOrder, WhistleAssignment
from cases.views import catalogue as catalogue_views
from cases.views import desk, inbox, report
from exchange.actions import Outgoing
from exchange.kinds import BY_CODE as KINDS
from governance.errors import Refused
from grids.models import Area
from oversight.views import lists as board
from parties import http
from parties.actions import only_administrators
from parties.models import Posting

CHUNK = 2000
Ask = Any


@dataclass(frozen=True)
class Field:
    name: str
    of: Callable[[Any], Any]
    width: int = 16


def _name(thing: Any) -> str:
    return thing.name if thing is not None else ""


CASE_FIELDS = (
    Field("案卷号", lambda case: case.case_no, 24),
    Field("状态", lambda case: str(case.get_state_display())),
    Field("小类代码", lambda case: case.category.code5, 10),
    Field("小类", lambda case: case.category.name, 22),
    Field("紧急", lambda case: case.urgent, 8),
    Field("来源", lambda case: str(case.get_source_display()), 12),
    Field("街道", lambda case: _name(case.street)),
    Field("社区", lambda case: _name(case.community)),
    Field("网格", lambda case: _name(case.grid)),
    Field("地址", lambda case: case.address, 36),
    Field("问题描述", lambda case: case.description, 48),
    Field("当前责任单位", lambda case: _name(case.holder_org), 26),
    Field("上报时间", lambda case: case.reported_at, 18),
    Field("最近时限", lambda case: case.due_at, 18),
    Field("结案时间", lambda case: case.closed_at, 18),
    Field("评价", lambda case: str(case.get_last_score_display()), 12),
)
CASE_NAMES = ("category", "street", "community", "grid", "holder_org")
PARTS: dict[Any, tuple[Field, ...]] = {
    CaseClock: (
        Field("责任单位", lambda row: _name(row.organisation), 26),
        Field("时限", lambda row: row.due_at, 18),
        Field("完成时间", lambda row: row.stopped_at, 18),
        Field("超时", lambda row: row.is_overdue, 8),
    ),
    WhistleAssignment: (
        Field("被吹哨单位", lambda row: _name(row.organisation), 26),
        Field("报到时限", lambda row: row.checkin_due_at, 18),
        Field("报到时间", lambda row: row.checkin_at, 18),
        Field("报到超时", lambda row: row.checkin_overdue, 10),
    ),
    SupervisionOrder: (
        Field("被督办单位", lambda row: _name(row.organisation), 26),
        Field("回复时限", lambda row: row.due_at, 18),
        Field("回复时间", lambda row: row.replied_at, 18),
    ),
}
PLACES: dict[Any, tuple[Field, ...]] = {
    Area: (
        Field("编码", lambda row: row.code, 22),
        Field("名称", lambda row: row.name, 26),
        Field("上级", lambda row: _name(row.parent), 26),
    ),
    Posting: (
        Field("姓名", lambda row: row.user.name),
        Field("单位", lambda row: row.post.organisation.name, 28),
        Field("岗位", lambda row: row.post.name, 22),
        Field("区域", lambda row: _name(row.post.area), 26),
    ),
}
CONTACT_FIELDS = (
    Field("包联部门", lambda row: row.organisation.name, 28),
    Field("区域", lambda row: row.area.name, 26),
    Field("说明", lambda row: row.note, 30),
)


def _cases(label: Any, rows: QuerySet[Any]) -> Outgoing:
    """Of cases, or of what hangs on them, with the case it hangs on."""
    if rows.model is Case:
        found = rows.select_related(*CASE_NAMES).order_by("-reported_at", "-pk")
        return _out(label, CASE_FIELDS, found, sensitive=True)
    names = [f"case__{one}" for one in CASE_NAMES]
    found = rows.select_related(*names, "organisation")
    fields = [
        *(Field(one.name, _through(one.of), one.width) for one in CASE_FIELDS),
        *PARTS[rows.model],
    ]
    return _out(label, fields, found, sensitive=True)


def _through(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda row: of(row.case)


def _out(
    label: Any, fields: Sequence[Field], found: QuerySet[Any], *, sensitive: bool
) -> Outgoing:
    def rows() -> Iterator[list[Any]]:
        for row in found.iterator(CHUNK):
            yield [one.of(row) for one in fields]

    return Outgoing(
        title=str(label),
        headings=[one.name for one in fields],
        widths=[one.width for one in fields],
        rows=rows,
        n=found.order_by().count(),
        sensitive=sensitive,
    )


def _desk(request: Ask) -> Outgoing:
    return _cases(*desk.listed(request))


def _inbox(request: Ask) -> Outgoing:
    return _cases(*inbox.listed(request))


def _report(request: Ask) -> Outgoing:
    label, rows = report.rows_behind(request, request.GET.get("code", ""))
    return _cases(label, report.named(rows))


def _board(request: Ask) -> Outgoing:
    label, rows = board.rows_behind(request, request.GET.get("code", ""))
    if rows.model is Case or rows.model in PARTS:
        return _cases(label, rows)
    fields = PLACES.get(rows.model, CONTACT_FIELDS)
    return _out(label, fields, rows, sensitive=rows.model is Posting)


CATALOGUE_HEADINGS = (
    *((one.name, one.width) for one in KINDS["catalogue"].columns),
    ("类别", 10),
    ("依据标准", 22),
)


def _catalogue(request: Ask) -> Outgoing:
    """The conditions of the categories that the page shows, as they came in."""
    found = catalogue_views.listed(request)
    return Outgoing(
        title=str(_("案件目录")),
        headings=[name for name, _width in CATALOGUE_HEADINGS],
        widths=[width for _name, width in CATALOGUE_HEADINGS],
        rows=lambda: KINDS["catalogue"].stored(found),
        n=found.order_by().filter(conditions__is_active=True).count(),
        sensitive=False,
    )


def _master(code: str) -> Callable[[Ask], Outgoing]:
    """A master list in the columns of its template, so that it can come back in."""
    kind = KINDS[code]

    def ask(request: Ask) -> Outgoing:
        try:
            only_administrators(http.actor(request))
        except Refused as refused:
            raise NotYours from refused
        kept = kind.kept()
        return Outgoing(
            title=kind.title,
            headings=[one.heading for one in kind.columns],
            widths=[one.width for one in kind.columns],
            rows=lambda: kind.stored(kept),
            n=kept.count(),
            sensitive=any(one.field == "phone" and one.secret for one in kind.columns),
        )

    return ask


class NotYours(Exception):
    """The list exists, and not for this post: becomes a 404."""


@dataclass(frozen=True)
class Listing:
    """`ask` reads it as the page would; `page` names the page it belongs to."""

    code: str
    label: Any
    page: str
    ask: Callable[[Ask], Outgoing]


LISTINGS = (
    Listing("desk", _("工作台案件"), "desk_queue", _desk),
    Listing("inbox", _("收件箱案件"), "inbox", _inbox),
    Listing("report", _("考核报表清单"), "report", _report),
    Listing("board", _("看板清单"), "board", _board),
    Listing("catalogue", _("案件目录"), "catalogue", _catalogue),
    *(
        Listing(code, KINDS[code].label, "tables", _master(code))
        for code in KINDS
        if code != "catalogue"
    ),
)
BY_CODE = {one.code: one for one in LISTINGS}
