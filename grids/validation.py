"""Check a set of areas before it is published: each finding names its areas.

Errors forbid publishing; warnings are for a person to accept (DOMAIN B.3, D.1).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.geo import SRID, Crs
from grids import codes
from grids.codes import Level
from grids.models import Area
from grids.querysets import topology
from grids.querysets.topology import Fault

OVERLAP_M2 = 1.0
OUTSIDE_M2 = 1.0
GAP_M2 = 50.0
# A set is read in a wrong system when more than this share of it misses what is drawn
# and another reading misses at most a third of that.
MISFIT_SHARE = 0.002
BETTER_BY = 3
CHINA = (73.0, 3.0, 136.0, 54.0)


class FindingKind(models.TextChoices):
    """The word after `--accept`, and its name in reports."""

    BAD_CODE = "bad_code", gettext_lazy("编码不合规")
    DOUBLED_CODE = "doubled_code", gettext_lazy("编码重复")
    RETIRED_CODE = "retired_code", gettext_lazy("编码已停用")
    UNKNOWN_PARENT = "unknown_parent", gettext_lazy("上级不存在")
    NO_NAME = "no_name", gettext_lazy("缺少名称")
    NOT_A_POLYGON = "not_a_polygon", gettext_lazy("不是面")
    INVALID_RING = "invalid_ring", gettext_lazy("图形无效")
    CRS = "crs", gettext_lazy("坐标系可疑")
    OUTSIDE_PARENT = "outside_parent", gettext_lazy("超出上级")
    OVERLAP = "overlap", gettext_lazy("重叠")
    GAP = "gap", gettext_lazy("缝隙")
    LEFT_OUTSIDE = "left_outside", gettext_lazy("下级落在新边界之外")
    NO_SHAPE = "no_shape", gettext_lazy("没有边界")


WARNINGS = {FindingKind.GAP, FindingKind.LEFT_OUTSIDE, FindingKind.NO_SHAPE}

REASONS = {
    "Self-intersection": gettext_lazy("边界自相交"),
    "Ring Self-intersection": gettext_lazy("边界环自相交"),
    "Hole lies outside shell": gettext_lazy("内环在外环之外"),
    "Holes are nested": gettext_lazy("内环互相嵌套"),
    "Interior is disconnected": gettext_lazy("内部不连通"),
    "Nested shells": gettext_lazy("外环互相嵌套"),
    "Duplicate Rings": gettext_lazy("有重复的环"),
    "Too few points in geometry component": gettext_lazy("顶点太少"),
    "Invalid Coordinate": gettext_lazy("坐标值无效"),
}


@dataclass(frozen=True)
class Candidate:
    """One area as it is to become; `geometry` is SRID 4490 or None for no boundary."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    geometry: GEOSGeometry | None = None
    row: int | None = None

    @property
    def label(self) -> str:
        name, code = self.name or _("未命名"), self.code or _("无编码")
        return f"“{name}”（{code}）"


@dataclass(frozen=True)
class Finding:
    """`areas` are codes; `geometry` (SRID 4490) shows where, for a map."""

    kind: FindingKind
    message: str
    areas: list[str] = field(default_factory=list)
    value_m2: float | None = None
    geometry: GEOSGeometry | None = None

    @property
    def severity(self) -> str:
        return "warning" if self.kind in WARNINGS else "error"

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


# Another way to read the same file: a system, and the shapes by code as read in it.
Reading = tuple[Crs, Callable[[], dict[str, GEOSGeometry]]]


@transaction.atomic
def check(
    candidates: Sequence[Candidate],
    *,
    crs: Crs = Crs.CGCS2000,
    readings: Iterable[Reading] = (),
) -> list[Finding]:
    """All findings about a set: errors first, in the order of the codes.

    `crs` is what the shapes were read as, `readings` are the other ways to read them;
    both serve only to say that the system looks wrong.
    """
    findings = [*_code_findings(candidates), *_place_findings(candidates)]
    shapes = _shapes(candidates)
    if shapes:
        topology.lay_out(shapes)
        names = _names(candidates)
        findings += [*_ring_findings(names), *_topology_findings(names)]
        findings += _reading_findings(shapes, crs, readings)
    order = list(FindingKind)
    return sorted(findings, key=lambda one: (not one.is_error, order.index(one.kind)))


def polygon(shape: GEOSGeometry) -> MultiPolygon | None:
    """The shape as a MultiPolygon; None when it is no area."""
    if isinstance(shape, Polygon):
        shape = MultiPolygon(shape, srid=shape.srid)
    if isinstance(shape, MultiPolygon) and not shape.empty:
        return shape
    return None


# --- codes and parents -------------------------------------------------------------


def _code_findings(candidates: Sequence[Candidate]) -> list[Finding]:
    findings: list[Finding] = []
    seen: dict[str, Candidate] = {}
    known = _known_areas(candidates)
    for one in candidates:
        findings += _code_faults(one, seen.get(one.code), known)
        seen.setdefault(one.code, one)
    present = {*seen, *(code for code, area in known.items() if area.valid_to is None)}
    findings += [
        Finding(
            FindingKind.UNKNOWN_PARENT,
            _("%(area)s的上级 %(parent)s 不存在或已停用。")
            % {"area": one.label, "parent": one.parent_code or _("（未找到）")},
            [one.code],
            geometry=one.geometry,
        )
        for one in candidates
        if one.level != Level.CITY and one.parent_code not in present
    ]
    return findings


def _known_areas(candidates: Sequence[Candidate]) -> dict[str, Area]:
    wanted = {one.code for one in candidates} | {
        one.parent_code for one in candidates if one.parent_code
    }
    return {area.code: area for area in Area.objects.filter(code__in=wanted)}


def _code_faults(
    one: Candidate, twin: Candidate | None, known: dict[str, Area]
) -> Iterable[Finding]:
    where = {"area": one.label, "form": codes.CODE_FORM[one.level]}
    where["level"] = one.level.label
    if not codes.fits(one.code, one.level):
        text = _("%(area)s的编码不合规：%(level)s编码应为 %(form)s。") % where
        yield Finding(FindingKind.BAD_CODE, text, [one.code], geometry=one.geometry)
    elif one.parent_code and not one.code.startswith(one.parent_code):
        where["parent"] = one.parent_code
        text = _("%(area)s的编码应以上级编码 %(parent)s 开头。") % where
        yield Finding(FindingKind.BAD_CODE, text, [one.code], geometry=one.geometry)
    if twin is not None:
        where["rows"] = "、".join(str(row) for row in (twin.row, one.row) if row)
        where["twin"] = twin.label
        text = _("编码重复：%(twin)s与%(area)s（第 %(rows)s 条）。") % where
        yield Finding(FindingKind.DOUBLED_CODE, text, [one.code], geometry=one.geometry)
    if one.code in known and known[one.code].valid_to is not None:
        text = _("%(area)s的编码已停用，不能再次使用。") % where
        yield Finding(FindingKind.RETIRED_CODE, text, [one.code])
    if not one.name.strip():
        text = _("%(area)s缺少名称。") % where
        yield Finding(FindingKind.NO_NAME, text, [one.code], geometry=one.geometry)


# --- coordinates -------------------------------------------------------------------


def _place_findings(candidates: Sequence[Candidate]) -> list[Finding]:
    findings = []
    some_drawn = any(one.geometry is not None for one in candidates)
    for one in candidates:
        if one.geometry is None:
            if some_drawn:
                text = _("%(area)s没有边界，只能选择，不能定位。") % {"area": one.label}
                findings.append(Finding(FindingKind.NO_SHAPE, text, [one.code]))
        elif polygon(one.geometry) is None:
            text = _("%(area)s不是面（多边形）。") % {"area": one.label}
            findings.append(Finding(FindingKind.NOT_A_POLYGON, text, [one.code]))
        elif symptom := _out_of_place(one.geometry.extent):
            text = _("坐标系可疑：%(area)s%(symptom)s") % {
                "area": one.label,
                "symptom": symptom,
            }
            findings.append(Finding(FindingKind.CRS, text, [one.code]))
    return findings


def _out_of_place(extent: tuple[float, float, float, float]) -> str:
    west, south, east, north = extent
    if _inside(extent, CHINA):
        return ""
    if _inside((south, west, north, east), CHINA):
        return _("的经度和纬度似乎颠倒了。")
    if max(map(abs, extent)) > 180:
        return _("的坐标像是以米为单位的投影坐标，请先换算为经纬度。")
    return _("不在中国范围内（经度 %(lng).3f，纬度 %(lat).3f）。") % {
        "lng": west,
        "lat": south,
    }


def _inside(extent: tuple[float, ...], box: tuple[float, ...]) -> bool:
    west, south, east, north = extent
    return box[0] <= west and box[1] <= south and east <= box[2] and north <= box[3]


# --- shapes ------------------------------------------------------------------------


def _shapes(candidates: Iterable[Candidate]) -> list[topology.Shape]:
    """What can be laid out: polygons in place."""
    shapes = []
    for key, one in _keyed(candidates):
        shape = polygon(one.geometry) if one.geometry is not None else None
        if shape is None or not _inside(shape.extent, CHINA):
            continue
        shape.srid = SRID
        shapes.append(topology.Shape(key, one.level, one.parent_code, shape))
    return shapes


def _keyed(candidates: Iterable[Candidate]) -> Iterator[tuple[str, Candidate]]:
    """Each under a key of its own: the code, `code#2` where it stands again.

    So that the faults of all are named, not only those of the first.
    """
    times: Counter[str] = Counter()
    for one in candidates:
        times[one.code] += 1
        again = times[one.code]
        yield (one.code if again == 1 else f"{one.code}#{again}"), one


def _names(candidates: Iterable[Candidate]) -> Callable[[str], str]:
    given = {key: one.label for key, one in _keyed(candidates)}

    def name(code: str) -> str:
        if code not in given:
            found = Area.objects.filter(code=code).values_list("name", flat=True)
            given[code] = f"“{found.first() or ''}”（{code}）"
        return given[code]

    return name


def _ring_findings(name: Callable[[str], str]) -> list[Finding]:
    findings = []
    for broken in topology.invalid_rings():
        spot = None
        where = ""
        if broken.lng is not None and broken.lat is not None:
            spot = Point(broken.lng, broken.lat, srid=SRID)
            where = _("，位置 %(lng).6f, %(lat).6f") % {
                "lng": broken.lng,
                "lat": broken.lat,
            }
        text = _("%(area)s图形无效：%(reason)s%(where)s。") % {
            "area": name(broken.code),
            "reason": REASONS.get(broken.reason, broken.reason),
            "where": where,
        }
        finding = Finding(FindingKind.INVALID_RING, text, [broken.code], geometry=spot)
        findings.append(finding)
    return findings


def _topology_findings(name: Callable[[str], str]) -> list[Finding]:
    def tell(kind: FindingKind, text: str, faults: list[Fault]) -> list[Finding]:
        return [
            Finding(
                kind, text % _told(fault, name), fault.codes, fault.m2, fault.geometry
            )
            for fault in faults
        ]

    return [
        *tell(
            FindingKind.OUTSIDE_PARENT,
            _("%(first)s有 %(m2)s 平方米超出上级%(second)s。"),
            topology.outside_parents(OUTSIDE_M2),
        ),
        *tell(
            FindingKind.OVERLAP,
            _("%(first)s与%(second)s重叠 %(m2)s 平方米。"),
            topology.overlaps(OVERLAP_M2),
        ),
        *tell(
            FindingKind.GAP,
            _("%(first)s内有 %(m2)s 平方米没有下级覆盖，相邻的有：%(rest)s。"),
            topology.gaps(GAP_M2),
        ),
        *tell(
            FindingKind.LEFT_OUTSIDE,
            _("已有的%(first)s有 %(m2)s 平方米落在上级%(second)s的新边界之外。"),
            topology.left_outside(OUTSIDE_M2),
        ),
    ]


def _told(fault: Fault, name: Callable[[str], str]) -> dict[str, str]:
    labels = [name(code) for code in fault.codes]
    return {
        "first": labels[0],
        "second": labels[1] if len(labels) > 1 else "",
        "rest": "、".join(labels[1:]) or _("无"),
        "m2": f"{fault.m2:,.1f}",
    }


def _reading_findings(
    shapes: list[topology.Shape], crs: Crs, readings: Iterable[Reading]
) -> list[Finding]:
    """Whether another reading of the file fits what is drawn far better."""
    as_declared = topology.misfit()
    if as_declared <= MISFIT_SHARE:
        return []
    shares: list[tuple[float, Crs]] = []
    for other, read in readings:
        read_shapes = read()
        topology.lay_out(
            topology.Shape(one.code, one.level, one.parent_code, read_shapes[one.code])
            for one in shapes
            if one.code in read_shapes
        )
        shares.append((topology.misfit(), other))
    if not shares or min(shares)[0] * BETTER_BY > as_declared:
        return []
    share, better = min(shares)
    text = _(
        "坐标系可疑：按声明的 %(crs)s 读取，%(bad).1f%% 的面积与已有边界不符；"
        "按 %(better)s 读取只有 %(good).1f%%。请核对坐标系后重新导入。"
    ) % {
        "crs": Crs(crs).label,
        "better": Crs(better).label,
        "bad": as_declared * 100,
        "good": share * 100,
    }
    return [Finding(FindingKind.CRS, text, [one.code for one in shapes])]
