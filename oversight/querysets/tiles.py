"""Cases on the map: vector tiles made by the database, clustered where it is small.

Only cases that the reader may see go in: the statement begins with the queryset of the
board's own scope. Below `NEAR` cases are summed up in squares, so that a tile of a
whole city is some hundred marks, whatever the number of cases.
"""

import math

from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.models import F, FloatField, Func

from oversight.querysets.colours import with_colour
from oversight.querysets.sight import Sight

EXTENT = 4096
NEAR = 14  # from this zoom on every case by itself
SQUARES = 8  # along the side of a tile

_CLUSTERS = """
SELECT square.*, kind.name AS title
FROM (
    SELECT min(id) AS id, count(*) AS n,
           count(*) FILTER (WHERE colour = 'red') AS red,
           count(*) FILTER (WHERE colour = 'yellow') AS yellow,
           count(*) FILTER (WHERE urgent) AS urgent,
           CASE WHEN count(*) = 1 THEN min(colour) END AS colour,
           CASE WHEN count(*) = 1 THEN min(category_id) END AS alone,
           avg(lng) AS lng, avg(lat) AS lat
    FROM inside GROUP BY floor(lng / %s), floor(lat / %s)
) square LEFT JOIN cases_category kind ON kind.id = alone
"""
_SINGLE = """
SELECT inside.id, 1 AS n, (colour = 'red')::int AS red,
       (colour = 'yellow')::int AS yellow, urgent::int AS urgent, colour,
       kind.name AS title, lng, lat
FROM inside JOIN cases_category kind ON kind.id = category_id
"""
_TILE = """
WITH seen AS ({cases}), inside AS (
    SELECT * FROM seen WHERE lng >= %s AND lng < %s AND lat >= %s AND lat < %s
), mark AS ({marks}), drawn AS (
    SELECT mark.*, ST_AsMVTGeom(
        ST_Transform(ST_SetSRID(ST_MakePoint(lng, lat), 4490), 3857),
        ST_TileEnvelope(%s, %s, %s), %s, 8, true
    ) AS geometry
    FROM mark
)
SELECT ST_AsMVT(drawn, 'cases', %s, 'geometry', 'id')
FROM drawn WHERE geometry IS NOT NULL
"""


def tile(sight: Sight, z: int, x: int, y: int) -> bytes:
    """The layer `cases`: how many a mark stands for (n), of them red, yellow, urgent.

    A mark that stands for one case, from `NEAR` on each, has its colour and the name of
    its category.
    """
    west, south, east, north = bounds_of(z, x, y)
    located = with_colour(sight.cases, sight.at).filter(
        point__bboverlaps=Polygon.from_bbox((west, south, east, north))
    )
    seen = (
        located.annotate(
            lng=Func(F("point"), function="ST_X", output_field=FloatField()),
            lat=Func(F("point"), function="ST_Y", output_field=FloatField()),
        )
        .order_by()
        .values("id", "category_id", "urgent", "colour", "lng", "lat")
    )
    cases, given = seen.query.sql_with_params()
    square = 360 / 2**z / SQUARES
    marks, sizes = (_SINGLE, []) if z >= NEAR else (_CLUSTERS, [square, square])
    # Both parts are constants of this module and of the ORM; values go as parameters.
    statement = _TILE.format(cases=cases, marks=marks)
    with connection.cursor() as cursor:
        bounds = [west, east, south, north]
        cursor.execute(statement, [*given, *bounds, *sizes, z, x, y, EXTENT, EXTENT])
        return bytes(cursor.fetchone()[0])


def bounds_of(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile of the Web Mercator scheme, in degrees."""
    many = 2**z

    def latitude(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / many))))

    west, east = x / many * 360 - 180, (x + 1) / many * 360 - 180
    return west, latitude(y + 1), east, latitude(y)
