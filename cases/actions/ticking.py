"""What a clock can do: begin, go on, stand still, end, be given another limit.

The primitives below `cases.actions.clocks` (the clocks of a case) and
`cases.actions.checkins` (those of the lines of a whistle). Every operation leaves a
fact for the journal, so that the deadlines can be computed again from the Events and
the working calendar alone.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from cases.actions.alarms import timers
from cases.limits import Limit
from cases.models import Case, CaseClock, WhistleAssignment
from cases.workflow import Stage
from governance import calendar
from governance.calendar import MissingCalendar, Unit, WorkCalendar
from governance.events import Follow


@dataclass
class Ticking:
    """What a round of clock operations leaves behind: facts and timers.

    The working calendar is read once for all of them. What a resident may wait for
    must not fail because a year is not imported: a `patient` round begins the clock
    without a deadline, and a Job reckons it when the year is there (DOMAIN C.4, 7).
    """

    at: datetime
    facts: list[dict[str, Any]] = field(default_factory=list)
    follow: list[Follow] = field(default_factory=list)
    patient: bool = False

    @cached_property
    def calendar(self) -> WorkCalendar:
        return calendar.load(self.at)

    def calendar_from(self, begin: datetime) -> WorkCalendar:
        """The working calendar for a stretch that began before this moment."""
        return self.calendar if begin >= self.at else calendar.load(begin)


def begin(
    case: Case,
    stage: Stage,
    limit: Limit,
    at: datetime,
    ticking: Ticking,
    assignment: WhistleAssignment | None = None,
    until: datetime | None = None,
) -> CaseClock:
    clock = CaseClock.objects.create(
        case=case,
        stage=stage,
        round=case.reopened_count,
        assignment=assignment,
        organisation_id=assignment.organisation_id
        if assignment
        else case.holder_org_id,
        limit_n=limit.n,
        base_n=limit.n,
        limit_unit=limit.unit,
        started_at=at,
        running_since=at,
        due_at=until or _due_at(at, limit, ticking),
    )
    started = fact_of("start", clock)
    ticking.facts.append({**started, "until": until} if until else started)
    ticking.follow += timers(clock, ticking.calendar)
    return clock


def _due_at(at: datetime, limit: Limit, ticking: Ticking) -> datetime | None:
    try:
        return calendar.due_at(at, limit.n, limit.unit, ticking.calendar)
    except MissingCalendar:
        if not ticking.patient:
            raise
        return None


def go_on(clock: CaseClock, at: datetime, ticking: Ticking) -> None:
    if clock.running_since is not None:
        return
    limit = calendar.limit_minutes(clock.limit_n, Unit(clock.limit_unit))
    left = limit - clock.consumed_minutes
    clock.running_since = at
    clock.stopped_at = None
    clock.due_at = (
        calendar.add_minutes(at, left, Unit(clock.limit_unit), ticking.calendar)
        if left > 0
        else at
    )
    clock.is_overdue = clock.is_overdue and left <= 0
    clock.overtime_minutes = Decimal(0)
    clock.save(
        update_fields=[
            "running_since", "stopped_at", "due_at", "is_overdue", "overtime_minutes",
        ]
    )  # fmt: skip
    ticking.facts.append(fact_of("resume", clock))
    ticking.follow += timers(clock, ticking.calendar)


def halt(clock: CaseClock, at: datetime) -> None:
    _stand(clock, at)
    clock.due_at = None
    clock.save(
        update_fields=["consumed_minutes", "running_since", "due_at", "is_overdue"]
    )


def _stand(clock: CaseClock, at: datetime) -> None:
    """No longer run: what was used is added up, and whether that was too late."""
    if clock.running_since is None:
        return
    clock.consumed_minutes = consumed(clock, at)
    clock.is_overdue = clock.due_at is not None and at > clock.due_at
    clock.running_since = None


def end(clock: CaseClock, at: datetime, *, superseded: bool = False) -> None:
    _stand(clock, at)
    clock.overtime_minutes = overtime(clock)
    clock.stopped_at = clock.stopped_at or at
    clock.superseded = superseded
    clock.save(
        update_fields=[
            "consumed_minutes", "running_since", "stopped_at", "is_overdue",
            "overtime_minutes", "superseded",
        ]
    )  # fmt: skip


def overtime(clock: CaseClock) -> Decimal:
    """Minutes beyond the limit in the unit's own measure; nothing when in time."""
    limit = calendar.limit_minutes(clock.limit_n, Unit(clock.limit_unit))
    return (
        max(clock.consumed_minutes - limit, Decimal(0))
        if clock.is_overdue
        else Decimal(0)
    )


def fact_of(name: str, clock: CaseClock) -> dict[str, Any]:
    return {
        "do": name,
        "clock": clock.pk,
        "stage": clock.stage,
        "assignment": clock.assignment_id,
        "limit": f"{clock.limit_n.normalize():f}",
        "unit": clock.limit_unit,
        "consumed_minutes": str(clock.consumed_minutes),
        "due_at": clock.due_at,
    }


def reckon(clock: CaseClock, ticking: Ticking) -> None:
    """Under a new limit: the deadline of a clock that runs, from where its last
    stretch began, and whether one that ran out before is still too late."""
    unit = Unit(clock.limit_unit)
    left = calendar.limit_minutes(clock.limit_n, unit) - clock.consumed_minutes
    clock.is_overdue = clock.is_overdue and left <= 0
    if clock.running_since is None:
        clock.overtime_minutes = overtime(clock) if clock.stopped_at else Decimal(0)
        return
    working = ticking.calendar_from(clock.running_since)
    clock.due_at = working.add_minutes(clock.running_since, max(left, Decimal(0)), unit)


def consumed(clock: CaseClock, at: datetime) -> Decimal:
    """Minutes used until `at`, in the unit's own measure."""
    if clock.running_since is None:
        return clock.consumed_minutes
    used = calendar.measure(clock.running_since, at, Unit(clock.limit_unit))
    return (clock.consumed_minutes + used).quantize(Decimal("0.001"))
