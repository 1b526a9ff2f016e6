"""Time left on a clock, in words and as a lamp; a colour alone tells too little.

Lamp colours are those of DOMAIN C.5: green, from 50 % blue, from 80 % yellow, from
100 % red; grey for waiting windows and for what cannot be reckoned until the holidays
of the year are imported, paused for clocks that stand still.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from cases.actions.alarms import stage_due
from cases.limits import Limit, spell
from cases.limits import Stage as LimitStage
from cases.models import Case, CaseClock, StageProgress
from cases.workflow import BESIDE, WINDOWS, Stage, State
from governance import calendar
from governance.calendar import MissingCalendar, Unit, WorkCalendar
from governance.prepared import Prepared, any_of


@dataclass(frozen=True)
class Lamp:
    """`text` is relative (剩 3 工作时), `due_at` absolute; `stage` says of what."""

    colour: str
    text: str
    stage: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True)
class ClockRow:
    """A clock of the case page: what was allowed, what was used, how it stands."""

    stage: str
    unit: str
    limit: str
    used: str
    status: str
    lamp: Lamp | None
    due_at: datetime | None
    stopped_at: datetime | None
    is_overdue: bool
    exempt: bool


def calendar_for(
    clocks: Iterable[CaseClock], *moments: datetime
) -> WorkCalendar | None:
    """The working calendar that all these clocks and moments need, read once."""
    starts = [one.running_since for one in clocks if one.running_since is not None]
    starts += moments
    return calendar.load(min(starts)) if starts else None


def lamp_of(clock: CaseClock, at: datetime, known: WorkCalendar | None) -> Lamp:
    limit = Decimal(calendar.limit_minutes(clock.limit_n, Unit(clock.limit_unit)))
    stage = str(Stage(clock.stage).label)
    if clock.running_since is None:
        left = spell(max(limit - clock.consumed_minutes, Decimal(0)), clock.limit_unit)
        return Lamp("paused", _("已暂停，剩 %(left)s") % {"left": left}, stage)
    if clock.due_at is None:
        return Lamp("grey", _("无法计算到期时间"), stage)
    used, limit, unit = _used(clock, at, known, limit)
    if used >= limit and used - limit < 1:
        text = _("刚刚超时")
    elif used >= limit:
        text = _("超时 %(over)s") % {"over": spell(used - limit, unit)}
    else:
        text = _("剩 %(left)s") % {"left": spell(limit - used, unit)}
    colour = "grey" if clock.stage in WINDOWS else _colour(used, limit)
    return Lamp(colour, text, stage, clock.due_at)


def _used(
    clock: CaseClock, at: datetime, known: WorkCalendar | None, limit: Decimal
) -> tuple[Decimal, Decimal, str]:
    """Used minutes, limit and unit; by the wall clock where the calendar ends."""
    start = clock.running_since
    assert start is not None  # noqa: S101 - asked only of clocks that run
    try:
        ran = calendar.measure(start, at, clock.limit_unit, known)
    except MissingCalendar:
        due = clock.due_at or at
        whole = Decimal((due - start).total_seconds() / 60)
        ran = Decimal(max((at - start).total_seconds(), 0) / 60)
        return ran, max(whole, Decimal(1)), Unit.NATURAL_DAY
    return clock.consumed_minutes + ran, limit, clock.limit_unit


def _colour(used: Decimal, limit: Decimal) -> str:
    share = used * 100 / limit if limit else Decimal(100)
    for percent, colour in ((100, "red"), (80, "yellow"), (50, "blue")):
        if share >= percent:
            return colour
    return "green"


class Clocks:
    """The clocks of a list of cases that run or are paused, what is due first in front,
    and their lamps, each reckoned once; two queries for all.

    `moments` are others than the starts of clocks that the calendar has to know.
    """

    def __init__(self, cases: Iterable[Case], at: datetime, *moments: datetime):
        self.at = at
        self.states = {case.pk: case.state for case in cases if case.is_open}
        self.of_case: dict[int, list[CaseClock]] = {}
        going = _GOING.objects(cases=list(self.states))
        for clock in going:
            self.of_case.setdefault(clock.case_id, []).append(clock)
        self.known = calendar_for(going, *moments)
        self._lamps: dict[int, Lamp] = {}

    def lamp(self, clock: CaseClock) -> Lamp:
        if clock.pk not in self._lamps:
            self._lamps[clock.pk] = lamp_of(clock, self.at, self.known)
        return self._lamps[clock.pk]

    def leading(self) -> dict[int, Lamp]:
        """The lamp of the deadline that counts for each case that has any."""
        found = {}
        for pk, clocks in self.of_case.items():
            running = [
                one
                for one in clocks
                if one.running_since is not None and one.stage not in BESIDE
            ]
            if running:
                found[pk] = self.lamp(leading(running, self.states[pk]))
        return found


def lamps_of(cases: Iterable[Case], at: datetime) -> dict[int, Lamp]:
    """The lamp of the deadline that counts for each open case."""
    return Clocks(cases, at).leading()


_GOING = Prepared(
    lambda: CaseClock.objects.filter(any_of("case", "cases"), stopped_at=None).order_by(
        "due_at", "id"
    ),
    "id", "case_id", "stage", "assignment_id", "limit_n", "limit_unit", "started_at",
    "running_since", "consumed_minutes", "due_at", "superseded",
)  # fmt: skip


def exempt_of(cases: Iterable[Case]) -> set[int]:
    """Of those that are over, whose delay does not count (申诉通过); one query."""
    over = [case.pk for case in cases if not case.is_open]
    if not over:
        return set()
    exempt = CaseClock.objects.filter(case__in=over, exempt=True)
    return set(exempt.values_list("case", flat=True))


def leading(running: Iterable[CaseClock], state: str) -> CaseClock:
    """Of clocks that run, the one due first; once the lead has reported for duty a
    support's 报到 is its own affair and no longer that of the case."""
    return min(
        running,
        key=lambda one: (
            one.assignment_id is not None and state != State.WHISTLED,
            one.due_at is None,
            one.due_at or one.started_at,
            one.pk,
        ),
    )


def clock_rows(clocks: Iterable[CaseClock], at: datetime) -> list[ClockRow]:
    """All clocks, the running ones first; read `with organisation`."""
    found = list(clocks)
    known = calendar_for(found)
    found.sort(key=lambda one: (one.stopped_at is not None, one.started_at, one.pk))
    return [_row(clock, at, known) for clock in found]


def _row(clock: CaseClock, at: datetime, known: WorkCalendar | None) -> ClockRow:
    limit = calendar.limit_minutes(clock.limit_n, Unit(clock.limit_unit))
    if clock.stopped_at is not None:
        status, lamp, used, unit = _("已停止"), None, clock.consumed_minutes, ""
    elif clock.running_since is None:
        status, used, unit = _("已暂停"), clock.consumed_minutes, ""
        lamp = lamp_of(clock, at, known)
    else:
        status, lamp = _("计时中"), lamp_of(clock, at, known)
        used, _limit, unit = _used(clock, at, known, Decimal(limit))
    return ClockRow(
        stage=str(Stage(clock.stage).label),
        unit=clock.organisation.name
        if clock.assignment_id and clock.organisation
        else "",
        limit=Limit(clock.limit_n, Unit(clock.limit_unit)).spoken,
        used=spell(used, unit or clock.limit_unit),
        status=status,
        lamp=lamp,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        is_overdue=clock.is_overdue,
        exempt=clock.exempt,
    )


@dataclass(frozen=True)
class StageRow:
    """A stage of a staged limit; `due_at` only while the clock runs."""

    name: str
    limit: str
    due_at: datetime | None
    done_at: datetime | None
    note: str
    is_late: bool


def staged(case: Case, handle: CaseClock | None, at: datetime) -> list[StageRow]:
    """The stages of a staged limit, each with its own end and whether it is done."""
    stages = case.condition.limits if case.condition is not None else []
    if len(stages) < 2:
        return []
    done = {one.name: one for one in handle.progress.all()} if handle else {}
    if handle is not None:
        handle.case = case
    return [
        _stage(one, handle, done.get(one.name), at, last=one == stages[-1])
        for one in stages
    ]


def _stage(
    one: LimitStage,
    handle: CaseClock | None,
    progress: StageProgress | None,
    at: datetime,
    *,
    last: bool,
) -> StageRow:
    due = None
    if handle is not None:
        due = handle.due_at if last else stage_due(handle, one.limit)
    done_at = progress.done_at if progress else None
    return StageRow(
        name=one.name,
        limit=str(one.limit),
        due_at=due,
        done_at=done_at,
        note=progress.note if progress else "",
        is_late=done_at is None and due is not None and at > due,
    )
