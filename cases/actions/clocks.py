"""Start, pause, resume and stop the clocks of a case (DOMAIN C.4).

Called by `cases.actions.step` inside an action's transaction with the case locked.
Every operation is returned as a fact for the journal, so that the deadlines can be
computed again from the Events and the working calendar alone.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q

from cases.actions.alarms import stretches, timers
from cases.limits import Limit
from cases.models import (
    Case,
    CaseClock,
    FilingCondition,
    StageLimit,
    Whistle,
    WhistleAssignment,
)
from cases.workflow import (
    BESIDE,
    CHECKIN_LIMITS,
    DEFAULT_LIMITS,
    Stage,
    WhistleKind,
)
from governance import calendar
from governance.calendar import Unit, WorkCalendar
from governance.events import Follow


@dataclass
class Ticking:
    """What a round of clock operations leaves behind: facts and timers.

    The working calendar is read once for all of them.
    """

    at: datetime
    facts: list[dict[str, Any]] = field(default_factory=list)
    follow: list[Follow] = field(default_factory=list)

    @cached_property
    def calendar(self) -> WorkCalendar:
        return calendar.load(self.at)

    def calendar_from(self, begin: datetime) -> WorkCalendar:
        """The working calendar for a stretch that began before this moment."""
        return self.calendar if begin >= self.at else calendar.load(begin)


def limit_of(stage: Stage, case: Case) -> Limit:
    """The limit in force: of the condition, of the tenant, or the default."""
    condition: FilingCondition | None = case.condition
    if stage == Stage.HANDLE and condition is not None and condition.limits:
        return condition.limits[-1].limit
    urgent = case.urgent and (stage, True) in DEFAULT_LIMITS
    return _set_limit(stage, urgent=urgent) or DEFAULT_LIMITS[stage, urgent]


def checkin_limit_of(kind: str) -> Limit:
    """How long a unit called by such a whistle has to check in."""
    found = _set_limit(Stage.CHECKIN, kind=kind)
    return found or CHECKIN_LIMITS[WhistleKind(kind)]


def checkin_limit_for(whistle: Whistle) -> Limit:
    """报到时限 of a whistle: set by whoever composed it, else that of its kind."""
    return whistle.checkin_limit or checkin_limit_of(whistle.kind)


def _set_limit(stage: Stage, *, urgent: bool = False, kind: str = "") -> Limit | None:
    row = StageLimit.objects.filter(stage=stage, urgent=urgent, kind=kind).first()
    return Limit(row.n, Unit(row.unit)) if row is not None else None


def apply(
    *,
    case: Case,
    operations: Iterable[tuple[str, Stage]],
    at: datetime,
    limits: Mapping[Stage, Limit] | None = None,
) -> Ticking:
    """Do the operations of a transition in order.

    CHECKIN is the whistle's own, and SUSPEND_UNTIL starts by `start_until`. Those that
    an earlier round of a reopened case stopped are left as they are. `limits` are those
    that somebody set with the step, before the ones in force.
    """
    ticking = Ticking(at)
    running = {
        clock.stage: clock
        for clock in CaseClock.objects.filter(
            Q(round=case.reopened_count) | Q(stopped_at=None),
            case=case,
            assignment=None,
            superseded=False,
        )
        .order_by("id")
        .select_for_update()
    }
    for name, stage in operations:
        if stage == Stage.CHECKIN or (name, stage) == ("start", Stage.SUSPEND_UNTIL):
            continue
        given = (limits or {}).get(stage)
        _one(case, running, name, stage, at, ticking, given)
    return ticking


def _one(
    case: Case,
    clocks: dict[str, CaseClock],
    name: str,
    stage: Stage,
    at: datetime,
    ticking: Ticking,
    given: Limit | None,
) -> None:
    clock = clocks.get(stage)
    if name == "start" or (name == "resume" and clock is None):
        if clock is not None:
            _stop(clock, at, superseded=True)
        limit = given or limit_of(stage, case)
        clocks[stage] = _start(case, stage, limit, at, ticking)
    elif clock is None:
        return
    elif name == "resume" or (name == "release" and clock.stopped_at is None):
        _resume(clock, at, ticking)
    elif name == "pause" and clock.running_since is not None:
        _pause(clock, at)
        ticking.facts.append(_fact("pause", clock))
    elif name == "stop" and clock.stopped_at is None:
        _stop(clock, at)
        ticking.facts.append(_fact("stop", clock))


def start_checkin(
    *, assignment: WhistleAssignment, limit: Limit, at: datetime, ticking: Ticking
) -> CaseClock:
    """The 报到 clock of one called organisation; its line keeps what limit held."""
    clock = _start(
        assignment.case, Stage.CHECKIN, limit, at, ticking, assignment=assignment
    )
    assignment.checkin_n, assignment.checkin_unit = limit.n, limit.unit
    assignment.checkin_due_at = clock.due_at
    assignment.save(update_fields=["checkin_n", "checkin_unit", "checkin_due_at"])
    return clock


def stop_checkin(
    *, assignment: WhistleAssignment, at: datetime
) -> list[dict[str, Any]]:
    clock = _open_checkin(assignment)
    if clock is None:
        return []
    _stop(clock, at)
    return [_fact("stop", clock)]


def pause_checkin(
    *, assignment: WhistleAssignment, at: datetime
) -> list[dict[str, Any]]:
    clock = _open_checkin(assignment)
    if clock is None or clock.running_since is None:
        return []
    _pause(clock, at)
    return [_fact("pause", clock)]


def resume_checkin(
    *, assignment: WhistleAssignment, at: datetime, ticking: Ticking
) -> None:
    """Go on with what is left of the 报到 clock, if it was paused."""
    clock = _open_checkin(assignment)
    if clock is not None and clock.running_since is None:
        _resume(clock, at, ticking)


def _open_checkin(assignment: WhistleAssignment) -> CaseClock | None:
    return (
        CaseClock.objects.select_for_update()
        .filter(assignment=assignment, stage=Stage.CHECKIN, stopped_at=None)
        .first()
    )


def open_clock(case: Case, stage: Stage) -> CaseClock | None:
    """The clock of a stage that was started and not stopped, locked."""
    return (
        CaseClock.objects.select_for_update()
        .filter(
            case=case, stage=stage, assignment=None, stopped_at=None, superseded=False
        )
        .first()
    )


def last_handling(case: Case) -> CaseClock | None:
    """The 处置 clock that counts: of the last round, not replaced by another. Its
    organisation is who handled the case, which need not be the first that had it in
    hand (T19 after T18, T28, T47)."""
    return (
        CaseClock.objects.filter(case=case, stage=Stage.HANDLE, superseded=False)
        .order_by("-started_at", "-pk")
        .first()
    )


def start_first_reply(case: Case, at: datetime) -> Ticking:
    """首次响应: runs beside the way of a case that a resident brought (C.4)."""
    ticking = Ticking(at)
    if case.is_from_resident:
        limit = limit_of(Stage.FIRST_REPLY, case)
        _start(case, Stage.FIRST_REPLY, limit, at, ticking)
    return ticking


def stop_first_reply(case: Case, at: datetime) -> Ticking:
    """Somebody spoke with the resident; only the first time does something."""
    ticking = Ticking(at)
    clock = open_clock(case, Stage.FIRST_REPLY)
    if clock is not None:
        _stop(clock, at)
        ticking.facts.append(_fact("stop", clock))
    return ticking


def start_until(
    *, case: Case, stage: Stage, until: datetime, at: datetime, ticking: Ticking
) -> CaseClock:
    """A clock that ends at a given instant (挂账期): the limit only says how long."""
    hours = Decimal((until - at).total_seconds()) / 3600
    limit = Limit(hours.quantize(Decimal("0.01")), Unit.URGENT_HOUR)
    return _start(case, stage, limit, at, ticking, until=until)


def extend(*, clock: CaseClock, n: Decimal, at: datetime, ticking: Ticking) -> None:
    """延期: add `n` of the clock's own unit to its limit, and so to its deadline."""
    clock.limit_n += n
    _reckon(clock, ticking)
    clock.save(update_fields=["limit_n", "due_at", "is_overdue", "overtime_minutes"])
    ticking.facts.append(_fact("extend", clock))
    ticking.follow += timers(clock, ticking.calendar)


def extended_due(clock: CaseClock, n: Decimal, ticking: Ticking) -> datetime | None:
    """What the deadline would be with `n` more of the clock's own unit."""
    longer = copy(clock)
    longer.limit_n += n
    _reckon(longer, ticking)
    return longer.due_at


def relimit(*, clock: CaseClock, limit: Limit, at: datetime, ticking: Ticking) -> None:
    """Another limit from the original start: what was used is measured again in the
    new limit's own unit (DOMAIN C.3, extra rules: changing the filing condition)."""
    used = sum(
        (
            ticking.calendar_from(begin).measure(begin, end, limit.unit)
            for begin, end in stretches(clock)
            if end is not None
        ),
        Decimal(0),
    )
    clock.consumed_minutes = used.quantize(Decimal("0.001"))
    clock.limit_n = clock.base_n = limit.n
    clock.limit_unit = limit.unit
    _reckon(clock, ticking)
    clock.save(
        update_fields=[
            "consumed_minutes", "limit_n", "base_n", "limit_unit", "due_at",
            "is_overdue", "overtime_minutes",
        ]
    )  # fmt: skip
    ticking.facts.append(_fact("relimit", clock))
    ticking.follow += timers(clock, ticking.calendar)


def _reckon(clock: CaseClock, ticking: Ticking) -> None:
    """Under a new limit: the deadline of a clock that runs, from where its last
    stretch began, and whether one that ran out before is still too late."""
    unit = Unit(clock.limit_unit)
    left = calendar.limit_minutes(clock.limit_n, unit) - clock.consumed_minutes
    clock.is_overdue = clock.is_overdue and left <= 0
    if clock.running_since is None:
        clock.overtime_minutes = _overtime(clock) if clock.stopped_at else Decimal(0)
        return
    working = ticking.calendar_from(clock.running_since)
    clock.due_at = working.add_minutes(clock.running_since, max(left, Decimal(0)), unit)


def watch_again(case: Case, stage: Stage, at: datetime) -> Ticking:
    """The timers of an open clock once more, when what its end waited for is done."""
    ticking = Ticking(at)
    clock = open_clock(case, stage)
    if clock is not None:
        ticking.follow += timers(clock, ticking.calendar)
    return ticking


def nearest_due(case: Case) -> datetime | None:
    return (
        CaseClock.objects.filter(
            case=case, stopped_at=None, running_since__isnull=False
        )
        .exclude(stage__in=BESIDE)
        .order_by("due_at")
        .values_list("due_at", flat=True)
        .first()
    )


def consumed(clock: CaseClock, at: datetime) -> Decimal:
    """Minutes used until `at`, in the unit's own measure."""
    if clock.running_since is None:
        return clock.consumed_minutes
    used = calendar.measure(clock.running_since, at, Unit(clock.limit_unit))
    return (clock.consumed_minutes + used).quantize(Decimal("0.001"))


def _start(
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
        due_at=until or calendar.due_at(at, limit.n, limit.unit, ticking.calendar),
    )
    fact = _fact("start", clock)
    ticking.facts.append({**fact, "until": until} if until else fact)
    ticking.follow += timers(clock, ticking.calendar)
    return clock


def _resume(clock: CaseClock, at: datetime, ticking: Ticking) -> None:
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
    ticking.facts.append(_fact("resume", clock))
    ticking.follow += timers(clock, ticking.calendar)


def _pause(clock: CaseClock, at: datetime) -> None:
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


def _stop(clock: CaseClock, at: datetime, *, superseded: bool = False) -> None:
    _stand(clock, at)
    clock.overtime_minutes = _overtime(clock)
    clock.stopped_at = clock.stopped_at or at
    clock.superseded = superseded
    clock.save(
        update_fields=[
            "consumed_minutes", "running_since", "stopped_at", "is_overdue",
            "overtime_minutes", "superseded",
        ]
    )  # fmt: skip


def _overtime(clock: CaseClock) -> Decimal:
    """Minutes beyond the limit in the unit's own measure; nothing when in time."""
    limit = calendar.limit_minutes(clock.limit_n, Unit(clock.limit_unit))
    return (
        max(clock.consumed_minutes - limit, Decimal(0))
        if clock.is_overdue
        else Decimal(0)
    )


def _fact(name: str, clock: CaseClock) -> dict[str, Any]:
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
