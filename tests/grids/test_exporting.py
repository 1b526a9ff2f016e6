"""Boundaries out as a GeoPackage and in again: nothing moves (issue: geo exchange)."""

import math
import random
import sqlite3
import subprocess

import pytest
from django.contrib.gis.gdal import DataSource
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.management import CommandError, call_command
from django.urls import reverse

from governance.geo import Crs, distance_m
from governance.models import Event
from grids.codes import Level
from grids.exporting import export
from grids.files import read
from grids.importing import Options, plan
from grids.models import Area, AreaBoundary
from parties.roles import Role
from tests.factories import PostingFactory, UserFactory
from tests.grids import cities
from tests.grids.cities import AT, COMMUNITY, box

EXPORT = reverse("areas_export")


@pytest.fixture
def ragged(db):
    """A town whose two grids share a crooked border and one has a hole of 9 corners."""
    town = cities.town()
    random.seed(91)
    border = [
        (cities.WEST + cities.STEP * (1 + random.uniform(-0.2, 0.2)),
         cities.SOUTH + cities.STEP * n / 60)
        for n in range(61)
    ]  # fmt: skip
    west, south, east, north = box(0, 0, 2, 1).extent
    left = [(west, south), *border, (west, north), (west, south)]
    right = [(east, south), (east, north), *reversed(border), (east, south)]
    centre = (west + cities.STEP / 3, south + cities.STEP / 3)
    hole = [
        (centre[0] + 0.0007 * math.cos(a), centre[1] + 0.0007 * math.sin(a))
        for a in [2 * math.pi * n / 9 for n in range(9)]
    ]
    cities.publish(
        (town["west"], MultiPolygon(Polygon(left, [*hole, hole[0]]), srid=4490)),
        (town["east"], MultiPolygon(Polygon(right), srid=4490)),
    )
    return town


def vertices(shape):
    return [position for part in shape for ring in part for position in ring.coords]


def drawn():
    current = AreaBoundary.objects.current().select_related("area")
    return {one.area.code: one.geometry for one in current}


def exported(tmp_path, level=Level.GRID, **more):
    path = tmp_path / f"{level.word}.gpkg"
    return path, export(path, level, at=AT, **more)


def planned(path, level=Level.GRID):
    return plan(path, Options(level=level, crs=Crs.CGCS2000))


def test_no_vertex_moves_on_the_way_out(ragged, tmp_path):
    path, count = exported(tmp_path)
    before = drawn()
    found = {one.code: one for one in read(path)}
    assert count == len(found) == 2
    furthest = 0.0
    for code, feature in found.items():
        was, now = vertices(before[code]), vertices(feature.geometry)
        assert len(was) == len(now) > 60
        furthest = max(
            furthest,
            max(
                distance_m(point(one), point(other))
                for one, other in zip(was, now, strict=True)
            ),
        )
    assert furthest == 0


def point(position):
    return Point(*position, srid=4490)


def test_the_file_comes_back_as_nothing_new(ragged, tmp_path):
    path, _count = exported(tmp_path)
    drafted = planned(path)
    assert not drafted.errors
    assert (drafted.new, drafted.renamed, drafted.redrawn) == ([], [], [])
    assert sorted(drafted.unchanged) == [f"{COMMUNITY}001", f"{COMMUNITY}002"]


@pytest.mark.parametrize("level", [one for one in Level if one != Level.MICROGRID])
def test_every_level_comes_back(ragged, tmp_path, level):
    path, count = exported(tmp_path, level)
    drafted = planned(path, level)
    assert count == len(drafted.unchanged) == len(drafted.candidates)


def test_the_command_pair_changes_nothing(ragged, tmp_path):
    path = tmp_path / "out.gpkg"
    call_command("export_areas", str(path), "--level", "grid")
    events = Event.objects.count()
    asked = ["--level", "grid", "--crs", "cgcs2000", "--accept", "gap"]
    call_command("import_areas", str(path), *asked)
    assert Event.objects.count() == events
    assert AreaBoundary.objects.filter(area__level=Level.GRID).count() == 4


def test_a_corner_that_somebody_moved_by_a_metre_is_seen(ragged, tmp_path):
    path, _count = exported(tmp_path)
    code = f"{COMMUNITY}001"
    moved = drawn()[code].clone()
    ring = list(moved[0].shell.coords)
    ring[0] = ring[-1] = (ring[0][0] + 1e-5, ring[0][1])
    holes = [hole.coords for hole in moved[0][1:]]
    other = MultiPolygon(Polygon(ring, *holes), srid=4490)
    with sqlite3.connect(path) as database:
        (blob,) = database.execute(
            "SELECT geom FROM areas WHERE code = ?", [code]
        ).fetchone()
        database.execute(
            "UPDATE areas SET geom = ? WHERE code = ?",
            [blob[:40] + bytes(other.wkb), code],
        )
    assert planned(path).redrawn == [code]


def test_the_layer_says_its_system_and_its_facts(ragged, tmp_path):
    path, _count = exported(tmp_path)
    layer = DataSource(path)[0]
    assert layer.name == "areas"
    assert layer.srs.srid == 4490
    assert layer.fields == [
        "code", "name", "level", "parent_code", "households", "area_m2", "version",
    ]  # fmt: skip
    first = next(iter(layer))
    assert first["code"].value == f"{COMMUNITY}001"
    assert first["parent_code"].value == COMMUNITY
    assert first["level"].value == "grid"
    assert first["version"].value == 2
    assert layer.extent.tuple == pytest.approx(box(0, 0, 2, 1).extent)


def test_gdal_finds_nothing_to_complain_of(ragged, tmp_path):
    """GDAL's own program, where it is installed, reads the file as a stranger would."""
    path, _count = exported(tmp_path)
    try:
        ran = subprocess.run(
            ["ogrinfo", "-al", "-so", str(path)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except FileNotFoundError:
        pytest.skip("no ogrinfo here")
    assert "Feature Count: 2" in ran.stdout
    assert ran.stderr == ""


def test_only_what_lies_within(ragged, tmp_path):
    cities.area("990102", "城西区")
    cities.area("990102001", "西街")
    cities.area("990102001001", "西社区")
    cities.area("990102001001001", "外格", box(5, 0, 6, 1))
    assert exported(tmp_path)[1] == 3
    (tmp_path / "grid.gpkg").unlink()
    assert exported(tmp_path, within="990101001")[1] == 2


def test_nothing_to_write_is_said(ragged, tmp_path):
    with pytest.raises(CommandError, match="没有画了边界的微网格"):
        call_command("export_areas", str(tmp_path / "a.gpkg"), "--level", "microgrid")
    assert not (tmp_path / "a.gpkg").exists()


def test_the_page_gives_the_file(ragged, client, tmp_path):
    posting = PostingFactory(
        post__role=Role.SYSTEM_ADMIN, user=UserFactory(is_staff=True)
    )
    client.force_login(
        posting.user, backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "导出边界" in client.get(EXPORT).text
    got = client.get(EXPORT, {"level": 5, "within": COMMUNITY})
    assert got["Content-Type"] == "application/geopackage+sqlite3"
    assert f"grid_{COMMUNITY}_" in got["Content-Disposition"]
    path = tmp_path / "got.gpkg"
    path.write_bytes(b"".join(got.streaming_content))
    assert not planned(path).redrawn


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"level": 5, "within": "123"}, "没有编码为 123 的区域"),
        ({"level": 6}, "没有画了边界的微网格"),
        ({"level": 9}, "9 不在可用的选项中"),
    ],
)
def test_a_wrong_wish_is_answered_at_its_field(ragged, client, asked, words):
    posting = PostingFactory(
        post__role=Role.SYSTEM_ADMIN, user=UserFactory(is_staff=True)
    )
    client.force_login(
        posting.user, backend="django.contrib.auth.backends.ModelBackend"
    )
    got = client.get(EXPORT, asked)
    assert got.status_code == 422
    assert words in got.text


def test_the_page_is_for_administrators(ragged, client):
    assert client.get(EXPORT).status_code == 302
    worker = PostingFactory(post__role=Role.GRID_WORKER)
    client.force_login(worker.user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(EXPORT, {"level": 5}).status_code == 404
    assert Area.objects.at_level(Level.GRID).count() == 2
