import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from governance.errors import Refused
from grids import actions
from grids.models import Area, BoundaryPiece, Level
from grids.querysets import placement_of
from tests.grids import cities
from tests.grids.cities import ACTOR, LATER, SOUTH, STEP, WEST


def spot(east: float, north: float) -> Point:
    """A point in steps from the town's corner."""
    return Point(WEST + east * STEP, SOUTH + north * STEP, srid=4490)


def test_inside_is_the_grid_in_one_query(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        located = Area.objects.locate(spot(1.5, 0.5))
        assert located.area.name == "二格"
        assert located.area.code == town["east"].code
    assert not located.on_border
    assert not located.nearest
    assert located.neighbours == []


def test_a_shared_edge_gives_the_smaller_code_and_says_so(town):
    located = Area.objects.locate(spot(1, 0.37))
    assert located.area == town["west"]
    assert located.on_border
    assert located.neighbours == [town["east"]]


def test_outside_within_50_m_is_the_nearest_with_a_flag(town):
    # 0.0004 degrees of longitude are about 39 m here.
    located = Area.objects.locate(spot(2.04, 0.5))
    assert located.area == town["east"]
    assert located.nearest
    assert not located.on_border
    assert located.distance_m == pytest.approx(39.4, abs=0.2)


def test_farther_outside_is_refused(town):
    with pytest.raises(Refused) as refused:
        Area.objects.locate(spot(2.06, 0.5))
    assert refused.value.code == "outside"
    assert "网格" in refused.value.message


def test_the_outer_edge_is_inside_and_no_border(town):
    located = Area.objects.locate(spot(2, 0.5))
    assert located.area == town["east"]
    assert not located.on_border
    assert not located.nearest


def test_other_levels_locate_alike(town):
    assert Area.objects.locate(spot(0.5, 0.5), Level.STREET).area == town["street"]


def test_a_cut_inside_one_area_is_no_border(town):
    """A boundary of many vertices is stored in pieces that share inner edges."""
    ring = Point(WEST + 5 * STEP, SOUTH, srid=4490).buffer(STEP, quadsegs=100)
    ring.srid = 4490
    other = cities.area(f"{cities.COMMUNITY}003", "圆格")
    actions.boundaries.draw(
        boundaries=[(other.pk, ring)], actor=ACTOR, at=LATER, source="测试"
    )
    pieces = list(BoundaryPiece.objects.filter(area=other))
    assert len(pieces) > 1
    inner = pieces[0].geometry.intersection(pieces[1].geometry).centroid
    located = Area.objects.locate(inner)
    assert located.area == other
    assert not located.on_border


def test_the_index_is_used(town):
    point = spot(0.5, 0.5)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM grids_boundarypiece "
            "WHERE ST_DWithin(geometry, ST_GeomFromEWKT(%s), 1e-7)",
            [point.ewkt],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using grids_boundarypiece_geometry" in plan


def test_locating_follows_a_new_version(town):
    """F10: the same point goes to the new grid, the old version stays."""
    cities.publish(
        (town["west"], cities.box(0, 0, 1.6, 1)),
        (town["east"], cities.box(1.6, 0, 2, 1)),
        at=LATER,
    )
    assert Area.objects.locate(spot(1.5, 0.5)).area == town["west"]
    assert town["west"].boundaries.count() == 2


def test_placement_is_one_query(town, django_assert_num_queries):
    with django_assert_num_queries(1):
        placement = placement_of(town["west"])
    assert {key: one and one.code for key, one in placement.items()} == {
        "city": "9901",
        "district": "990101",
        "street": "990101001",
        "community": cities.COMMUNITY,
        "grid": f"{cities.COMMUNITY}001",
    }
    assert placement_of(town["street"])["grid"] is None
    assert placement_of(town["street"])["street"] == town["street"]
