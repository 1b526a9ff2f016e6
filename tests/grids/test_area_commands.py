"""The commands that prepare and complete an import."""

import gzip
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from grids.models import Area, AreaBoundary
from tests.grids import cities

pytestmark = pytest.mark.django_db

SQUARE = [
    [[113.0, 28.0], [113.01, 28.0], [113.01, 28.01], [113.0, 28.01], [113.0, 28.0]]
]


def run(command, *args, **options):
    out = StringIO()
    call_command(command, *args, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def tree():
    cities.area("9903", "空城市")
    cities.area("990301", "空城区")
    return cities.area("990301001", "空街道")


def test_codes_are_taken_from_a_packed_list_by_prefix_with_names_trimmed(
    tree, tmp_path
):
    path = tmp_path / "villages.csv.gz"
    rows = ["990301001001,甲社区居委会", "990301002001,乙社区居委会", "120000000001,丙"]
    path.write_bytes(gzip.compress("\n".join(["code,name", *rows]).encode()))

    run(
        "import_codes",
        path,
        level="community",
        under="9903",
        only_known_parents=True,
        trim=["居委会"],
    )

    assert list(Area.objects.filter(level=4).values_list("code", "name")) == [
        ("990301001001", "甲社区")
    ]
    assert not AreaBoundary.objects.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [("code,name\n990301009001,甲\n", "1 处错误"), ("id,name\n1,甲\n", "字段")],
)
def test_a_list_with_faults_changes_nothing(tree, tmp_path, content, told):
    path = tmp_path / "list.csv"
    path.write_text(content)

    with pytest.raises(CommandError, match=told):
        run("import_codes", path, level="community")
    assert not Area.objects.filter(level=4).exists()


def shapes(tmp_path, *names):
    features = [
        {
            "type": "Feature",
            "properties": {"NAME": name},
            "geometry": {"type": "Polygon", "coordinates": SQUARE},
        }
        for name in names
    ]
    path = tmp_path / "shapes.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def join(tmp_path, path, table):
    (tmp_path / "table.csv").write_text(table)
    output = tmp_path / "joined.geojson"
    run(
        "join_codes",
        path,
        tmp_path / "table.csv",
        output,
        name_field="NAME",
        suffix="街道",
    )
    return json.loads(output.read_text())["features"]


def test_codes_are_joined_by_name_and_the_ending_completed(tmp_path):
    (feature,) = join(tmp_path, shapes(tmp_path, "空"), "name,code\n空,990301001\n")

    assert feature["properties"] == {"code": "990301001", "name": "空街道"}
    assert feature["geometry"]["coordinates"] == SQUARE


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("name,code\n别处,1\n", "对照表里没有：空"),
        ("name,code\n空,1\n空,2\n", "两个编码"),
        ("title,code\n空,1\n", "字段"),
    ],
)
def test_what_cannot_be_joined_is_named(tmp_path, table, told):
    with pytest.raises(CommandError, match=told):
        join(tmp_path, shapes(tmp_path, "空"), table)


def test_dissolving_draws_the_parent_as_the_union_of_its_children(tree):
    for number, west in (("001", 0), ("002", 1)):
        cities.area(f"990301001{number}", shape=cities.box(west, 0, west + 1, 1))

    run("dissolve_areas", level="street", under="9903")

    (street,) = AreaBoundary.objects.filter(area=tree)
    assert street.geometry.equals(cities.box(0, 0, 2, 1))


def test_dissolving_nothing_is_said(tree):
    with pytest.raises(CommandError, match="没有找到"):
        run("dissolve_areas", level="street", under="9903")


def test_proposing_for_many_skips_what_is_drawn_already(tree):
    cities.publish((tree, cities.box(0, 0, 4, 2)))
    for number in ("001", "002"):
        cities.area(f"990301001{number}", f"社区{number}")

    first = run("propose_areas", split="street", under=["9903"])
    again = run("propose_areas", split="street", under=["9903"])
    grids = run(
        "propose_areas", split="community", under=["9903"], households_per_km2=500
    )

    assert ("2 个" in first, "0 个" in again) == (True, True)
    assert AreaBoundary.objects.filter(area__level=5).count() == int(grids.split()[1])
    assert all(300 <= one.households <= 500 for one in Area.objects.filter(level=5))


def test_proposing_names_the_places_it_could_not_divide(tree):
    cities.publish((tree, cities.box(0, 0, 4, 2)))

    with pytest.raises(CommandError, match="1 处没有划分"):
        run("propose_areas", split="street", under=["9903"])
