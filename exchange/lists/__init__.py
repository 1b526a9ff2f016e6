"""The lists that can be taken out, each with its columns; rows are the page's own.

A list is asked with a request, as its page is, so that an export holds exactly what the
page would show: same scope, same narrowing, nothing that is masked there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.actions import Outgoing
from exchange.kinds import BY_CODE as KINDS
from exchange.lists import cases, duties, journal, master
from exchange.lists.fields import Ask, NotYours


def above(name: str) -> Callable[[Ask], Outgoing]:
    """Of a floor above, which is known by its name alone."""
    return lambda request: import_string(name)(request)


@dataclass(frozen=True)
class Listing:
    """`ask` reads it as the page would; `page` names the page it belongs to."""

    code: str
    label: Any
    page: str
    ask: Callable[[Ask], Outgoing]


LISTINGS = (
    Listing("desk", _("工作台案件"), "desk_queue", cases.at_desk),
    Listing("inbox", _("收件箱案件"), "inbox", cases.in_inbox),
    Listing("phone", _("我的案件"), "phone_cases", cases.on_phone),
    Listing("supervision", pgettext_lazy("list", "督办"), "supervision_board",
            cases.supervised),
    Listing("suspended", _("问题库"), "suspended", cases.suspended),
    Listing("meetings", pgettext_lazy("list", "治理联席会议"), "meetings",
            cases.meetings_held),
    Listing("gaps", pgettext_lazy("list", "职责空白"), "gaps", cases.gaps),
    Listing("scores", pgettext_lazy("list", "单位评分"), "desk_scores", cases.scores),
    Listing("report", _("考核报表清单"), "report", cases.behind_report),
    Listing("board", _("看板清单"), "board", cases.behind_board),
    Listing("tasks", pgettext_lazy("list", "任务"), "duty_tasks", duties.tasks),
    Listing("duties", _("上级任务"), "phone_duties", duties.own_duties),
    Listing("admissions", _("网格事项清单"), "admissions", duties.admissions),
    Listing("care", pgettext_lazy("list", "关爱服务对象"), "care_targets", duties.care),
    Listing("mediations", _("纠纷调解"), "mediations", duties.mediations),
    Listing("incidents", pgettext_lazy("list", "突发事件"), "incidents",
            duties.incidents_started),
    Listing("patrols", pgettext_lazy("list", "巡查记录"), "patrols", duties.patrols),
    Listing("places", _("街面二维码"), "places", duties.places),
    Listing("orders", _("工单对接"), "bridge_orders",
            above("doors.views.bridges.taken_out")),
    Listing("audit", _("审计流水"), "audit", journal.of_period),
    Listing("catalogue", _("案件目录"), "catalogue", master.catalogue),
    *(
        Listing(code, KINDS[code].label, "tables", master.kept(code))
        for code in KINDS
        if code != "catalogue"
    ),
)  # fmt: skip
BY_CODE = {one.code: one for one in LISTINGS}

__all__ = ["BY_CODE", "LISTINGS", "Listing", "NotYours"]
