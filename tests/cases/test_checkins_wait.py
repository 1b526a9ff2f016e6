"""While it is open who leads, every called unit's 报到 clock stands still (C.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import actions, story
from cases.models import Case, CaseClock, WhistleAssignment
from cases.querysets import invariants
from cases.querysets.journal import with_journal
from cases.replay import differences, replay
from cases.workflow import State
from governance import calendar
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import again, signed_in
from tests.cases.ruling_road import RulingRoad

pytestmark = pytest.mark.django_db
SUPPORTS = ("fire", "property", "station")


@pytest.fixture
def road(world: Any, file_case: Any, photos: Any, monkeypatch: Any) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return RulingRoad(world, file_case, photos)


def line_of(road: RulingRoad, case: Case, name: str) -> WhistleAssignment:
    lines = case.assignments.filter(organisation=road.world.orgs[name])
    return lines.order_by("-pk")[0]


def clock_of(road: RulingRoad, case: Case, name: str) -> CaseClock:
    return CaseClock.objects.get(
        assignment__in=case.assignments.filter(organisation=road.world.orgs[name]),
        stopped_at=None,
    )


def sound(case: Case) -> None:
    """The journal gives the same clocks, and everything agrees."""
    [(found, facts)] = with_journal(Case.objects.filter(pk=case.pk))
    replayed = replay(facts, calendar.load(MONDAY_9))
    assert not list(differences(found.clock_rows, replayed))
    names = ["checkins_wait", "lines_fit_case", "nearest_deadline", "one_event_each"]
    assert all(
        one.holds
        for one in invariants.check(at=MONDAY_9, grace=timedelta(0), only=names)
    )


def uphold(road: RulingRoad, case: Case, when: datetime) -> Case:
    leader = road.world.actor("street_leader")
    actions.uphold(case_id=case.pk, ruling="异议不成立", actor=leader, at=when)
    return again(case)


def test_a_dispute_lets_all_supports_wait_and_upholding_lets_them_go_on(
    road: RulingRoad,
) -> None:
    case = road.blown("urban", *SUPPORTS)
    case = road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    for name in ("urban", *SUPPORTS):
        clock = clock_of(road, case, name)
        assert (clock.running_since, clock.due_at) == (None, None)
        assert clock.consumed_minutes == 60
    sound(case)
    case = uphold(road, case, at("2026-11-23 16:00"))
    for name in SUPPORTS:  # three of four working hours are left
        assert clock_of(road, case, name).due_at == at("2026-11-24 09:00")
        assert line_of(road, case, name).checkin_due_at == at("2026-11-24 09:00")
    assert not CaseClock.objects.filter(
        assignment=line_of(road, case, "urban"), stopped_at=None
    )
    sound(case)


def test_a_support_that_waits_is_not_called_absent(road: RulingRoad, turn: Any) -> None:
    case = road.blown("urban", "fire")
    road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    turn(at("2026-11-23 17:00"))  # past the old limit of 15:00
    assert not line_of(road, case, "fire").checkin_overdue
    uphold(road, case, at("2026-11-23 17:00"))
    turn(at("2026-11-24 09:59"))
    assert not line_of(road, case, "fire").checkin_overdue
    turn(at("2026-11-24 10:00"))
    assert line_of(road, case, "fire").checkin_overdue


def test_who_reports_meanwhile_is_there_and_in_time(road: RulingRoad) -> None:
    case = road.blown("urban", "fire", "property")
    case = road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    road.at = at("2026-11-24 11:00")
    case = road.check_in(case, "fire")
    line = line_of(road, case, "fire")
    assert case.state == State.DISPUTED
    assert (line.status, line.checkin_overdue) == ("on_site", False)
    assert line.clocks.get().consumed_minutes == 60
    sound(case)
    case = uphold(road, case, at("2026-11-24 14:00"))
    assert line.clocks.get().running_since is None
    assert clock_of(road, case, "property").due_at == at("2026-11-24 17:00")


def test_the_page_says_that_the_limit_waits(road: RulingRoad) -> None:
    case = road.disputed("fire")
    client = signed_in(road.world, "street_leader")
    content = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "报到计时暂停" in content and "超时未报到" not in content
    uphold(road, case, MONDAY_9)
    content = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "报到计时暂停" not in content and "11-23 15:00 前报到" in content


def test_with_the_district_they_wait_on(road: RulingRoad) -> None:
    case = road.blown("urban", "fire")
    case = road.refer(road.dispute(case, "urban", at=at("2026-11-23 10:00")))
    assert clock_of(road, case, "fire").running_since is None
    sound(case)
    escalated = road.escalate(road.joint("urban", "property"))
    assert not CaseClock.objects.filter(
        case=escalated, assignment__isnull=False, running_since__isnull=False
    )
    sound(escalated)


def test_a_suspended_case_calls_nobody_and_resumes_what_was_left(
    road: RulingRoad,
) -> None:
    case = road.joint("urban", "property")
    fire = road.world.actor("fire")
    asked = at("2026-11-23 11:00")
    actions.request_suspension(
        case_id=case.pk, ground="plan", reason="列入改造计划",
        resume_date=date(2026, 12, 10), safety_measure="已设围挡",
        photos=road.photos(fire, "evidence"), actor=fire, at=asked,
    )  # fmt: skip
    actions.review_suspension(
        case_id=case.pk, decision="approve", opinion="属实", at=asked,
        actor=road.world.actor("dispatcher"),
    )  # fmt: skip
    leader = road.world.actor("street_leader")
    actions.suspend(case_id=case.pk, opinion="同意", actor=leader, at=asked)
    for name in ("urban", "property"):
        assert clock_of(road, case, name).due_at is None
    sound(case)
    actions.resume_handling(
        case_id=case.pk, opinion="资金到位", at=at("2026-11-27 08:00"),
        actor=road.world.actor("dispatcher"),
    )  # fmt: skip
    for name in ("urban", "property"):  # two of four working hours were used
        assert clock_of(road, case, name).due_at == at("2026-11-27 10:00")
    sound(case)


@pytest.mark.parametrize("district", [False, True])
def test_supports_that_stay_go_on_and_the_new_lead_begins(
    road: RulingRoad, district: bool
) -> None:
    case = road.blown("urban", "fire", "property")
    road.at = at("2026-11-23 09:30")
    case = road.check_in(case, "fire")
    case = road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    if district:
        case = road.refer(case)
    road.at = at("2026-11-24 08:00")
    if district:
        case = road.dispatch(case, "housing", "fire", "property")
    else:
        case = road.reassign(case, "housing", "fire", "property")
    assert clock_of(road, case, "housing").due_at == at("2026-11-24 12:00")
    assert clock_of(road, case, "property").due_at == at("2026-11-24 11:00")
    there = line_of(road, case, "fire")
    assert there.status == "on_site" and there.checkin_at == at("2026-11-23 09:30")
    assert not there.clocks.exists()
    old = case.assignments.filter(organisation=road.world.orgs["fire"])
    assert [one.status for one in old.order_by("pk")] == ["cancelled", "on_site"]
    facts = dict(story.timeline(case)[0].facts)
    assert set(facts["继续协办，不重新起算"].split("、")) == {"fire", "property"} or (
        "、" in facts["继续协办，不重新起算"]
    )
    sound(case)


def test_another_kind_of_whistle_has_its_own_limit(road: RulingRoad) -> None:
    case = road.blown("urban", "property")
    case = road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    actions.reassign(
        case_id=case.pk, call=road.asked("housing", "property", kind="routine"),
        ruling="改由住建主办", actor=road.world.actor("street_leader"),
        at=at("2026-11-24 08:00"),
    )  # fmt: skip
    assert clock_of(road, case, "property").due_at == at("2026-11-24 18:00")
    sound(case)


def test_a_lead_that_was_a_support_gets_the_full_limit(road: RulingRoad) -> None:
    case = road.blown("urban", "housing")
    case = road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    road.at = at("2026-11-24 08:00")
    case = road.reassign(case, "housing")
    assert clock_of(road, case, "housing").due_at == at("2026-11-24 12:00")
    sound(case)


@pytest.mark.parametrize(
    ("lead", "days", "left"),
    [
        ("urban", None, "2026-11-24 11:00"),  # three of the four hours were left
        ("urban", 1, "2026-11-24 18:00"),
        ("housing", None, "2026-11-24 12:00"),
    ],
)
def test_handling_goes_on_for_the_same_lead_and_begins_for_another(
    road: RulingRoad, lead: str, days: int | None, left: str
) -> None:
    """DOMAIN C.4, rule 5; days that were set count in full."""
    case = road.blown("urban")
    handle = case.clocks.get(stage="HANDLE")
    handle.limit_n = handle.base_n = 4
    handle.limit_unit = "WORK_HOUR"
    handle.save()
    case.condition.limit_n, case.condition.limit_unit = 4, "WORK_HOUR"
    case.condition.save()
    case = road.refer(road.dispute(case, "urban", at=at("2026-11-23 10:00")))
    road.at = at("2026-11-24 08:00")
    case = road.dispatch(case, lead, days=days)
    clock = case.clocks.get(stage="HANDLE", superseded=False)
    assert clock.due_at == at(left)
    assert clock.organisation == road.world.orgs[lead]


PAUSES = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 5000)), min_size=1, max_size=4
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pauses=PAUSES)
def test_pauses_add_nothing_outside_working_time(
    road: RulingRoad, pauses: list[tuple[int, int]]
) -> None:
    """However often the case stands still: what each support has used is the working
    time in which it ran, and its deadline is what is left of it after the last."""
    with undone():
        now, ran = MONDAY_9, Decimal(0)
        road.at = now
        case = road.joint(*SUPPORTS[1:], "urban")
        known = calendar.load(MONDAY_9)
        for minutes, pause in pauses:
            stop = now + timedelta(minutes=minutes)
            ran += known.measure(now, stop, "WORK_HOUR")
            now = stop + timedelta(minutes=pause)
            stand_still(road, case, stop, now)
            sound(case)
        left = max(Decimal(240) - ran, Decimal(0))
        for name in (*SUPPORTS[1:], "urban"):
            clock = clock_of(road, case, name)
            assert clock.consumed_minutes == ran
            assert clock.due_at == known.add_minutes(now, left, "WORK_HOUR")
        call_command("recompute_deadlines", "--case", case.display_no)


def stand_still(road: RulingRoad, case: Case, stop: datetime, go: datetime) -> None:
    """Up to the district and back into the hands of the lead, as clocks see it."""
    from cases.actions import clocks
    from cases.actions.step import locked, note
    from cases.workflow import Stage
    from parties.acting import Actor

    for name, when, state in (
        ("pause", stop, State.SUSPENDED),
        ("resume", go, State.JOINT_HANDLING),
    ):
        found = locked(case.pk)
        found.state = state
        ticking = clocks.apply(case=found, operations=[(name, Stage.CHECKIN)], at=when)
        note(found, "route", actor=Actor.system(), at=when, detail={}, ticking=ticking)
