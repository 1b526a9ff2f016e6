"""督办单: numbered, answered within one working day, accepted or returned."""

import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from cases import actions
from cases.models import Case, SupervisionOrder
from governance import clock
from governance.errors import Refused
from tests.cases.conftest import MONDAY_9, World, at
from tests.cases.road import Road, piece, signed_in
from tests.cases.test_escalation import feed_back, happened, told
from tests.factories import PostingFactory

Status = SupervisionOrder.Status


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    world.postings["inspector"] = PostingFactory(
        user__name="inspector", post__role="inspector", post__name="inspector",
        post__organisation=world.orgs["district"], post__area=world.areas["990101"],
    )  # fmt: skip
    return Road(world, file_case, photos)


def supervise(
    road: Road, case: Case, name: str = "district", when: datetime = MONDAY_9
) -> SupervisionOrder:
    return actions.supervise(
        case_id=case.pk, opinion="限期办结", actor=road.world.actor(name), at=when
    )


def answer(
    road: Road, case: Case, name: str = "fire", when: datetime = MONDAY_9
) -> Any:
    return actions.answer_supervision(
        case_id=case.pk, reply="今日清空", actor=road.world.actor(name), at=when
    )


def review(road: Road, case: Case, verb: str, when: datetime = MONDAY_9) -> Any:
    return getattr(actions, verb)(
        case_id=case.pk, opinion="看过", actor=road.world.actor("district"), at=when
    )


@pytest.mark.parametrize("name", ["district", "inspector"])
def test_an_order_by_hand_is_numbered_and_told_at_once(road: Road, name: str) -> None:
    case = road.joint()
    late = at("2026-11-23 22:00")  # in quiet hours: a person wants it told
    order = supervise(road, case, name, late)
    assert order.number == "吹督〔2026〕1号"
    assert order.sub_number == f"{case.case_no}-D01"
    assert order.due_at == at("2026-11-24 18:00")
    assert told(case, "督办") == {"fire"}
    assert len(happened(case, "supervise")) == 1


def test_numbers_run_through_the_district_and_the_year(road: Road) -> None:
    orders = [supervise(road, road.joint()) for _ in range(2)]
    assert [one.number for one in orders] == ["吹督〔2026〕1号", "吹督〔2026〕2号"]
    next_year = supervise(road, road.joint(), when=at("2027-01-04 09:00"))
    assert next_year.number == "吹督〔2027〕1号"


@pytest.mark.parametrize("name", ["dispatcher", "street_leader", "fire", "assessor"])
def test_only_district_and_inspector_supervise(road: Road, name: str) -> None:
    case = road.joint()
    with pytest.raises(Refused, match="区指挥中心和督查员"):
        supervise(road, case, name)
    assert not SupervisionOrder.objects.exists()


def test_a_second_order_waits_for_the_first(road: Road) -> None:
    case = road.joint()
    first = supervise(road, case)
    with pytest.raises(Refused, match=f"{first.number}还没有办结"):
        supervise(road, case)
    answer(road, case)
    review(road, case, "accept_supervision")
    assert supervise(road, case).sub_number.endswith("-D02")


def test_the_unit_answers_and_the_district_accepts(road: Road) -> None:
    case = road.joint()
    supervise(road, case)
    order = answer(road, case, when=at("2026-11-23 16:00"))
    assert (order.status, order.late_round) == (Status.ANSWERED, 0)
    assert told(case, "督办已回复") == {"district"}
    order = review(road, case, "accept_supervision")
    assert order.status == Status.ACCEPTED
    assert told(case, "督办已办结") == {"fire"}
    for verb in ("answer_supervision", "accept_supervision"):
        assert len(happened(case, verb)) == 1


def test_only_the_unit_answers_and_only_once(road: Road) -> None:
    case = road.joint()
    supervise(road, case)
    with pytest.raises(Refused, match="没有等待贵单位回复"):
        answer(road, case, "urban")
    with pytest.raises(Refused, match="联络员或负责人回复"):
        answer(road, case, "dispatcher")
    answer(road, case)
    with pytest.raises(Refused, match="没有等待贵单位回复"):
        answer(road, case)
    assert len(happened(case, "answer_supervision")) == 1


def test_a_returned_reply_is_asked_for_again(road: Road, turn: Any) -> None:
    case = road.joint()
    supervise(road, case)
    answer(road, case)
    order = review(road, case, "return_supervision", at("2026-11-23 15:00"))
    assert (order.status, order.round) == (Status.RETURNED, 2)
    assert order.due_at == at("2026-11-24 15:00")
    turn(at("2026-11-24 14:59"))
    assert not late(case, order)
    turn(at("2026-11-24 15:00"))
    assert late(case, order) == 1


def late(case: Case, order: SupervisionOrder) -> int:
    found = happened(case, "overdue_supervision")
    return len([one for one in found if one["supervision"] == order.number])


def test_an_overdue_reply_is_marked_and_told_once(road: Road, turn: Any) -> None:
    case = road.joint()
    feed_back(road, case)
    order = supervise_holder_fire(road, case)
    job = {"order_id": order.pk, "round": 1, "at": at("2026-11-24 09:00")}
    turn(at("2026-11-24 09:00"))
    for _ in range(2):
        actions.watch_supervision(**job)
    order.refresh_from_db()
    assert order.late_round == 1
    assert told(case, "督办逾期未回复") == {"fire", "district"}
    assert len(happened(case, "overdue_supervision")) == 1
    assert answer(road, case, when=at("2026-11-24 10:00")).late_round == 1


def supervise_holder_fire(road: Road, case: Case) -> SupervisionOrder:
    Case.objects.filter(pk=case.pk).update(holder_org=road.world.orgs["fire"])
    return supervise(road, case)


def test_f11_late_feedback_is_supervised_and_answered(road: Road, turn: Any) -> None:
    case = road.joint()
    turn(at("2026-11-23 15:00"))
    order = SupervisionOrder.objects.get()
    answer(road, case, when=at("2026-11-23 15:30"))
    review(road, case, "accept_supervision", at("2026-11-23 15:40"))
    road.at = at("2026-11-23 16:00")
    feed_back(road, case)
    turn(at("2026-11-25 09:00"))
    order.refresh_from_db()
    assert (order.status, order.late_round) == (Status.ACCEPTED, 0)
    assert SupervisionOrder.objects.filter(organisation=order.organisation).count() == 1


def test_the_page_asks_answers_and_keeps_what_was_typed(road: Road) -> None:
    case = road.joint()
    district, fire = signed_in(road.world, "district"), signed_in(road.world, "fire")
    base = f"/cases/{case.pk}"
    assert piece(district, f"{base}/supervise/").status_code == 200
    assert piece(district, f"{base}/supervise/", opinion="").status_code == 422
    assert piece(district, f"{base}/supervise/", opinion="限期").status_code == 200
    asked = piece(fire, f"{base}/answer_supervision/").content.decode()
    assert "吹督〔" in asked and "限期" in asked
    assert piece(fire, f"{base}/answer_supervision/", reply=" ").status_code == 422
    assert piece(fire, f"{base}/answer_supervision/", reply="已清").status_code == 200
    empty = piece(district, f"{base}/return_supervision/", opinion="")
    assert empty.status_code == 422
    assert (
        piece(district, f"{base}/return_supervision/", opinion="不详").status_code
        == 200
    )
    page = fire.get(f"{base}/").content.decode()
    assert "不详" in page and "退回重新回复" in page
    assert (
        piece(fire, f"{base}/answer_supervision/", reply="明日办结").status_code == 200
    )
    assert piece(district, f"{base}/accept_supervision/", opinion="").status_code == 200
    assert SupervisionOrder.objects.get().status == Status.ACCEPTED


def test_the_board_shows_what_is_in_scope_and_nothing_else(road: Road) -> None:
    case = road.joint()
    order = supervise(road, case)
    url = "/desk/supervision/"
    for name in ("district", "inspector", "dispatcher", "acceptor", "fire", "grid_a"):
        page = signed_in(road.world, name).get(url)
        assert page.status_code == 200, name
        assert order.number in page.content.decode(), name
    for name in ("other_dispatcher", "urban"):
        assert order.number not in signed_in(road.world, name).get(url).content.decode()


def test_the_board_tells_of_late_replies(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervise(road, road.joint())
    monkeypatch.setattr(clock, "now", lambda: at("2026-11-24 09:01"))
    page = signed_in(road.world, "district").get(
        "/desk/supervision/?tab=waiting&page=x"
    )
    assert "有 1 份督办单逾期未回复" in page.content.decode()
    done = signed_in(road.world, "district").get("/desk/supervision/?tab=accepted")
    assert "这里没有督办单" in done.content.decode()


def test_strangers_do_not_see_the_board(client: Any, db: None) -> None:
    assert client.get("/desk/supervision/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_orders_at_once_get_two_numbers(road: Road) -> None:
    cases = [road.joint() for _ in range(2)]

    def order(case: Case) -> None:
        try:
            supervise(road, case)
        finally:
            connection.close()

    threads = [threading.Thread(target=order, args=(case,)) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    serials = SupervisionOrder.objects.order_by("serial").values_list(
        "serial", flat=True
    )
    assert list(serials) == [1, 2]
