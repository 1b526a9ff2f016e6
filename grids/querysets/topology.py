"""A set of shapes against each other, their parents and what is already drawn.

`lay_out` puts the set and the drawn boundaries it touches into a temporary table of
the running transaction; each question after it is one statement there. Areas are
geodesic m². Invalid shapes are kept out of every question but `invalid_rings`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from psycopg2.extras import execute_values

SRID = 4490

# The planner takes geometry functions for so dear that it would compile each statement
# for seconds to answer it in milliseconds.
TABLE = """
SET LOCAL jit = off;
DROP TABLE IF EXISTS grids_sketch;
CREATE TEMPORARY TABLE grids_sketch (
    code text PRIMARY KEY,
    level smallint NOT NULL,
    parent_code text,
    fresh boolean NOT NULL,
    fine boolean NOT NULL,
    geometry geometry(Geometry, 4490) NOT NULL
) ON COMMIT DROP
"""
INSERT = """
INSERT INTO grids_sketch (code, level, parent_code, fresh, fine, geometry)
SELECT code, level, parent_code, true, ST_IsValid(geometry), geometry
FROM (VALUES %s) AS given (code, level, parent_code, geometry)
"""
ROW = "(%s, %s::smallint, %s::text, ST_GeomFromEWKB(%s))"
# Drawn areas beside the set (same level, near it or under the same parent), above it
# and below it.
ADD_DRAWN = """
INSERT INTO grids_sketch (code, level, parent_code, fresh, fine, geometry)
SELECT area.code, area.level, above.code, false, true, boundary.geometry
FROM grids_areaboundary boundary
JOIN grids_area area ON area.id = boundary.area_id
LEFT JOIN grids_area above ON above.id = area.parent_id
WHERE boundary.valid_to IS NULL
  AND NOT EXISTS (SELECT FROM grids_sketch WHERE code = area.code)
  AND (
    area.code IN (SELECT parent_code FROM grids_sketch)
    OR above.code IN (SELECT code FROM grids_sketch)
    OR above.code IN (SELECT parent_code FROM grids_sketch)
    OR area.level IN (SELECT level FROM grids_sketch) AND EXISTS (
        SELECT FROM grids_sketch near
        WHERE near.level = area.level AND near.geometry && boundary.geometry
    )
  )
"""
INDEX = """
CREATE INDEX ON grids_sketch USING gist (geometry);
CREATE INDEX ON grids_sketch (parent_code);
ANALYZE grids_sketch
"""
INVALID_RINGS = """
SELECT code, reason(detail), ST_X(location(detail)), ST_Y(location(detail))
FROM (
    SELECT code, ST_IsValidDetail(geometry) AS detail FROM grids_sketch WHERE NOT fine
) broken
ORDER BY code
"""
# The geodesic area of a sliver a tenth of a millimetre wide can be wrong by hundreds of
# m²; the area in square degrees is not, and one of them never holds over 1.25e10 m².
OVERLAPS = """
SELECT one, other, ST_Area(common::geography), ST_AsEWKB(common)
FROM (
    SELECT one.code AS one, other.code AS other,
           ST_CollectionExtract(ST_Intersection(one.geometry, other.geometry), 3)
               AS common
    FROM grids_sketch one
    JOIN grids_sketch other
      ON other.level = one.level AND other.code > one.code
     AND (one.fresh OR other.fresh)
     AND ST_Intersects(one.geometry, other.geometry)
    WHERE one.fine AND other.fine
) pair
WHERE ST_Area(common::geography) > %(over)s
  AND ST_Area(common) * 1.25e10 > %(over)s
ORDER BY one, other
"""
OUTSIDE = """
SELECT child, parent, ST_Area(beyond::geography), ST_AsEWKB(beyond)
FROM (
    SELECT child.code AS child, parent.code AS parent,
           ST_CollectionExtract(ST_Difference(child.geometry, parent.geometry), 3)
               AS beyond
    FROM grids_sketch child
    JOIN grids_sketch parent ON parent.code = child.parent_code
    WHERE child.fine AND parent.fine
      AND child.fresh = %(fresh)s AND (child.fresh OR parent.fresh)
      AND NOT ST_Covers(parent.geometry, child.geometry)
) pair
WHERE ST_Area(beyond::geography) > %(over)s
  AND ST_Area(beyond) * 1.25e10 > %(over)s
ORDER BY child
"""
# What the children of a parent leave open: of the parent when it is drawn, else the
# holes in their union.
GAPS = """
WITH family AS (
    SELECT parent_code, ST_Union(geometry) AS covered, bool_or(fresh) AS fresh
    FROM grids_sketch
    WHERE fine AND parent_code IS NOT NULL
    GROUP BY parent_code
),
open_ground AS (
    SELECT family.parent_code,
           (ST_Dump(ST_Difference(parent.geometry, family.covered))).geom AS geometry
    FROM family
    JOIN grids_sketch parent ON parent.code = family.parent_code AND parent.fine
    WHERE family.fresh OR parent.fresh
    UNION ALL
    SELECT parent_code, ST_MakePolygon(ST_ExteriorRing((ring).geom))
    FROM (
        SELECT parent_code, ST_DumpRings((ST_Dump(covered)).geom) AS ring
        FROM family
        WHERE fresh AND parent_code NOT IN (SELECT code FROM grids_sketch)
    ) hole
    WHERE (ring).path[1] > 0
)
SELECT open_ground.parent_code,
       ARRAY(
           SELECT child.code FROM grids_sketch child
           WHERE child.parent_code = open_ground.parent_code AND child.fine
             AND ST_DWithin(child.geometry, open_ground.geometry, 1e-7)
           ORDER BY child.code
       ),
       ST_Area(open_ground.geometry::geography), ST_AsEWKB(open_ground.geometry)
FROM open_ground
WHERE ST_Dimension(open_ground.geometry) = 2
  AND ST_Area(open_ground.geometry::geography) > %(over)s
  AND ST_Area(open_ground.geometry) * 1.25e10 > %(over)s
ORDER BY 1, 3 DESC
"""
# How much of the set disagrees with what is drawn: with the parent, and with the same
# area's own current boundary; a share of the set's own ground.
MISFIT = """
SELECT coalesce(
    sum(greatest(
        coalesce(ST_Area(ST_Difference(fresh.geometry, parent.geometry)), 0),
        coalesce(ST_Area(ST_SymDifference(fresh.geometry, own.geometry)) / 2, 0)
    )) / nullif(sum(ST_Area(fresh.geometry)), 0), 0)
FROM grids_sketch fresh
LEFT JOIN grids_sketch parent
  ON parent.code = fresh.parent_code AND NOT parent.fresh
LEFT JOIN grids_area area ON area.code = fresh.code
LEFT JOIN grids_areaboundary own ON own.area_id = area.id AND own.valid_to IS NULL
WHERE fresh.fresh AND fresh.fine AND (parent.code IS NOT NULL OR own.id IS NOT NULL)
"""
UNCHANGED = """
SELECT sketch.code
FROM grids_sketch sketch
JOIN grids_area area ON area.code = sketch.code
JOIN grids_areaboundary own ON own.area_id = area.id AND own.valid_to IS NULL
WHERE sketch.fresh AND sketch.fine AND ST_Equals(own.geometry, sketch.geometry)
"""
# The drawn area of a level that holds most of each shape.
HOLDERS = """
SELECT DISTINCT ON (sketch.code) sketch.code, area.code
FROM grids_sketch sketch
JOIN grids_areaboundary boundary
  ON boundary.valid_to IS NULL AND boundary.geometry && sketch.geometry
JOIN grids_area area ON area.id = boundary.area_id AND area.level = %(level)s
WHERE sketch.fine AND ST_Intersects(boundary.geometry, sketch.geometry)
ORDER BY sketch.code,
         ST_Area(ST_Intersection(boundary.geometry, sketch.geometry)) DESC, area.code
"""


@dataclass(frozen=True)
class Shape:
    code: str
    level: int
    parent_code: str | None
    geometry: GEOSGeometry


@dataclass(frozen=True)
class Fault:
    """Areas by code, how many m², and where."""

    codes: list[str]
    m2: float
    geometry: GEOSGeometry


@dataclass(frozen=True)
class BrokenRing:
    code: str
    reason: str
    lng: float | None
    lat: float | None


def lay_out(shapes: Iterable[Shape], *, with_drawn: bool = True) -> None:
    """Put the set, with the drawn areas around it, into the sketch table."""
    rows = [(s.code, s.level, s.parent_code, bytes(s.geometry.ewkb)) for s in shapes]
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
        execute_values(cursor.cursor, INSERT, rows, template=ROW, page_size=500)
        if with_drawn:
            cursor.execute(ADD_DRAWN)
        cursor.execute(INDEX)


def invalid_rings() -> list[BrokenRing]:
    return [BrokenRing(*row) for row in _rows(INVALID_RINGS)]


def overlaps(over_m2: float) -> list[Fault]:
    """Pairs of one level that share more than `over_m2`, one of them in the set."""
    rows = _rows(OVERLAPS, {"over": over_m2})
    return [_fault([one, other], m2, shape) for one, other, m2, shape in rows]


def outside_parents(over_m2: float) -> list[Fault]:
    """[child, parent]: shapes of the set that leave their parent."""
    rows = _rows(OUTSIDE, {"over": over_m2, "fresh": True})
    return [_fault([child, parent], m2, shape) for child, parent, m2, shape in rows]


def left_outside(over_m2: float) -> list[Fault]:
    """[child, parent]: drawn areas that a new shape of their parent leaves out."""
    rows = _rows(OUTSIDE, {"over": over_m2, "fresh": False})
    return [_fault([child, parent], m2, shape) for child, parent, m2, shape in rows]


def gaps(over_m2: float) -> list[Fault]:
    """[parent, children around…] for every part of a parent that nobody covers."""
    rows = _rows(GAPS, {"over": over_m2})
    return [_fault([parent, *around], m2, shape) for parent, around, m2, shape in rows]


def misfit() -> float:
    """0 to 1: the share of the set that disagrees with what is drawn."""
    return float(_rows(MISFIT)[0][0])


def unchanged() -> set[str]:
    """Codes whose shape is the one already drawn."""
    return {code for (code,) in _rows(UNCHANGED)}


def holders(level: int) -> dict[str, str]:
    """For each code of the set the area of `level` that holds most of it, by code."""
    return dict(_rows(HOLDERS, {"level": level}))


def _rows(sql: str, params: dict[str, Any] | None = None) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def _fault(codes: list[str], m2: float, shape: memoryview) -> Fault:
    return Fault(codes, m2, GEOSGeometry(shape))
