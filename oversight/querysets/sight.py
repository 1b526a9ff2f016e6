"""What a reader of the board has before the eyes: whose cases, where, as known when."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cases.models import Case
from cases.querysets.cases import CaseQuerySet
from cases.querysets.kpi import Period, Scope
from cases.querysets.scope import PLACEMENT_COLUMNS
from governance.calendar import ZONE
from grids.models import Area

if TYPE_CHECKING:
    from parties.acting import Actor

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Sight:
    """The cases of an area that this person may see, known `at` a moment.

    The area is the post's own or lies in it. What flows is counted in `period`;
    `categories` narrows to some of them, `unit` what is counted of one organisation.
    The same cases as the month report reads (`kpi.Scope`), so that both count alike.
    """

    actor: "Actor"
    area: Area
    at: datetime
    period: Period
    categories: Collection[int] | None = None
    unit: int | None = None

    @property
    def cases(self) -> CaseQuerySet:
        seen = Case.objects.visible_to(self.actor)
        seen = seen.filter(**{PLACEMENT_COLUMNS[self.area.level]: self.area.pk})
        if self.categories is None:
            return seen
        return seen.filter(category__in=self.categories)

    @property
    def scope(self) -> Scope:
        return Scope(self.cases, self.period, self.at, self.unit)

    def during(self, period: Period) -> "Sight":
        return replace(self, period=period)

    def of_unit(self, unit: int) -> "Sight":
        return replace(self, unit=unit)

    def of_categories(self, categories: Collection[int]) -> "Sight":
        return replace(self, categories=categories)


def day_of(at: datetime) -> Period:
    """From midnight to midnight, Asia/Shanghai."""
    starts = at.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return Period(starts, starts + DAY)


def week_of(at: datetime) -> Period:
    """From Monday to Monday (DOMAIN E.5)."""
    today = day_of(at).starts_at
    monday = today - DAY * today.weekday()
    return Period(monday, monday + 7 * DAY)


def month_of(at: datetime) -> Period:
    local = at.astimezone(ZONE)
    return Period.month(local.year, local.month)


def days_until(at: datetime, days: int) -> Period:
    """The last so many days, today among them."""
    ends = day_of(at).ends_at
    return Period(ends - days * DAY, ends)
