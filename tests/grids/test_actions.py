from datetime import timedelta

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point

from governance.errors import Refused
from governance.models import Event
from grids import actions
from grids.models import Area, AreaBoundary, BoundaryPiece, Level, TileVersion
from tests.grids import cities
from tests.grids.cities import ACTOR, AT, COMMUNITY, LATER, box


def events_of(area):
    rows = Event.objects.filter(chain=f"area:{area.code}").order_by("seq")
    return list(rows.values_list("action", flat=True))


def test_created_area_knows_level_parent_and_kind(town):
    area = actions.create_area(
        code=f"{COMMUNITY}701",
        name=" 商贸楼 ",
        special_type="商务楼宇",
        households=0,
        actor=ACTOR,
        at=AT,
    )
    assert area.level == Level.GRID
    assert area.parent == town["community"]
    assert area.kind == "special"
    assert area.name == "商贸楼"
    assert events_of(area) == ["grids.create_area"]


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("99010", "某地", "bad_code"),
        ("990102001", "某街道", "unknown_parent"),
        ("990101", "又一个区", "doubled_code"),
        ("990102", "  ", "no_name"),
    ],
)
def test_create_is_refused(town, code, name, why):
    with pytest.raises(Refused) as refused:
        actions.create_area(code=code, name=name, actor=ACTOR, at=AT)
    assert refused.value.code == why
    assert not Event.objects.filter(chain=f"area:{code}", detail__name=name).exists()


def new(code, name="某地"):
    return actions.NewArea(code=code, name=name)


def test_many_areas_are_created_as_each_by_itself(town):
    """A parent may be among them, wherever it stands."""
    community = f"{COMMUNITY[:-3]}009"
    grid = f"{community}701"
    ids = actions.create_areas(
        areas=[new(grid, " 商贸楼 "), new(community)], actor=ACTOR, at=AT
    )
    area = Area.objects.get(code=grid)
    assert ids == {grid: area.pk, community: area.parent_id}
    assert (area.level, area.kind, area.name) == (Level.GRID, "special", "商贸楼")
    alone = actions.create_area(code=f"{community}702", name="楼", actor=ACTOR, at=AT)
    details = [
        Event.objects.get(chain=f"area:{one.code}").detail for one in (area, alone)
    ]
    assert details[0] == details[1] | {"code": grid, "name": "商贸楼"}
    assert events_of(area) == ["grids.create_area"]


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("99010", "某地", "bad_code"),
        ("990102001", "某街道", "unknown_parent"),
        ("990101", "又一个区", "doubled_code"),
        ("990102", "  ", "no_name"),
    ],
)
def test_one_area_that_is_refused_keeps_all_out(town, code, name, why):
    with pytest.raises(Refused) as refused:
        actions.create_areas(areas=[new("990103"), new(code, name)], actor=ACTOR, at=AT)
    assert refused.value.code == why
    assert not Area.objects.filter(code="990103").exists()
    assert not Event.objects.filter(chain="area:990103").exists()


def test_rename_keeps_before_and_after(town):
    before = TileVersion.objects.of_level(Level.STREET)
    actions.rename(area_id=town["street"].pk, name="和平里街道", actor=ACTOR, at=AT)
    event = Event.objects.filter(action="grids.rename_area").get()
    assert event.detail["before"]["name"] == "和平街道"
    assert event.detail["after"]["name"] == "和平里街道"
    assert TileVersion.objects.of_level(Level.STREET) == before + 1


def test_retired_area_is_no_longer_located_and_its_code_stays_used(town):
    west = town["west"]
    actions.retire_area(area_id=west.pk, actor=ACTOR, at=LATER, reason="合并")
    with pytest.raises(Refused, match="不在任何网格"):
        Area.objects.locate(Point(cities.WEST + 0.002, cities.SOUTH + 0.005))
    assert west.boundaries.get().valid_to == LATER
    assert not BoundaryPiece.objects.filter(area=west).exists()
    with pytest.raises(Refused, match="不能再次使用"):
        cities.area(west.code)
    with pytest.raises(Refused) as refused:
        actions.rename(area_id=west.pk, name="新名", actor=ACTOR, at=LATER)
    assert refused.value.code == "retired"


def test_area_with_children_cannot_be_retired(town):
    with pytest.raises(Refused) as refused:
        actions.retire_area(
            area_id=town["community"].pk, actor=ACTOR, at=LATER, reason="撤销"
        )
    assert refused.value.code == "has_children"
    assert Area.objects.get(pk=town["community"].pk).valid_to is None


def test_published_boundary_has_size_centre_and_pieces(town):
    boundary = town["west"].boundaries.get()
    # 0.01 by 0.01 degrees at 28 north on the ellipsoid.
    assert boundary.area_m2 == pytest.approx(1_089_991, abs=1)
    area = Area.objects.get(pk=town["west"].pk)
    assert boundary.geometry.contains(area.centre)
    piece = BoundaryPiece.objects.get(area=area)
    assert (piece.level, piece.code) == (Level.GRID, area.code)
    assert events_of(area) == ["grids.create_area", "grids.publish_boundary"]


def test_drawing_anew_keeps_the_old_version(town):
    cities.publish(
        (town["west"], box(0, 0, 0.5, 1)), (town["east"], box(0.5, 0, 2, 1)), at=LATER
    )
    old, new = town["west"].boundaries.order_by("version")
    assert (old.version, old.valid_to) == (1, LATER)
    assert (new.version, new.valid_from, new.valid_to) == (2, LATER, None)
    at_first = AreaBoundary.objects.at(LATER - timedelta(seconds=1))
    assert list(at_first.filter(area=town["west"])) == [old]
    assert list(AreaBoundary.objects.at(LATER).filter(area=town["west"])) == [new]
    assert set(
        BoundaryPiece.objects.filter(area=town["west"]).values_list(
            "boundary", flat=True
        )
    ) == {new.pk}


def test_version_cannot_begin_before_the_one_it_follows(town):
    with pytest.raises(Refused) as refused:
        cities.publish((town["west"], box(0, 0, 1, 1)), at=AT - timedelta(days=1))
    assert refused.value.code == "too_early"


def test_overlap_is_refused_by_name_and_changes_nothing(town):
    with pytest.raises(Refused) as refused:
        cities.publish((town["west"], box(0, 0, 1.1, 1)), at=LATER)
    assert refused.value.code == "overlap"
    assert "一格" in refused.value.message
    assert "二格" in refused.value.message
    assert town["west"].boundaries.get().valid_to is None
    assert len(events_of(town["west"])) == 2


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        (LineString((113, 28), (113.1, 28), srid=4490), "not_a_polygon"),
        (GEOSGeometry("POLYGON EMPTY", srid=4490), "not_a_polygon"),
        (GEOSGeometry("POLYGON((0 0,1 0,1 1,0 0))", srid=3857), "crs"),
        (
            GEOSGeometry(
                "POLYGON((113 28,113.01 28.01,113.01 28,113 28.01,113 28))", srid=4490
            ),
            "invalid_ring",
        ),
        (
            GEOSGeometry("POLYGON((28 113,28.1 113,28.1 113.1,28 113))", srid=4490),
            "crs",
        ),
    ],
)
def test_what_is_no_boundary_is_refused(town, shape, why):
    with pytest.raises(Refused) as refused:
        cities.publish((town["west"], shape), at=LATER)
    assert refused.value.code == why
    assert town["west"].boundaries.count() == 1


def test_unknown_area_is_refused(town):
    with pytest.raises(Refused) as refused:
        actions.publish_boundaries(
            boundaries=[(0, box(0, 0, 1, 1))], actor=ACTOR, at=AT, source="测试"
        )
    assert refused.value.code == "unknown_area"
