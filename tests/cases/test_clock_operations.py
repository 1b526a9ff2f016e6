"""Extending, re-limiting and standing still: the arithmetic of clocks (DOMAIN C.4)."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from cases import actions
from cases.actions import checkins, clocks
from cases.actions.step import locked, note
from cases.limits import Limit
from cases.models import Case, CaseClock
from cases.workflow import Stage
from governance.calendar import Unit
from parties.acting import Actor
from tests.cases.conftest import World, at
from tests.cases.road import Road

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def change(
    case: Case, when: datetime, operation: Callable[[Case, clocks.Ticking], object]
) -> None:
    """Do something to the clocks of a case and journal it."""
    ticking = clocks.Ticking(when)
    case = locked(case.pk)
    operation(case, ticking)
    system = Actor.system()
    note(case, "route", actor=system, at=when, detail={}, ticking=ticking)


def handling(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, stage=Stage.HANDLE, superseded=False)


def test_an_extension_adds_one_limit_to_the_deadline(road: Road) -> None:
    case = road.whistled()
    assert handling(case).due_at == at("2026-11-23 11:00")

    def extend(case: Case, ticking: clocks.Ticking) -> None:
        clocks.extend(
            clock=handling(case), n=Decimal(8), at=ticking.at, ticking=ticking
        )

    change(case, at("2026-11-23 10:00"), extend)
    clock = handling(case)
    assert clock.due_at == at("2026-11-24 11:00")
    assert (clock.base_n, clock.limit_n) == (Decimal(2), Decimal(10))
    case.refresh_from_db()
    assert case.due_at == case.clocks.get(stage=Stage.CHECKIN).due_at


def test_another_limit_counts_from_the_original_start(road: Road) -> None:
    case = road.whistled()

    def relimit(case: Case, ticking: clocks.Ticking) -> None:
        limit = Limit(Decimal(1), Unit.NATURAL_DAY)
        clocks.relimit(
            clock=handling(case), limit=limit, at=ticking.at, ticking=ticking
        )

    change(case, at("2026-11-23 17:00"), relimit)
    assert handling(case).due_at == at("2026-11-24 09:00")


def test_a_limit_changed_after_a_pause_keeps_what_was_used(road: Road) -> None:
    case = road.fed_back()  # stops HANDLE at 09:00
    actions.return_result(
        case_id=case.pk,
        opinion="补充照片",
        actor=road.world.actor("street_acceptor"),
        at=at("2026-11-23 15:00"),
    )

    def relimit(case: Case, ticking: clocks.Ticking) -> None:
        limit = Limit(Decimal(3), Unit.URGENT_HOUR)
        clocks.relimit(
            clock=handling(case), limit=limit, at=ticking.at, ticking=ticking
        )

    change(case, at("2026-11-23 16:00"), relimit)
    clock = handling(case)
    assert clock.due_at == at("2026-11-23 18:00")
    assert [begin for begin, _end in clocks.stretches(clock)] == [
        at("2026-11-23 09:00"),
        at("2026-11-23 15:00"),
    ]


def test_a_checkin_clock_stands_still_and_goes_on(road: Road) -> None:
    case = road.whistled()
    line = case.assignments.get()

    def pause(case: Case, ticking: clocks.Ticking) -> None:
        checkins.of_all_lines(case, "pause", ticking)

    def resume(case: Case, ticking: clocks.Ticking) -> None:
        checkins.of_all_lines(case, "resume", ticking)

    change(case, at("2026-11-23 10:00"), pause)
    clock = line.clocks.get()
    assert (clock.due_at, clock.consumed_minutes) == (None, Decimal(60))
    change(case, at("2026-11-23 16:00"), resume)
    assert line.clocks.get().due_at == at("2026-11-24 09:00")  # 3 of 4 left


def test_a_clock_may_end_at_a_given_instant(road: Road) -> None:
    case = road.joint()
    until = at("2026-12-24 09:00")

    def suspend(case: Case, ticking: clocks.Ticking) -> None:
        clocks.start_until(
            case=case, stage=Stage.SUSPEND_UNTIL, until=until, at=ticking.at,
            ticking=ticking,
        )  # fmt: skip

    change(case, at("2026-11-23 10:00"), suspend)
    assert case.clocks.get(stage=Stage.SUSPEND_UNTIL).due_at == until


def test_a_stopped_clock_knows_its_overtime(road: Road) -> None:
    case = road.joint()
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk,
        result="solved",
        measures="通道已清空",
        override="",
        photos=road.photos(lead, "after"),
        actor=lead,
        at=at("2026-11-23 15:30"),
    )
    clock = handling(case)
    assert (clock.is_overdue, clock.overtime_minutes) == (True, Decimal(150))


def test_the_first_reply_is_never_the_deadline_of_the_case(road: Road) -> None:
    case = road.reported()

    def reply(case: Case, ticking: clocks.Ticking) -> None:
        clocks.start_until(
            case=case, stage=Stage.FIRST_REPLY, until=at("2026-11-23 09:30"),
            at=ticking.at, ticking=ticking,
        )  # fmt: skip

    change(case, at("2026-11-23 09:00"), reply)
    case.refresh_from_db()
    assert case.due_at == at("2026-11-23 11:00")


def test_a_clock_paused_after_its_end_stays_overdue(road: Road) -> None:
    case = road.joint()

    def pause(case: Case, ticking: clocks.Ticking) -> None:
        operations = [("pause", Stage.HANDLE), ("stop", Stage.HANDLE)]
        ticking.facts += clocks.apply(
            case=case, operations=operations, at=ticking.at
        ).facts

    change(case, at("2026-11-23 15:00"), pause)
    clock = handling(case)
    assert (clock.is_overdue, clock.overtime_minutes) == (True, Decimal(120))


def test_a_running_clock_is_not_resumed_again(road: Road) -> None:
    case = road.joint()

    def resume(case: Case, ticking: clocks.Ticking) -> None:
        clocks.apply(case=case, operations=[("resume", Stage.HANDLE)], at=ticking.at)

    change(case, at("2026-11-23 10:00"), resume)
    assert handling(case).running_since == at("2026-11-23 09:00")
