"""Deadlines and used time; the vectors are those of DOMAIN C.4."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import actions, calendar
from governance.calendar import MissingCalendar, Scheme, Unit, WorkCalendar
from governance.errors import Refused
from governance.identity import SYSTEM
from governance.models import Event, Holiday

MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})
STANDARD = Scheme(None, None, MONDAY_TO_FRIDAY, ((480, 720), (840, 1080)))
PACKAGED = json.loads(actions.PACKAGED.read_text(encoding="utf-8"))


def known(**changes) -> WorkCalendar:
    official = {date.fromisoformat(day["date"]): False for day in PACKAGED["rest"]}
    for day in PACKAGED["makeup_workdays"]:
        official[date.fromisoformat(day["date"])] = True
    facts = {
        "years": frozenset({2025, 2026}),
        "official": official,
        "overrides": {},
        "schemes": (STANDARD,),
    }
    return WorkCalendar(**{**facts, **changes})


CALENDAR = known()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=calendar.ZONE)


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
def test_a_limit_runs_out_when_the_specification_says(start, n, unit, deadline):
    assert calendar.due_at(at(start), n, unit, CALENDAR) == at(deadline)


def test_a_deadline_in_a_year_without_holidays_names_the_year():
    with pytest.raises(MissingCalendar) as refused:
        calendar.due_at(at("2026-12-31 17:00"), 2, Unit.WORK_HOUR, CALENDAR)
    assert refused.value.message == (
        "未导入2027年放假安排，请管理员在“节假日与调休”中导入后再办理。"
    )
    assert refused.value.code == "missing_calendar"


def test_a_year_that_is_only_touched_is_not_asked_for():
    new_year = at("2027-01-01 07:59")
    start = at("2026-12-31 17:00")
    assert calendar.due_at(start, 1, Unit.WORK_HOUR, CALENDAR) == at("2026-12-31 18:00")
    assert calendar.due_at(start, 2, Unit.NATURAL_DAY, CALENDAR) == at(
        "2027-01-02 17:00"
    )
    assert CALENDAR.measure(start, new_year, Unit.WORK_HOUR) == 60
    with pytest.raises(MissingCalendar):
        CALENDAR.measure(start, new_year + timedelta(minutes=2), Unit.WORK_HOUR)


def test_a_local_rule_for_the_day_needs_no_imported_year():
    local = known(overrides={date(2027, 1, 1): True})
    due = calendar.due_at(at("2026-12-31 17:00"), 2, Unit.WORK_HOUR, local)
    assert due == at("2027-01-01 09:00")


def test_a_local_rule_wins_over_make_up_day_holiday_and_weekday():
    local = known(
        overrides={
            date(2026, 10, 10): False,
            date(2026, 10, 1): True,
            date(2026, 11, 23): False,
        }
    )
    days = [date(2026, 10, 10), date(2026, 10, 1), date(2026, 11, 23)]
    assert [local.works(day) for day in days] == [False, True, False]
    assert [CALENDAR.works(day) for day in days] == [True, False, True]


def test_pause_and_resume_go_on_from_what_was_left():
    used = CALENDAR.measure(
        at("2026-11-23 09:00"), at("2026-11-23 11:00"), Unit.WORK_HOUR
    )
    left = calendar.limit_minutes(8, Unit.WORK_HOUR) - used
    assert (used, left) == (120, 360)
    resumed = at("2026-11-25 15:00")
    due = calendar.add_minutes(resumed, left, Unit.WORK_HOUR, CALENDAR)
    assert due == at("2026-11-26 11:00")


def test_an_extension_adds_the_original_limit_to_the_deadline():
    due = calendar.due_at(at("2026-11-24 09:00"), 8, Unit.WORK_HOUR, CALENDAR)
    assert due == at("2026-11-25 09:00")


def test_limits_are_whole_minutes_of_their_own_unit():
    assert calendar.limit_minutes(Decimal("0.25"), Unit.WORK_HOUR) == 15
    assert calendar.limit_minutes(Decimal("1.5"), Unit.WORK_DAY) == 720
    assert calendar.limit_minutes(2, Unit.URGENT_HOUR) == 120
    assert calendar.limit_minutes(7, Unit.NATURAL_DAY) == 10080


SUMMER = Scheme(
    date(2026, 6, 1), date(2026, 10, 1), MONDAY_TO_FRIDAY, ((480, 720), (900, 1080))
)


def test_the_scheme_in_force_on_the_day_gives_the_periods():
    summer = known(schemes=(STANDARD, SUMMER))
    day_before = calendar.due_at(at("2026-05-29 17:00"), 2, Unit.WORK_HOUR, summer)
    inside = calendar.due_at(at("2026-06-01 11:00"), 2, Unit.WORK_HOUR, summer)
    assert day_before == at("2026-06-01 09:00")
    assert inside == at("2026-06-01 16:00")
    assert summer.scheme(date(2026, 9, 30)) is SUMMER
    assert summer.scheme(date(2026, 10, 1)) is STANDARD


def test_a_work_day_is_one_day_however_long_its_periods_are():
    summer = known(schemes=(STANDARD, SUMMER))
    week = calendar.due_at(at("2026-06-01 08:00"), 5, Unit.WORK_DAY, summer)
    assert week == at("2026-06-05 18:00")
    assert summer.measure(at("2026-06-01 08:00"), week, Unit.WORK_DAY) == 2400
    assert summer.measure(at("2026-06-01 08:00"), week, Unit.WORK_HOUR) == 2100


def test_without_a_scheme_the_administrator_is_told():
    with pytest.raises(Refused) as refused:
        known(schemes=()).works(date(2026, 11, 23))
    assert refused.value.code == "missing_scheme"


def test_an_instant_without_a_zone_is_a_bug():
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.add_minutes(datetime(2026, 11, 23), 1, Unit.WORK_HOUR)  # noqa: DTZ001
    with pytest.raises(ValueError, match="forwards"):
        CALENDAR.add_minutes(at("2026-11-23 09:00"), -1, Unit.WORK_HOUR)


@pytest.mark.parametrize("text", ["8:00", "0800", "08:60", "25:00", "24:01", "ab:cd"])
def test_a_time_of_day_is_written_in_full(text):
    with pytest.raises(ValueError):
        calendar.minute_of(text)


# --- properties --------------------------------------------------------------------
instants = st.datetimes(
    datetime(2026, 1, 1),  # noqa: DTZ001
    datetime(2026, 9, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
minutes = st.integers(0, 6000)
units = st.sampled_from(list(Unit))
calendars = st.sampled_from([CALENDAR, known(schemes=(STANDARD, SUMMER))])


@given(instants, minutes, units, calendars)
def test_measuring_gives_back_what_was_added(start, added, unit, found):
    end = found.add_minutes(start, added, unit)
    assert abs(found.measure(start, end, unit) - added) < Decimal("0.000001")


@given(instants, instants, minutes, units, calendars)
def test_a_later_start_is_never_due_earlier(one, other, added, unit, found):
    early, late = sorted([one, other])
    assert found.add_minutes(early, added, unit) <= found.add_minutes(late, added, unit)


@given(instants, minutes, minutes, units, calendars)
def test_a_longer_limit_is_never_due_earlier(start, one, other, unit, found):
    short, long = sorted([one, other])
    assert found.add_minutes(start, short, unit) <= found.add_minutes(start, long, unit)
    once = found.add_minutes(start, short + long, unit)
    twice = found.add_minutes(found.add_minutes(start, short, unit), long, unit)
    assert abs(once - twice) <= timedelta(microseconds=1)


@given(instants, minutes, st.integers(1, 6000), units, calendars)
def test_used_time_is_the_sum_of_its_parts(start, first, second, unit, found):
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    parts = found.measure(start, middle, unit) + found.measure(middle, end, unit)
    assert abs(parts - found.measure(start, end, unit)) < Decimal("0.000001")


@given(instants, st.integers(1, 2000), st.integers(0, 2880), calendars)
def test_a_pause_outside_working_time_changes_nothing(start, added, pause, found):
    paused = start.astimezone(calendar.ZONE).replace(hour=18, minute=0, second=0)
    resumed = paused + timedelta(minutes=pause)
    if paused < start or found.measure(paused, resumed, Unit.WORK_HOUR):
        return
    used = found.measure(start, paused, Unit.WORK_HOUR)
    if used >= added:
        return
    left = found.add_minutes(resumed, added - used, Unit.WORK_HOUR)
    assert left == found.add_minutes(start, added, Unit.WORK_HOUR)


def test_nothing_is_used_when_the_end_comes_first():
    now = at("2026-11-23 09:00")
    assert CALENDAR.measure(now, now - timedelta(days=1), Unit.WORK_HOUR) == 0


def test_rounded_minutes_do_not_push_a_deadline_over_the_night():
    start = at("2026-11-23 08:00") + timedelta(microseconds=1)
    used = CALENDAR.measure(start, at("2026-11-23 09:00"), Unit.WORK_HOUR)
    left = 480 - used + Decimal("1e-9")
    due = CALENDAR.add_minutes(at("2026-11-23 09:00"), left, Unit.WORK_HOUR)
    assert due.astimezone(calendar.ZONE) > at("2026-11-24 08:00")
    exact = CALENDAR.add_minutes(
        at("2026-11-23 08:00"), 480 + Decimal("1e-9"), Unit.WORK_HOUR
    )
    assert exact == at("2026-11-23 18:00")


# --- from the database -------------------------------------------------------------
NOW = at("2026-11-22 09:00")


@pytest.mark.django_db
def test_the_calendar_is_read_in_one_query(django_assert_num_queries):
    actions.install_defaults(actor=SYSTEM, at=NOW)
    start = at("2026-09-30 16:00")
    with django_assert_num_queries(1):
        due = calendar.due_at(start, 4, Unit.WORK_HOUR)
    assert due == at("2026-10-08 10:00")
    with django_assert_num_queries(1):
        assert calendar.measure(start, due, Unit.WORK_HOUR) == 240
    with django_assert_num_queries(0):
        calendar.due_at(start, 4, Unit.NATURAL_DAY)


@pytest.mark.django_db
def test_a_changed_day_counts_at_once():
    actions.install_defaults(actor=SYSTEM, at=NOW)
    start = at("2026-11-23 17:00")
    assert calendar.due_at(start, 2, Unit.WORK_HOUR) == at("2026-11-24 09:00")
    actions.override_day(
        day=date(2026, 11, 24), kind="rest", name="全市停工", actor=SYSTEM, at=NOW
    )
    assert calendar.due_at(start, 2, Unit.WORK_HOUR) == at("2026-11-25 09:00")
    actions.drop_override(day=date(2026, 11, 24), actor=SYSTEM, at=NOW)
    assert calendar.due_at(start, 2, Unit.WORK_HOUR) == at("2026-11-24 09:00")
    assert Event.objects.filter(action="governance.override_day").count() == 1
    assert not Holiday.objects.filter(override=True).exists()


@pytest.mark.django_db
def test_later_schemes_are_stronger():
    actions.install_defaults(actor=SYSTEM, at=NOW)
    for name, start in [("夏令时", date(2026, 6, 1)), ("汛期", date(2026, 7, 1))]:
        actions.save_scheme(
            scheme_id=None,
            name=name,
            starts_date=start,
            ends_date=date(2026, 10, 1),
            weekdays=[1, 2, 3, 4, 5],
            periods=[["08:00", "12:00"], ["15:00", f"{start.month + 12}:00"]],
            actor=SYSTEM,
            at=NOW,
        )
    due = calendar.due_at(at("2026-07-01 08:00"), 8, Unit.WORK_HOUR)
    assert due == at("2026-07-01 19:00")


def test_periods_and_days_off_are_told_from_working_hours():
    inside = ["2026-11-23 08:00", "2026-11-23 17:59", "2026-02-14 09:00"]
    outside = ["2026-11-23 07:59", "2026-11-23 12:00", "2026-11-22 09:00"]
    assert all(CALENDAR.is_working(at(one)) for one in inside)
    assert not any(
        CALENDAR.is_working(at(one)) for one in [*outside, "2026-02-17 09:00"]
    )
