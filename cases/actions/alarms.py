"""When a clock wakes somebody: the Jobs written whenever it begins to run.

A clock that is paused and resumed gets new ones; the old ones find their moment not yet
come, and do nothing.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from cases.limits import Limit
from cases.limits import Stage as LimitStage
from cases.models import Case, CaseClock, Whistle
from cases.workflow import WINDOWS, Stage, WhistleKind
from governance import calendar
from governance.calendar import MissingCalendar, Unit, WorkCalendar
from governance.events import Follow
from governance.models import Event

ALERT_PERCENTS = (50, 80, 100)
RED_SHARE = Decimal("1.5")
RED_WORK_DAYS = 2
RED_EMERGENCY_MINUTES = 30
ZERO = Decimal(0)


def is_emergency(case: Case) -> bool:
    """Urgent, or called by an 应急哨: handled first, whatever else (DOMAIN C.3); alarms
    are told at any hour, and go up sooner. The whistle that counts is the newest."""
    newest = case.whistles.filter(status=Whistle.Status.BLOWN).order_by("-blown_at")
    kind = newest.values_list("kind", flat=True).first()
    return case.urgent or kind == WhistleKind.EMERGENCY


def timers(clock: CaseClock, working: WorkCalendar) -> list[Follow]:
    """Jobs at the shares of the limit, at 三级预警, and at the ends of its stages; none
    while the clock stands still. Without a deadline there is one: to reckon it."""
    if clock.running_since is None:
        return []
    if clock.due_at is None:
        args = {"clock_id": clock.pk}
        return [Follow(task="cases.tasks.reckon_clock", args=args)]
    percents = (100,) if clock.stage in WINDOWS else ALERT_PERCENTS
    jobs = [_at_share(clock, percent, working) for percent in percents]
    if clock.stage not in WINDOWS:
        jobs.append(at_red(clock, working))
    if clock.stage == Stage.HANDLE:
        jobs += _at_stages(clock, working)
    return jobs


def _at_share(clock: CaseClock, percent: int, working: WorkCalendar) -> Follow:
    unit = Unit(clock.limit_unit)
    limit = calendar.limit_minutes(clock.limit_n, unit)
    start = clock.running_since
    left = Decimal(limit) * percent / 100 - clock.consumed_minutes
    run_at = clock.due_at if percent == 100 else None
    if run_at is None and left > 0 and start is not None:
        run_at = calendar.add_minutes(start, left, unit, working)
    return Follow(
        task="cases.tasks.watch_clock",
        args={"clock_id": clock.pk, "percent": percent},
        run_at=run_at or start,
    )


def red_at(clock: CaseClock, working: WorkCalendar) -> datetime:
    """When a clock that runs reaches 三级预警 (DOMAIN C.6): half its limit or two
    working days overdue, whichever comes first; in an emergency 30 minutes."""
    start, due, unit = clock.running_since, clock.due_at, Unit(clock.limit_unit)
    assert start is not None and due is not None  # noqa: S101 - it runs
    limit = Decimal(calendar.limit_minutes(clock.limit_n, unit))
    over = max(clock.consumed_minutes - limit, ZERO)
    continuous = unit in calendar.CONTINUOUS
    if is_emergency(clock.case):
        left = RED_EMERGENCY_MINUTES - (over if continuous else ZERO)
        return due + timedelta(minutes=float(max(left, ZERO)))
    left = max(limit * RED_SHARE - clock.consumed_minutes, ZERO)
    half = working.add_minutes(start, left, unit)
    days = RED_WORK_DAYS * calendar.WORK_DAY_MINUTES - (ZERO if continuous else over)
    return min(half, working.add_minutes(due, max(days, ZERO), Unit.WORK_DAY))


def at_red(clock: CaseClock, working: WorkCalendar) -> Follow:
    """The Job of 三级预警. Where the calendar ends before it, the Job comes at the
    deadline and waits, with its error shown, until the year is imported."""
    try:
        run_at = red_at(clock, working)
    except MissingCalendar:
        assert clock.due_at is not None  # noqa: S101 - it runs
        run_at = clock.due_at
    return Follow(
        task="cases.tasks.watch_overdue",
        args={"clock_id": clock.pk},
        run_at=run_at,
        key=f"red:{clock.pk}:{run_at.isoformat()}",
    )


def early_stages(clock: CaseClock) -> list[LimitStage]:
    """The stages of a staged limit before the last, which is the clock's own end."""
    condition = clock.case.condition
    if clock.stage != Stage.HANDLE or condition is None:
        return []
    return condition.limits[:-1]


def stage_due(
    clock: CaseClock, limit: Limit, working: WorkCalendar | None = None
) -> datetime | None:
    """When a stage's own limit runs out; None while the clock stands still.

    All stages run from the same start and stand still with the clock, but each is
    measured in its own unit.
    """
    since = clock.running_since
    if since is None:
        return None
    closed = [(begin, end) for begin, end in stretches(clock) if end is not None]
    first = min((begin for begin, _end in closed), default=since)
    known = working if working and not closed else calendar.load(first)
    used = sum((known.measure(*one, limit.unit) for one in closed), ZERO)
    left = calendar.limit_minutes(limit.n, limit.unit) - used
    return known.add_minutes(since, max(left, ZERO), limit.unit)


def _at_stages(clock: CaseClock, working: WorkCalendar) -> list[Follow]:
    return [
        Follow(
            task="cases.tasks.watch_stage",
            args={"clock_id": clock.pk, "name": stage.name},
            run_at=stage_due(clock, stage.limit, working),
        )
        for stage in early_stages(clock)
    ]


def stretches(clock: CaseClock) -> list[tuple[datetime, datetime | None]]:
    """When the clock ran, from the journal; the last one is open while it runs."""
    found: list[tuple[datetime, datetime | None]] = []
    events = Event.objects.filter(chain=clock.case.chain).order_by("seq")
    for at, detail in events.values_list("at", "detail"):
        for fact in detail.get("clocks", ()):
            if fact["clock"] != clock.pk:
                continue
            if fact["do"] in ("start", "resume"):
                found.append((at, None))
            elif fact["do"] in ("pause", "stop") and found and found[-1][1] is None:
                found[-1] = (found[-1][0], at)
    return found
