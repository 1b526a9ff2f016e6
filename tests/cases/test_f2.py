"""F2 井盖缺失: an emergency whistle on a Sunday night, clock by clock (DOMAIN F)."""

from datetime import datetime

import pytest
from django.contrib.gis.geos import Point

from cases import actions
from cases.models import Case, CaseClock, ClockAlert
from cases.workflow import State
from parties.models import Notification
from tests.cases.conftest import SPOT, at, spot
from tests.cases.road import again

NEAR = Point(SPOT[0] + 0.0008, SPOT[1], srid=4490)  # about 80 m


def sunday(clock: str) -> datetime:
    return at(f"2026-11-22 {clock}")


@pytest.fixture
def case(file_case, turn) -> Case:
    filed = file_case("cover", by="grid_b", when=sunday("22:30"))
    turn(sunday("22:30"))
    return again(filed)


@pytest.fixture
def whistled(world, case) -> Case:
    orgs = world.orgs
    actions.whistle(
        case_id=case.pk,
        call=actions.Call(
            kind="emergency",
            called=(
                actions.Called(orgs["urban"].pk, "lead", "围护、补盖"),
                actions.Called(orgs["fire"].pk, "support", "疏导交通"),
            ),
            condition_id=world.categories["cover"].conditions.get().pk,
            risk="行人可能坠井",
        ),
        actor=world.actor("shift_head"),
        at=sunday("22:38"),
    )
    return again(case)


def told(world, who: str, words: str) -> int:
    mine = Notification.objects.filter(user=world.user_id(who), urgent=True)
    return mine.filter(title__contains=words).count()


def alerts(case: Case, stage: str) -> list[tuple[int, datetime]]:
    found = ClockAlert.objects.filter(clock__case=case, clock__stage=stage)
    return list(found.order_by("percent").values_list("percent", "at"))


def check_in(world, case: Case, who: str, when: datetime, where: Point) -> None:
    actions.check_in(
        case_id=case.pk, mode="on_site", position=where, remark="",
        actor=world.actor(who), at=when,
    )  # fmt: skip


def test_the_street_is_alerted_loudly_and_the_grid_informed(world, case) -> None:
    assert case.state == State.STREET_PENDING
    for who in ("shift_head", "acceptor", "grid_a"):
        assert told(world, who, "上呈街道") == 1, who
    bell = Notification.objects.bell_of(world.user_id("shift_head"))
    assert bell["urgent"] > 0
    assert case.site_tasks.get(kind="guard").worker_id == world.user_id("grid_a")


def test_the_whole_night(world, whistled, turn, photos) -> None:
    case = whistled
    whistle = case.whistles.get()
    assert whistle.title == "联合·应急哨"
    clocks = CaseClock.objects.filter(case=case)
    for one in clocks.filter(stage="CHECKIN"):
        assert one.due_at == sunday("23:08")
    assert clocks.get(stage="HANDLE").due_at == at("2026-11-23 00:38")

    turn(sunday("23:00"))
    check_in(world, case, "urban", sunday("23:00"), NEAR)
    lead = case.assignments.get(role="lead")
    assert (lead.status, lead.checkin_overdue) == ("on_site", False)
    assert 70 < lead.checkin_distance_m < 90
    check_in(world, case, "fire", sunday("23:02"), spot())
    confirmed = actions.confirm_whistle(
        case_id=case.pk, whistle_id=whistle.pk, actor=world.actor("street_leader"),
        at=sunday("23:20"),
    )  # fmt: skip
    assert confirmed.confirmed_in_time is True

    turn(sunday("23:37"))
    assert alerts(case, "HANDLE") == []
    turn(sunday("23:38"))
    assert alerts(case, "HANDLE") == [(50, sunday("23:38"))]
    assert told(world, "urban", "处置时限已用 50%") == 1

    finish_and_feed_back(world, case, photos)
    turn(at("2026-11-23 08:00"))
    assert [percent for percent, _at in alerts(case, "HANDLE")] == [50]
    handle = CaseClock.objects.get(case=case, stage="HANDLE")
    assert (handle.is_overdue, handle.consumed_minutes) == (False, 62)
    assert not case.assignments.filter(checkin_overdue=True).exists()
    assert not case.whistles.get().confirm_overdue


def finish_and_feed_back(world, case: Case, photos) -> None:
    actions.finish_support(
        case_id=case.pk, opinion="已疏导", photos=None, actor=world.actor("fire"),
        at=sunday("23:39"),
    )  # fmt: skip
    lead = world.actor("urban")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已围护并补盖", override="",
        photos=photos(lead, "after", when=sunday("23:40")), actor=lead,
        at=sunday("23:40"),
    )  # fmt: skip


def test_nobody_came_by_23_08(world, whistled, turn) -> None:
    case = whistled
    turn(sunday("23:08"))
    lines = case.assignments.values_list("checkin_overdue", flat=True)
    assert list(lines) == [True, True]
    assert again(case).state == State.WHISTLED
    assert [percent for percent, _at in alerts(case, "CHECKIN")].count(100) == 2
    for who in ("urban_leader", "street_leader", "district"):
        assert told(world, who, "报到已超时") >= 1, who
