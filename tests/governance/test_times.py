"""Moments on pages: the exact time and the distance to now."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template

from governance import clock
from governance.templatetags.times import distance, short

NOON = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (timedelta(seconds=59), "刚刚"),
        (timedelta(seconds=-59), "刚刚"),
        (timedelta(seconds=60), "1 分钟前"),
        (timedelta(minutes=59, seconds=59), "59 分钟前"),
        (timedelta(hours=1), "1 小时前"),
        (timedelta(hours=-3), "3 小时后"),
        (timedelta(hours=23, minutes=59), "23 小时前"),
        (timedelta(hours=24), "1 天前"),
        (timedelta(hours=37), "2 天前"),  # 23:00 of the day before yesterday
        (timedelta(days=-10), "10 天后"),
    ],
)
def test_distance_is_told_in_the_largest_whole_unit(
    gone: timedelta, words: str
) -> None:
    assert distance(NOON - gone, NOON) == words


def test_year_is_told_when_it_is_another() -> None:
    assert short(NOON, NOON) == "11-27 12:00"
    new_year = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
    assert short(new_year, NOON) == "2027-01-01 00:00"


def test_tags_give_time_elements(monkeypatch: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)
    page = Template("{% load times %}{% moment at %}|{% exact at %}")
    shown, titled = page.render(Context({"at": NOON - timedelta(hours=2)})).split("|")
    assert 'datetime="2026-11-27T02:00:00+00:00"' in shown
    assert 'title="2026-11-27 10:00:00"' in shown
    assert '11-27 10:00<span class="ago">2 小时前</span></time>' in shown
    assert 'title="2026-11-27 10:00:00 · 2 小时前">11-27 10:00</time>' in titled
