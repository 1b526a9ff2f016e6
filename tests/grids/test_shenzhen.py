"""The recipe of docs/shenzhen.md on real data, command by command."""

import csv
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from governance.geo import to_point
from grids.codes import Level
from grids.models import Area, AreaBoundary
from grids.querysets import placement_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CODES, BOUNDARIES = DATA / "codes", DATA / "boundaries"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_data,
    pytest.mark.skipif(
        not BOUNDARIES.exists(),
        reason="../shared/data is missing: no real data to run on",
    ),
]


def run(command, *args, **options):
    call_command(command, *args, stdout=StringIO(), stderr=StringIO(), **options)


@pytest.fixture(scope="module", autouse=True)
def shenzhen(django_db_setup, django_db_blocker, tmp_path_factory):
    """The whole recipe, once; everything is undone after the module."""
    joined = tmp_path_factory.mktemp("shenzhen") / "streets.geojson"
    with django_db_blocker.unblock(), transaction.atomic():
        run("import_codes", CODES / "cities.csv", level="city", under="4403")
        run("import_codes", CODES / "areas.csv", level="district", under="4403")
        run(
            "join_codes",
            BOUNDARIES / "shenzhen_streets_gcj02.geojson",
            BOUNDARIES / "shenzhen_street_codes.csv",
            joined,
            name_field="NAME",
            table_name="geo_name",
            table_code="street_code",
            suffix="街道",
        )
        run("import_areas", joined, level="street", crs="gcj02")
        run("dissolve_areas", level="district", under="4403")
        run("dissolve_areas", level="city", under="4403")
        run(
            "import_codes",
            CODES / "villages.csv.gz",
            level="community",
            under="4403",
            only_known_parents=True,
            trim=["居民委员会", "委员会"],
        )
        run("propose_areas", split="street", under=["440303", "440308"])
        run("propose_areas", split="community", under=["440308"], parts=4)
        yield
        transaction.set_rollback(True)


def drawn(level, under="4403"):
    return AreaBoundary.objects.current().filter(
        area__level=level, area__code__startswith=under
    )


def test_every_street_has_its_polygon_and_its_official_code():
    with (BOUNDARIES / "shenzhen_street_codes.csv").open() as file:
        official = {row["street_code"]: row["geo_name"] for row in csv.DictReader(file)}
    streets = dict(drawn(Level.STREET).values_list("area__code", "area__name"))

    assert len(streets) == 74
    assert streets == {code: f"{name}街道" for code, name in official.items()}


def test_districts_and_the_city_are_dissolved_from_the_streets():
    districts = drawn(Level.DISTRICT)
    (city,) = drawn(Level.CITY)

    assert {one.area.name for one in districts} == {
        "罗湖区", "福田区", "南山区", "宝安区", "龙岗区", "盐田区", "龙华区", "坪山区",
        "光明区",
    }  # fmt: skip
    total = sum(one.area_m2 for one in drawn(Level.STREET))
    assert sum(one.area_m2 for one in districts) == pytest.approx(total, rel=1e-6)
    assert city.area_m2 == pytest.approx(total, rel=1e-6)
    assert 1.9e9 < total < 2.1e9


def test_streets_of_the_two_new_areas_lie_under_their_official_districts():
    streets = {one.name: one for one in Area.objects.filter(level=Level.STREET)}

    assert streets["南澳街道"].parent.name == "龙岗区"
    assert streets["公明街道"].parent.name == "光明区"


def test_official_communities_are_areas_and_proposed_where_asked():
    communities = Area.objects.filter(level=Level.COMMUNITY, code__startswith="4403")
    proposed = drawn(Level.COMMUNITY)

    assert communities.count() == 783
    assert not communities.filter(name__endswith="委员会").exists()
    assert {one.area.code[:6] for one in proposed} == {"440303", "440308"}
    assert proposed.count() == communities.within(["440303", "440308"]).count()
    assert all("建议边界" in one.note for one in proposed)


def test_one_district_is_covered_down_to_the_grids():
    communities = drawn(Level.COMMUNITY, "440308")
    grids = drawn(Level.GRID, "440308")

    assert grids.count() == 4 * communities.count()
    whole = sum(one.area_m2 for one in drawn(Level.DISTRICT, "440308"))
    assert sum(one.area_m2 for one in grids) == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(
    ("place", "lng", "lat", "street"),
    [
        ("市民中心", 114.0596, 22.5429, "莲花街道"),
        ("深圳湾公园", 113.9510, 22.5090, "粤海街道"),
        ("东门老街", 114.1197, 22.5458, "东门街道"),
    ],
)
def test_a_known_place_given_in_gcj02_is_located(place, lng, lat, street):
    located = Area.objects.locate(to_point(lng, lat, "gcj02"), level=Level.STREET)

    assert located.area.name == street
    assert located.area.parent.parent.name == "深圳市"


def test_a_place_in_the_covered_district_is_located_down_to_its_grid():
    # 盐田区政府, from a provider of GCJ-02.
    located = Area.objects.locate(to_point(114.2370, 22.5573, "gcj02"))
    placement = placement_of(located.area)

    assert placement["district"].name == "盐田区"
    assert placement["community"] is not None
    assert located.area.level == Level.GRID
