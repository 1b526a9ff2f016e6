"""Coordinate systems: published pairs, round trips, and a real city."""

import json
import math
from collections import defaultdict
from pathlib import Path
from statistics import median

import pytest
from django.contrib.gis.gdal import DataSource
from django.contrib.gis.geos import (
    GeometryCollection,
    GEOSGeometry,
    LineString,
    MultiPolygon,
    Point,
    Polygon,
)
from hypothesis import given
from hypothesis import strategies as st

from governance import geo
from governance.errors import Refused
from governance.geo import Crs

BOUNDARIES = Path(__file__).parents[3] / "shared" / "data" / "boundaries"
STREETS = BOUNDARIES / "shenzhen_streets_gcj02.geojson"
METRES_A_DEGREE = 107_000  # at 22.6 degrees north, between the two directions
TIANANMEN = (116.404, 39.915)


def metres(one, other) -> float:
    """Distance good for short ways."""
    (lng, lat), (lng2, lat2) = one, other
    east = math.radians(lng2 - lng) * math.cos(math.radians(lat))
    return 6371008.8 * math.hypot(east, math.radians(lat2 - lat))


def test_gcj02_is_the_published_shift():
    lng, lat = geo.from_wgs84(*TIANANMEN, Crs.GCJ02)
    assert (lng, lat) == pytest.approx(
        (116.41024449916938, 39.91640428150164), abs=1e-9
    )


def test_bd09_is_the_published_shift_on_top_of_gcj02():
    wgs = geo.to_wgs84(*TIANANMEN, Crs.GCJ02)
    found = geo.from_wgs84(*wgs, Crs.BD09)
    assert found == pytest.approx((116.41036949371029, 39.92133699351021), abs=2e-9)


def test_the_shift_in_shenzhen_is_some_hundred_metres():
    there = (114.0579, 22.5431)
    assert 400 < metres(there, geo.from_wgs84(*there, Crs.GCJ02)) < 700
    assert metres(there, geo.from_wgs84(*there, Crs.BD09)) > 700


def test_cgcs2000_and_wgs84_are_the_same():
    assert geo.to_wgs84(*TIANANMEN, Crs.CGCS2000) == TIANANMEN
    assert geo.from_wgs84(*TIANANMEN, Crs.CGCS2000) == TIANANMEN


@pytest.mark.parametrize("place", [(2.35, 48.85), (-74.0, 40.7), (151.2, -33.9)])
def test_outside_china_gcj02_is_not_shifted(place):
    assert geo.from_wgs84(*place, Crs.GCJ02) == place
    assert geo.to_wgs84(*place, Crs.GCJ02) == place


in_china = st.tuples(st.floats(72.004, 137.8347), st.floats(0.8293, 55.8271))


@given(in_china, st.sampled_from(list(Crs)))
def test_there_and_back_is_under_a_millimetre(place, crs):
    there = geo.from_wgs84(*place, crs)
    assert metres(place, geo.to_wgs84(*there, crs)) < 0.001


@given(in_china, st.sampled_from(list(Crs)))
def test_back_and_there_is_under_a_millimetre(place, crs):
    wgs = geo.to_wgs84(*place, crs)
    if not (72.1 < wgs[0] < 137.7 and 0.9 < wgs[1] < 55.7):
        return
    assert metres(place, geo.from_wgs84(*wgs, crs)) < 0.001


def test_a_point_is_stored_as_4490():
    point = geo.to_point(*geo.from_wgs84(*TIANANMEN, "bd09"), "bd09")
    assert point.srid == 4490
    assert metres(point.coords, TIANANMEN) < 0.001


@pytest.mark.parametrize(
    ("lng", "lat", "crs", "code"),
    [
        (200, 30, "wgs84", "bad_position"),
        (114, 91, "gcj02", "bad_position"),
        (math.nan, 30, "wgs84", "bad_position"),
        (114, math.inf, "wgs84", "bad_position"),
        (114, 22, "mars", "bad_crs"),
    ],
)
def test_what_is_no_place_is_refused(lng, lat, crs, code):
    with pytest.raises(Refused) as refused:
        geo.to_point(lng, lat, crs)
    assert refused.value.code == code


SQUARE = Polygon(
    [(114, 22), (114.1, 22), (114.1, 22.1), (114, 22.1), (114, 22)],
    [(114.02, 22.02), (114.04, 22.02), (114.04, 22.04), (114.02, 22.02)],
    srid=4326,
)


@pytest.mark.parametrize(
    "geometry",
    [
        Point(114, 22),
        LineString((114, 22), (114.1, 22.1)),
        SQUARE,
        MultiPolygon(SQUARE),
        GEOSGeometry("GEOMETRYCOLLECTION(POINT(114 22), LINESTRING(114 22,114 23))"),
        GEOSGeometry("POLYGON EMPTY"),
    ],
)
@pytest.mark.parametrize("crs", list(Crs))
def test_geometry_keeps_its_kind_and_moves_every_vertex(geometry, crs):
    moved = geo.convert_geometry(geometry, crs)
    assert (moved.geom_type, moved.num_coords) == (
        geometry.geom_type,
        geometry.num_coords,
    )
    assert moved.srid == 4490
    if not geometry.empty:
        assert moved.envelope.centroid.distance(geometry.envelope.centroid) < 0.02


def test_heights_are_dropped_and_the_given_geometry_stays():
    line = LineString((114, 22, 5), (114.1, 22.1, 6))
    assert not geo.convert_geometry(line, "cgcs2000").hasz
    assert not geo.convert_geometry(line, "gcj02").hasz
    assert line.hasz


def test_shared_borders_stay_shared():
    east = Polygon(
        [(114.1, 22), (114.2, 22), (114.2, 22.1), (114.1, 22.1), (114.1, 22)]
    )
    one, other = (geo.convert_geometry(part, "gcj02") for part in (SQUARE, east))
    border = one.intersection(other)
    assert border.geom_type == "LineString"
    assert border.length == pytest.approx(0.1, abs=1e-4)


def test_distance_is_in_metres_on_the_ground():
    one, other = Point(114.0579, 22.5431), Point(114.0579, 22.5521)
    assert geo.distance_m(one, other) == pytest.approx(1000.8, abs=1)
    assert geo.distance_m(one, Point(114.0677, 22.5431)) == pytest.approx(1006, abs=2)
    assert geo.distance_m(one, one) == 0


@pytest.mark.real_data
def test_streets_of_shenzhen_fall_on_its_districts():
    """The streets were drawn in GCJ-02, the districts in WGS-84.

    The two sources draw the coast differently, so the typical distance between their
    border lines is compared, not the districts' centroids.
    """
    if not BOUNDARIES.exists():
        pytest.skip("没有真实数据 ../shared/data/boundaries")
    converted, as_drawn = (_metres_apart(code) for code in ("gcj02", "wgs84"))
    assert converted < 60 < 200 < as_drawn


def _metres_apart(crs: str) -> float:
    """Median way from a district's vertex to its border as made of its streets."""
    streets = defaultdict(list)
    for street in json.loads(STREETS.read_text(encoding="utf-8"))["features"]:
        shape = GEOSGeometry(json.dumps(street["geometry"]))
        district = street["properties"]["DISTRICT"][:2]
        streets[district].append(geo.convert_geometry(shape, crs))
    ways = []
    for feature in DataSource(BOUNDARIES / "shenzhen_districts.shp")[0]:
        border = GeometryCollection(streets.pop(feature.get("qh"))).unary_union.boundary
        for vertex in _vertices(feature.geom.geos.coords):
            ways.append(border.distance(Point(vertex)) * METRES_A_DEGREE)
    assert not streets
    return median(ways)


def _vertices(coords) -> list:
    """Every tenth position of nested coordinates."""
    if isinstance(coords[0][0], float):
        return list(coords[::10])
    return [vertex for part in coords for vertex in _vertices(part)]
