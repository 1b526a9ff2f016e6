"""Vector tiles made by the database: areas of one level, and points for labels."""

from django.db import connection

EXTENT = 4096
BUFFER = 64
MERCATOR_DEGREES = 360
# Half a pixel on a screen that shows a tile on 512.
TOLERANCE = 4

# The layer bears the level's word; `<word>_label` holds one point for each area.
TILE = """
WITH place AS MATERIALIZED (
    SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS tile,
           ST_Transform(
               ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => %(margin)s), 4490
           ) AS reach
),
shown AS MATERIALIZED (
    SELECT area.id, area.code, area.name, area.short_name, area.level, area.kind,
           area.centre, boundary.geometry
    FROM grids_areaboundary boundary
    JOIN grids_area area ON area.id = boundary.area_id
    JOIN place ON boundary.geometry && place.reach
    WHERE boundary.valid_to IS NULL AND area.level = %(level)s
),
surface AS (
    SELECT id, code, name, level, kind,
           ST_AsMVTGeom(
               ST_Transform(ST_Simplify(geometry, %(tolerance)s), 3857),
               place.tile, %(extent)s, %(buffer)s, true
           ) AS geometry
    FROM shown, place
),
label AS (
    SELECT id, code, coalesce(nullif(short_name, ''), name) AS name, level,
           ST_AsMVTGeom(ST_Transform(centre, 3857), place.tile, %(extent)s, 0, true)
               AS geometry
    FROM shown, place
)
SELECT (SELECT ST_AsMVT(surface, %(layer)s, %(extent)s, 'geometry', 'id')
        FROM surface WHERE geometry IS NOT NULL)
    || (SELECT ST_AsMVT(label, %(labels)s, %(extent)s, 'geometry', 'id')
        FROM label WHERE geometry IS NOT NULL)
"""


def tile(level: int, layer: str, z: int, x: int, y: int) -> bytes:
    """The Mapbox vector tile z/x/y (Web Mercator) of a level; empty when bare."""
    params = {
        "level": level,
        "layer": layer,
        "labels": f"{layer}_label",
        "z": z,
        "x": x,
        "y": y,
        "extent": EXTENT,
        "buffer": BUFFER,
        "margin": BUFFER / EXTENT,
        "tolerance": MERCATOR_DEGREES / 2**z / EXTENT * TOLERANCE,
    }
    with connection.cursor() as cursor:
        cursor.execute(TILE, params)
        return bytes(cursor.fetchone()[0])
