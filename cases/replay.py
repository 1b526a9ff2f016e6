"""Compute the clocks of a case again, from the journal and the calendar alone.

A deadline is a pure function of what happened and of the working calendar (DOMAIN C.4).
Of a clock fact only what was done is believed (`do`, `limit`, `unit`, `until`, and the
instant of its Event), never the `consumed_minutes` or `due_at` that were written beside
it; so whatever `CaseClock` says can be checked against what it ought to say.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from governance import calendar
from governance.calendar import Unit, WorkCalendar

THOUSANDTH = Decimal("0.001")
NOTHING = Decimal(0)
COMPARED = (
    "limit_n", "limit_unit", "started_at", "running_since", "stopped_at",
    "consumed_minutes", "due_at", "is_overdue", "overtime_minutes",
)  # fmt: skip


@dataclass(kw_only=True)
class Ran:
    """A clock as the journal has it; the names are those of `CaseClock`."""

    clock: int
    stage: str
    assignment: int | None
    limit_n: Decimal
    limit_unit: str
    started_at: datetime
    running_since: datetime | None
    due_at: datetime | None
    consumed_minutes: Decimal = NOTHING
    stopped_at: datetime | None = None
    is_overdue: bool = False
    stretches: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def limit_minutes(self) -> int:
        return calendar.limit_minutes(self.limit_n, Unit(self.limit_unit))

    @property
    def overtime_minutes(self) -> Decimal:
        """Minutes beyond the limit once it has stopped; nothing when in time."""
        if self.stopped_at is None or not self.is_overdue:
            return NOTHING
        return max(self.consumed_minutes - self.limit_minutes, NOTHING)


@dataclass(frozen=True)
class Difference:
    """What is stored otherwise than the journal says it."""

    clock: int | None
    stage: str
    name: str
    stored: Any
    replayed: Any


def replay(
    events: Iterable[tuple[datetime, Mapping[str, Any]]], known: WorkCalendar
) -> dict[int, Ran]:
    """The clocks of a case by id, from its (instant, detail) pairs in order.

    Raises `MissingCalendar` where a year is needed that was not imported.
    """
    clocks: dict[int, Ran] = {}
    for at, detail in events:
        for fact in detail.get("clocks", ()):
            _apply(clocks, fact, at, known)
    return clocks


def _apply(
    clocks: dict[int, Ran], fact: Mapping[str, Any], at: datetime, known: WorkCalendar
) -> None:
    do = fact["do"]
    if do == "start":
        _supersede(clocks, fact, at, known)
        clocks[fact["clock"]] = _started(fact, at, known)
        return
    clock = clocks[fact["clock"]]
    if do == "resume":
        clock.running_since, clock.stopped_at = at, None
        clock.is_overdue = clock.is_overdue and _left(clock) == 0
        clock.due_at = known.add_minutes(at, _left(clock), clock.limit_unit)
    elif do == "pause":
        _stand(clock, at, known)
        clock.due_at = None
    elif do == "stop":
        _stand(clock, at, known)
        clock.stopped_at = clock.stopped_at or at
    else:
        _limit(clock, fact, known)


def _started(fact: Mapping[str, Any], at: datetime, known: WorkCalendar) -> Ran:
    limit, unit = Decimal(fact["limit"]), fact["unit"]
    due = (
        datetime.fromisoformat(fact["until"])
        if fact.get("until")
        else calendar.due_at(at, limit, unit, known)
    )
    return Ran(
        clock=fact["clock"],
        stage=fact["stage"],
        assignment=fact["assignment"],
        limit_n=limit,
        limit_unit=unit,
        started_at=at,
        running_since=at,
        due_at=due,
    )


def _supersede(
    clocks: dict[int, Ran], fact: Mapping[str, Any], at: datetime, known: WorkCalendar
) -> None:
    """A stage that begins anew ends the clock it had, without a fact of its own."""
    for clock in clocks.values():
        same = (clock.stage, clock.assignment) == (fact["stage"], fact["assignment"])
        if same and clock.stopped_at is None:
            _stand(clock, at, known)
            clock.stopped_at = at


def _stand(clock: Ran, at: datetime, known: WorkCalendar) -> None:
    if clock.running_since is None:
        return
    begin, clock.running_since = clock.running_since, None
    used = known.measure(begin, at, clock.limit_unit)
    clock.stretches.append((begin, at))
    clock.consumed_minutes = (clock.consumed_minutes + used).quantize(THOUSANDTH)
    clock.is_overdue = clock.due_at is not None and at > clock.due_at


def _limit(clock: Ran, fact: Mapping[str, Any], known: WorkCalendar) -> None:
    """延期, or another limit: then what was used is measured again in its own unit."""
    clock.limit_n, clock.limit_unit = Decimal(fact["limit"]), fact["unit"]
    if fact["do"] == "relimit":
        used = (known.measure(*one, clock.limit_unit) for one in clock.stretches)
        clock.consumed_minutes = sum(used, NOTHING).quantize(THOUSANDTH)
    clock.is_overdue = clock.is_overdue and _left(clock) == 0
    since = clock.running_since
    if since is not None:
        clock.due_at = known.add_minutes(since, _left(clock), clock.limit_unit)


def _left(clock: Ran) -> Decimal:
    return max(clock.limit_minutes - clock.consumed_minutes, NOTHING)


def nearest_due(clocks: Iterable[Ran], beside: Iterable[str]) -> datetime | None:
    """The earliest deadline of the clocks that run; those of `beside` do not count."""
    aside = set(beside)
    due = [
        clock.due_at
        for clock in clocks
        if clock.due_at and clock.running_since and clock.stage not in aside
    ]
    return min(due, default=None)


def differences(
    stored: Iterable[Any], replayed: dict[int, Ran]
) -> Iterator[Difference]:
    """Where `CaseClock` rows and the journal disagree, also about there being one."""
    rows = {row.pk: row for row in stored}
    for pk in sorted(rows.keys() | replayed.keys()):
        row, ran = rows.get(pk), replayed.get(pk)
        if row is None or ran is None:
            only: Any = row or ran
            yield Difference(pk, only.stage, "clock", row and row.pk, ran and ran.clock)
            continue
        for name in COMPARED:
            if getattr(row, name) != getattr(ran, name):
                yield Difference(
                    pk, row.stage, name, getattr(row, name), getattr(ran, name)
                )
