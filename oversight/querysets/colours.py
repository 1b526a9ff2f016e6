"""The colour of a case's clock in SQL, for counting and for the map.

The same colours as `cases.lamps` (DOMAIN C.5). Working time is not measured again: that
50 or 80 % of a limit are used the clock's own alarm has noted on the case.
"""

from datetime import datetime
from typing import Any

from django.db.models import Case, CharField, Value, When
from django.utils.translation import gettext_lazy as _

from cases.querysets.cases import CaseQuerySet
from cases.workflow import State

COLOURS: dict[str, Any] = {
    "red": _("已超时"),
    "yellow": _("将超时"),
    "blue": _("时限过半"),
    "green": _("时限充裕"),
    "grey": _("等待或暂停"),
}
# Their clocks only wait for their end (挂账期, 评价期).
WAITING = (State.SUSPENDED, State.RATING)


def with_colour(cases: CaseQuerySet, at: datetime) -> CaseQuerySet:
    """Open cases with `colour`, one of `COLOURS`."""
    return cases.open().annotate(
        colour=Case(
            When(state__in=WAITING, then=Value("grey")),
            When(due_at=None, then=Value("grey")),
            When(due_at__lte=at, then=Value("red")),
            When(used_percent__gte=80, then=Value("yellow")),
            When(used_percent__gte=50, then=Value("blue")),
            default=Value("green"),
            output_field=CharField(),
        )
    )
