"""Point to area in one indexed query, and the areas above an area."""

from dataclasses import dataclass, field
from math import cos, radians
from typing import TYPE_CHECKING, TypedDict

from django.contrib.gis.geos import Point
from django.db import models
from django.utils.translation import gettext as _

from governance.errors import Refused
from grids import codes
from grids.codes import Level

if TYPE_CHECKING:
    from grids.models import Area

# One centimetre: what the seventh decimal of a degree says, and far more than the
# rounding of a shared edge that was cut at different places on its two sides.
ON_BORDER_DEGREES = 1e-7
NEAREST_WITHIN_M = 50
METRES_PER_DEGREE = 110_000

LOCATE = """
WITH here AS (SELECT ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4490) AS point),
hit AS (
    SELECT piece.area_id, 0.0 AS distance_m
    FROM grids_boundarypiece piece, here
    WHERE piece.level = %(level)s
      AND ST_DWithin(piece.geometry, here.point, %(border)s)
    GROUP BY piece.area_id
),
near AS (
    SELECT piece.area_id,
           ST_Distance(piece.geometry::geography, here.point::geography) AS distance_m
    FROM grids_boundarypiece piece, here
    WHERE NOT EXISTS (SELECT FROM hit)
      AND piece.level = %(level)s
      AND ST_DWithin(piece.geometry, here.point, %(reach)s)
    ORDER BY distance_m, piece.code
    LIMIT 1
)
SELECT area.id, area.level, area.code, area.name, area.short_name, area.kind,
       area.special_type, area.parent_id, area.households, found.distance_m
FROM (SELECT * FROM hit UNION ALL SELECT * FROM near) found
JOIN grids_area area ON area.id = found.area_id
WHERE found.distance_m <= %(within)s
ORDER BY area.code
"""


@dataclass(frozen=True, kw_only=True)
class Located:
    """Where a point lies.

    `on_border` says that it lies on a shared edge: `area` has the smallest code and
    `neighbours` are the others. `nearest` says that it lies in no area and `area` is
    the closest, `distance_m` away.
    """

    area: "Area"
    on_border: bool = False
    neighbours: "list[Area]" = field(default_factory=list)
    nearest: bool = False
    distance_m: float = 0.0


class Placement(TypedDict):
    """The five columns that a case keeps; None where the area stands higher."""

    city: "Area | None"
    district: "Area | None"
    street: "Area | None"
    community: "Area | None"
    grid: "Area | None"


def locate(areas: models.QuerySet, point: Point, level: Level) -> Located:
    """The area of `level` that covers `point` (SRID 4490); one query.

    On a shared edge the smaller code wins; outside everything the nearest within 50 m
    is taken with a flag (DOMAIN D.1). Raises Refused(code="outside") farther away.
    """
    reach = NEAREST_WITHIN_M / (METRES_PER_DEGREE * max(cos(radians(point.y)), 0.01))
    found = list(
        areas.raw(
            LOCATE,
            {
                "lng": point.x,
                "lat": point.y,
                "level": int(level),
                "border": ON_BORDER_DEGREES,
                "reach": reach,
                "within": NEAREST_WITHIN_M,
            },
        )
    )
    if not found:
        raise Refused(
            _("该位置不在任何%(level)s范围内，50 米内也没有%(level)s，请重新选点。")
            % {"level": level.label},
            code="outside",
        )
    area, *neighbours = found
    return Located(
        area=area,
        on_border=bool(neighbours),
        neighbours=neighbours,
        nearest=area.distance_m > 0,
        distance_m=area.distance_m,
    )


def placement_of(area: "Area") -> Placement:
    """City, district, street, community and grid of an area; one query."""
    wanted = [
        code
        for level in list(Level)[: Level.GRID]
        if (code := codes.prefix(area.code, level))
    ]
    above = type(area)._default_manager.filter(code__in=wanted)
    by_level = {one.level: one for one in above}
    return Placement(
        city=by_level.get(Level.CITY),
        district=by_level.get(Level.DISTRICT),
        street=by_level.get(Level.STREET),
        community=by_level.get(Level.COMMUNITY),
        grid=by_level.get(Level.GRID),
    )
