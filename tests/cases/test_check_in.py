"""报到: on the spot or from afar, late or in time, and coming later."""

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from cases import actions
from cases.models import Case, Photo
from cases.offers import offers
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9, SPOT, spot
from tests.cases.road import Road, again, piece, signed_in

FAR = Point(SPOT[0] + 0.012, SPOT[1], srid=4490)  # about 1,180 m to the east
GATHERING = Point(SPOT[0] + 0.0119, SPOT[1], srid=4490)


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def whistled(road, *supports, **more):
    case = road.pending()
    actions.whistle(
        case_id=case.pk, call=road.call(*supports, **more), at=MONDAY_9,
        actor=road.world.actor("street_leader"),
    )  # fmt: skip
    return again(case)


def come(road, case, who="fire", *, at=MONDAY_9, **more):
    given = {"mode": "on_site", "position": spot(), "remark": "", **more}
    return actions.check_in(
        case_id=case.pk, actor=road.world.actor(who), at=at, **given
    )


def test_far_away_is_checked_in_but_not_on_the_spot(road) -> None:
    case = whistled(road)
    line = come(road, case, position=FAR)
    assert (line.status, line.is_far, line.arrived_at) == ("checked_in", True, None)
    assert 1100 < line.checkin_distance_m < 1300
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "不在现场" in shown.text


def test_the_page_says_how_far_and_what_to_do(road) -> None:
    case = whistled(road)
    client = signed_in(road.world, "fire")
    address = reverse("case_action", args=[case.pk, "check_in"])
    given = {"mode": "on_site", "lng": FAR.x, "lat": FAR.y, "remark": ""}
    client.post(address, given)
    shown = client.get(reverse("case", args=[case.pk])).text
    assert "不算到场，记为“不在现场”" in shown


def test_on_the_spot_is_arrival_at_once(road) -> None:
    case = whistled(road)
    line = come(road, case)
    assert (line.status, line.is_far) == ("on_site", False)
    assert (line.arrived_at, line.arrived_distance_m) == (MONDAY_9, 0)


def test_a_unit_that_checked_in_online_comes_later(road) -> None:
    case = whistled(road)
    come(road, case, mode="online", position=None)
    later = MONDAY_9 + timedelta(minutes=40)
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="超过 500 米不算到场") as refused:
        actions.arrive(
            case_id=case.pk, position=FAR, actor=road.world.actor("fire"), at=later
        )
    assert refused.value.field == "position"
    with pytest.raises(Refused, match="需要定位"):
        actions.arrive(
            case_id=case.pk, position=None, actor=road.world.actor("fire"), at=later
        )
    with pytest.raises(Refused, match="没有被吹哨"):
        actions.arrive(
            case_id=case.pk, position=spot(), actor=road.world.actor("urban"), at=later
        )
    assert Event.objects.filter(chain=case.chain).count() == before
    line = actions.arrive(
        case_id=case.pk, position=spot(), actor=road.world.actor("fire"), at=later
    )
    assert (line.status, line.arrived_at) == ("on_site", later)
    assert Event.objects.filter(chain=case.chain).count() == before + 1
    with pytest.raises(Refused, match="一次就够"):
        actions.arrive(
            case_id=case.pk, position=spot(), actor=road.world.actor("fire"), at=later
        )


def test_the_page_takes_the_arrival_with_a_photo(road) -> None:
    case = whistled(road)
    fire = road.world.actor("fire")
    Case.objects.filter(pk=case.pk).update(has_photos=False)
    come(road, case, mode="online", position=None)
    assert "arrive" in [one.name for one in offers(again(case), fire, MONDAY_9)]
    client = signed_in(road.world, "fire")
    address = reverse("case_action", args=[case.pk, "arrive"])
    assert "500 米以内" in piece(client, address).text
    batch = road.photos(fire, "check_in")
    given = {"batch": batch, "lng": FAR.x, "lat": FAR.y}
    answer = piece(client, address, **given)
    assert (answer.status_code, "不算到场" in answer.text) == (422, True)
    given = {"batch": batch, "lng": SPOT[0], "lat": SPOT[1]}
    assert piece(client, address, **given).status_code == 200
    assert case.photos.filter(stage=Photo.Stage.CHECK_IN).count() == 1
    assert again(case).has_photos
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "距现场 0 米" in shown.text


def test_presence_asked_for_and_not_given_needs_a_reason(road) -> None:
    case = whistled(road, requires_presence=True)
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="线上报到的，请写明不能到场的原因") as refused:
        come(road, case, mode="online", position=None)
    assert refused.value.field == "remark"
    with pytest.raises(Refused, match="超过 500 米不算到场。请写明"):
        come(road, case, position=FAR)
    assert Event.objects.filter(chain=case.chain).count() == before
    line = come(road, case, mode="online", position=None, remark="车辆在途中故障")
    assert line.checkin_remark == "车辆在途中故障"
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "车辆在途中故障" in shown.text


def test_the_form_tells_that_presence_is_asked_for(road) -> None:
    case = whistled(road, requires_presence=True)
    client = signed_in(road.world, "fire")
    address = reverse("case_action", args=[case.pk, "check_in"])
    assert "这次吹哨要求到场" in piece(client, address).text
    answer = piece(client, address, mode="online", remark="")
    assert (answer.status_code, "请写明不能到场的原因" in answer.text) == (422, True)


def test_distance_is_measured_to_the_gathering_point(road) -> None:
    case = whistled(
        road, gather_point=GATHERING, gather_place="东门", requires_presence=True
    )
    line = come(road, case, position=FAR)
    assert line.status == "on_site"
    assert line.checkin_distance_m < 50
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "距集合点" in shown.text


def test_a_late_support_is_only_flagged(road) -> None:
    case = whistled(road, "urban")
    come(road, case)
    state = again(case).state
    late = MONDAY_9 + timedelta(days=1)
    line = come(road, case, "urban", at=late)
    assert line.checkin_overdue
    assert again(case).state == state
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "报到超时" in shown.text


def test_an_enterprise_of_the_city_is_called_and_checks_in(road) -> None:
    orgs = road.world.orgs
    orgs["fire"].kind = "enterprise"
    orgs["fire"].name = "供水公司"
    orgs["fire"].save()
    case = whistled(road)
    assert come(road, case).organisation.name == "供水公司"
