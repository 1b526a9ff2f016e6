"""到场值守: an urgent case calls the grid's worker to stand by the danger (F2)."""

import pytest
from django.urls import reverse

from cases import actions
from cases.models import SiteTask
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification, Posting
from tests.cases.conftest import SPOT, at, spot
from tests.cases.road import again, signed_in

NIGHT = at("2026-11-22 22:30")
LATER = at("2026-11-22 22:45")


@pytest.fixture
def case(file_case, turn, monkeypatch):
    """An open manhole on a Sunday night, raised to the street at once."""
    filed = file_case("cover", by="grid_b", when=NIGHT)
    turn(NIGHT)
    monkeypatch.setattr("governance.clock.now", lambda: LATER)
    return again(filed)


def guard(case) -> SiteTask:
    return case.site_tasks.get(kind="guard")


def page(case) -> str:
    return reverse("phone_site_task", args=[guard(case).pk])


def test_the_worker_of_the_grid_is_sent_and_told(world, case) -> None:
    task = guard(case)
    assert task.worker_id == world.user_id("grid_a")
    assert (task.sent_by, task.get_kind_display()) == (None, "值守")
    told = Notification.objects.filter(user=world.user_id("grid_a"), urgent=True)
    assert told.filter(title="请到现场值守：雨水井盖").count() == 1
    sent = Event.objects.filter(chain=case.chain, action="cases.send_guard")
    assert sent.count() == 1
    phone = signed_in(world, "grid_a")
    home = phone.get(reverse("phone_home")).text
    assert "值守：雨水井盖" in home
    assert page(case) in home
    assert "去值守" in phone.get(reverse("phone_case", args=[case.pk])).text


def test_running_the_routing_again_sends_nobody_twice(case) -> None:
    assert actions.send_guard(case_id=case.pk, at=LATER) is None
    assert case.site_tasks.count() == 1


def test_nobody_is_sent_for_an_ordinary_case_or_without_a_worker(
    world, file_case, turn
) -> None:
    ordinary = file_case("stall", when=NIGHT)
    Posting.objects.filter(pk=world.postings["grid_a"].pk).update(ends_at=NIGHT)
    alone = file_case("cover", by="grid_b", when=NIGHT)
    turn(NIGHT)
    for one in (ordinary, alone):
        assert not one.site_tasks.exists()
    assert again(alone).state == "STREET_PENDING"


def test_come_and_go_on_the_phone_and_the_state_stays(world, case) -> None:
    phone, state = signed_in(world, "grid_a"), case.state
    shown = phone.get(page(case)).text
    assert "已到场" in shown
    here = {"lng": SPOT[0], "lat": SPOT[1], "crs": "cgcs2000"}
    assert phone.post(page(case), here).status_code == 302
    task = guard(case)
    assert (task.arrived_at, task.submitted_at) == (LATER, None)
    assert task.distance_m < 1
    answer = phone.post(page(case), {"remark": " "})
    assert answer.status_code == 422
    assert "请写明撤离时现场的情况" in answer.text
    answer = phone.post(page(case), {"remark": "已围护，排水所到场"})
    assert answer.status_code == 302
    task = guard(case)
    assert (task.submitted_at, task.note) == (LATER, "已围护，排水所到场")
    assert again(case).state == state
    verbs = Event.objects.filter(chain=case.chain).order_by("-seq")[:2]
    assert [one.action for one in verbs] == [
        "cases.leave_guard", "cases.arrive_on_guard",
    ]  # fmt: skip
    desk = signed_in(world, "dispatcher").get(reverse("case", args=[case.pk])).text
    assert "已撤离" in desk
    assert "已围护，排水所到场" in desk


def test_it_works_without_a_position(world, case) -> None:
    assert signed_in(world, "grid_a").post(page(case)).status_code == 302
    task = guard(case)
    assert (task.arrived_at, task.distance_m) == (LATER, None)


def test_out_of_order_and_others_are_refused(world, case) -> None:
    own = {"case_id": case.pk, "actor": world.actor("grid_a"), "at": LATER}
    other = {**own, "actor": world.actor("grid_b")}
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="请先登记"):
        actions.leave_guard(remark="走了", **own)
    with pytest.raises(Refused, match="派给了别人"):
        actions.arrive_on_guard(position=spot(), **other)
    assert Event.objects.filter(chain=case.chain).count() == before
    actions.arrive_on_guard(position=spot(), **own)
    with pytest.raises(Refused, match="已经登记到场"):
        actions.arrive_on_guard(position=spot(), **own)
    actions.leave_guard(remark="已围护", **own)
    with pytest.raises(Refused, match="已经结束"):
        actions.leave_guard(remark="已围护", **own)
    assert signed_in(world, "grid_b").get(page(case)).status_code == 404


def test_nobody_stands_guard_over_a_case_that_is_over(world, case) -> None:
    phone = signed_in(world, "grid_a")
    address = reverse("phone_home")
    assert page(case) in phone.get(address).text
    actions.reject(
        case_id=case.pk, reason="untrue", opinion="现场井盖完好",
        actor=world.actor("shift_head"), at=LATER,
    )  # fmt: skip
    assert page(case) not in phone.get(address).text
