"""Cases as vector tiles for GIS programs (docs/geo.md).

The statement begins with a queryset that was narrowed to the client's scope; nothing is
drawn that the caller did not put in, and no field but those named here.
"""

from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import connection
from django.db.models import Case as Choice
from django.db.models import CharField, F, FloatField, Func, Value, When

from cases.workflow import State
from oversight.querysets.tiles import bounds_of

EXTENT = 4096
NEAR = 13  # from this zoom on every case by itself
SQUARES = 16  # along the side of a tile that sums cases up
MOST = 10_000  # of one tile, the newest

_SINGLE = """
SELECT id, case_no, state, state_label, underway AS open, urgent,
       code5 AS category, category_name, address, placement_code, holder,
       to_char(reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
           AS reported_at,
       to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS due_at,
       to_char(closed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
           AS closed_at,
       1 AS n, lng, lat
FROM inside ORDER BY id DESC LIMIT %s
"""
_CLUSTERS = """
SELECT min(id) AS id, count(*) AS n, count(*) FILTER (WHERE underway) AS n_open,
       count(*) FILTER (WHERE urgent) AS n_urgent, avg(lng) AS lng, avg(lat) AS lat
FROM inside GROUP BY floor(lng / %s), floor(lat / %s)
"""
_TILE = """
WITH seen AS ({cases}), inside AS (
    SELECT * FROM seen WHERE lng >= %s AND lng < %s AND lat >= %s AND lat < %s
), mark AS ({marks}), placed AS (
    SELECT mark.*, ST_AsMVTGeom(
        ST_Transform(ST_SetSRID(ST_MakePoint(lng, lat), 4490), 3857),
        ST_TileEnvelope(%s, %s, %s), %s, 8, true
    ) AS geometry
    FROM mark
)
SELECT ST_AsMVT(drawn, 'cases', %s, 'geometry', 'id')
FROM (SELECT {fields}, geometry FROM placed WHERE geometry IS NOT NULL) drawn
"""
FIELDS = (
    "case_no", "state", "state_label", "open", "urgent", "category", "category_name",
    "address", "placement_code", "holder", "reported_at", "due_at", "closed_at", "n",
)  # fmt: skip
FIELDS_OF_MANY = ("n", "n_open", "n_urgent")


def case_tile(cases: Any, z: int, x: int, y: int) -> bytes:
    """The layer `cases`: from `NEAR` on each case, below it sums of squares."""
    west, south, east, north = bounds_of(z, x, y)
    box = Polygon.from_bbox((west, south, east, north))
    seen, given = _columns(cases.filter(point__bboverlaps=box)).sql_with_params()
    square = 360 / 2**z / SQUARES
    marks, sizes, names = (
        (_SINGLE, [MOST], FIELDS)
        if z >= NEAR
        else (_CLUSTERS, [square, square], FIELDS_OF_MANY)
    )
    # All parts are constants of this module and of the ORM; values go as parameters.
    statement = _TILE.format(cases=seen, marks=marks, fields=", ".join(("id", *names)))
    bounds = [west, east, south, north]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, *bounds, *sizes, z, x, y, EXTENT, EXTENT])
        return bytes(cursor.fetchone()[0])


def _columns(cases: Any) -> Any:
    labels = [When(state=one, then=Value(str(one.label))) for one in State]
    found = cases.order_by().annotate(
        lng=Func(F("point"), function="ST_X", output_field=FloatField()),
        lat=Func(F("point"), function="ST_Y", output_field=FloatField()),
        state_label=Choice(*labels, default=Value(""), output_field=CharField()),
        code5=F("category__code5"),
        category_name=F("category__name"),
        holder=F("holder_org__name"),
    )
    return found.values(
        "id", "case_no", "state", "state_label", "underway", "urgent", "code5",
        "category_name", "address", "placement_code", "holder", "reported_at",
        "due_at", "closed_at", "lng", "lat",
    ).query  # fmt: skip
