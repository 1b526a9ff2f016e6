"""A deadline is a function of the journal and the calendar, whatever happened."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.actions import clocks
from cases.actions.step import locked, note
from cases.limits import Limit
from cases.models import Case, CaseClock
from cases.querysets.journal import with_journal
from cases.replay import Ran, differences, nearest_due, replay
from cases.workflow import BESIDE, Stage
from governance import calendar
from governance.actions import PACKAGED
from governance.calendar import MissingCalendar, Scheme, Unit, WorkCalendar
from governance.models import CalendarYear, Holiday
from parties.acting import Actor
from tests.cases.conftest import World, at
from tests.cases.road import Road, again

VECTORS = Path(__file__).resolve().parents[3] / "shared/domain/deadline_vectors.csv"


def year_2026() -> WorkCalendar:
    packaged = json.loads(PACKAGED.read_text(encoding="utf-8"))
    official = {date.fromisoformat(day["date"]): False for day in packaged["rest"]}
    for day in packaged["makeup_workdays"]:
        official[date.fromisoformat(day["date"])] = True
    office = Scheme(None, None, frozenset(range(1, 6)), ((480, 720), (840, 1080)))
    return WorkCalendar(frozenset({2025, 2026}), official, {}, (office,))


KNOWN = year_2026()
Done = tuple[str, datetime, dict[str, Any]]


def journal(*done: Done) -> list[tuple[datetime, dict[str, Any]]]:
    """Events with the facts of one clock; a limit once said holds until the next."""
    found, said = [], {"limit": "8", "unit": "WORK_HOUR"}
    for do, when, more in done:
        said |= more
        fact = {
            "do": do, "clock": 1, "stage": "HANDLE", "assignment": None,
            "consumed_minutes": "-1", "due_at": "1970-01-01 00:00:00+00:00", **said,
        }  # fmt: skip
        found.append((when, {"clocks": [fact]}))
    return found


def ran(*done: Done) -> Ran:
    return replay(journal(*done), KNOWN)[1]


def limit(n: Any, unit: str) -> dict[str, str]:
    return {"limit": str(n), "unit": unit}


def vector(start: str, n: Any, unit: str) -> datetime | None:
    return ran(("start", at(start), limit(n, unit))).due_at


@pytest.mark.parametrize(
    ("start", "n", "unit", "deadline"),
    [
        ("2026-11-20 17:00", 2, "WORK_HOUR", "2026-11-23 09:00"),
        ("2026-11-22 22:30", 2, "URGENT_HOUR", "2026-11-23 00:30"),
        ("2026-09-30 16:00", 4, "WORK_HOUR", "2026-10-08 10:00"),
        ("2026-10-10 09:00", 2, "WORK_HOUR", "2026-10-10 11:00"),
        ("2026-02-13 17:00", 1, "WORK_DAY", "2026-02-14 17:00"),
        ("2026-02-14 17:00", 1, "WORK_DAY", "2026-02-24 17:00"),
        ("2026-11-20 13:00", 1, "WORK_HOUR", "2026-11-20 15:00"),
        ("2026-11-21 10:00", 4, "WORK_HOUR", "2026-11-23 12:00"),
        ("2026-11-23 18:00", 1, "WORK_HOUR", "2026-11-24 09:00"),
        ("2026-11-23 08:00", 5, "WORK_DAY", "2026-11-27 18:00"),
        ("2026-04-30 15:00", 2, "WORK_DAY", "2026-05-07 15:00"),
        ("2026-11-20 10:00", 1, "NATURAL_DAY", "2026-11-21 10:00"),
    ],
)
def test_the_deadlines_of_the_trade(
    start: str, n: int, unit: str, deadline: str
) -> None:
    assert vector(start, n, unit) == at(deadline)


def test_a_year_that_was_not_imported_is_never_guessed() -> None:
    with pytest.raises(MissingCalendar, match="2027"):
        vector("2026-12-31 17:00", 2, "WORK_HOUR")


@pytest.mark.real_data
def test_the_deadlines_of_the_trade_s_own_file() -> None:
    if not VECTORS.exists():
        pytest.skip("没有 ../shared/domain，跳过与时限算例的对照")
    with VECTORS.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 13
    for row in rows:
        given_ = (row["start"], row["n"], row["unit"])
        if row["deadline"].startswith("ERROR"):
            with pytest.raises(MissingCalendar, match=row["deadline"][-4:]):
                vector(*given_)
        else:
            assert vector(*given_) == at(row["deadline"]), row


def test_a_pause_leaves_what_was_not_used() -> None:
    clock = ran(
        ("start", at("2026-11-23 09:00"), {}),
        ("pause", at("2026-11-23 11:00"), {}),
        ("resume", at("2026-11-25 15:00"), {}),
    )
    assert clock.consumed_minutes == 120
    assert clock.due_at == at("2026-11-26 11:00")


def test_an_extension_adds_one_original_limit() -> None:
    start: Done = ("start", at("2026-11-23 09:00"), limit(8, "WORK_HOUR"))
    assert ran(start).due_at == at("2026-11-24 09:00")
    extend: Done = ("extend", at("2026-11-23 16:00"), limit(16, "WORK_HOUR"))
    assert ran(start, extend).due_at == at("2026-11-25 09:00")


def test_a_return_after_the_deadline_is_overdue_at_once() -> None:
    clock = ran(
        ("start", at("2026-11-23 08:00"), limit(2, "WORK_HOUR")),
        ("stop", at("2026-11-23 11:00"), {}),
        ("resume", at("2026-11-24 09:00"), {}),
    )
    assert clock.due_at == at("2026-11-24 09:00")
    assert clock.is_overdue


# --- properties --------------------------------------------------------------------
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
RUNNING = ("pause", "stop", "extend", "relimit")
STANDING = ("resume", "resume", "extend", "relimit")
units = st.sampled_from([unit.value for unit in Unit])
amounts = st.decimals("0.5", 20, places=1)


@st.composite
def histories(draw: Any, smallest: timedelta = timedelta(minutes=1)) -> list[Done]:
    """A clock that is started and then stood still, moved and stretched at random."""
    last = timedelta(days=240) // smallest
    steps = draw(st.lists(st.integers(0, last), min_size=1, max_size=8, unique=True))
    n, unit, runs = draw(amounts), draw(units), True
    done: list[Done] = []
    for step in sorted(steps):
        do = draw(st.sampled_from(RUNNING if runs else STANDING)) if done else "start"
        more: dict[str, str] = {}
        if do == "extend":
            n += draw(amounts)
        elif do == "relimit":
            n, unit = draw(amounts), draw(units)
        if do in ("start", "extend", "relimit"):
            more = limit(n, unit)
        runs = do in ("start", "resume") or (runs and do in ("extend", "relimit"))
        done.append((do, FIRST + step * smallest, more))
    return done


def going(history: list[Done]) -> list[Done]:
    """The history, and the clock runs at its end."""
    if ran(*history).running_since is not None:
        return history
    return [*history, ("resume", history[-1][1] + timedelta(minutes=1), {})]


def due(history: list[Done]) -> datetime:
    found = ran(*history).due_at
    assert found is not None
    return found


@given(histories(), st.integers(1, 200_000))
def test_a_later_start_is_never_due_earlier(history: list[Done], later: int) -> None:
    history = going(history)
    do, when, more = history[0]
    moved = when + timedelta(minutes=later)
    if len(history) > 1:
        moved = min(moved, history[1][1])
    assert due(history) <= due([(do, moved, more), *history[1:]])


@given(histories(), amounts)
def test_a_larger_limit_is_never_due_earlier(history: list[Done], by: Decimal) -> None:
    history = going(history)
    larger = [
        (do, when, {**more, "limit": str(Decimal(more["limit"]) + by)} if more else {})
        for do, when, more in history
    ]
    assert due(history) <= due(larger)
    assert ran(*history).consumed_minutes == ran(*larger).consumed_minutes


@given(
    histories(),
    st.sampled_from(["WORK_HOUR", "WORK_DAY"]),
    st.integers(0, 4),
    st.integers(0, 840),
)
def test_a_pause_outside_working_time_adds_nothing(
    history: list[Done], unit: str, days: int, minutes: int
) -> None:
    history = going(history)
    last = history[-1][1]
    evening = last.replace(hour=10, minute=0) + timedelta(days=days + 1)
    until_then = ran(
        *history, ("relimit", last, limit(1, unit)), ("pause", evening, {})
    )
    more = until_then.consumed_minutes // calendar.MINUTES[Unit(unit)] + 10
    history.append(("relimit", last, limit(more, unit)))
    morning = evening + timedelta(minutes=minutes)  # from 18:00 on, until 08:00
    paused = [*history, ("pause", evening, {}), ("resume", morning, {})]
    assert due(paused) == due(history)


@given(histories(), st.sampled_from([-1, 0, 1, 6000]))
def test_overtime_and_the_deadline_tell_the_same(
    history: list[Done], minutes: int
) -> None:
    history = going(history)
    since = ran(*history).running_since
    assert since is not None
    when = max(due(history) + timedelta(minutes=minutes), since)
    stopped = ran(*history, ("stop", when, {}))
    over = stopped.consumed_minutes - stopped.limit_minutes
    assert stopped.is_overdue == (when > due(history))
    assert stopped.overtime_minutes == (
        max(over, Decimal(0)) if stopped.is_overdue else 0
    )
    if over > 0 and when == since:  # was used up before it went on
        assert due(history) == since
    elif over > 0:
        assert stopped.is_overdue


@given(histories())
def test_what_was_written_beside_the_facts_is_not_believed(
    history: list[Done],
) -> None:
    honest = journal(*history)
    lies = [
        (when, {"clocks": [{**fact, "consumed_minutes": "7", "due_at": str(FIRST)}
                           for fact in detail["clocks"]]})
        for when, detail in honest
    ]  # fmt: skip
    assert replay(honest, KNOWN) == replay(lies, KNOWN)


# --- against what is stored --------------------------------------------------------
@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    """Cases in the year 2026 as it was, with the holidays of the notice."""
    CalendarYear.objects.get_or_create(
        year=2025, defaults={"source": "测试", "imported_at": FIRST}
    )
    Holiday.objects.bulk_create(
        Holiday(date=day, kind="work" if works else "rest", name="测试")
        for day, works in KNOWN.official.items()
    )
    return Road(world, file_case, photos, at("2026-01-05 09:00"))


def perform(case: Case, do: str, ticking: clocks.Ticking, more: dict[str, str]) -> None:
    clock = CaseClock.objects.get(case=case, stage=Stage.HANDLE, superseded=False)
    if do in ("pause", "resume", "stop"):
        done = clocks.apply(case=case, operations=[(do, Stage.HANDLE)], at=ticking.at)
        ticking.facts += done.facts
    elif do == "extend":
        by = Decimal(more["limit"]) - clock.limit_n
        clocks.extend(clock=clock, n=by, at=ticking.at, ticking=ticking)
    else:
        new = Limit(Decimal(more["limit"]), Unit(more["unit"]))
        clocks.relimit(clock=clock, limit=new, at=ticking.at, ticking=ticking)


def live(case: Case, history: list[Done]) -> None:
    """Start HANDLE anew with the first limit, then do the rest, each journalled."""
    start = ("start", history[0][1], {})
    first: list[Done] = [start, ("relimit", history[0][1], history[0][2])]
    for do, when, more in [*first, *history[1:]]:
        ticking = clocks.Ticking(when)
        found = locked(case.pk)
        if do == "start":
            operations = [(do, Stage.HANDLE)]
            ticking = clocks.apply(case=found, operations=operations, at=when)
        else:
            perform(found, do, ticking, more)
        note(found, "route", actor=Actor.system(), at=when, detail={}, ticking=ticking)


def faults(case: Case) -> list[Any]:
    [(found, facts)] = with_journal(Case.objects.filter(pk=case.pk))
    replayed = replay(facts, calendar.load(FIRST))
    assert nearest_due(replayed.values(), BESIDE) == found.due_at
    return list(differences(found.clock_rows, replayed))


@pytest.mark.django_db
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=histories(smallest=timedelta(microseconds=1_234_567)))
def test_what_is_stored_is_what_the_journal_says(
    history: list[Done], road: Road
) -> None:
    with undone():
        case = road.pending()
        moved = [(do, when + timedelta(days=5), more) for do, when, more in history]
        live(case, moved)
        assert not faults(case)


@contextmanager
def undone() -> Iterator[None]:
    """Each example begins with the same empty city."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("stage", ["reported", "joint", "checking", "closed"])
def test_every_stage_of_the_way_is_computed_again_alike(road: Road, stage: str) -> None:
    case = getattr(road, stage)()
    call_command("recompute_deadlines", "--all")
    assert not faults(case)


@pytest.mark.django_db
def test_the_command_names_what_differs_and_changes_nothing(
    road: Road, capsys: Any
) -> None:
    case = road.joint()
    wrong = at("2026-03-02 09:00")
    clock = CaseClock.objects.filter(case=case, stage=Stage.HANDLE)
    right = clock.get().due_at
    call_command("recompute_deadlines")
    assert "重算 1 件，0 处不一致" in capsys.readouterr().out
    clock.update(due_at=wrong)
    with pytest.raises(CommandError, match="发现 1 处不一致"):
        call_command("recompute_deadlines")
    said = capsys.readouterr().out
    assert case.display_no in said
    assert "处置" in said and wrong.isoformat(" ") in said
    assert right is not None and right.astimezone(wrong.tzinfo).isoformat(" ") in said
    assert clock.get().due_at == wrong


@pytest.mark.django_db
def test_closed_cases_are_computed_again_only_when_asked(
    road: Road, capsys: Any
) -> None:
    case = road.closed()
    Case.objects.filter(pk=case.pk).update(due_at=at("2026-03-02 09:00"))
    call_command("recompute_deadlines")
    assert "重算 0 件" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("recompute_deadlines", "--all")
    with pytest.raises(CommandError):
        call_command("recompute_deadlines", "--case", again(case).display_no)


@pytest.mark.django_db
def test_a_missing_year_is_reported_with_its_case(road: Road, capsys: Any) -> None:
    case = road.reported()
    CalendarYear.objects.filter(year=2026).delete()
    with pytest.raises(CommandError):
        call_command("recompute_deadlines")
    said = capsys.readouterr().out
    assert f"{case.display_no} 未导入2026年放假安排" in said


@pytest.mark.django_db
def test_a_lost_clock_is_noticed(road: Road, capsys: Any) -> None:
    case = road.reported()
    CaseClock.objects.filter(case=case).delete()
    Case.objects.filter(pk=case.pk).update(due_at=None)
    with pytest.raises(CommandError, match="发现 2 处不一致"):
        call_command("recompute_deadlines")


@pytest.mark.django_db
def test_many_cases_are_read_in_few_queries(
    road: Road, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(3):
        road.reported()
    with django_assert_num_queries(4):
        assert len(list(with_journal(Case.objects.all()))) == 3
