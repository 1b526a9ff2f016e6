"""Patrols: started and ended on the phone, the cases found on them (F1's line)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases import actions as cases
from duties import actions
from duties.models import PatrolRecord
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9, SPOT, file_case
from tests.duties.conftest import Duties

__all__ = ["file_case"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(minutes: int) -> None:
        moment = MONDAY_9 + timedelta(minutes=minutes)
        monkeypatch.setattr("governance.clock.now", lambda: moment)

    return move


def test_a_patrol_lists_the_cases_filed_on_it(
    duties: Duties, file_case: Any, clock: Any
) -> None:
    """F1 ①: on patrol he resolves on the spot; the patrol record lists the case."""
    worker = duties.client("grid_a")
    file_case(when=MONDAY_9 - timedelta(minutes=30))
    home = worker.get(reverse("phone_home")).content.decode()
    assert "开始巡查" in home and "patrol-bar" not in home
    page = worker.post(reverse("start_patrol"), follow=True).content.decode()
    assert "结束巡查" in page
    clock(10)
    found = file_case(when=MONDAY_9 + timedelta(minutes=10))
    file_case(when=MONDAY_9 + timedelta(minutes=10), by="grid_b", lng=113.0015)
    for route in ("phone_home", "phone_cases", "phone_file", "phone_duties"):
        content = worker.get(reverse(route)).content.decode()
        assert 'class="patrol-bar"' in content, route
    clock(40)
    patrol = PatrolRecord.objects.get()
    end = reverse("end_patrol", args=[patrol.pk])
    page = worker.post(end, {"remark": "一切正常"}, follow=True).content.decode()
    file_case(when=MONDAY_9 + timedelta(minutes=50))
    for name in ("grid_a", "acceptor", "dispatcher"):
        url = reverse("patrol", args=[patrol.pk])
        page = duties.client(name).get(url).content.decode()
        assert found.display_no in page and page.count('class="duty-row"') == 1
        listed = duties.client(name).get(reverse("patrols")).content.decode()
        assert "发现 1 件" in listed
        far = duties.client(name).get(reverse("patrols") + f"?before={'9' * 30}")
        assert far.content.decode().count("发现 1 件") == 1
    home = worker.get(reverse("phone_home")).content.decode()
    assert "patrol-bar" not in home
    chain = Event.objects.filter(chain=patrol.chain).order_by("seq")
    assert list(chain.values_list("action", flat=True)) == [
        "duties.start_patrol", "duties.end_patrol",
    ]  # fmt: skip


def test_an_on_the_spot_case_counts_too(
    duties: Duties, photos: Any, world: Any
) -> None:
    worker = duties.actor("grid_a")
    patrol = actions.start_patrol(actor=worker, at=MONDAY_9)
    later = MONDAY_9 + timedelta(minutes=5)
    batch = photos(worker, "before", "after")
    case = cases.resolve_on_spot(
        submission_id=uuid.uuid4(),
        report=cases.Report(
            category_id=world.categories["stall"].pk,
            description="门前摆摊占住了整条人行道，行人只能走车道。",
            address="和平路 12 号门前", lng=SPOT[0], lat=SPOT[1],
            photos=batch, measures="已劝离",
        ),
        actor=worker, at=later,
    )  # fmt: skip
    actions.end_patrol(patrol_id=patrol.pk, remark="", actor=worker, at=later)
    page = duties.client("grid_a").get(reverse("patrol", args=[patrol.pk]))
    assert case.display_no in page.content.decode()


def test_one_patrol_at_a_time(duties: Duties) -> None:
    worker = duties.client("grid_a")
    worker.post(reverse("start_patrol"))
    page = worker.post(reverse("start_patrol"), follow=True).content.decode()
    assert "您已经在巡查中" in page
    assert PatrolRecord.objects.count() == 1
    assert Event.objects.filter(action="duties.start_patrol").count() == 1


def test_only_grid_workers_on_duty_patrol(duties: Duties, world: Any) -> None:
    with pytest.raises(Refused, match="只有在岗的网格员"):
        actions.start_patrol(actor=duties.actor("acceptor"), at=MONDAY_9)
    posting = world.postings["grid_a"]
    posting.ends_at = MONDAY_9 - timedelta(days=1)
    posting.save(update_fields=["ends_at"])
    answer = duties.client("grid_a").post(reverse("start_patrol"), follow=True)
    assert "没有在任岗位" in answer.content.decode()
    assert not PatrolRecord.objects.exists()


def test_nobody_ends_or_sees_the_patrol_of_another(duties: Duties) -> None:
    patrol = actions.start_patrol(actor=duties.actor("grid_a"), at=MONDAY_9)
    for name in ("grid_b", "other_dispatcher", "fire"):
        client = duties.client(name)
        end = reverse("end_patrol", args=[patrol.pk])
        assert client.post(end).status_code == 404
        assert client.get(reverse("patrol", args=[patrol.pk])).status_code == 404
    with pytest.raises(Refused, match="只能结束您自己的巡查"):
        actions.end_patrol(
            patrol_id=patrol.pk, remark="", actor=duties.actor("acceptor"), at=MONDAY_9
        )


def test_a_forgotten_patrol_is_ended_by_the_platform(duties: Duties, turn: Any) -> None:
    patrol = actions.start_patrol(actor=duties.actor("grid_a"), at=MONDAY_9)
    turn(MONDAY_9 + timedelta(hours=13))
    patrol.refresh_from_db()
    assert patrol.ended_at == MONDAY_9 + timedelta(hours=12)
    assert "自动结束" in patrol.remark
    actions.end_forgotten(patrol_id=patrol.pk, at=MONDAY_9 + timedelta(hours=14))
    assert Event.objects.filter(action="duties.end_patrol").count() == 1


def test_the_phone_asks_for_patrol_and_tasks_only_of_grid_workers(
    duties: Duties,
) -> None:
    content = duties.client("acceptor").get(reverse("duty_tasks")).content.decode()
    assert "开始巡查" not in content
