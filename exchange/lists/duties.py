"""Tasks, admissions, care, mediation, incidents, patrols; and codes for the street."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.actions.contacts import masked_name, masked_telephone
from civics.views import places as places_views
from duties.models import CareTarget, GridItemAdmission, Incident, TaskReceiver
from duties.views import admissions as admissions_views
from duties.views import care as care_views
from duties.views import desk, incidents, mediation, phone
from duties.workflow import AdmissionState, Kind, ReceiverState, TaskState
from exchange.actions import Outgoing
from exchange.lists.fields import CHUNK, Ask, Field, Show, out, word_of
from governance.crypto import unseal

RECEIVER_FIELDS = (
    Field("任务", "task__title", 36),
    Field("类型", "task__kind", 12, word_of(Kind)),
    Field("下发单位", "task__issuer__name", 26),
    Field("承接方", "receiver_name", 26),
    Field("状态", "state", 12, word_of(ReceiverState)),
    Field("截止时间", "due_at", 18),
    Field("逾期时间", "overdue_at", 18),
    Field("签收时间", "signed_at", 18),
    Field("反馈时间", "submitted_at", 18),
    Field("验收时间", "accepted_at", 18),
)
TASK_FIELDS = (
    Field("任务", "title", 36),
    Field("类型", "kind", 12, word_of(Kind)),
    Field("状态", "state", 12, word_of(TaskState)),
    Field("下发单位", "issuer__name", 26),
    Field("签发时间", "issued_at", 18),
    Field("截止时间", "due_at", 18),
    Field("应签收", "expected", 10),
    Field("已签收", "signed", 10),
    Field("已反馈", "answered", 10),
    Field("已验收", "accepted", 10),
    Field("逾期", "overdue", 10),
)
ADMISSION_FIELDS = (
    Field("事项", "item", 36),
    Field("类型", "kind", 12, word_of(GridItemAdmission.Kind)),
    Field("状态", "state", 12, word_of(AdmissionState)),
    Field("申请单位", "applicant__name", 26),
    Field("区域", "area__name", 22),
    Field("工作量", "workload", 30),
    Field("经费保障", "funding", 26),
    Field("开始日期", "starts_date", 14),
    Field("结束日期", "ends_date", 14),
    Field("公布时间", "published_at", 18),
)
INCIDENT_FIELDS = (
    Field("名称", "title", 30),
    Field("类型", "kind", 14, word_of(Incident.Kind)),
    Field("级别", "level", 12, word_of(Incident.Level)),
    Field("指挥单位", "command__name", 26),
    Field("启动时间", "started_at", 18),
    Field("失效时间", "expires_at", 18),
    Field("结束时间", "closed_at", 18),
)
PATROL_FIELDS = (
    Field("网格", "grid__name", 26),
    Field("巡查人", "user__name"),
    Field("开始时间", "started_at", 18),
    Field("结束时间", "ended_at", 18),
    Field("发现案件", "found", 10),
    Field("情况说明", "remark", 40),
)
PLACE_FIELDS = (
    Field("编号", "code", 12),
    Field("名称", "name", 26),
    Field("地址", "address", 40),
    Field("区域", "area__name", 22),
    Field("整个网格", "whole_area", 10),
    Field("建立时间", "created_at", 18),
)


def opened(mask: Callable[[str], str]) -> Callable[[], Show]:
    """What is sealed, masked as the page masks it (DOMAIN E.7)."""
    return lambda: lambda sealed: mask(unseal(sealed))


def _services() -> Show:
    words = {one.value: str(one.label) for one in CareTarget.Service}
    return lambda found: "、".join(words.get(one, one) for one in found)


CARE_FIELDS = (
    Field("姓名", "name", 12, opened(masked_name)),
    Field("联系电话", "telephone", 16, opened(masked_telephone)),
    Field("网格", "grid__name", 22),
    Field("楼栋", "building", 22),
    Field("房号", "room", 10, opened(lambda room: "*" * min(len(room), 3))),
    Field("服务类别", "services", 22, _services),
    Field("责任人", "worker__name"),
    Field("走访间隔（天）", "every_days", 12),
    Field("最近走访", "last_visited_at", 18),
    Field("下次走访日期", "next_visit_date", 14),
    Field("复核日期", "review_date", 14),
)


def tasks(request: Ask) -> Outgoing:
    label, found = desk.listed(request)
    title = f"{pgettext('list', '任务')}（{label}）"
    if found.model is TaskReceiver:
        return _receivers(title, found)
    return out(title, TASK_FIELDS, found, sensitive=False)


def own_duties(request: Ask) -> Outgoing:
    return _receivers(_("上级任务"), phone.duties_listed(request))


def _receivers(title: str, found: Any) -> Outgoing:
    names = ("area__name", "organisation__name", "person__name")
    found = found.annotate(receiver_name=Coalesce(*names))
    return out(title, RECEIVER_FIELDS, found, sensitive=False)


def admissions(request: Ask) -> Outgoing:
    found = admissions_views.listed(request)
    return out(_("网格事项清单"), ADMISSION_FIELDS, found, sensitive=False)


def care(request: Ask) -> Outgoing:
    label, found = pgettext("list", "关爱服务对象"), care_views.listed(request)
    return out(label, CARE_FIELDS, found, sensitive=True)


def incidents_started(request: Ask) -> Outgoing:
    label, found = pgettext("list", "突发事件"), incidents.listed(request)
    return out(label, INCIDENT_FIELDS, found, sensitive=False)


def patrols(request: Ask) -> Outgoing:
    """Sensitive: where a worker was and when (DOMAIN E.7)."""
    label, found = pgettext("list", "巡查记录"), phone.patrols_listed(request)
    return out(label, PATROL_FIELDS, found, sensitive=True)


def places(request: Ask) -> Outgoing:
    found = places_views.listed(request)
    return out(_("街面二维码"), PLACE_FIELDS, found, sensitive=False)


MEDIATION_HEADINGS = (
    ("案卷号", 24), ("小类", 22), ("社区", 18), ("当事人", 22), ("调解模式", 22),
    ("层级", 10), ("结果", 12), ("调解会（次）", 12), ("开始时间", 18),
    ("签订时间", 18), ("司法确认", 10),
)  # fmt: skip


def mediations(request: Ask) -> Outgoing:
    found = mediation.listed(request)

    def rows() -> Iterator[list[Any]]:
        for one in found.iterator(CHUNK):
            yield mediation.cells(one)

    return Outgoing(
        title=_("纠纷调解"),
        headings=[name for name, _width in MEDIATION_HEADINGS],
        widths=[width for _name, width in MEDIATION_HEADINGS],
        rows=rows,
        n=found.order_by().count(),
        sensitive=True,
    )
