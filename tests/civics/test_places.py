"""QR codes for the street: made by the desks, scanned by residents."""

import re
from dataclasses import replace

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from cases.models import Case
from civics import actions, qr
from civics.models import Place
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT
from tests.civics.conftest import NUMBER, last_code

PLACES = reverse("places")


@pytest.fixture
def gate(world):
    return actions.name_place(
        name="幸福里南门", address="和平路 12 号南门", point=Point(*SPOT, srid=4490),
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip


@pytest.fixture
def desk(client, world, moment):
    client.force_login(
        world.postings["acceptor"].user,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def test_a_place_knows_its_grid_and_has_a_code_that_can_be_read_aloud(gate):
    assert gate.area.code == f"{COMMUNITY}001"
    assert re.fullmatch(r"[a-hjkmnp-z2-9]{8}", gate.code)
    (event,) = Event.objects.filter(chain=gate.chain)
    assert event.action == "civics.name_place"


def test_scanning_fills_in_the_place_and_files_there_without_javascript(
    client, gate, world, photos, channel, moment
):
    answer = client.get(reverse("resident_scan", args=[gate.code]))
    assert answer.url == reverse("resident_report")
    page = client.get(answer.url).content.decode()
    assert "已按二维码填好位置：幸福里南门" in page
    sent = {
        "category": world.categories["stall"].pk,
        "description": "南门外的摊位占了整条人行道。",
    }
    where = client.post(answer.url, sent).url
    page = client.get(where).content.decode()
    assert 'value="和平路 12 号南门"' in page
    shown = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', page))
    given = {
        name: shown.get(name, "")
        for name in ("lng", "lat", "accuracy_m", "method", "grid_code", "address")
    }
    answer = client.post(where, {**given, "crs": "cgcs2000"})
    who = answer.url
    assert who == reverse("resident_who")
    form = {"phone": NUMBER, "agreed": "on"}
    client.post(who, {**form, "send": "1"})
    client.post(who, {**form, "code": last_code()})
    case = Case.objects.get()
    assert case.grid.code == f"{COMMUNITY}001"
    assert case.point.x == pytest.approx(SPOT[0], abs=1e-6)
    assert case.accuracy_m == 30
    assert case.address == "和平路 12 号南门"


def test_the_code_of_a_grid_stands_for_its_middle_with_its_size(world):
    made = actions.name_grids(actor=world.actor("acceptor"), at=MONDAY_9)
    assert [one.area.code for one in made] == [f"{COMMUNITY}001", f"{COMMUNITY}002"]
    first = made[0]
    assert first.whole_area
    assert 113.000 < first.point.x < 113.001
    assert 40 < first.accuracy_m < 80  # a square of about 100 m
    again = actions.name_grids(actor=world.actor("acceptor"), at=MONDAY_9)
    assert again == []


def test_only_in_the_own_area(world):
    with pytest.raises(Refused, match="不在您的辖区内") as refused:
        actions.name_place(
            name="别处", address="别处", point=Point(113.0025, 28.0005, srid=4490),
            actor=world.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.field == "lng"
    assert not Place.objects.exists()


@pytest.mark.parametrize("name", ["grid_a", "fire", "assessor"])
def test_others_do_not_keep_places(world, name, gate):
    for act in (
        lambda who: actions.name_grids(actor=who, at=MONDAY_9),
        lambda who: actions.end_place(place_id=gate.pk, actor=who, at=MONDAY_9),
    ):
        with pytest.raises(Refused, match="请切换到这些岗位"):
            act(world.actor(name))
    gate.refresh_from_db()
    assert gate.ended_at is None


def test_nobody_ends_a_place_of_another_area(world, gate):
    elsewhere = replace(world.actor("acceptor"), area_code="990102001001")
    with pytest.raises(Place.DoesNotExist):
        actions.end_place(place_id=gate.pk, actor=elsewhere, at=MONDAY_9)
    gate.refresh_from_db()
    assert gate.ended_at is None
    assert not Event.objects.filter(action="civics.end_place").exists()


def test_a_sign_that_was_taken_down_leads_on_all_the_same(client, gate, world):
    actions.end_place(place_id=gate.pk, actor=world.actor("acceptor"), at=MONDAY_9)
    answer = client.get(reverse("resident_scan", args=[gate.code]))
    assert answer.status_code == 410
    assert "已停用" in answer.content.decode()
    assert reverse("resident_report") in answer.content.decode()
    assert client.get(reverse("resident_scan", args=["nosuch22"])).status_code == 404
    assert Event.objects.filter(action="civics.end_place").count() == 1


def test_the_qr_code_is_an_image_that_scales(gate):
    drawn = qr.svg("https://grid.example.cn/q/abcd2345/")
    assert drawn.startswith("<svg")
    assert "viewBox" in drawn
    assert " width=" not in drawn.split(">")[0]


# --- the desk's pages -----------------------------------------------------------
def test_the_desk_makes_prints_and_ends_a_place(desk, settings):
    settings.SITE_URL = "https://grid.example.cn"
    given = {
        "name": "中心花园", "address": "幸福里中心花园", "lng": SPOT[0], "lat": SPOT[1],
        "crs": "wgs84",
    }  # fmt: skip
    answer = desk.post(PLACES, given)
    place = Place.objects.get()
    sheet = reverse("place_sheet", args=[place.code])
    assert answer.url == sheet
    page = desk.get(sheet).content.decode()
    assert "<svg" in page
    assert f"https://grid.example.cn/q/{place.code}/" in page
    assert "中心花园" in desk.get(PLACES).content.decode()
    assert "中心花园" in desk.get(reverse("place_sheets")).content.decode()
    desk.post(reverse("place_end", args=[place.code]), follow=True)
    assert "中心花园" not in desk.get(PLACES).content.decode().split("places-list")[1]


def test_what_is_missing_is_said_and_the_rest_kept(desk):
    answer = desk.post(PLACES, {"name": "中心花园", "address": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请在地图上点选位置" in page
    assert 'value="中心花园"' in page


def test_the_desk_makes_one_for_every_grid(desk):
    page = desk.post(reverse("place_grids"), follow=True).content.decode()
    assert "新建了 2 个网格的二维码" in page
    assert Place.objects.count() == 2


def test_strangers_and_other_areas_see_none_of_it(client, gate, world, moment):
    assert client.get(PLACES).status_code == 302
    other = world.postings["other_dispatcher"].user
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    assert gate.name not in client.get(PLACES).content.decode()
    sheet = reverse("place_sheet", args=[gate.code])
    assert client.get(sheet).status_code == 404
    worker = world.postings["grid_a"].user
    client.force_login(worker, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PLACES).status_code == 422
