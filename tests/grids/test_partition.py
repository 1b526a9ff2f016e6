import json
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from grids.bisection import Homes, Range
from grids.partition import Misfit, divide
from grids.planar import Plane, cut_in_two, reading_order, share_edges

# One kilometre is about 0.01 degrees; the place lies at 113° E, 28° N.
SQUARE = box(113.0, 28.0, 113.02, 28.02)
COAST = Polygon(
    [
        (113.0, 28.0), (113.03, 28.002), (113.034, 28.012), (113.022, 28.008),
        (113.02, 28.02), (113.028, 28.03), (113.01, 28.033), (113.012, 28.014),
        (113.0, 28.02), (113.0, 28.0),
    ]
)  # fmt: skip
HOLED = SQUARE.difference(box(113.005, 28.005, 113.012, 28.014))


def clustered(place, count, clusters=12, seed=5):
    """Households of 1 around random centres, inside `place`."""
    dice = np.random.default_rng(seed)
    west, south, east, north = place.bounds
    centres = dice.uniform((west, south), (east, north), (clusters, 2))
    spots = centres[dice.integers(0, clusters, count * 6)]
    spots = spots + dice.normal(0, 0.002, spots.shape)
    spots = spots[shapely.contains_xy(place, *spots.T)][:count]
    return Homes(spots, np.ones(len(spots)))


def assert_covers(place, division):
    shapes = [part.geometry for part in division.parts]
    whole = shapely.union_all(shapes)
    # In square degrees; a square metre is about 1e-10.
    assert sum(one.area for one in shapes) - whole.area < 1e-13
    assert whole.symmetric_difference(place).area < 1e-10
    assert shapely.coverage_is_valid(shapes)
    assert all(one.is_valid and not one.is_empty for one in shapes)


@pytest.mark.parametrize(
    "place", [SQUARE, COAST, HOLED], ids=["square", "coast", "hole"]
)
def test_4000_households_fall_into_connected_grids_in_range(place):
    homes = clustered(place, 4000)
    division = divide(place, homes)

    assert division.households == len(homes.xy)
    assert sum(part.households for part in division.parts) == division.households
    assert all(part.geometry.geom_type == "Polygon" for part in division.parts)
    assert all(300 <= part.households <= 500 for part in division.parts)
    assert_covers(place, division)


def test_households_counted_are_those_in_the_shape():
    homes = clustered(COAST, 3000)
    for part in divide(COAST, homes).parts:
        inside = shapely.intersects_xy(part.geometry, *homes.xy.T).sum()
        assert abs(inside - part.households) <= 5


def test_the_same_input_gives_the_same_grids():
    homes = clustered(COAST, 2500)

    assert divide(COAST, homes) == divide(COAST, homes)


def test_without_points_the_households_are_spread_evenly():
    division = divide(SQUARE, households=2400, low=350, high=450)

    assert len(division.parts) == 6
    assert division.households == 2400
    areas = [part.geometry.area for part in division.parts]
    assert max(areas) / min(areas) < 1.4


def test_a_street_falls_into_as_many_communities_as_asked():
    for count in (1, 2, 7, 13):
        division = divide(COAST, parts=count)

        assert len(division.parts) == count
        assert_covers(COAST, division)


def test_points_too_few_to_divide_by_do_not_change_the_number_asked():
    homes = Homes.of([(113.01, 28.01, 900)])

    division = divide(SQUARE, homes, parts=5)

    assert len(division.parts) == 5
    assert division.households == 900


def test_one_tower_above_the_range_is_named_indivisible():
    tower = Homes.of([(113.005, 28.005, 800)])
    homes = clustered(SQUARE, 1200).and_also(tower)

    division = divide(SQUARE, homes)

    wrong = [part for part in division.parts if part.misfit]
    assert Misfit.INDIVISIBLE in {part.misfit for part in wrong}
    (with_tower,) = [p for p in wrong if p.geometry.covers(Point(113.005, 28.005))]
    assert with_tower.misfit == Misfit.INDIVISIBLE
    assert all(part.households for part in division.parts)


@pytest.mark.parametrize(("households", "parts"), [(120, 1), (560, 1), (0, 1)])
def test_a_total_that_no_number_of_grids_brings_into_range_is_said(households, parts):
    division = divide(SQUARE, clustered(SQUARE, households))

    assert len(division.parts) == parts
    assert {part.misfit for part in division.parts} == {Misfit.TOTAL}


def test_households_beyond_the_border_are_counted_apart():
    homes = clustered(SQUARE, 800).and_also(Homes.of([(114.0, 28.0, 33)]))

    division = divide(SQUARE, homes)

    assert division.outside == 33
    assert division.households == 800


def test_a_small_island_joins_the_nearest_part():
    island = box(113.021, 28.001, 113.0215, 28.0015)
    place = MultiPolygon([SQUARE, island])

    division = divide(place, households=1600)

    (owner,) = [p for p in division.parts if p.geometry.geom_type == "MultiPolygon"]
    assert owner.geometry.covers(island)
    assert owner.geometry.covers(Point(113.0195, 28.0012))
    assert_covers(place, division)


def test_a_large_island_is_divided_by_itself():
    place = MultiPolygon([SQUARE, box(113.03, 28.0, 113.05, 28.02)])

    division = divide(place, households=3200)

    assert len(division.parts) == 8
    assert all(part.geometry.geom_type == "Polygon" for part in division.parts)


def test_numbers_run_by_rows_from_the_north_west():
    # Columns are a little out of line, as on a real map.
    rows = [
        box(113.0 + 0.01 * x, 28.0 - 0.01 * y + 0.001 * x, 113.01 + 0.01 * x,
            28.01 - 0.01 * y + 0.001 * x)
        for y in range(3) for x in range(3)
    ]  # fmt: skip
    mixed = [rows[i] for i in (4, 0, 8, 2, 6, 1, 7, 3, 5)]

    assert [mixed[i] for i in reading_order(mixed)] == rows


def test_a_line_drawn_across_cuts_in_two_and_one_that_ends_inside_does_not():
    across = LineString([(112.99, 28.008), (113.01, 28.012), (113.03, 28.008)])
    ends_inside = LineString([(112.99, 28.01), (113.01, 28.01)])

    one, other = cut_in_two(SQUARE, across)

    assert one.area + other.area == pytest.approx(SQUARE.area)
    assert cut_in_two(SQUARE, ends_inside) is None
    assert cut_in_two(COAST, LineString([(113.0, 28.005), (113.03, 28.031)])) is None


def test_sharing_edges_closes_a_hair_gap_and_gives_common_vertices():
    left = box(113.0, 28.0, 113.01, 28.02)
    upper = box(113.01 + 1e-11, 28.01, 113.02, 28.02)
    lower = box(113.01, 28.0, 113.02, 28.01)

    shapes = share_edges([left, upper, lower], SQUARE)

    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).equals(SQUARE)
    assert (113.01, 28.01) in shapes[0].exterior.coords


def test_the_plane_keeps_areas():
    # 0.02° × 0.02° at 28° N by the geodesic: 4.359 km² (PROJ, WGS-84).
    flat = Plane.around(SQUARE).flatten(SQUARE)

    assert flat.area == pytest.approx(4.36e6, rel=0.01)
    assert Plane.around(SQUARE).lift(flat).equals_exact(SQUARE, 1e-12)


@st.composite
def stars(draw):
    """A polygon around a centre with very uneven radii."""
    radii = draw(st.lists(st.floats(0.15, 1), min_size=5, max_size=14))
    turns = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    return Polygon(
        [
            (113 + 0.02 * r * np.cos(t), 28 + 0.02 * r * np.sin(t))
            for r, t in zip(radii, turns, strict=True)
        ]
    )


@settings(max_examples=25, deadline=None)
@given(place=stars(), parts=st.integers(1, 9))
def test_any_star_falls_into_connected_parts_without_gap_or_overlap(place, parts):
    division = divide(place, parts=parts)

    assert len(division.parts) == parts
    assert all(part.geometry.geom_type == "Polygon" for part in division.parts)
    assert_covers(place, division)


@settings(max_examples=12, deadline=None)
@given(
    place=stars(),
    count=st.integers(0, 900),
    seed=st.integers(0, 9),
    low=st.integers(60, 300),
)
def test_every_part_is_in_range_or_explained(place, count, seed, low):
    homes = clustered(place, count, seed=seed)
    division = divide(place, homes, low=low, high=low * 5 // 3)

    assert sum(part.households for part in division.parts) == len(homes.xy)
    for part in division.parts:
        inside = low <= part.households <= low * 5 // 3
        assert inside == (part.misfit == Misfit.NONE)
    assert_covers(place, division)


@settings(max_examples=200, deadline=None)
@given(
    total=st.integers(0, 20_000), low=st.integers(50, 500), width=st.integers(1, 400)
)
def test_the_number_of_parts_fits_the_range_whenever_one_does(total, low, width):
    wanted = Range(low, low + width)
    number = wanted.parts_for(total)

    possible = any(not wanted.misses(total / n) for n in range(1, total // low + 2))
    assert number >= 1
    assert possible == (not wanted.misses(total / number))


@pytest.mark.real_data
def test_real_streets_fall_into_parts_without_gap(real_streets):
    for street in real_streets:
        division = divide(street, parts=5)

        assert len(division.parts) == 5
        whole = shapely.union_all([part.geometry for part in division.parts])
        assert whole.symmetric_difference(street).area < 3e-10
        overlaps = [
            one.geometry.intersection(other.geometry).area
            for one, other in combinations(division.parts, 2)
        ]
        assert max(overlaps) < 1e-13


@pytest.fixture
def real_streets(pytestconfig):
    path = pytestconfig.rootpath.parent / "shared/data/boundaries"
    path /= "shenzhen_streets_gcj02.geojson"
    if not path.exists():
        pytest.skip("needs ../shared/data")
    features = json.loads(path.read_text())["features"]
    return [shapely.geometry.shape(one["geometry"]) for one in features[::9]]
