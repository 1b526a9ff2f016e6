"""Plan the import of a file: what is new, renamed, redrawn, and what is wrong with it.

A plan reads the database and changes nothing; `actions.import_areas` carries it out.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from governance.errors import Refused
from governance.geo import Crs, convert_geometry
from grids import codes, files, validation
from grids.codes import CODE_LENGTH, Level
from grids.files import Feature
from grids.models import Area, TileVersion
from grids.querysets import topology
from grids.validation import Candidate, Finding, FindingKind, Reading


class ParentBy(StrEnum):
    CODE = "code"
    CONTAINMENT = "containment"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to read a file.

    `crs` is the system of its coordinates. The parent of each area is told by its code,
    or by the drawn area of the level above that holds most of it, or is `parent` for
    all; in the last two cases a code may be the area's own digits only.
    """

    level: Level
    crs: Crs
    code_field: str = ""
    name_field: str = ""
    parent_by: ParentBy = ParentBy.CODE
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an import would do; candidates by code, in the order of the file.

    `seen` are the tile versions of the areas it was checked against.
    """

    source: str
    level: Level
    candidates: list[Candidate]
    findings: list[Finding]
    new: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    redrawn: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.is_error]

    @property
    def warnings(self) -> list[Finding]:
        return [one for one in self.findings if not one.is_error]

    def unaccepted(self, accepted: Collection[str]) -> list[FindingKind]:
        """The kinds of warning that nobody has accepted yet."""
        kinds = dict.fromkeys(one.kind for one in self.warnings)
        return [kind for kind in kinds if kind not in accepted]

    def refuse_unless(self, accepted: Collection[str]) -> None:
        """Raises Refused while there are errors or warnings not accepted."""
        if self.errors:
            raise Refused(
                _("发现 %(count)d 处错误，数据库未作任何改动；请改正文件后重新导入。")
                % {"count": len(self.errors)},
                code="errors",
            )
        if kinds := self.unaccepted(accepted):
            raise Refused(
                _("有警告尚未接受：%(kinds)s。数据库未作任何改动。")
                % {"kinds": "、".join(f"{kind.label}（{kind}）" for kind in kinds)},
                code="warnings",
            )


@transaction.atomic
def plan(path: Path, options: Options, *, source: str = "") -> Plan:
    """Read and check a file. Raises Refused for a file that cannot be read at all."""
    seen = TileVersion.objects.all_levels()
    features = files.read(
        path, code_field=options.code_field, name_field=options.name_field
    )
    if not features:
        raise Refused(_("文件里没有任何记录。"), code="empty_file", field="file")
    candidates = _with_parents(_candidates(features, options), options)
    findings = [
        *_broken(candidates, features),
        *validation.check(
            candidates,
            crs=options.crs,
            readings=_readings(candidates, features, options),
        ),
    ]
    drafted = Plan(
        source=source or path.name,
        level=options.level,
        candidates=candidates,
        findings=findings,
        seen=seen,
    )
    return drafted if drafted.errors else _sorted_out(drafted)


def report(drafted: Plan, accepted: Collection[str] = ()) -> list[str]:
    """The plan in words, one line for each finding and one for each count."""
    lines = [
        _("文件：%(source)s，层级：%(level)s，共 %(count)d 条。")
        % {
            "source": drafted.source,
            "level": drafted.level.label,
            "count": len(drafted.candidates),
        }
    ]
    lines += [_line(one, accepted) for one in drafted.findings]
    counted = Counter(one.kind for one in drafted.findings)
    if counted:
        sums = "，".join(f"{kind.label} {count}" for kind, count in counted.items())
        lines.append(
            _("错误 %(errors)d 处，警告 %(warnings)d 处：%(sums)s。")
            % {
                "errors": len(drafted.errors),
                "warnings": len(drafted.warnings),
                "sums": sums,
            }
        )
    if not drafted.errors:
        lines.append(
            _("新增 %(new)d，改名 %(renamed)d，边界更新 %(redrawn)d，不变 %(same)d。")
            % {
                "new": len(drafted.new),
                "renamed": len(drafted.renamed),
                "redrawn": len(drafted.redrawn),
                "same": len(drafted.unchanged),
            }
        )
    return lines


def _line(one: Finding, accepted: Collection[str]) -> str:
    if one.is_error:
        return f"[{_('错误')}·{one.kind.label}] {one.message}"
    word = _("警告，已接受") if one.kind in accepted else _("警告")
    return f"[{word}·{one.kind.label} {one.kind}] {one.message}"


# --- from features to candidates ---------------------------------------------------


def _candidates(features: Iterable[Feature], options: Options) -> list[Candidate]:
    return [
        Candidate(
            code=one.code,
            name=one.name,
            level=options.level,
            parent_code=None,
            geometry=_in_system(one.geometry, options.crs),
            row=one.row,
        )
        for one in features
    ]


def _in_system(shape: GEOSGeometry | None, crs: Crs) -> GEOSGeometry | None:
    """A MultiPolygon in SRID 4490; what is no polygon or no degrees stays as it is."""
    if shape is None:
        return None
    if max(map(abs, shape.extent)) > 180 or validation.polygon(shape) is None:
        return shape
    return validation.polygon(convert_geometry(shape, crs))


def _with_parents(candidates: Sequence[Candidate], options: Options) -> list[Candidate]:
    above = _parent_of(candidates, options)
    return [_placed(one, above(one)) for one in candidates]


def _parent_of(
    candidates: Sequence[Candidate], options: Options
) -> Callable[[Candidate], str | None]:
    if options.level == Level.CITY:
        return lambda one: None
    if options.parent:
        return lambda one: options.parent
    if options.parent_by == ParentBy.CODE:
        return lambda one: codes.parent_code(one.code, one.level)
    # Codes may be doubled here, rows are not.
    shapes = [
        topology.Shape(str(one.row), one.level, None, one.geometry)
        for one in candidates
        if one.geometry is not None and validation.polygon(one.geometry) is not None
    ]
    topology.lay_out(shapes, with_drawn=False)
    holders = topology.holders(options.level - 1)
    return lambda one: holders.get(str(one.row))


def _placed(one: Candidate, above: str | None) -> Candidate:
    """With its parent, and its code completed when it has only its own digits."""
    code = one.code
    own = CODE_LENGTH[one.level] - len(above or "")
    if above and len(code) == own and not codes.fits(code, one.level):
        code = above + code
    return replace(one, code=code, parent_code=above)


def _broken(
    candidates: Sequence[Candidate], features: Sequence[Feature]
) -> list[Finding]:
    return [
        Finding(
            FindingKind.INVALID_RING,
            _("%(area)s图形无效：%(reason)s（第 %(row)d 条）。")
            % {"area": one.label, "reason": feature.broken, "row": feature.row},
            [one.code],
        )
        for one, feature in zip(candidates, features, strict=True)
        if feature.broken
    ]


def _readings(
    candidates: Sequence[Candidate], features: Sequence[Feature], options: Options
) -> list[Reading]:
    """The same shapes read in each of the other systems, when they are asked for."""

    def read_as(crs: Crs) -> Callable[[], dict[str, GEOSGeometry]]:
        return lambda: {
            one.code: shape
            for one, feature in zip(candidates, features, strict=True)
            if (shape := _in_system(feature.geometry, crs)) is not None
        }

    same = {Crs.WGS84, Crs.CGCS2000}
    others = [Crs.WGS84, Crs.GCJ02, Crs.BD09]
    if options.crs in same:
        others.remove(Crs.WGS84)
    return [(crs, read_as(crs)) for crs in others if crs != options.crs]


# --- from candidates to changes ----------------------------------------------------


def _sorted_out(drafted: Plan) -> Plan:
    """Say for each candidate whether it is new, renamed, redrawn or as it was."""
    wanted = [one.code for one in drafted.candidates]
    names = dict(Area.objects.filter(code__in=wanted).values_list("code", "name"))
    shapes = [
        topology.Shape(one.code, one.level, one.parent_code, one.geometry)
        for one in drafted.candidates
        if one.geometry is not None
    ]
    topology.lay_out(shapes, with_drawn=False)
    as_drawn = topology.unchanged()
    drawn = {one.code for one in shapes}
    renamed = [
        one.code
        for one in drafted.candidates
        if one.code in names and names[one.code] != one.name
    ]
    redrawn = [code for code in wanted if code in drawn - as_drawn and code in names]
    new = [code for code in wanted if code not in names]
    moved = {*new, *renamed, *redrawn}
    return replace(
        drafted,
        new=new,
        renamed=renamed,
        redrawn=redrawn,
        unchanged=[code for code in wanted if code not in moved],
    )
