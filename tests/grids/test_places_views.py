"""Tiles, areas as JSON, locating, the map page: who gets them and what is in them."""

import gzip
from math import asinh, floor, pi, radians, tan

import pytest
from django.contrib.gis.gdal import DataSource
from django.urls import reverse

from governance.geo import from_wgs84
from grids import actions
from tests.factories import UserFactory
from tests.grids import cities
from tests.grids.cities import ACTOR, COMMUNITY, LATER, SOUTH, STEP, WEST

# The tile that holds the south-west corner of the town at zoom 14.
Z, X, Y = 14, 13334, 6863


@pytest.fixture
def reader(client, db):
    client.force_login(
        UserFactory(), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def tile_url(level="grid", z=Z, x=X, y=Y):
    return reverse("tile", args=[level, z, x, y])


def layers(content: bytes, folder) -> dict[str, list[dict]]:
    """What a tile holds, by layer, read by GDAL."""
    if not content:
        return {}
    path = folder / "tile.mvt"
    path.write_bytes(content)
    return {
        layer.name: [
            {name: feature.get(name) for name in ("code", "name", "level")}
            for feature in layer
        ]
        for layer in DataSource(path)
    }


def tile_of(lng: float, lat: float, z: int) -> tuple[int, int, int]:
    x = floor((lng + 180) / 360 * 2**z)
    y = floor((1 - asinh(tan(radians(lat))) / pi) / 2 * 2**z)
    return z, x, y


def test_the_tile_above_is_where_the_town_is():
    assert tile_of(WEST + 1e-6, SOUTH + 1e-6, Z) == (Z, X, Y)


@pytest.mark.parametrize("name", ["area_roots", "areas_map"])
def test_the_map_of_the_house_asks_for_signing_in(client, town, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))


def test_residents_see_boundaries_and_where_they_stand(client, town):
    """They report and look at the public map without signing in."""
    assert client.get(tile_url()).status_code == 200
    assert client.get(reverse("area_geojson", args=["9901"])).status_code == 200
    assert client.get(reverse("locate")).status_code == 422  # no position was given


def test_a_tile_holds_the_areas_of_its_level(reader, town, tmp_path):
    answer = reader.get(tile_url())
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert "private" in answer["Cache-Control"]
    found = layers(answer.content, tmp_path)
    west = {"code": f"{COMMUNITY}001", "name": "一格", "level": 5}
    assert west in found["grid"]
    assert {one["level"] for one in found["grid"]} == {5}
    assert set(found) == {"grid", "grid_label"}


@pytest.mark.parametrize("z", range(3, 19))
def test_an_area_is_in_its_tile_at_every_zoom(reader, town, tmp_path, z):
    lng, lat = WEST + 0.5 * STEP, SOUTH + 0.5 * STEP
    answer = reader.get(tile_url("city", *tile_of(lng, lat, z)))
    if z < 8:
        # Smaller than a pixel: only its name is there.
        assert answer.status_code == 200
    else:
        assert layers(answer.content, tmp_path)["city"][0]["code"] == "9901"


def test_a_label_is_in_one_tile_only(reader, town, tmp_path):
    """An area may lie in many tiles; its name stands in one."""
    named = 0
    for x in range(X - 1, X + 3):
        for y in range(Y - 2, Y + 2):
            content = reader.get(tile_url("street", Z, x, y)).content
            named += len(layers(content, tmp_path).get("street_label", []))
    assert named == 1


def test_bare_ground_is_an_empty_tile(reader, town):
    answer = reader.get(tile_url(x=X + 50))
    assert answer.status_code == 200
    assert answer.content == b""


def test_an_unchanged_tile_is_not_sent_again(reader, town):
    first = reader.get(tile_url())
    again = reader.get(tile_url(), headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["ETag"] == first["ETag"]
    assert "private" in again["Cache-Control"]


def test_a_new_boundary_makes_the_tiles_of_its_level_new(reader, town):
    grid, street = (reader.get(tile_url(word))["ETag"] for word in ("grid", "street"))
    cities.publish(
        (town["west"], cities.box(0, 0, 0.5, 1)),
        (town["east"], cities.box(0.5, 0, 2, 1)),
        at=LATER,
    )
    assert reader.get(tile_url(), headers={"If-None-Match": grid}).status_code == 200
    street_again = reader.get(tile_url("street"), headers={"If-None-Match": street})
    assert street_again.status_code == 304


def test_a_tile_is_compressed_and_still_revalidates(reader, town):
    for number in range(3, 40):
        west = 2 + number * 0.01
        one = cities.area(f"{COMMUNITY}{number:03}", f"第{number}格")
        actions.boundaries.draw(
            boundaries=[(one.pk, cities.box(west, 0, west + 0.01, 1))],
            actor=ACTOR,
            at=LATER,
            source="测试",
        )
    zipped = {"Accept-Encoding": "gzip"}
    answer = reader.get(tile_url(z=13, x=X // 2, y=Y // 2), headers=zipped)
    assert answer["Content-Encoding"] == "gzip"
    assert "第7格".encode() in gzip.decompress(answer.content)
    again = reader.get(
        tile_url(z=13, x=X // 2, y=Y // 2),
        headers=zipped | {"If-None-Match": answer["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    "place",
    [("province", Z, X, Y), ("grid", 23, 0, 0), ("grid", 3, 8, 0), ("grid", 3, 0, 8)],
)
def test_what_is_no_tile_is_not_found(reader, town, place):
    assert reader.get(tile_url(*place)).status_code == 404


def test_one_tile_takes_two_queries(reader, town, django_assert_num_queries):
    reader.get(tile_url())
    # Session, account, tile version, tile.
    with django_assert_num_queries(4):
        reader.get(tile_url())


def test_an_area_as_geojson(reader, town):
    answer = reader.get(reverse("area_geojson", args=[town["west"].code])).json()
    assert answer["properties"]["name"] == "一格"
    assert answer["properties"]["level_name"] == "网格"
    assert answer["properties"]["parent_code"] == COMMUNITY
    assert answer["properties"]["version"] == 1
    assert answer["geometry"]["type"] == "MultiPolygon"
    assert answer["properties"]["centre"] == pytest.approx([113.005, 28.005])


def test_an_area_without_a_boundary_has_no_geometry(reader, town):
    cities.area("990101001002", "安宁社区")
    answer = reader.get(reverse("area_geojson", args=["990101001002"])).json()
    assert answer["geometry"] is None
    assert answer["properties"]["area_m2"] is None


def test_an_unknown_area_is_not_found(reader, town):
    assert reader.get(reverse("area_geojson", args=["990199"])).status_code == 404
    assert reader.get(reverse("area_children", args=["990199"])).status_code == 404


def test_children_for_pickers(reader, town):
    cities.area("990101001002", "安宁社区")
    roots = reader.get(reverse("area_roots")).json()["areas"]
    assert [one["name"] for one in roots] == ["示例市"]
    answer = reader.get(reverse("area_children", args=["990101001"])).json()["areas"]
    assert [(one["name"], one["drawn"]) for one in answer] == [
        ("幸福社区", True),
        ("安宁社区", False),
    ]


def test_retired_areas_are_not_offered(reader, town):
    actions.retire_area(
        area_id=town["west"].pk, actor=ACTOR, at=cities.AT, reason="撤销"
    )
    answer = reader.get(reverse("area_children", args=[COMMUNITY])).json()["areas"]
    assert [one["name"] for one in answer] == ["二格"]


def test_locating_tells_grid_placement_and_border(reader, town):
    lng, lat = WEST + STEP, SOUTH + STEP / 2
    answer = reader.get(reverse("locate"), {"lng": lng, "lat": lat})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["code"], found["name"]) == (f"{COMMUNITY}001", "一格")
    assert found["placement"]["street"] == {"code": "990101001", "name": "和平街道"}
    assert found["on_border"] is True
    assert found["neighbours"] == [{"code": f"{COMMUNITY}002", "name": "二格"}]
    assert found["nearest"] is False


def test_locating_converts_the_system_given(reader, town):
    lng, lat = from_wgs84(WEST + 0.99 * STEP, SOUTH + STEP / 2, "gcj02")
    plain = reader.get(reverse("locate"), {"lng": lng, "lat": lat}).json()
    moved = reader.get(reverse("locate"), {"lng": lng, "lat": lat, "crs": "gcj02"})
    assert moved.json()["name"] == "一格"
    assert plain["name"] == "二格"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"lng": 120, "lat": 30}, "outside"),
        ({"lng": "", "lat": 30}, "bad_position"),
        ({"lng": "nan", "lat": 30}, "bad_position"),
        ({"lng": 113.005, "lat": 28.005, "crs": "mars"}, "bad_crs"),
    ],
)
def test_locating_is_refused_with_a_message(reader, town, given, code):
    answer = reader.get(reverse("locate"), given)
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.json()["message"].endswith("。")


def test_the_map_page_shows_the_city(reader, town):
    page = reader.get(reverse("areas_map"))
    assert page.status_code == 200
    assert 'id="areas-map"' in page.content.decode()
    assert page.context["extent"] == pytest.approx((113.0, 28.0, 113.02, 28.01))


def test_the_map_page_before_anything_is_drawn(reader, db):
    page = reader.get(reverse("areas_map"))
    assert "还没有任何边界" in page.content.decode()
