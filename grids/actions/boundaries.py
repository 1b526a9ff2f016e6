"""Publish boundaries: a new version for every area of a set, at once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from governance.events import Acting
from governance.querysets import hold
from grids import codes, validation
from grids.actions.areas import chain, redraw_tiles
from grids.codes import Level
from grids.models import SRID, Area, AreaBoundary
from grids.validation import Candidate

BATCH = 500
TOLD = 5
# Held from the check to the commit: two who draw at once would each be checked against
# what the other is about to replace.
DRAWING = "boundaries"

Drawing = Sequence[tuple[int, GEOSGeometry]]


@transaction.atomic
def publish_boundaries(
    *, boundaries: Drawing, actor: Acting, at: datetime, source: str, note: str = ""
) -> list[AreaBoundary]:
    """Give each (area_id, Polygon or MultiPolygon in SRID 4490) a new current version.

    The old versions end at `at` and stay; locating uses the new ones from the commit
    on. Area (geodesic m²), centre and pieces are computed by the database. Raises
    Refused, changing nothing, for an unknown or retired area, a set with errors
    (`validation.check`: the code is the first finding's kind), or a version that would
    begin before the one it follows.
    """
    hold(DRAWING)
    areas = Area.objects.in_bulk([area_id for area_id, _shape in boundaries])
    findings = validation.check(
        [
            _candidate(areas[area_id], _multipolygon(shape))
            for area_id, shape in boundaries
            if area_id in areas
        ]
    )
    errors = [one for one in findings if one.is_error]
    if errors:
        message = "".join(one.message for one in errors[:TOLD])
        if len(errors) > TOLD:
            message += _("……共 %(count)d 处错误。") % {"count": len(errors)}
        raise Refused(message, code=errors[0].kind)
    return draw(boundaries=boundaries, actor=actor, at=at, source=source, note=note)


@transaction.atomic
def draw(
    *, boundaries: Drawing, actor: Acting, at: datetime, source: str, note: str = ""
) -> list[AreaBoundary]:
    """`publish_boundaries` for a set checked while holding `DRAWING`."""
    shapes = {area_id: _multipolygon(shape) for area_id, shape in boundaries}
    areas = _lock_open_areas(list(shapes))
    redraw_tiles([area.level for area in areas])
    versions = _close_current(list(shapes), at)
    drawn = AreaBoundary.objects.bulk_create(
        [
            AreaBoundary(
                area=area,
                version=versions.get(area.pk, 0) + 1,
                geometry=shapes[area.pk],
                valid_from=at,
                area_m2=0,
                source=source[:200],
                note=note[:500],
            )
            for area in areas
        ],
        batch_size=BATCH,
    )
    sizes = AreaBoundary.objects.settle([boundary.pk for boundary in drawn])
    for boundary in drawn:
        boundary.area_m2 = sizes[boundary.pk]
        _record(boundary, actor, at)
    return drawn


def _candidate(area: Area, shape: MultiPolygon) -> Candidate:
    level = Level(area.level)
    above = codes.parent_code(area.code, level)
    return Candidate(area.code, area.name, level, above, shape)


def _multipolygon(shape: GEOSGeometry) -> MultiPolygon:
    surface = validation.polygon(shape)
    if surface is None:
        raise Refused(_("边界必须是面（多边形）。"), code="not_a_polygon")
    if surface.srid != SRID:
        raise Refused(_("边界必须先换算为 CGCS2000 坐标。"), code="crs")
    return surface


def _lock_open_areas(area_ids: list[int]) -> list[Area]:
    locked = Area.objects.select_for_update(of=("self",)).filter(pk__in=area_ids)
    areas = list(locked.order_by("pk"))
    if len(areas) != len(area_ids):
        raise Refused(_("找不到要更新边界的区域，请刷新后重试。"), code="unknown_area")
    retired = [area.name for area in areas if area.valid_to is not None]
    if retired:
        raise Refused(
            _("这些区域已停用，不能更新边界：%(names)s")
            % {"names": "、".join(retired)},
            code="retired_code",
        )
    return areas


def _close_current(area_ids: list[int], at: datetime) -> dict[int, int]:
    """End the current versions; the newest version number of each area."""
    current = AreaBoundary.objects.current().filter(area__in=area_ids)
    if current.filter(valid_from__gt=at).exists():
        raise Refused(_("新边界的启用时间早于现有版本。"), code="too_early")
    versions = AreaBoundary.objects.newest_versions(area_ids)
    current.update(valid_to=at)
    return versions


def _record(boundary: AreaBoundary, actor: Acting, at: datetime) -> None:
    events.record(
        chain=chain(boundary.area),
        action="grids.publish_boundary",
        actor=actor,
        at=at,
        detail={
            "version": boundary.version,
            "area_m2": round(boundary.area_m2, 1),
            "source": boundary.source,
            "note": boundary.note,
            "sha256": hashlib.sha256(bytes(boundary.geometry.wkb)).hexdigest(),
        },
    )
