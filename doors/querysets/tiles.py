"""Cases as vector tiles for GIS programs (docs/geo.md).

The statement begins with a queryset that was narrowed to the client's scope; nothing is
drawn that the caller did not put in, and no field but those named here.
"""

from typing import Any

from django.db.models import Case as Choice
from django.db.models import CharField, F, Value, When

from cases.workflow import State
from oversight.querysets.tiles import around, drawn

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
FIELDS = (
    "case_no", "state", "state_label", "open", "urgent", "category", "category_name",
    "address", "placement_code", "holder", "reported_at", "due_at", "closed_at", "n",
)  # fmt: skip
FIELDS_OF_MANY = ("n", "n_open", "n_urgent")


def case_tile(cases: Any, z: int, x: int, y: int) -> bytes:
    """The layer `cases`: from `NEAR` on each case, below it sums of squares."""
    seen, place = _columns(around(cases, z, x, y)), (z, x, y)
    if z >= NEAR:
        return drawn(seen, _SINGLE, [MOST], place, ("id", *FIELDS, "geometry"))
    square = 360 / 2**z / SQUARES
    fields = ("id", *FIELDS_OF_MANY, "geometry")
    return drawn(seen, _CLUSTERS, [square, square], place, fields)


def _columns(cases: Any) -> Any:
    labels = [When(state=one, then=Value(str(one.label))) for one in State]
    return cases.annotate(
        state_label=Choice(*labels, default=Value(""), output_field=CharField()),
        code5=F("category__code5"),
        category_name=F("category__name"),
        holder=F("holder_org__name"),
    ).values(
        "id", "case_no", "state", "state_label", "underway", "urgent", "code5",
        "category_name", "address", "placement_code", "holder", "reported_at",
        "due_at", "closed_at", "lng", "lat",
    )  # fmt: skip
