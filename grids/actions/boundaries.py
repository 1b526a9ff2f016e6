"""Publish boundaries: a new version for every area of a set, at once."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from governance.events import Acting
from grids.actions.areas import chain, redraw_tiles
from grids.models import SRID, Area, AreaBoundary

BATCH = 500


@transaction.atomic
def publish_boundaries(
    *,
    boundaries: Sequence[tuple[int, GEOSGeometry]],
    actor: Acting,
    at: datetime,
    source: str,
    note: str = "",
) -> list[AreaBoundary]:
    """Give each (area_id, Polygon or MultiPolygon in SRID 4490) a new current version.

    The old versions end at `at` and stay; locating uses the new ones from the commit
    on. Area (geodesic m²), centre and pieces are computed by the database. Raises
    Refused, changing nothing, for an unknown or retired area, a shape that is not a
    valid polygon, or a version that would begin before the one it follows.
    """
    shapes = {area_id: _multipolygon(shape) for area_id, shape in boundaries}
    if len(shapes) != len(boundaries):
        raise Refused(_("同一个区域在这批边界中出现了两次。"), code="doubled_area")
    areas = _lock_open_areas(list(shapes))
    versions = _close_current(list(shapes), at)
    drawn = AreaBoundary.objects.bulk_create(
        [
            AreaBoundary(
                area=area,
                version=versions.get(area.pk, 0) + 1,
                geometry=shapes[area.pk],
                valid_from=at,
                area_m2=0,
                source=source,
                note=note,
            )
            for area in areas
        ],
        batch_size=BATCH,
    )
    sizes = AreaBoundary.objects.settle([boundary.pk for boundary in drawn])
    redraw_tiles([area.level for area in areas])
    for boundary in drawn:
        boundary.area_m2 = sizes[boundary.pk]
        _record(boundary, actor, at)
    return drawn


def _multipolygon(shape: GEOSGeometry) -> MultiPolygon:
    if isinstance(shape, Polygon):
        shape = MultiPolygon(shape, srid=shape.srid)
    if not isinstance(shape, MultiPolygon) or shape.empty:
        raise Refused(_("边界必须是面（多边形）。"), code="not_a_polygon")
    if shape.srid != SRID:
        raise Refused(_("边界必须先换算为 CGCS2000 坐标。"), code="wrong_crs")
    if not shape.valid:
        raise Refused(
            _("边界图形无效：%(reason)s") % {"reason": shape.valid_reason},
            code="invalid_ring",
        )
    return shape


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
            code="retired",
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
