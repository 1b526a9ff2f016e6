from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.limits import Limit, Stage, parse
from governance.calendar import Unit


@pytest.mark.parametrize(
    ("text", "n", "unit"),
    [
        ("2紧急工作时", 2, Unit.URGENT_HOUR),
        ("4工作时", 4, Unit.WORK_HOUR),
        ("1工作日", 1, Unit.WORK_DAY),
        ("15个工作日", 15, Unit.WORK_DAY),
        ("2紧急工作日", 2, Unit.NATURAL_DAY),
        ("7自然日", 7, Unit.NATURAL_DAY),
        (" 3 个 工作日内 ", 3, Unit.WORK_DAY),
        ("２工作时", 2, Unit.WORK_HOUR),
        ("0.5工作日", "0.5", Unit.WORK_DAY),
        ("两个工作日", 2, Unit.WORK_DAY),
        ("十五个工作日以内", 15, Unit.WORK_DAY),
        ("二十工作日", 20, Unit.WORK_DAY),
        ("8工作小时", 8, Unit.WORK_HOUR),
    ],
)
def test_the_spellings_of_the_four_units(text, n, unit):
    reading = parse(text)
    assert reading.limit == Limit(Decimal(n), unit)
    assert not reading.is_unparsed
    assert reading.raw == text.strip()


@pytest.mark.parametrize("text", ["4小时", "5天", "2日", "3时"])
def test_hours_and_days_that_do_not_say_which_are_not_guessed(text):
    reading = parse(text)
    assert reading.is_unparsed
    assert reading.raw == text
    assert "夜间" in reading.reason


def test_a_given_meaning_makes_them_readable():
    units = {"小时": Unit.WORK_HOUR, "天": Unit.WORK_DAY}
    assert parse("4小时", units).limit == Limit(Decimal(4), Unit.WORK_HOUR)
    assert parse("5天", units).limit == Limit(Decimal(5), Unit.WORK_DAY)
    assert parse("2紧急工作时", units).limit == Limit(Decimal(2), Unit.URGENT_HOUR)


@pytest.mark.parametrize("separator", ["/", "；", "，", "\n/", " 、"])
def test_staged_limits_keep_their_order(separator):
    text = separator.join(["停工4工作时", "处罚：7工作日", "拆除20个工作日"])
    assert parse(text).stages == (
        Stage("停工", Limit(Decimal(4), Unit.WORK_HOUR)),
        Stage("处罚", Limit(Decimal(7), Unit.WORK_DAY)),
        Stage("拆除", Limit(Decimal(20), Unit.WORK_DAY)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "尽快",
        "立即",
        "种植季节15工作日",
        "种植季节15工作日/非种植季节30工作日",
        "一般2工作日，严重1工作日",
        "2-3工作日",
        "2工作日(遇雨顺延)",
        "工作日",
        "0工作日",
        "99999工作日",
        "3周",
        "停工4工作时/择期拆除",
        "停工4小时/拆除20工作日",
        "拆除2工作日/拆除4工作日",
        "停工4工作时",
        "2工作时/4工作时",
        "二三工作日",
        "1.25工作日",
        "²工作日二",
    ],
)
def test_what_is_unclear_stays_unread_with_a_reason(text):
    reading = parse(text)
    assert reading.is_unparsed
    assert reading.reason
    assert reading.raw == text.strip()


@given(st.text(max_size=30))
def test_no_text_breaks_it(text):
    reading = parse(text)
    assert reading.is_unparsed == bool(reading.reason)


@given(st.integers(1, 9999), st.sampled_from(Unit))
def test_what_a_limit_prints_is_read_back(n, unit):
    limit = Limit(Decimal(n), unit)
    assert parse(str(limit)).limit == limit


def test_a_stage_survives_its_json():
    stage = Stage("停工", Limit(Decimal("0.5"), Unit.WORK_DAY))
    assert stage.as_json() == {"name": "停工", "n": "0.5", "unit": "WORK_DAY"}
    assert Stage.of_json(stage.as_json()) == stage
