"""Start, pause, resume and stop the clocks of a case (DOMAIN C.4).

Called by `cases.actions.step` inside an action's transaction with the case locked.
Every operation is returned as a fact for the journal, so that the deadlines can be
computed again from the Events and the working calendar alone.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from datetime import datetime
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery

from cases.actions import checkins
from cases.actions.alarms import stretches, timers
from cases.actions.ticking import (
    Ticking,
    begin,
    consumed,
    end,
    fact_of,
    go_on,
    halt,
    reckon,
)
from cases.limits import Limit
from cases.models import (
    Case,
    CaseClock,
    ClockAlert,
    Extension,
    FilingCondition,
    StageLimit,
)
from cases.workflow import BESIDE, DEFAULT_LIMITS, RequestStatus, Stage
from governance.calendar import Unit

__all__ = [
    "Ticking", "apply", "consumed", "extend", "extended_due", "last_handling",
    "limit_of", "note_used", "open_clock", "relimit", "set_nearest",
    "start_first_reply", "start_until", "stop_first_reply", "stretches", "watch_again",
]  # fmt: skip


def limit_of(stage: Stage, case: Case) -> Limit:
    """The limit in force: of the condition, of the tenant, or the default."""
    condition: FilingCondition | None = case.condition
    if stage == Stage.HANDLE and condition is not None and condition.limits:
        return condition.limits[-1].limit
    urgent = case.urgent and (stage, True) in DEFAULT_LIMITS
    row = StageLimit.objects.filter(stage=stage, urgent=urgent, kind="").first()
    return row.limit if row is not None else DEFAULT_LIMITS[stage, urgent]


def apply(
    *,
    case: Case,
    operations: Iterable[tuple[str, Stage]],
    at: datetime,
    limits: Mapping[Stage, Limit] | None = None,
    patient: bool = False,
) -> Ticking:
    """Do the operations of a transition in order.

    CHECKIN begins and ends with the lines of a whistle, here all of them only stand
    still or go on (DOMAIN C.2); SUSPEND_UNTIL starts by `start_until`. Clocks that an
    earlier round of a reopened case stopped are left as they are. `limits` are those
    that somebody set with the step, before the ones in force.
    """
    ticking = Ticking(at, patient=patient)
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
    for clock in running.values():
        clock.case = case  # as it is after this step, not as it is stored
    for name, stage in operations:
        if stage == Stage.CHECKIN:
            checkins.of_all_lines(case, name, ticking)
        elif (name, stage) != ("start", Stage.SUSPEND_UNTIL):
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
    if name == "pass_on":
        name = "start" if given or _of_another(clock, case) else "resume"
        if name == "resume" and clock is not None:
            _follow_condition(case, clock, at, ticking)
    if name == "start" or (name == "resume" and clock is None):
        if clock is not None:
            end(clock, at, superseded=True)
        limit = given or limit_of(stage, case)
        clocks[stage] = begin(case, stage, limit, at, ticking)
    elif clock is None:
        return
    elif name == "resume" or (name == "release" and clock.stopped_at is None):
        go_on(clock, at, ticking)
    elif name == "pause" and clock.running_since is not None:
        halt(clock, at)
        ticking.facts.append(fact_of("pause", clock))
    elif name == "stop" and clock.stopped_at is None:
        end(clock, at)
        ticking.facts.append(fact_of("stop", clock))


def _of_another(clock: CaseClock | None, case: Case) -> bool:
    """Whether the clock in hand was another unit's than who holds the case now."""
    return clock is None or clock.organisation_id != case.holder_org_id


def _follow_condition(
    case: Case, clock: CaseClock, at: datetime, ticking: Ticking
) -> None:
    """A step that passes the case on with another filing condition gives it that
    condition's limit, from the original start (DOMAIN C.3, extra rules)."""
    stored = Case.objects.filter(pk=case.pk).values_list("condition", flat=True)
    if stored.get() == case.condition_id:
        return
    limit = limit_of(Stage(clock.stage), case)
    if (limit.n, limit.unit) != (clock.base_n, clock.limit_unit):
        relimit(clock=clock, limit=limit, at=at, ticking=ticking)


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
    ticking = Ticking(at, patient=True)
    if case.is_from_resident:
        limit = limit_of(Stage.FIRST_REPLY, case)
        begin(case, Stage.FIRST_REPLY, limit, at, ticking)
    return ticking


def stop_first_reply(case: Case, at: datetime) -> Ticking:
    """Somebody spoke with the resident; only the first time does something."""
    ticking = Ticking(at)
    clock = open_clock(case, Stage.FIRST_REPLY)
    if clock is not None:
        end(clock, at)
        ticking.facts.append(fact_of("stop", clock))
    return ticking


def start_until(
    *, case: Case, stage: Stage, until: datetime, at: datetime, ticking: Ticking
) -> CaseClock:
    """A clock that ends at a given instant (挂账期): the limit only says how long."""
    hours = Decimal((until - at).total_seconds()) / 3600
    limit = Limit(hours.quantize(Decimal("0.01")), Unit.URGENT_HOUR)
    return begin(case, stage, limit, at, ticking, until=until)


def extend(*, clock: CaseClock, n: Decimal, at: datetime, ticking: Ticking) -> None:
    """延期: add `n` of the clock's own unit to its limit, and so to its deadline."""
    clock.limit_n += n
    reckon(clock, ticking)
    clock.save(update_fields=["limit_n", "due_at", "is_overdue", "overtime_minutes"])
    ticking.facts.append(fact_of("extend", clock))
    ticking.follow += timers(clock, ticking.calendar)


def extended_due(clock: CaseClock, n: Decimal, ticking: Ticking) -> datetime | None:
    """What the deadline would be with `n` more of the clock's own unit."""
    longer = copy(clock)
    longer.limit_n += n
    reckon(longer, ticking)
    return longer.due_at


def relimit(*, clock: CaseClock, limit: Limit, at: datetime, ticking: Ticking) -> None:
    """Another limit from the original start: what was used is measured again in the
    new limit's own unit (DOMAIN C.3, extra rules: changing the filing condition).

    What was extended stays so: one new original limit for each approved 延期.
    """
    used = sum(
        (
            ticking.calendar_from(since).measure(since, until, limit.unit)
            for since, until in stretches(clock)
            if until is not None
        ),
        Decimal(0),
    )
    clock.consumed_minutes = used.quantize(Decimal("0.001"))
    extended = Extension.objects.filter(
        clock=clock, status=RequestStatus.APPROVED
    ).count()
    clock.base_n, clock.limit_n = limit.n, limit.n * (1 + extended)
    clock.limit_unit = limit.unit
    reckon(clock, ticking)
    clock.save(
        update_fields=[
            "consumed_minutes", "limit_n", "base_n", "limit_unit", "due_at",
            "is_overdue", "overtime_minutes",
        ]
    )  # fmt: skip
    ticking.facts.append(fact_of("relimit", clock))
    ticking.follow += timers(clock, ticking.calendar)


def watch_again(case: Case, stage: Stage, at: datetime) -> Ticking:
    """The timers of an open clock once more, when what its end waited for is done."""
    ticking = Ticking(at)
    clock = open_clock(case, stage)
    if clock is not None:
        ticking.follow += timers(clock, ticking.calendar)
    return ticking


def set_nearest(case: Case) -> None:
    """The deadline that counts for the case, and how much of its limit is used."""
    marks = ClockAlert.objects.filter(
        clock=OuterRef("pk"), limit_n=OuterRef("limit_n")
    ).order_by("-percent")
    nearest = (
        CaseClock.objects.filter(
            case=case, stopped_at=None, running_since__isnull=False
        )
        .exclude(stage__in=BESIDE)
        .order_by("due_at", "pk")
        .values_list("due_at", Subquery(marks.values("percent")[:1]))
        .first()
    )
    case.due_at, used = nearest or (None, None)
    case.used_percent = used or 0


def note_used(clock: CaseClock, percent: int) -> None:
    """What a clock used of its limit, where its deadline is that of the case."""
    if clock.stage in BESIDE:
        return
    Case.objects.filter(pk=clock.case_id, due_at=clock.due_at).update(
        used_percent=percent
    )
