"""An address in words: placed by what it names, else by the desk of where it names."""

from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from cases.models import Case
from civics.models import Place
from doors import actions
from doors.models import Open311Request
from doors.querysets.gazetteer import named_in
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification, Posting
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT, STREET, World
from tests.cases.road import signed_in
from tests.doors.open311.conftest import Door

OTHER = "990101002001"


@pytest.fixture
def named(world: World) -> World:
    """Names as cities have them; two communities are called alike."""
    for code, name, short in (
        ("990101", "南山区", ""), (STREET, "和平街道", ""),
        ("990101002", "粤海街道", ""),
        (COMMUNITY, "幸福社区", "老机场"), (OTHER, "幸福社区", "滨河路"),
        (f"{COMMUNITY}001", "幸福社区第一网格", ""),
        (f"{COMMUNITY}002", "人民医院网格", "人民医院"),
    ):  # fmt: skip
        area = world.areas[code]
        area.name, area.short_name = name, short
        area.save(update_fields=["name", "short_name"])
    return world


def a_place(world: World, name: str, address: str) -> Place:
    return Place.objects.create(
        code=name[:8], name=name, address=address, point=Point(*SPOT, srid=4490),
        area=world.areas[f"{COMMUNITY}001"], accuracy_m=20, created_at=MONDAY_9,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "community", "within"),
    [
        ("和平街道幸福社区 3 栋", COMMUNITY, None),
        ("南山区粤海街道幸福社区", OTHER, None),
        ("和平 幸福 3 栋", COMMUNITY, None),
        ("南山粤海街道，幸福", OTHER, None),
        ("老机场，大榕树下", COMMUNITY, None),
        ("和平街道人民医院门口", COMMUNITY, None),
        ("幸福社区 3 栋", None, "990101"),
        ("和平街道 12 号", None, STREET),
        ("南山区海边", None, "990101"),
        ("和平路 12 号", None, None),
        ("幸福路和平里", None, None),
        ("滨河路 12 号", None, None),
        ("老槐树旁边", None, None),
        ("。", None, None),
    ],
)
def test_what_words_name(
    named: World, text: str, community: str | None, within: str | None
) -> None:
    """Full and short names of areas; what is above decides between equal names, and a
    road that is called like a street is not the street."""
    found = named_in(text)
    assert (found.community.code if found.community else None) == community
    assert (found.within.code if found.within else None) == within


def test_places_with_a_qr_code_are_known(named: World) -> None:
    a_place(named, "滨海公园北门", "望海路一百号院")
    for text in ("滨海公园北门的垃圾桶", "望海路一百号院 2 单元"):
        assert named_in(text).community == named.areas[COMMUNITY]
    assert named_in("粤海街道滨海公园北门").within == named.areas["990101002"]
    Place.objects.update(ended_at=MONDAY_9)
    assert named_in("滨海公园北门的垃圾桶").community is None


def test_an_address_of_a_case_is_known(named: World, file_case: Any) -> None:
    case = file_case(address="望海路 100 号院 2 栋")
    assert named_in("望海路 100 号院 2 栋").community == case.community
    assert named_in("望海路 100 号院 3 栋").community is None


def test_what_a_desk_placed_once_is_known_from_then_on(
    door: Door, named: World
) -> None:
    address = "和平街道 大榕树西侧"
    row = sent(door, named, address)
    actions.place_request(
        request_id=row.pk, community_id=named.areas[COMMUNITY].pk,
        actor=named.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    (made,) = door.post("requests.json", **words(named, address))
    case = Case.objects.get(case_no=made["service_request_id"])
    assert case.community == named.areas[COMMUNITY]


def words(world: World, address: str) -> dict[str, Any]:
    return {
        "service_code": str(world.categories["lane"].pk),
        "address_string": address,
        "description": "消防通道被三轮车堵了，救护车进不来。",
    }


def sent(door: Door, world: World, address: str) -> Open311Request:
    (made,) = door.post("requests.json", **words(world, address))
    return Open311Request.objects.get(pk=made["token"])


def test_words_that_name_nothing_known_are_refused(door: Door, named: World) -> None:
    (error,) = door.post("requests.json", 400, **words(named, "老槐树旁边"))
    assert "写明所在的区、街道或社区" in error["description"]
    assert not Open311Request.objects.exists()
    assert not Event.objects.filter(chain__startswith="open311:").exists()


def test_the_desk_of_the_street_is_told_and_files_it(door: Door, named: World) -> None:
    row = sent(door, named, "和平街道大榕树下")
    assert row.area == named.areas[STREET]
    told = Notification.objects.filter(subject=row.chain)
    people = set(told.values_list("user", flat=True))
    assert named.user_id("dispatcher") in people
    assert named.user_id("other_dispatcher") not in people
    client = signed_in(named, "dispatcher")
    assert "和平街道大榕树下" in client.get(reverse("open311_unplaced")).text
    assert "1 个 Open311 请求" in client.get(reverse("bridge_orders")).text
    page, post = reverse("open311_placing", args=[row.pk]), place_of(row)
    shown = client.get(page)
    assert "消防通道被三轮车堵了" in shown.text
    assert f'value="{named.areas[OTHER].pk}"' not in shown.text
    refused = client.post(post, {"community": ""})
    assert refused.status_code == 422
    assert "请选择社区。" in refused.text
    assert not Case.objects.exists()
    done = client.post(post, {"community": named.areas[COMMUNITY].pk}, follow=True)
    case = Case.objects.get()
    assert case.display_no in done.text
    assert case.community == named.areas[COMMUNITY]
    event = Event.objects.get(chain=row.chain)
    assert event.actor["role"] == "street_dispatcher"
    assert client.get(page).status_code == 404


def place_of(row: Open311Request) -> str:
    return reverse("open311_place", args=[row.pk])


def test_where_no_desk_is_posted_the_district_is_told(door: Door, named: World) -> None:
    Posting.objects.filter(post__area=named.areas[STREET]).update(ends_at=MONDAY_9)
    row = sent(door, named, "和平街道大榕树下")
    told = Notification.objects.filter(subject=row.chain)
    assert set(told.values_list("user", flat=True)) == {named.user_id("district")}
    client = signed_in(named, "district")
    assert client.get(reverse("open311_placing", args=[row.pk])).status_code == 200


def test_others_neither_see_nor_place_it(door: Door, named: World) -> None:
    row = sent(door, named, "和平街道大榕树下")
    for name in ("other_dispatcher", "acceptor", "grid_a", "fire"):
        client = signed_in(named, name)
        assert client.get(reverse("open311_placing", args=[row.pk])).status_code == 404
        got = client.post(place_of(row), {"community": named.areas[COMMUNITY].pk})
        assert got.status_code == 404
        with pytest.raises(Refused) as refused:
            actions.place_request(
                request_id=row.pk, community_id=named.areas[COMMUNITY].pk,
                actor=named.actor(name), at=MONDAY_9,
            )  # fmt: skip
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused) as refused:
        actions.place_request(
            request_id=row.pk, community_id=named.areas[OTHER].pk,
            actor=named.actor("dispatcher"), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "scope"
    assert not Event.objects.filter(chain=row.chain).exists()


def test_address_id_may_be_a_street_as_well(door: Door, named: World) -> None:
    given = {"service_code": str(named.categories["lane"].pk), "address_id": STREET}
    (made,) = door.post("requests.json", **given)
    assert Open311Request.objects.get(pk=made["token"]).area == named.areas[STREET]
