"""Who else looks at a case, and who is writing (FEATURES 49)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import CaseViewer
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, piece, signed_in


@pytest.fixture
def now(monkeypatch):
    clock = {"at": MONDAY_9}
    monkeypatch.setattr("governance.clock.now", lambda: clock["at"])
    return clock


@pytest.fixture
def road(world, file_case, photos, now) -> Road:
    return Road(world, file_case, photos)


def ask(road, name: str, case) -> str:
    url = reverse("case_presence", args=[case.pk])
    answer = piece(signed_in(road.world, name), url, version=case.version)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_second_viewer_sees_the_first_and_is_seen(road, now) -> None:
    case = road.whistled()
    events = Event.objects.count()
    assert "也在看" not in ask(road, "fire", case)
    now["at"] += timedelta(seconds=2)
    page = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert 'hx-trigger="every 4s, load"' in page.content.decode()
    assert "fire 也在看本案" in ask(road, "dispatcher", case)
    now["at"] += timedelta(seconds=2)
    assert "dispatcher 也在看本案" in ask(road, "fire", case)
    assert CaseViewer.objects.count() == 2
    assert Event.objects.count() == events


def test_who_left_is_gone_before_half_a_minute_is_over(road, now) -> None:
    case = road.whistled()
    ask(road, "fire", case)
    now["at"] += timedelta(seconds=10)
    assert "fire 也在看本案" in ask(road, "dispatcher", case)
    now["at"] += timedelta(seconds=10)
    assert "也在看" not in ask(road, "dispatcher", case)
    now["at"] += timedelta(seconds=20)
    ask(road, "dispatcher", case)
    assert [one.user.name for one in CaseViewer.objects.all()] == ["dispatcher"]


def test_who_has_typed_something_is_named_with_the_step(road, now) -> None:
    case = road.joint()
    writer = signed_in(road.world, "fire")
    url = reverse("case_draft", args=[case.pk, "feed_back"])
    writer.post(url, {"measures": "已清空"})
    said = "fire 正在填写“主办反馈”，还没有提交"
    content = ask(road, "dispatcher", case)
    assert said in content and "已清空" not in content
    assert said not in ask(road, "fire", case)
    now["at"] += timedelta(hours=13)
    assert said not in ask(road, "dispatcher", case)


def test_it_is_cheap_and_only_for_who_may_see_the_case(road) -> None:
    case = road.whistled()
    url = reverse("case_presence", args=[case.pk])
    assert signed_in(road.world, "property").post(url).status_code == 404
    client = signed_in(road.world, "fire")
    assert client.get(url).status_code == 405
    with CaptureQueriesContext(connection) as queries:
        client.post(url, {"version": case.version})
    assert len(queries) <= 10
