"""Cases on the map: vector tiles made by the database, clustered where it is small.

Only cases that the reader may see go in: the statement begins with the queryset of the
board's own scope. Below `NEAR` cases are summed up in squares, so that a tile of a
whole city is some hundred marks, whatever the number of cases.
"""

import math
from collections.abc import Iterable
from typing import Any

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
WITH seen AS ({seen}), inside AS (
    SELECT * FROM seen WHERE lng >= %s AND lng < %s AND lat >= %s AND lat < %s
), mark AS ({marks}), drawn AS (
    SELECT mark.*, ST_AsMVTGeom(
        ST_Transform(ST_SetSRID(ST_MakePoint(lng, lat), 4490), 3857),
        ST_TileEnvelope(%s, %s, %s), %s, 8, true
    ) AS geometry
    FROM mark
)
SELECT ST_AsMVT(kept, 'cases', %s, 'geometry', 'id')
FROM (SELECT {fields} FROM drawn WHERE geometry IS NOT NULL) kept
"""


def tile(sight: Sight, z: int, x: int, y: int) -> bytes:
    """The layer `cases`: how many a mark stands for (n), of them red, yellow, urgent.

    A mark that stands for one case, from `NEAR` on each, has its colour and the name of
    its category.
    """
    coloured = with_colour(sight.cases, sight.at)
    columns = ("id", "category_id", "urgent", "colour", "lng", "lat")
    seen = around(coloured, z, x, y).values(*columns)
    square = 360 / 2**z / SQUARES
    if z >= NEAR:
        return drawn(seen, _SINGLE, [], (z, x, y))
    return drawn(seen, _CLUSTERS, [square, square], (z, x, y))


def around(cases: Any, z: int, x: int, y: int) -> Any:
    """Those in a tile and on its edge, in no order, with `lng` and `lat`."""
    box = Polygon.from_bbox(bounds_of(z, x, y))
    return (
        cases.filter(point__bboverlaps=box)
        .order_by()
        .annotate(
            lng=Func(F("point"), function="ST_X", output_field=FloatField()),
            lat=Func(F("point"), function="ST_Y", output_field=FloatField()),
        )
    )


def drawn(
    seen: Any,
    marks: str,
    given: list[Any],
    place: tuple[int, int, int],
    fields: Iterable[str] = ("*",),
) -> bytes:
    """The layer `cases` of the tile at zoom, column, row.

    `marks` is a statement over `inside`, the rows of `seen` in the tile, whose own
    values are `given`; `fields` are the columns of it that go out with the geometry.
    """
    rows, values = seen.query.sql_with_params()
    # All parts are constants of the callers and of the ORM; values go as parameters.
    statement = _TILE.format(seen=rows, marks=marks, fields=", ".join(fields))
    west, south, east, north = bounds_of(*place)
    bounds = [west, east, south, north]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, *bounds, *given, *place, EXTENT, EXTENT])
        return bytes(cursor.fetchone()[0])


def bounds_of(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east and north of a tile of the Web Mercator scheme, in degrees."""
    many = 2**z

    def latitude(row: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / many))))

    west, east = x / many * 360 - 180, (x + 1) / many * 360 - 180
    return west, latitude(y + 1), east, latitude(y)
