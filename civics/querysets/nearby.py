"""What may be the same matter, told to somebody whom nobody knows.

Both the place asked about and those of the cases are taken as the squares of the public
map, before anything is measured: whoever asks from many places learns of a case no more
than its square, as everybody may (FEATURES 74).
"""

from dataclasses import dataclass, replace
from math import ceil, cos, hypot, radians
from typing import Any

from django.apps import apps
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D

from cases.likeness import Limits
from cases.querysets import duplicates
from cases.querysets.duplicates import Alike, Matter
from civics.querysets.public import blurred
from grids.querysets.locating import METRES_PER_DEGREE

# From corner to corner of a square.
DIAGONAL = 1.42
# Farther apart than this two matters are not taken for one by their kind alone.
SAME_SPOT_M = 300
COMPARED = 200


@dataclass(frozen=True)
class Nearby:
    """A likely duplicate; `within_m` is how far it is at most, None without a point."""

    alike: Alike
    within_m: int | None


def nearby(cases: Any, matter: Matter, blur_m: int) -> list[Nearby]:
    limits = apps.get_model("cases.DuplicateRule").objects.limits()
    if matter.point is not None:
        matter = replace(matter, point=_middle(matter.point, blur_m))
    reach = replace(limits, far_m=limits.far_m + round(2.2 * blur_m))
    found = duplicates.candidates(cases, matter, reach).select_related("category")
    farthest: dict[int, int | None] = {}
    near = list(found.order_by("-reported_at", "id")[:COMPARED])
    for case in near:
        farthest[case.pk] = _measure(case, matter, blur_m, limits)
    ranked = duplicates.ranked(near, matter, limits)[: duplicates.SHOWN]
    return [Nearby(one, farthest[one.case.pk]) for one in ranked]


def _measure(case: Any, matter: Matter, blur_m: int, limits: Limits) -> int | None:
    """Put the least distance of the two squares in the place of the true one; answers
    the greatest."""
    if case.distance is None or matter.point is None:
        case.distance = None
        return None
    apart = _metres(matter.point, _middle(case.point, blur_m))
    least = max(0.0, apart - DIAGONAL * blur_m)
    most = apart + DIAGONAL * blur_m
    if most > SAME_SPOT_M:
        least = max(least, limits.near_m + 1.0)
    case.distance = D(m=least)
    return ceil(most / blur_m) * blur_m


def _middle(point: Point, blur_m: int) -> Point:
    return Point(*blurred(point.x, point.y, blur_m), srid=point.srid)


def _metres(one: Point, other: Point) -> float:
    east = (one.x - other.x) * cos(radians(one.y))
    return METRES_PER_DEGREE * hypot(east, one.y - other.y)
