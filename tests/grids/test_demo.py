from datetime import UTC, datetime

import pytest
import shapely
from django.contrib.gis.geos import Point
from django.urls import reverse

from governance.models import Event
from grids import demo
from grids.codes import CODE_LENGTH, Level
from grids.demo import drawing, plan
from grids.models import Area, AreaBoundary
from tests.factories import UserFactory

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def by_level(level):
    return [area for area in plan.areas() if area.level == level]


def test_plan_has_two_districts_four_streets_four_communities_six_grids_each():
    counts = {level: len(by_level(level)) for level in list(Level)[: Level.GRID]}

    assert list(counts.values()) == [1, 2, 8, 32, 32 * 6 + 1]
    assert len({area.code for area in plan.areas()}) == len(plan.areas())


def test_plan_holds_the_places_the_scenarios_speak_of():
    places = {area.code: area for area in plan.areas()}

    assert places["9901"].name == "示例市"
    assert places["990101"].name == "城东区"
    assert places["990102"].name == "城西区"
    assert places["990101001"].name == "和平街道"
    assert places["990101002"].name == "光明街道"
    assert places["990101001001"].name == "幸福社区"
    assert places["990101001001001"].kind == "general"
    tower = places["990101001001701"]
    assert (tower.kind, tower.special_type) == ("special", "商务楼宇")


@pytest.mark.parametrize(
    ("one", "other"),
    [("990101001001001", "990101001001002"), ("990101001", "990101002")],
)
def test_neighbours_of_the_scenarios_share_a_border(one, other):
    places = {area.code: area.geometry for area in plan.areas()}

    assert places[one].intersection(places[other]).length > 0.001


def test_grids_leave_no_gap_and_never_overlap():
    shapes = [area.geometry for area in by_level(Level.GRID)]
    (city,) = by_level(Level.CITY)

    assert shapely.coverage_is_valid(shapes)
    assert all(one.is_valid and one.geom_type == "Polygon" for one in shapes)
    assert shapely.coverage_union_all(shapes).equals(city.geometry)
    assert not city.geometry.interiors


@pytest.mark.parametrize("level", [Level.CITY, Level.DISTRICT, Level.STREET])
def test_every_division_is_exactly_the_union_of_the_next_below(level):
    below = by_level(level + 1)
    for area in by_level(level):
        own = [one.geometry for one in below if one.code.startswith(area.code)]

        assert area.geometry.geom_type == "Polygon"
        assert shapely.coverage_union_all(own).equals(area.geometry)


def test_parent_comes_before_child():
    seen = set()
    for area in plan.areas():
        above = area.code[: CODE_LENGTH[Level(max(area.level - 1, 1))]]
        assert area.level == Level.CITY or above in seen
        seen.add(area.code)


def test_general_grids_hold_a_usual_number_of_households():
    general = [one for one in by_level(Level.GRID) if one.kind == "general"]

    assert all(300 <= one.households <= 500 for one in general)


def test_drawing_is_the_same_every_time():
    assert drawing.draw(plan.SEED) == drawing.draw(plan.SEED)
    assert drawing.draw(plan.SEED) != drawing.draw(plan.SEED + 1)


def test_city_measures_about_ten_by_eight_kilometres_around_its_centre():
    (city,) = by_level(Level.CITY)
    west, south, east, north = city.geometry.bounds

    assert 9 < (east - west) * 98.3 < 12
    assert 7 < (north - south) * 111.3 < 10
    assert city.geometry.contains(shapely.Point(drawing.CENTRE))


def test_ways_run_within_the_city():
    (city,) = by_level(Level.CITY)
    ways = {way.kind: way.lines for way in plan.ways()}

    assert set(ways) == {"river", "arterial", "road", "lane"}
    reach = city.geometry.buffer(0.001)
    assert all(reach.covers(lines) for lines in ways.values())


@pytest.mark.django_db
def test_building_publishes_every_area_and_twice_is_once():
    demo.build(at=AT)
    events = Event.objects.count()
    demo.build(at=AT)

    drawn, micro_grids = len(plan.areas()), 1
    assert Area.objects.count() == drawn + micro_grids
    assert AreaBoundary.objects.current().count() == drawn
    assert Event.objects.count() == events


@pytest.mark.django_db
def test_point_in_the_tower_is_located_there():
    demo.build(at=AT)
    places = {area.code: area.geometry for area in plan.areas()}
    spot = places["990101001001701"].representative_point()

    located = Area.objects.locate(Point(spot.x, spot.y, srid=4490))

    assert located.area.name == plan.TOWER
    assert not located.on_border


@pytest.mark.django_db
def test_point_on_the_shared_border_belongs_to_the_smaller_code():
    demo.build(at=AT)
    places = {area.code: area.geometry for area in plan.areas()}
    border = places["990101001001001"].intersection(places["990101001001002"])
    line = max(shapely.get_parts(border), key=lambda one: one.length)
    spot = line.interpolate(0.5, normalized=True)

    located = Area.objects.locate(Point(spot.x, spot.y, srid=4490))

    assert located.area.code == "990101001001001"
    assert located.on_border
    assert "990101001001002" in {area.code for area in located.neighbours}


def test_backdrop_is_sent_only_where_the_city_exists(client, db):
    client.force_login(
        UserFactory(), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(reverse("areas_backdrop")).status_code == 204

    demo.build(at=AT)
    answer = client.get(reverse("areas_backdrop"))

    kinds = {one["properties"]["kind"] for one in answer.json()["features"]}
    assert kinds == {"river", "arterial", "road", "lane"}


def test_backdrop_is_for_everybody_as_the_public_map_stands_on_it(client, db):
    assert client.get(reverse("areas_backdrop")).status_code == 204
