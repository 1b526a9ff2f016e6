"""Boundaries by period, and what the database computes from a shape."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db import connection, models
from django.db.models import F, Max, Q

PIECE_VERTICES = 64

MEASURE = """
UPDATE grids_areaboundary SET area_m2 = ST_Area(geometry::geography)
WHERE id = ANY(%(ids)s) RETURNING id, area_m2
"""
CENTRE = """
UPDATE grids_area area SET centre = ST_PointOnSurface(boundary.geometry)
FROM grids_areaboundary boundary
WHERE boundary.area_id = area.id AND boundary.id = ANY(%(ids)s)
"""
FORGET_PIECES = """
DELETE FROM grids_boundarypiece piece USING grids_areaboundary boundary
WHERE boundary.area_id = piece.area_id AND boundary.id = ANY(%(ids)s)
"""
CUT = """
INSERT INTO grids_boundarypiece (boundary_id, area_id, level, code, geometry)
SELECT id, area_id, level, code, geometry
FROM (
    SELECT boundary.id, area.id AS area_id, area.level, area.code,
           (ST_Dump(ST_Subdivide(boundary.geometry, %(vertices)s))).geom AS geometry
    FROM grids_areaboundary boundary
    JOIN grids_area area ON area.id = boundary.area_id
    WHERE boundary.id = ANY(%(ids)s)
) piece
WHERE ST_Dimension(geometry) = 2
"""


class AsWgs84(models.Func):
    """As RFC 7946 wants it: WGS-84 (here the same as CGCS2000, `governance.geo`),
    outer rings counter-clockwise."""

    template = "ST_ForcePolygonCCW(ST_SetSRID(%(expressions)s, 4326))"
    output_field = GeometryField(srid=4326)


class BoundaryQuerySet(models.QuerySet):
    def current(self) -> Self:
        return self.filter(valid_to=None)

    def at(self, moment: datetime) -> Self:
        """The versions in force at a moment."""
        return self.filter(valid_from__lte=moment).filter(
            Q(valid_to=None) | Q(valid_to__gt=moment)
        )

    def touching(self, box: tuple[float, float, float, float]) -> Self:
        """Those whose extent meets west, south, east, north (degrees)."""
        return self.filter(geometry__bboverlaps=Polygon.from_bbox(box))

    def features(self, limit: int) -> list[dict[str, Any]]:
        """GeoJSON Features of the first by the areas' codes; one query."""
        rows = self.order_by("area__code").values_list(
            "area__code", "area__name", "area__level", "area__parent__code",
            "area__households", "area_m2", "version", "valid_from", "valid_to",
            AsGeoJSON(AsWgs84("geometry"), precision=8),
        )  # fmt: skip
        names = (
            "code", "name", "level", "parent_code", "households", "area_m2", "version",
            "valid_from", "valid_to",
        )  # fmt: skip
        return [
            {
                "type": "Feature",
                "id": facts[0],
                "properties": dict(zip(names, facts, strict=True)),
                "geometry": json.loads(shape),
            }
            for *facts, shape in rows[:limit]
        ]

    def newest_versions(self, area_ids: Sequence[int]) -> dict[int, int]:
        """The highest version number ever drawn, by area id."""
        rows = self.filter(area__in=area_ids).order_by().values_list("area")
        return dict(rows.annotate(Max("version")))

    def settle(self, boundary_ids: Sequence[int]) -> dict[int, float]:
        """Compute areas, centres and pieces of new current boundaries.

        Answers the geodesic m² by boundary id.
        """
        ids: dict[str, Any] = {"ids": list(boundary_ids), "vertices": PIECE_VERTICES}
        with connection.cursor() as cursor:
            cursor.execute(CENTRE, ids)
            cursor.execute(FORGET_PIECES, ids)
            cursor.execute(CUT, ids)
            cursor.execute(MEASURE, ids)
            return dict(cursor.fetchall())


class TileVersionQuerySet(models.QuerySet):
    def of_level(self, level: int) -> int:
        """The version of a level's tiles; 0 before anything was drawn."""
        return self.filter(level=level).values_list("version", flat=True).first() or 0

    def next_version(self, level: int) -> None:
        self.filter(level=level).update(version=F("version") + 1)

    def all_levels(self) -> dict[int, int]:
        """Changes whenever an area is drawn, renamed or retired."""
        return dict(self.values_list("level", "version"))
