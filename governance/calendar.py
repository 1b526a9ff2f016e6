"""Working time: when a limit runs out, and how much of it has been used (DOMAIN C.4).

`WorkCalendar` computes from data alone; `load` reads the data. Four units: 工作时 and
工作日 run only in working periods, 紧急工作时 and 自然日 run always. One 工作日 is one
full day of the scheme in force, counted as 480 minutes however long its periods are.
A deadline is the earliest instant at which the limit is used up: the end of a period,
not the start of the next.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import querysets
from governance.errors import Refused

ZONE = ZoneInfo("Asia/Shanghai")
MICROSECOND = timedelta(microseconds=1)
MINUTE = 60_000_000
WORK_DAY_MINUTES = 480
# The State Council's notice comes in November; limits given from then on need it.
LOOKAHEAD = timedelta(days=45)


class Unit(models.TextChoices):
    WORK_HOUR = "WORK_HOUR", gettext_lazy("工作时")
    WORK_DAY = "WORK_DAY", gettext_lazy("工作日")
    URGENT_HOUR = "URGENT_HOUR", gettext_lazy("紧急工作时")
    NATURAL_DAY = "NATURAL_DAY", gettext_lazy("自然日")


MINUTES = {
    Unit.WORK_HOUR: 60,
    Unit.WORK_DAY: WORK_DAY_MINUTES,
    Unit.URGENT_HOUR: 60,
    Unit.NATURAL_DAY: 1440,
}
CONTINUOUS = {Unit.URGENT_HOUR, Unit.NATURAL_DAY}


class MissingCalendar(Refused):
    """A year was needed whose public holidays are not imported."""

    def __init__(self, year: int):
        super().__init__(
            _("未导入%(year)d年放假安排，请管理员在“节假日与调休”中导入后再办理。")
            % {"year": year},
            code="missing_calendar",
        )
        self.year = year


@dataclass(frozen=True)
class Scheme:
    """计时管理方案; `periods` are minutes of the day, dates from (incl.) to (excl.)."""

    starts: date | None
    ends: date | None
    weekdays: frozenset[int]
    periods: tuple[tuple[int, int], ...]

    def covers(self, day: date) -> bool:
        return (self.starts is None or self.starts <= day) and (
            self.ends is None or day < self.ends
        )


@dataclass(frozen=True)
class Span:
    """A piece of working time; an instant in it counts `weight` times."""

    begin: datetime
    end: datetime
    weight: Fraction

    @cached_property
    def length(self) -> int:
        """Microseconds."""
        return (self.end - self.begin) // MICROSECOND

    @property
    def worth(self) -> Fraction:
        """Microseconds of the unit."""
        return self.length * self.weight


@dataclass(frozen=True)
class WorkCalendar:
    """What is known of working days; `official` and `overrides` say True for work.

    `schemes` are in order of preference from weakest to strongest.
    """

    years: frozenset[int]
    official: Mapping[date, bool]
    overrides: Mapping[date, bool]
    schemes: tuple[Scheme, ...]
    _whole: dict[tuple[date, Unit], tuple[Span, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def scheme(self, day: date) -> Scheme:
        for scheme in reversed(self.schemes):
            if scheme.covers(day):
                return scheme
        raise Refused(
            _("未设置默认工作时段，请管理员在“计时管理方案”中设置后再办理。"),
            code="missing_scheme",
        )

    def works(self, day: date) -> bool:
        """Local override, then 调休上班 and 法定放假, then the weekday."""
        if day in self.overrides:
            return self.overrides[day]
        if day.year not in self.years:
            raise MissingCalendar(day.year)
        if day in self.official:
            return self.official[day]
        return day.isoweekday() in self.scheme(day).weekdays

    def is_working(self, moment: datetime) -> bool:
        """Whether it lies in a working period of a working day."""
        local = moment.astimezone(ZONE)
        minute = local.hour * 60 + local.minute
        periods = self.scheme(local.date()).periods
        inside = any(opens <= minute < closes for opens, closes in periods)
        return inside and self.works(local.date())

    def add_minutes(
        self, start: datetime, minutes: Decimal | int, unit: str
    ) -> datetime:
        """The earliest instant at which `minutes` of the unit have run."""
        left = Fraction(minutes) * MINUTE
        if left < 0:
            raise ValueError("a limit runs forwards only")
        begin = _utc(start)
        if left == 0 or unit in CONTINUOUS:
            return begin + round(left) * MICROSECOND
        for span in self._spans(begin, None, Unit(unit)):
            # Minutes measured before are rounded: a rest below a microsecond is none.
            if left - span.worth < 1:
                used_up = span.begin + round(left / span.weight) * MICROSECOND
                return min(used_up, span.end)
            left -= span.worth
        raise AssertionError("the spans of an open period do not end")

    def measure(self, start: datetime, end: datetime, unit: str) -> Decimal:
        """Minutes of the unit between two instants; nothing when `end` is earlier."""
        begin, until = _utc(start), _utc(end)
        if until <= begin:
            return Decimal(0)
        if unit in CONTINUOUS:
            return Decimal((until - begin) // MICROSECOND) / MINUTE
        ran: dict[Fraction, int] = {}
        for span in self._spans(begin, until, Unit(unit)):
            ran[span.weight] = ran.get(span.weight, 0) + span.length
        minutes = sum(n * weight for weight, n in ran.items()) / Fraction(MINUTE)
        return Decimal(minutes.numerator) / Decimal(minutes.denominator)

    def _spans(
        self, start: datetime, until: datetime | None, unit: Unit
    ) -> Iterator[Span]:
        first = start.astimezone(ZONE).date()
        last = until.astimezone(ZONE).date() if until is not None else None
        for days in count():
            day = first + timedelta(days=days)
            if last is not None and day > last:
                return
            yield from self._spans_of(day, start, until, unit)

    def _spans_of(
        self, day: date, start: datetime, until: datetime | None, unit: Unit
    ) -> Iterator[Span]:
        """The day's spans in the period; asks for the year only if there are any."""
        for span in self._whole_spans(day, unit):
            begin = max(span.begin, start)
            end = span.end if until is None else min(span.end, until)
            if begin < end and self.works(day):
                is_whole = begin is span.begin and end is span.end
                yield span if is_whole else Span(begin, end, span.weight)

    def _whole_spans(self, day: date, unit: Unit) -> tuple[Span, ...]:
        """The periods of a day were it a working day; a list asks for the same days
        again and again."""
        if (day, unit) not in self._whole:
            periods = self.scheme(day).periods
            weight = Fraction(1)
            if unit == Unit.WORK_DAY:
                weight = Fraction(WORK_DAY_MINUTES, sum(b - a for a, b in periods))
            self._whole[day, unit] = tuple(
                Span(_instant(day, opens), _instant(day, closes), weight)
                for opens, closes in periods
            )
        return self._whole[day, unit]


def after_quiet(at: datetime, starts: time, ends: time) -> datetime:
    """The same moment, or within quiet hours (local, over midnight too) their end."""
    local = at.astimezone(ZONE)
    now, over_night = local.time(), starts > ends
    quiet = now >= starts or now < ends if over_night else starts <= now < ends
    if not quiet:
        return at
    day = local.date() + timedelta(days=int(over_night and now >= starts))
    return datetime.combine(day, ends, ZONE)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return moment.astimezone(UTC)


def _instant(day: date, minute: int) -> datetime:
    midnight = datetime.combine(day, time(), ZONE)
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)


def load(since: datetime) -> WorkCalendar:
    """The calendar from the day of `since` on, as the database has it now."""
    return parse(querysets.calendar_text(since=since.astimezone(ZONE).date()))


def outside_hours(
    moments: Iterable[datetime], working: WorkCalendar | None = None
) -> set[datetime]:
    """Those outside working time; a year without a calendar claims nothing."""
    asked = set(moments)
    if working is None and asked:
        working = load(min(asked))
    found = set()
    for moment in asked:
        try:
            if working is not None and not working.is_working(moment):
                found.add(moment)
        except Refused:
            continue
    return found


def years_needed(at: datetime) -> list[int]:
    """The years whose holidays deadlines need that are given now or soon."""
    return sorted({day.astimezone(ZONE).year for day in (at, at + LOOKAHEAD)})


def missing_years(at: datetime) -> list[int]:
    """Those of them that were never imported."""
    known = load(at).years
    return [year for year in years_needed(at) if year not in known]


@lru_cache(maxsize=64)
def parse(text: str) -> WorkCalendar:
    """Read `querysets.calendar_text`; the same text is the same calendar."""
    found = json.loads(text)
    official: dict[date, bool] = {}
    overrides: dict[date, bool] = {}
    for day, kind, override in found["days"]:
        (overrides if override else official)[date.fromisoformat(day)] = kind == "work"
    return WorkCalendar(
        years=frozenset(found["years"]),
        official=official,
        overrides=overrides,
        schemes=tuple(_scheme(*row) for row in found["schemes"]),
    )


def _scheme(
    starts: str | None, ends: str | None, weekdays: list[int], periods: list[list[str]]
) -> Scheme:
    return Scheme(
        starts=date.fromisoformat(starts) if starts else None,
        ends=date.fromisoformat(ends) if ends else None,
        weekdays=frozenset(weekdays),
        periods=tuple(
            (minute_of(opens), minute_of(closes)) for opens, closes in periods
        ),
    )


def minute_of(clock: str) -> int:
    """Minutes since midnight of "HH:MM", up to "24:00"; else ValueError."""
    hours, colon, minutes = clock.partition(":")
    if not colon or len(hours) != 2 or len(minutes) != 2:
        raise ValueError(clock)
    minute = int(hours) * 60 + int(minutes)
    if not 0 <= minute <= 1440 or int(minutes) > 59:
        raise ValueError(clock)
    return minute


def limit_minutes(n: Decimal | int, unit: str) -> int:
    """A limit in the unit's own minutes, rounded to a whole one."""
    minutes = Decimal(n) * MINUTES[Unit(unit)]
    return int(minutes.quantize(Decimal(1), ROUND_HALF_UP))


def add_minutes(
    start: datetime,
    minutes: Decimal | int,
    unit: str,
    calendar: WorkCalendar | None = None,
) -> datetime:
    """`WorkCalendar.add_minutes`; raises MissingCalendar when a year is not there."""
    return _for(start, unit, calendar).add_minutes(start, minutes, unit)


def due_at(
    start: datetime,
    n: Decimal | int,
    unit: str,
    calendar: WorkCalendar | None = None,
) -> datetime:
    """When a limit of `n` units that starts at `start` runs out, in UTC."""
    return add_minutes(start, limit_minutes(n, unit), unit, calendar)


def measure(
    start: datetime, end: datetime, unit: str, calendar: WorkCalendar | None = None
) -> Decimal:
    """How many of the unit's own minutes lie between two instants."""
    return _for(start, unit, calendar).measure(start, end, unit)


_NO_CALENDAR = WorkCalendar(frozenset(), {}, {}, ())


def _for(start: datetime, unit: str, calendar: WorkCalendar | None) -> WorkCalendar:
    if calendar is not None:
        return calendar
    return _NO_CALENDAR if unit in CONTINUOUS else load(start)
