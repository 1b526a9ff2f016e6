"""The journal, for the audit administrator: what was done, with content and digest."""

from exchange.actions import Outgoing
from exchange.lists.fields import Ask, Field, out
from governance.events import canonical
from oversight.verbs import name_of, object_of
from oversight.views import audit

FIELDS = (
    Field("流水号", "pk", 12),
    Field("时间", "at", 18),
    Field("操作", "action", 22, lambda: name_of),
    Field("操作代码", "action", 28),
    Field("对象", "chain", 20, lambda: object_of),
    Field("序号", "seq", 8),
    Field("操作人", "actor__name", 16),
    Field("单位", "actor__organisation_name", 26),
    Field("岗位", "actor__post_name", 20),
    Field("来源地址", "actor__ip", 18),
    Field("内容", "detail", 60, lambda: canonical),
    Field("摘要", "hash", 66),
)


def of_period(request: Ask) -> Outgoing:
    return out(audit.TITLE, FIELDS, audit.listed(request), sensitive=True)
