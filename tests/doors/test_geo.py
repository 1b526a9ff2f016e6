"""GeoJSON and tiles for GIS programs: scope, box, level, time, pages, keys."""

import itertools
import json
import math
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.urls import reverse

from cases.models import Case
from grids.actions import publish_boundaries
from grids.models import AreaBoundary
from parties.acting import Actor
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT, STREET, World, at

AREAS, CASES = reverse("api_areas_geojson"), reverse("api_cases_geojson")


@pytest.fixture(autouse=True)
def nine_o_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)


@pytest.fixture
def ask(client: Any, key_of: Any) -> Any:
    """`ask(address, "acceptor", bbox=…)` with a key of `geo:read` in a header."""
    keys: dict[str, str] = {}

    def ask(address: str, name: str = "acceptor", **query: Any) -> Any:
        if name not in keys:
            keys[name] = key_of(name, scopes=["geo:read"])[1]
        headers = {"Authorization": f"Bearer {keys[name]}"}
        return client.get(address, query, headers=headers)

    return ask


def codes(got: Any) -> list[str]:
    return [one["id"] for one in got.json()["features"]]


def test_areas_are_geojson_in_wgs84(ask: Any) -> None:
    got = ask(AREAS, level="grid")
    assert got.status_code == 200, got.text
    assert got["Content-Type"] == "application/geo+json"
    answer = got.json()
    assert answer["type"] == "FeatureCollection"
    assert "crs" not in answer
    first = answer["features"][0]
    assert "crs" not in first["geometry"]
    assert first["properties"]["code"] == first["id"] == f"{COMMUNITY}001"
    ring = first["geometry"]["coordinates"][0][0]
    pairs = itertools.pairwise(ring)
    shoelace = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)
    assert shoelace > 0  # outer rings are counter-clockwise
    stored = AreaBoundary.objects.get(area__code=first["id"], valid_to=None).geometry
    told = GEOSGeometry(json.dumps(first["geometry"]))
    told.srid = stored.srid
    assert told.equals_exact(stored, 0) or told.equals(stored)


def test_areas_are_narrowed_by_box_and_code(ask: Any) -> None:
    box = "112.9999,28.0,113.0005,28.0005"
    assert codes(ask(AREAS, level="grid", bbox=box)) == [f"{COMMUNITY}001"]
    assert codes(ask(AREAS, level="grid", within=COMMUNITY)) == [
        f"{COMMUNITY}001", f"{COMMUNITY}002",
    ]  # fmt: skip


def test_areas_come_in_pages_that_lead_on(ask: Any, client: Any) -> None:
    first = ask(AREAS, level="grid", limit=2)
    assert codes(first) == [f"{COMMUNITY}001", f"{COMMUNITY}002"]
    following = first.json()["next"]
    assert first["Link"] == f'<{following}>; rel="next"'
    second = ask(following.split("testserver")[1].split("?")[0], level="grid", limit=2,
                 after=codes(first)[-1])  # fmt: skip
    assert codes(second) == ["990101002001001"]
    assert second.json()["next"] is None


def test_areas_as_they_were_at_a_moment(ask: Any, world: World) -> None:
    area = world.areas[f"{COMMUNITY}001"]
    old = AreaBoundary.objects.get(area=area)
    shape = old.geometry.clone()
    shape.srid = 4490
    moved = GEOSGeometry(shape.wkt.replace("28.001", "28.0009"), srid=4490)
    publish_boundaries(
        boundaries=[(area.pk, moved)], actor=Actor.system(),
        at=at("2026-11-01 00:00"), source="test",
    )  # fmt: skip

    def version(**query: Any) -> int:
        got = ask(AREAS, level="grid", within=area.code, **query).json()
        return int(got["features"][0]["properties"]["version"])

    assert version() == 2
    assert version(at="2026-06-01T00:00:00+08:00") == 1


def test_cases_are_those_that_the_post_sees(ask: Any, file_case: Any) -> None:
    case = file_case()
    got = ask(CASES)
    feature = got.json()["features"][0]
    assert feature["id"] == case.pk
    assert feature["geometry"]["coordinates"] == pytest.approx(SPOT)
    assert feature["properties"]["case_no"] == case.case_no
    assert codes(ask(CASES, "grid_b")) == []
    assert codes(ask(CASES, "fire")) == []


def test_confidential_cases_stay_in_the_house(ask: Any, file_case: Any) -> None:
    case = file_case()
    assert codes(ask(CASES, "assessor")) == [case.pk]
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert codes(ask(CASES, "assessor")) == []


def test_cases_are_narrowed_by_box_place_and_time(ask: Any, file_case: Any) -> None:
    case = file_case()
    everywhere, elsewhere = "113.0,28.0,113.001,28.001", "100,20,101,21"
    day = "2026-11-23T00:00:00+08:00"
    for query, found in (
        ({"bbox": everywhere}, True), ({"bbox": elsewhere}, False),
        ({"within": STREET}, True), ({"within": "990102"}, False),
        ({"since": day}, True), ({"until": day}, False), ({"open": "true"}, True),
    ):  # fmt: skip
        assert (codes(ask(CASES, **query)) == [case.pk]) is found, query


def test_cases_come_in_pages(ask: Any, file_case: Any) -> None:
    filed = [file_case().pk for _n in range(3)]
    first = ask(CASES, limit=2)
    assert codes(first) == filed[:0:-1]
    assert codes(ask(CASES, limit=2, before=codes(first)[-1])) == filed[:1]


@pytest.mark.parametrize(
    ("address", "query"),
    [
        (AREAS, {}),
        (AREAS, {"level": "village"}),
        (AREAS, {"level": "grid", "bbox": "1,2,3"}),
        (AREAS, {"level": "grid", "bbox": "nan,0,1,1"}),
        (AREAS, {"level": "grid", "limit": 5000}),
        (CASES, {"since": "yesterday"}),
    ],
)
def test_a_wrong_query_is_told(ask: Any, address: str, query: dict[str, Any]) -> None:
    assert ask(address, **query).status_code == 400


def test_a_tile_by_the_key_in_its_address(client: Any, key_of: Any, world: Any) -> None:
    _key, text = key_of("acceptor", scopes=["geo:read"])
    z, (lng, lat) = 14, SPOT
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    x, y = int((lng + 180) / 360 * 2**z), int((1 - north) / 2 * 2**z)
    address = reverse("api_tile", args=["grid", z, x, y])
    got = client.get(address, {"api_key": text})
    assert got.status_code == 200
    assert got["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert b"grid_label" in got.content
    assert client.get(address).status_code == 401
    beyond = reverse("api_tile", args=["grid", 2, 9, 0])
    assert client.get(beyond, {"api_key": text}).status_code == 404


def test_a_key_without_the_scope_reads_nothing(client: Any, key_of: Any) -> None:
    _key, text = key_of("acceptor", scopes=["cases:read"])
    for address in (AREAS, CASES):
        assert client.get(address, {"api_key": text}).status_code == 403


def test_the_key_is_not_passed_on_to_the_next_page(client: Any, key_of: Any) -> None:
    _key, text = key_of("acceptor", scopes=["geo:read"])
    got = client.get(AREAS, {"level": "grid", "limit": 1, "api_key": text})
    assert "limit=1" in got.json()["next"]
    assert text not in got.text
