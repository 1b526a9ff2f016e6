"""Files in, areas out: every format, every fault, all or nothing."""

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.management import CommandError, call_command
from django.db import connection

from governance.geo import Crs, from_wgs84
from grids.models import Area, AreaBoundary, Level, TileVersion
from tests.grids import cities, writers
from tests.grids.cities import COMMUNITY, box

SQUARES = {
    f"{COMMUNITY}001": ("一格", box(0, 0, 1, 1)),
    f"{COMMUNITY}002": ("二格", box(1, 0, 2, 1)),
}


@pytest.fixture
def community(db):
    """The town down to its community, without grids."""
    street = box(0, 0, 2, 1)
    cities.area("9901", "示例市", street)
    cities.area("990101", "城东区", street)
    cities.area("990101001", "和平街道", street)
    return cities.area(COMMUNITY, "幸福社区", street)


def written(path, squares):
    """A GeoJSON file of (code, (name, geometry or GeoJSON dict)) pairs."""
    rows = [(code, name, shape) for code, (name, shape) in squares]
    return writers.geojson(path, rows)


def shifted(shape, crs):
    """A rectangle as another coordinate system would have it."""
    ring = [from_wgs84(lng, lat, crs) for lng, lat in shape[0].coords[0]]
    return MultiPolygon(Polygon(ring), srid=4490)


def run(path, *options, level="grid") -> str:
    lines: list[str] = []

    class Out:
        def write(self, text):
            lines.append(text)

    call_command("import_areas", str(path), "--level", level, *options, stdout=Out())
    return "".join(lines)


def refused(path, *options, level="grid") -> str:
    """What the command said when it failed; the database is as it was."""
    before = state()
    lines: list[str] = []

    class Out:
        def write(self, text):
            lines.append(text)

    with pytest.raises(CommandError) as error:
        call_command(
            "import_areas", str(path), "--level", level, *options, stdout=Out()
        )
    assert error.value.returncode == 1
    assert state() == before
    return "".join(lines) + str(error.value)


def state():
    areas = list(Area.objects.order_by("code").values_list())
    boundaries = list(AreaBoundary.objects.order_by("pk").values_list("pk", "valid_to"))
    return areas, boundaries, list(TileVersion.objects.order_by("pk").values_list())


def grids():
    return list(Area.objects.at_level(Level.GRID).order_by("code"))


# --- formats -----------------------------------------------------------------------


@pytest.fixture
def given_file(request, tmp_path):
    rows = [(code, name, shape) for code, (name, shape) in SQUARES.items()]
    folder = tmp_path / "parts"
    folder.mkdir()
    match request.param:
        case "geojson":
            return writers.geojson(tmp_path / "grids.geojson", rows)
        case "gpkg":
            return writers.geopackage(tmp_path / "grids.gpkg", rows)
        case "shp":
            return writers.shapefile(tmp_path / "grids.shp", rows)
        case "gbk zip":
            writers.shapefile(folder / "grids.shp", rows, encoding="gbk")
        case "nameless gbk zip":
            writers.shapefile(folder / "grids.shp", rows, encoding="gbk")
            (folder / "grids.cpg").unlink()
        case "gauss-krüger zip":
            writers.shapefile(folder / "grids.shp", rows, srid=4547)
    return writers.zipped(tmp_path / "grids.zip", folder)


@pytest.mark.parametrize(
    "given_file",
    ["geojson", "gpkg", "shp", "gbk zip", "nameless gbk zip", "gauss-krüger zip"],
    indirect=True,
)
def test_every_vector_format_brings_in_the_same(community, given_file):
    said = run(given_file)
    assert "新增 2，改名 0，边界更新 0，不变 0" in said
    assert [(area.code, area.name) for area in grids()] == [
        (code, name) for code, (name, _shape) in SQUARES.items()
    ]
    boundary = grids()[0].boundaries.get()
    assert boundary.area_m2 == pytest.approx(1_089_991, rel=1e-4)
    assert boundary.source == given_file.name
    assert boundary.geometry.envelope.area == pytest.approx(1e-4, rel=1e-4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_code_list_makes_areas_without_boundaries(community, tmp_path, encoding):
    path = tmp_path / "communities.csv"
    path.write_bytes(
        "编码,名称\n990101001002,安宁社区\n990101001003,祥和社区\n".encode(encoding)
    )
    assert "新增 2" in run(path, level="community")
    area = Area.objects.get(code="990101001003")
    assert area.name == "祥和社区"
    assert area.parent.code == "990101001"
    assert not area.boundaries.exists()


def test_fields_are_named_by_hand(community, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("代号,叫法\n990101001002,安宁社区\n", encoding="utf-8")
    said = refused(path, "--code-field", "编号", level="community")
    assert "没有字段 编号；现有字段：代号、叫法" in said
    run(path, "--code-field", "代号", "--name-field", "叫法", level="community")
    assert Area.objects.filter(code="990101001002").exists()


def test_shapes_in_gcj02_are_moved(community, tmp_path):
    squares = {
        code: (name, shifted(shape, Crs.GCJ02))
        for code, (name, shape) in SQUARES.items()
    }
    run(written(tmp_path / "gcj.geojson", squares.items()), "--crs", "gcj02")
    drawn = grids()[0].boundaries.get().geometry
    assert drawn.equals_exact(box(0, 0, 1, 1), 1e-8) or (
        drawn.sym_difference(box(0, 0, 1, 1)).area < 1e-12
    )


# --- parents -----------------------------------------------------------------------


def test_parent_by_containment_completes_short_codes(community, tmp_path):
    squares = [("001", ("一格", box(0, 0, 1, 1))), ("002", ("二格", box(1, 0, 2, 1)))]
    run(written(tmp_path / "a.geojson", squares), "--parent-by", "containment")
    assert [area.code for area in grids()] == list(SQUARES)
    assert {area.parent_id for area in grids()} == {community.pk}


def test_one_parent_for_all(community, tmp_path):
    squares = [("001", ("一格", box(0, 0, 2, 1)))]
    run(written(tmp_path / "a.geojson", squares), "--parent", COMMUNITY)
    assert grids()[0].code == f"{COMMUNITY}001"


def test_containment_against_the_code_is_an_error(community, tmp_path):
    squares = [("990101001002001", ("一格", box(0, 0, 2, 1)))]
    said = refused(
        written(tmp_path / "a.geojson", squares), "--parent-by", "containment"
    )
    assert f"应以上级编码 {COMMUNITY} 开头" in said


def test_a_place_in_no_parent_is_named(community, tmp_path):
    squares = [("001", ("孤格", box(10, 0, 11, 1)))]
    said = refused(
        written(tmp_path / "a.geojson", squares), "--parent-by", "containment"
    )
    assert "上级不存在" in said
    assert "孤格" in said


# --- again -------------------------------------------------------------------------


def test_importing_again_changes_nothing(community, tmp_path):
    path = written(tmp_path / "grids.geojson", SQUARES.items())
    run(path)
    before = state()
    assert "新增 0，改名 0，边界更新 0，不变 2" in run(path)
    assert state() == before


def test_changed_shape_is_a_new_version_and_changed_name_a_rename(community, tmp_path):
    run(written(tmp_path / "grids.geojson", SQUARES.items()))
    west, east = SQUARES
    changed = {
        west: ("一网格", box(0, 0, 1.5, 1)),
        east: ("二格", box(1.5, 0, 2, 1)),
    }
    said = run(written(tmp_path / "new.geojson", changed.items()))
    assert "新增 0，改名 1，边界更新 2，不变 0" in said
    assert grids()[0].name == "一网格"
    assert [one.version for one in grids()[0].boundaries.order_by("version")] == [1, 2]


def test_dry_run_writes_nothing(community, tmp_path):
    before = state()
    said = run(written(tmp_path / "grids.geojson", SQUARES.items()), "--dry-run")
    assert "新增 2" in said
    assert "未写入" in said
    assert state() == before


# --- faults ------------------------------------------------------------------------


def test_a_gap_must_be_accepted_by_name(community, tmp_path):
    west, east = SQUARES
    # 0.5 × 0.01 of a step is about 4.9 × 11 m: some 54 m².
    squares = {west: SQUARES[west], east: ("二格", box(1.005, 0, 2, 1))}
    path = written(tmp_path / "gap.geojson", squares.items())
    said = refused(path)
    assert "缝隙" in said
    assert "幸福社区" in said
    assert "一格" in said
    assert "二格" in said
    assert "缝隙（gap）" in said
    run(path, "--accept", "gap")
    assert len(grids()) == 2
    assert grids()[0].boundaries.get().note == "gap"


def test_a_gap_of_less_than_50_m2_is_nothing(community, tmp_path):
    west, east = SQUARES
    square = GEOSGeometry(
        "POLYGON((113.01005 28,113.02 28,113.02 28.01,113.01 28.01,113.01 28.00005,"
        "113.01005 28.00005,113.01005 28))",
        srid=4490,
    )
    squares = {west: SQUARES[west], east: ("二格", square)}
    assert "缝隙" not in run(written(tmp_path / "a.geojson", squares.items()))


def test_self_crossing_ring_is_named_with_place_and_reason(community, tmp_path):
    west, east = SQUARES
    bow = GEOSGeometry(
        "POLYGON((113 28,113.01 28.01,113.01 28,113 28.01,113 28))", srid=4490
    )
    squares = {west: ("一格", bow), east: SQUARES[east]}
    said = refused(written(tmp_path / "bow.geojson", squares.items()))
    assert "图形无效" in said
    assert f"“一格”（{west}）图形无效：边界自相交，位置 113.005000, 28.005000" in said


def test_broken_ring_under_a_doubled_code_is_named_too(community, tmp_path):
    west, _east = SQUARES
    bow = GEOSGeometry(
        "POLYGON((113.02 28,113.03 28.01,113.03 28,113.02 28.01,113.02 28))", srid=4490
    )
    squares = [(west, SQUARES[west]), (west, ("二格", bow))]
    said = refused(written(tmp_path / "both.geojson", squares))
    assert "编码重复" in said
    assert f"“二格”（{west}）图形无效" in said


def test_open_ring_is_named(community, tmp_path):
    west, east = SQUARES
    ring = [[113, 28], [113.01, 28], [113.01, 28.01], [113, 28.01]]
    squares = [
        (west, ("一格", {"type": "Polygon", "coordinates": [ring]})),
        (east, SQUARES[east]),
    ]
    said = refused(written(tmp_path / "open.geojson", squares))
    assert f"“一格”（{west}）图形无效" in said
    assert "没有闭合" in said


def test_overlap_of_ten_square_metres_is_named(community, tmp_path):
    west, east = SQUARES
    # 10 m² over a border of 1108 m: about 9.03 mm.
    over = 1 - 9.16e-8 / 0.01
    squares = {west: SQUARES[west], east: ("二格", box(over, 0, 2, 1))}
    said = refused(written(tmp_path / "over.geojson", squares.items()))
    assert f"“一格”（{west}）与“二格”（{east}）重叠 10." in said


def test_overlap_of_less_than_one_square_metre_is_nothing(community, tmp_path):
    west, east = SQUARES
    squares = {west: SQUARES[west], east: ("二格", box(1 - 9e-9 / 0.01, 0, 2, 1))}
    assert "重叠" not in run(written(tmp_path / "a.geojson", squares.items()))


def test_overlap_with_what_is_drawn_is_named(community, tmp_path):
    run(written(tmp_path / "grids.geojson", SQUARES.items()))
    third = [(f"{COMMUNITY}003", ("三格", box(0, 0, 0.5, 1)))]
    said = refused(written(tmp_path / "third.geojson", third))
    assert "“一格”" in said
    assert "“三格”" in said
    assert "重叠" in said


def test_child_outside_its_parent_is_named(community, tmp_path):
    west, east = SQUARES
    squares = {west: SQUARES[west], east: ("二格", box(1, 0, 2.01, 1))}
    said = refused(written(tmp_path / "out.geojson", squares.items()))
    assert f"“二格”（{east}）有 " in said
    assert f"平方米超出上级“幸福社区”（{COMMUNITY}）" in said
    assert "一格" not in said.split("超出")[0].split("\n")[-1]


def test_parent_drawn_away_from_its_children_warns(town, tmp_path):
    squares = [(COMMUNITY, ("幸福社区", box(0, 0, 1.9, 1)))]
    said = refused(written(tmp_path / "c.geojson", squares), level="community")
    assert "left_outside" in said
    assert "已有的“二格”" in said
    run(
        written(tmp_path / "c.geojson", squares),
        *("--accept", "left_outside", "gap"),
        level="community",
    )


def test_doubled_code_is_named_with_its_rows(community, tmp_path):
    west, _east = SQUARES
    squares = [(west, SQUARES[west]), (west, ("二格", box(1, 0, 2, 1)))]
    said = refused(written(tmp_path / "twice.geojson", squares))
    assert f"编码重复：“一格”（{west}）与“二格”（{west}）（第 1、2 条）" in said


def test_unknown_parent_and_bad_code_are_named(community, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(
        "code,name\n990199001001,无主社区\n99010100,短码社区\n990101001009,\n",
        encoding="utf-8",
    )
    said = refused(path, level="community")
    assert "“无主社区”（990199001001）的上级 990199001 不存在" in said
    assert "“短码社区”（99010100）的编码不合规：社区编码应为 12 位数字" in said
    assert "“未命名”（990101001009）缺少名称" in said


@pytest.mark.parametrize("true_crs", [Crs.GCJ02, Crs.BD09])
def test_wrong_declared_system_is_suspected_against_the_parent(
    community, tmp_path, true_crs
):
    squares = {
        code: (name, shifted(shape, true_crs))
        for code, (name, shape) in SQUARES.items()
    }
    path = written(tmp_path / "wrong.geojson", squares.items())
    said = refused(path, "--crs", "wgs84")
    assert "坐标系可疑：按声明的 WGS-84" in said
    assert f"按 {Crs(true_crs).label} 读取" in said
    run(path, "--crs", true_crs.value)


def test_wrong_declared_system_is_suspected_against_the_own_boundary(
    community, tmp_path
):
    street = [("990101001", ("和平街道", shifted(box(0, 0, 2, 1), Crs.GCJ02)))]
    said = refused(written(tmp_path / "s.geojson", street), level="street")
    assert "坐标系可疑" in said


@pytest.mark.parametrize(
    ("shape", "symptom"),
    [
        (
            "POLYGON((500000 3098000,500900 3098000,500900 3098900,500000 3098000))",
            "投影坐标",
        ),
        ("POLYGON((28 113,28 113.01,28.01 113.01,28 113))", "颠倒"),
        ("POLYGON((-74 40,-73 40,-73 41,-74 40))", "不在中国范围内"),
    ],
)
def test_coordinates_of_another_world_are_named(community, tmp_path, shape, symptom):
    west, east = SQUARES
    squares = {west: ("一格", GEOSGeometry(shape)), east: SQUARES[east]}
    said = refused(written(tmp_path / "far.geojson", squares.items()))
    assert "坐标系可疑：“一格”" in said
    assert symptom in said


def test_points_are_no_areas(community, tmp_path):
    squares = [(f"{COMMUNITY}001", ("一格", GEOSGeometry("POINT(113 28)")))]
    assert "不是面" in refused(written(tmp_path / "p.geojson", squares))


def test_a_feature_without_a_shape_must_be_accepted(community, tmp_path):
    west, east = SQUARES
    squares = [(west, ("一格", box(0, 0, 2, 1))), (east, ("二格", None))]
    path = written(tmp_path / "n.geojson", squares)
    said = refused(path)
    assert f"“二格”（{east}）没有边界" in said
    assert "（no_shape）" in said
    run(path, "--accept", "no_shape")
    assert not Area.objects.get(code=east).boundaries.exists()


def test_retired_code_stays_used(town, tmp_path):
    from grids import actions

    actions.retire_area(
        area_id=town["west"].pk, actor=cities.ACTOR, at=cities.LATER, reason="撤销"
    )
    squares = [(town["west"].code, ("一格", box(0, 0, 1, 1)))]
    said = refused(written(tmp_path / "r.geojson", squares), "--accept", "gap")
    assert "已停用，不能再次使用" in said


# --- files that are not what they say ----------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", b"PK", "不支持这种文件"),
        ("a.geojson", b"<OGRVRTDataSource/>", "与扩展名 .geojson 不符"),
        ("a.geojson", b'{"type": "Feature', "无法读取"),
        ("a.zip", b"PK\x03\x04", "压缩包"),
        ("a.csv", b"code,name\n", "没有任何记录"),
        ("a.csv", b"\xff\xff\xff,name\n", "文字编码"),
    ],
)
def test_unreadable_files_are_refused(community, tmp_path, name, content, says):
    path = tmp_path / name
    path.write_bytes(content)
    assert says in refused(path)


def test_missing_file_is_said(db, tmp_path):
    assert "找不到文件" in refused(tmp_path / "none.csv")


def test_nothing_stays_of_a_failed_import(community, tmp_path, monkeypatch):
    """Even when the database itself refuses the last step."""
    from grids.actions import importing

    def broken(**_given):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")

    monkeypatch.setattr(importing, "draw", broken)
    before = state()
    with pytest.raises(Exception, match="division by zero"):
        run(written(tmp_path / "grids.geojson", SQUARES.items()))
    assert state() == before
