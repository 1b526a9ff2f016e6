"""Steps of a case for other systems: each once, in order, and nothing confidential."""

import json
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from cases import actions
from cases.actions.correcting import Correction
from cases.actions.publishing import kind_of, publish
from cases.models import Case
from governance.errors import Refused
from governance.models import Event
from parties import actions as parties
from parties.models import Channel, Delivery, Posting
from tests.cases.conftest import COMMUNITY, MONDAY_9, World
from tests.cases.road import Road
from tests.parties.channel_road import a_webhook, catch_up, verified
from tests.parties.receiver import receiving


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def wants_cases(url: str = "https://other.example.cn/", **more: Any) -> Any:
    return a_webhook(url, MONDAY_9, importances=[], case_events=True, **more)


def steps(case: Case) -> list[str]:
    found = Delivery.objects.filter(subject=case.chain).order_by("pk")
    return [one.data["type"] for one in found]


def test_every_event_of_a_case_is_one_letter(road: Road) -> None:
    wants_cases()
    case = road.joint()
    recorded = Event.objects.filter(chain=case.chain).order_by("seq")
    expected = [one.action.replace("cases.", "case.") for one in recorded]
    assert steps(case) == expected
    assert len(expected) > 3


def test_what_is_beside_the_table_goes_out_too(road: Road) -> None:
    case = road.joint()
    wants_cases()
    actions.urge(
        case_id=case.pk, opinion="请尽快", actor=road.world.actor("dispatcher"),
        at=MONDAY_9,
    )  # fmt: skip
    assert steps(case) == ["case.urge"]
    assert Delivery.objects.get().title == f"{case.display_no} 催办"


def test_a_letter_says_what_happened_and_nothing_of_persons(road: Road) -> None:
    wants_cases()
    case = road.pending()
    last = Delivery.objects.filter(subject=case.chain).latest("pk")
    assert last.title == f"{case.display_no} {last.data['label']}"
    assert last.data | {"due_at": None, "point": None} == {
        "type": "case.raise_to_street", "case": case.case_no, "seq": 2,
        "version": case.version, "label": last.data["label"], "in_scope": True,
        "from": "REPORTED", "state": "STREET_PENDING", "state_label": "待街道研判",
        "category": {"code": case.category.code5, "name": case.category.name},
        "urgent": False, "address": case.address, "point": None, "due_at": None,
        "areas": {
            "city": case.city.code, "district": case.district.code,
            "street": case.street.code, "community": case.community.code,
            "grid": case.grid.code,
        },
        "holder": case.holder_org.name,
        "actor": last.data["actor"],
    }  # fmt: skip
    assert set(last.data["actor"]) == {"post", "organisation"}
    assert "社区无执法权" not in json.dumps(last.data, ensure_ascii=False)


def test_a_confidential_case_stays_in_the_house(road: Road) -> None:
    wants_cases()
    case = road.reported()
    before = len(steps(case))
    Case.objects.filter(pk=case.pk).update(confidential=True)
    actions.raise_to_street(
        case_id=case.pk, opinion="社区无执法权", actor=road.world.actor("acceptor"),
        at=MONDAY_9,
    )  # fmt: skip
    assert len(steps(case)) == before


def test_a_channel_of_a_unit_gets_the_cases_of_that_unit(road: Road) -> None:
    fire = road.world.orgs["fire"]
    wants_cases(organisation_id=fire.pk)
    case = road.joint()
    assert "case.report" not in steps(case)
    assert steps(case)[0] == "case.whistle"


def test_a_refused_step_sends_nothing(road: Road) -> None:
    case = road.pending()
    wants_cases()
    with pytest.raises(Refused):
        actions.raise_to_street(
            case_id=case.pk, opinion="再来", actor=road.world.actor("acceptor"),
            at=MONDAY_9,
        )  # fmt: skip
    assert not Delivery.objects.exists()


def test_one_query_is_the_price_where_nobody_wants_them(
    road: Road, django_assert_num_queries: Any
) -> None:
    case = road.pending()
    event = Event.objects.filter(chain=case.chain).latest("seq")
    with django_assert_num_queries(1):
        publish(case, event)


def test_a_system_that_was_down_gets_the_case_later_step_by_step(
    road: Road, settings: Any
) -> None:
    settings.CHANNEL_NETWORKS = ["127.0.0.0/8"]
    with receiving() as receiver:
        receiver.down()
        wants_cases(receiver.url)
        case = road.joint()
        at = catch_up(MONDAY_9, most=3)
        assert not receiver.got
        receiver.up()
        receiver.answers = [(0, b""), (200, b"{}")]  # the first answer is lost
        catch_up(at)
        seen: list[str] = []
        for one in receiver.got:
            assert verified(one.headers, one.body)
            if one.headers["webhook-id"] not in seen:
                seen.append(one.headers["webhook-id"])
        assert len(receiver.got) == len(seen) + 1
        bodies = {
            one.headers["webhook-id"]: json.loads(one.body) for one in receiver.got
        }
        order = [bodies[letter]["data"]["seq"] for letter in seen]
        assert order == sorted(order)
        assert [bodies[letter]["type"] for letter in seen] == steps(case)


def feed(road: Road, name: str, **more: Any) -> Any:
    """A webhook that a post opened for itself."""
    who = road.world.actor(name)
    made, _secret = parties.open_feed(
        name=f"{name} 的订阅", url="https://other.example.cn/",
        posting_id=who.posting_id, actor=who, at=MONDAY_9, **more,
    )  # fmt: skip
    return made


def letters(channel: Any) -> list[str]:
    found = Delivery.objects.filter(channel=channel).order_by("pk")
    return [one.data["type"] for one in found]


def test_a_post_is_told_of_the_cases_that_it_sees_and_of_no_others(road: Road) -> None:
    own, beside = feed(road, "grid_a"), feed(road, "grid_b")
    fire = feed(road, "fire")
    case = road.joint()
    events = Event.objects.filter(chain=case.chain).order_by("seq")
    assert letters(own) == [kind_of(one) for one in events]
    assert letters(beside) == []
    assert letters(fire)[0] == "case.whistle"


def test_a_post_that_is_over_is_told_nothing_more(road: Road) -> None:
    own = feed(road, "grid_a")
    case = road.joint()
    before = letters(own)
    Posting.objects.filter(pk=own.posting_id).update(ends_at=MONDAY_9)
    actions.urge(
        case_id=case.pk, opinion="请尽快", actor=road.world.actor("dispatcher"),
        at=MONDAY_9,
    )  # fmt: skip
    assert before
    assert letters(own) == before


def test_only_the_steps_that_were_asked_for_go_out(road: Road) -> None:
    own = feed(road, "grid_a", event_kinds=["case.raise_to_street"])
    road.joint()
    assert letters(own) == ["case.raise_to_street"]


def test_nobody_subscribes_in_the_name_of_another(road: Road) -> None:
    with pytest.raises(Refused) as refused:
        parties.open_feed(
            name="别人的", url="https://other.example.cn/",
            posting_id=road.world.actor("grid_b").posting_id,
            actor=road.world.actor("grid_a"), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "forbidden"
    assert not Channel.objects.exists()


def test_a_feed_that_is_off_is_written_nothing_and_goes_on_later(road: Road) -> None:
    own, who = feed(road, "grid_a"), road.world.actor("grid_a")
    parties.turn_feed(channel_id=own.pk, on=False, actor=who, at=MONDAY_9)
    road.pending()
    assert letters(own) == []
    parties.turn_feed(channel_id=own.pk, on=True, actor=who, at=MONDAY_9)
    road.pending()
    assert letters(own)[0] == "case.report"
    with pytest.raises(Refused):
        parties.turn_feed(
            channel_id=own.pk, on=False, actor=road.world.actor("grid_b"), at=MONDAY_9
        )


def test_what_is_written_to_one_system_goes_to_no_other(road: Road) -> None:
    own, beside = feed(road, "grid_a"), feed(road, "grid_b")
    for _twice in range(2):
        parties.write_to(
            channel_id=own.pk, key="order:1:2", subject="order:1", title="已收到",
            url="", data={"type": "work_order.received"}, at=MONDAY_9,
        )  # fmt: skip
    assert letters(own) == ["work_order.received"]
    assert letters(beside) == []


BESIDE = Point(113.0015, 28.0005, srid=4490)


def leader(road: Road, code: str = f"{COMMUNITY}001") -> Any:
    """A webhook of somebody who sees the cases of a grid and filed none of them."""
    road.world.hire("grid_leader_a", "grid_leader", "community", code)
    return feed(road, "grid_leader_a")


def moved(road: Road, case: Any, at: Any = MONDAY_9) -> None:
    actions.correct_case(
        case_id=case.pk, correction=Correction(point=BESIDE), opinion="地址记错了",
        actor=road.world.actor("acceptor"), at=at,
    )  # fmt: skip


def test_the_step_by_which_a_case_leaves_the_scope_is_told_once(road: Road) -> None:
    """Whoever saw it learns that it is gone, and nothing of where it is now."""
    own = leader(road)
    beside = feed(road, "grid_b")
    case = road.reported()
    moved(road, case)
    last = Delivery.objects.filter(channel=own).latest("pk")
    assert letters(own) == ["case.report", "case.correct_case"]
    assert last.data["in_scope"] is False
    assert set(last.data) == {"type", "case", "seq", "version", "label", "in_scope"}
    assert last.url == ""
    assert letters(beside) == ["case.correct_case"]
    assert Delivery.objects.get(channel=beside).data["in_scope"] is True
    actions.urge(
        case_id=case.pk, opinion="请尽快", actor=road.world.actor("dispatcher"),
        at=MONDAY_9,
    )  # fmt: skip
    assert len(letters(own)) == 2


def test_it_is_told_whatever_kinds_were_asked_for_and_to_who_came_later(
    road: Road,
) -> None:
    case = road.reported()
    own = leader(road)
    Channel.objects.filter(pk=own.pk).update(event_kinds=["case.whistle"])
    off = feed(road, "fire")
    moved(road, case)
    assert letters(own) == ["case.correct_case"]
    assert letters(off) == []


def test_of_a_case_that_becomes_confidential_only_that_it_is_gone(road: Road) -> None:
    own = feed(road, "acceptor")
    case = road.reported()
    confidential = road.world.categories["stall"]
    confidential.is_confidential = True
    confidential.save(update_fields=["is_confidential"])
    actions.correct_case(
        case_id=case.pk, correction=Correction(category_id=confidential.pk),
        opinion="属保密类别", actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    last = Delivery.objects.filter(channel=own).latest("pk")
    assert last.data["in_scope"] is False
    assert "address" not in last.data


def test_a_post_that_is_over_is_not_told_that_it_is_gone(road: Road) -> None:
    own = leader(road)
    case = road.reported()
    Posting.objects.filter(pk=own.posting_id).update(ends_at=MONDAY_9)
    moved(road, case)
    assert letters(own) == ["case.report"]
