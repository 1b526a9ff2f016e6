"""更正 and 补充说明: put right while it is open, appended to afterwards."""

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from cases import actions
from cases.models import Case, FilingCondition
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, piece, signed_in

IN_002 = Point(113.0015, 28.0005, srid=4490)
IN_OTHER_STREET = Point(113.0025, 28.0005, srid=4490)


@pytest.fixture
def road(world, file_case, photos) -> Road:
    return Road(world, file_case, photos)


def correct(road, case, by="acceptor", when=MONDAY_9, opinion="类别选错", **more):
    actions.correct_case(
        case_id=case.pk, correction=actions.Correction(**more), opinion=opinion,
        actor=road.world.actor(by), at=when,
    )  # fmt: skip
    return again(case)


def test_category_and_address_are_corrected_with_before_and_after(road) -> None:
    case = road.reported("stall")
    before = Event.objects.count()
    lane = road.world.categories["lane"]
    case = correct(road, case, category_id=lane.pk, address="和平路 14 号")
    assert (case.category, case.condition, case.address) == (lane, None, "和平路 14 号")
    assert Event.objects.count() == before + 1
    event = Event.objects.filter(chain=case.chain).order_by("-seq").first()
    assert event.detail["changes"] == {
        "category": ["占道经营", "占用消防通道"],
        "address": ["和平路 12 号门前", "和平路 14 号"],
    }


def test_another_place_is_another_grid_and_another_desk(road) -> None:
    case = correct(road, road.reported(), point=IN_002)
    assert case.grid.code.endswith("002")
    assert case.placement_code == case.grid.code
    assert case.placement_note == "更正位置后重新归属"
    case = road.pending()
    case = correct(road, case, by="dispatcher", point=IN_OTHER_STREET)
    assert case.street.code == "990101002"
    assert case.holder_org.name == "光明街道"


def test_what_is_in_hand_stays_in_its_area(road) -> None:
    with pytest.raises(Refused, match="区级协调") as refused:
        correct(road, road.whistled(), by="dispatcher", point=IN_OTHER_STREET)
    assert refused.value.field == "point"


def test_another_condition_reckons_the_limit_from_its_first_start(road, turn) -> None:
    """2 工作时 become 1: used up at 10:00, and at 10:30 the case is overdue at once."""
    case = road.joint()
    shorter = FilingCondition.objects.create(
        category=case.category, text="通道被堵死的", limit_n=1, limit_unit="WORK_HOUR"
    )
    late = at("2026-11-23 10:30")
    turn(late)
    case = correct(road, case, by="dispatcher", when=late, condition_id=shorter.pk)
    handle = case.clocks.get(stage="HANDLE", stopped_at=None)
    assert (handle.started_at, handle.due_at) == (MONDAY_9, at("2026-11-23 10:00"))
    assert case.due_at == handle.due_at
    turn(late)
    assert Notification.objects.filter(
        subject=case.chain, title__startswith="处置已超时"
    ).exists()


def test_once_handling_began_another_category_needs_a_condition(road) -> None:
    case = road.joint()
    stall = road.world.categories["stall"]
    with pytest.raises(Refused, match="新的立案条件") as refused:
        correct(road, case, by="dispatcher", category_id=stall.pk)
    assert refused.value.field == "condition"
    condition = stall.conditions.get()
    case = correct(
        road, case, by="dispatcher", category_id=stall.pk, condition_id=condition.pk
    )
    assert case.condition == condition
    assert case.clocks.get(stage="HANDLE", stopped_at=None).limit_n == 4


def test_another_address_alone_needs_no_condition(road) -> None:
    """自行处置 runs without one: its limit stays, and so does the case."""
    case = road.reported("stall")
    worker = road.world.actor("grid_a")
    actions.self_resolve(case_id=case.pk, actor=worker, at=MONDAY_9)
    due = case.clocks.get(stage="HANDLE", stopped_at=None).due_at
    case = correct(road, case, address="和平路 14 号")
    assert (case.address, case.condition) == ("和平路 14 号", None)
    assert case.clocks.get(stage="HANDLE", stopped_at=None).due_at == due
    lane = road.world.categories["lane"]
    with pytest.raises(Refused, match="新的立案条件"):
        correct(road, case, category_id=lane.pk)


def test_a_case_found_to_be_urgent_goes_to_the_street_at_once(road, turn) -> None:
    case = correct(road, road.reported(), urgent=True)
    accept = case.clocks.get(stage="ACCEPT")
    assert (accept.due_at, case.due_at) == (at("2026-11-23 09:30"),) * 2
    turn(MONDAY_9)
    assert again(case).state == "STREET_PENDING"


def test_a_category_may_make_a_case_confidential(road) -> None:
    lane = road.world.categories["lane"]
    lane.is_confidential = True
    lane.save()
    case = correct(road, road.reported("stall"), category_id=lane.pk)
    assert case.confidential


def test_it_is_refused_to_others_too_late_and_without_a_reason(road) -> None:
    case = road.reported()
    before = Event.objects.count()
    for by in ("grid_a", "community_leader", "other_dispatcher", "district"):
        with pytest.raises(Refused, match="受理员、派遣员"):
            correct(road, case, by=by, address="别处")
    with pytest.raises(Refused, match="更正的理由") as refused:
        correct(road, case, opinion=" ", address="别处")
    assert refused.value.field == "opinion"
    with pytest.raises(Refused, match="没有改动"):
        correct(road, case, address=case.address)
    assert Event.objects.count() == before
    with pytest.raises(Refused, match="反馈以后不能再更正"):
        correct(road, road.fed_back(), by="dispatcher", address="别处")


def test_the_page_corrects_and_keeps_what_was_typed(road, monkeypatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    case = road.reported("stall")
    client = signed_in(road.world, "acceptor")
    url = reverse("case_action", args=[case.pk, "correct_case"])
    assert "和平路 12 号门前" in piece(client, url).content.decode()
    given = {"category": case.category_id, "address": "和平路 16 号", "condition": 0}
    answer = piece(client, url, **given, point="不知道", opinion="位置有误")
    assert answer.status_code == 422
    assert "和平路 16 号" in answer.content.decode()
    assert "经度, 纬度" in answer.content.decode()
    piece(client, url, **given, point="113.0015, 28.0005", opinion="位置有误")
    case = again(case)
    assert (case.address, case.grid.code[-3:]) == ("和平路 16 号", "002")
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "和平路 12 号门前 → 和平路 16 号" in page


def test_an_archived_case_is_only_added_to(road) -> None:
    case = road.closed()
    with pytest.raises(Refused, match="归档以后"):
        add_note(road, case)
    Case.objects.filter(pk=case.pk).update(state="ARCHIVED")
    version, before = again(case).version, Event.objects.count()
    add_note(road, case)
    assert again(case).version == version
    assert Event.objects.count() == before + 1
    with pytest.raises(Refused, match="补充说明由"):
        add_note(road, case, by="dispatcher")
    with pytest.raises(Refused, match="请填写补充说明"):
        add_note(road, case, opinion="")
    client = signed_in(road.world, "shift_head")
    url = reverse("case_action", args=[case.pk, "add_note"])
    piece(client, url, opinion="门牌号应为 14 号")
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "门牌号应为 14 号" in page


def add_note(road, case, by="shift_head", opinion="地址应为 14 号"):
    actions.add_note(
        case_id=case.pk, opinion=opinion, actor=road.world.actor(by), at=MONDAY_9
    )
