"""Time left in words: the unit's own measure, the colour at 50, 80 and 100 %."""

from decimal import Decimal

import pytest

from cases.lamps import lamps_of
from cases.limits import Limit, spell
from cases.models import Case, CaseClock
from governance.calendar import Unit
from governance.models import CalendarYear
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road


@pytest.mark.parametrize(
    ("minutes", "unit", "words"),
    [
        (0, Unit.WORK_HOUR, "不足 1 分钟"),
        (85, Unit.WORK_HOUR, "1 工作时 25 分"),
        (600, Unit.WORK_HOUR, "10 工作时"),
        (1440, Unit.WORK_HOUR, "24 工作时"),
        (8880, Unit.WORK_HOUR, "18 工作日 4 工作时"),
        (600, Unit.WORK_DAY, "1 工作日 2 工作时"),
        (30, Unit.URGENT_HOUR, "30 分钟"),
        (1500, Unit.NATURAL_DAY, "1 天 1 小时"),
    ],
)
def test_minutes_are_spelled_in_their_own_unit(minutes, unit, words) -> None:
    assert spell(minutes, unit) == words


def test_a_limit_is_said_as_people_say_it() -> None:
    assert Limit(Decimal("0.5"), Unit.URGENT_HOUR).spoken == "30 分钟"
    assert Limit(Decimal(4), Unit.WORK_HOUR).spoken == "4 工作时"


@pytest.mark.parametrize(
    ("moment", "colour", "words"),
    [
        ("2026-11-23 09:30", "green", "剩 1 工作时 30 分"),
        ("2026-11-23 10:00", "blue", "剩 1 工作时"),
        ("2026-11-23 10:36", "yellow", "剩 24 分"),
        ("2026-11-23 11:00", "red", "刚刚超时"),
        ("2026-11-23 14:30", "red", "超时 1 工作时 30 分"),
    ],
)
def test_the_colour_follows_the_share_of_working_time(
    world, file_case, moment, colour, words
) -> None:
    case = file_case("lane")
    lamp = lamps_of([case], at(moment))[case.pk]
    assert (lamp.colour, lamp.text, lamp.stage) == (colour, words, "接报")


def test_without_a_calendar_the_wall_clock_is_told(world, file_case) -> None:
    case = file_case("lane")
    CalendarYear.objects.all().delete()
    assert lamps_of([case], at("2026-11-23 10:00"))[case.pk].text == "剩 1 小时"


def test_a_supports_check_in_does_not_lead_once_the_lead_is_there(
    world, file_case, photos
) -> None:
    road = Road(world, file_case, photos)
    case = road.whistled("urban")
    assert lamps_of([case], MONDAY_9)[case.pk].stage == "处置"
    CaseClock.objects.filter(case=case, stage="HANDLE").update(
        due_at=at("2026-11-25 09:00")
    )
    assert lamps_of([case], MONDAY_9)[case.pk].stage == "报到"
    case = road.check_in(case, "fire")
    assert lamps_of([case], MONDAY_9)[case.pk].stage == "处置"
    assert lamps_of(Case.objects.none(), MONDAY_9) == {}
