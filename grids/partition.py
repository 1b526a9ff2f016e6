"""Divide a place into contiguous parts that hold about equally many households.

Takes homes at points or spreads a number of them evenly; the parts share their edges
exactly and come in reading order. The same input gives the same parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from grids.bisection import Homes, Piece, Range, bisect, repaired
from grids.planar import (
    Plane,
    Surface,
    polygons_of,
    reading_order,
    share_edges,
    surface_of,
)

SAMPLES_PER_PART = 64
SPOTS_PER_PART = 4


class Misfit(StrEnum):
    """Why a part is outside the range."""

    NONE = ""
    TOTAL = "total"  # no number of parts brings the total into the range
    INDIVISIBLE = "indivisible"  # one building alone holds too many
    SHAPE = "shape"  # shape or distribution leave no better cut


@dataclass(frozen=True)
class Part:
    geometry: Surface
    households: int
    misfit: Misfit


@dataclass(frozen=True)
class Division:
    """Parts in reading order; `outside` households lay beyond the border."""

    parts: list[Part]
    range: Range
    households: int
    outside: int


def divide(
    place: BaseGeometry,
    homes: Homes | None = None,
    *,
    households: float = 0,
    low: float = 300,
    high: float = 500,
    parts: int | None = None,
) -> Division:
    """Divide `place` (degrees) into parts within low..high households.

    Without homes, `households` (or, when 0, the mere area) are spread evenly. With
    `parts` the number is fixed and the range is a quarter around the equal share.
    """
    plane = Plane.around(place)
    polygons = polygons_of(plane.flatten(place))
    inside, outside = Homes.of([]), Homes.of([])
    if homes is not None:
        flat = Homes(plane.to_metres(homes.xy), homes.households)
        mask = shapely.intersects_xy(surface_of(polygons), *flat.xy.T)
        inside, outside = flat.only(mask).by_spot(), flat.only(~mask)
        households = inside.total
    if homes is None or (parts and len(inside.xy) < SPOTS_PER_PART * parts):
        number = parts or Range(low, high).parts_for(households)
        inside = _spread(polygons, number, households)
    task = _task(inside, low, high, parts)
    drawn = _divide_components(polygons, inside, task)
    surfaces = share_edges([plane.lift(surface) for surface, _ in drawn], place)
    return Division(
        parts=[
            Part(surfaces[i], round(drawn[i][1].total), _misfit(drawn[i][1], task))
            for i in reading_order(surfaces)
        ],
        range=task.range,
        households=round(households),
        outside=round(outside.total),
    )


@dataclass(frozen=True)
class Task:
    """How many parts are wanted, in which range, and whether that is possible."""

    parts: int
    range: Range
    possible: bool


def _task(homes: Homes, low: float, high: float, parts: int | None) -> Task:
    if parts:
        share = homes.total / parts
        return Task(parts, Range(0.75 * share, 1.25 * share), possible=True)
    wanted = Range(low, high)
    number = wanted.parts_for(homes.total)
    return Task(number, wanted, possible=not wanted.misses(homes.total / number))


def _misfit(own: Homes, task: Task) -> Misfit:
    if task.range.misses(own.total) < 1:
        return Misfit.NONE
    if not task.possible:
        return Misfit.TOTAL
    if own.total > task.range.high and own.households.max() > task.range.middle:
        return Misfit.INDIVISIBLE
    return Misfit.SHAPE


def _spread(polygons: Sequence[Polygon], parts: int, households: float) -> Homes:
    """An even lattice of weights, slightly turned so that no cut runs along it."""
    area = sum(one.area for one in polygons)
    step = (area / (max(parts, 1) * SAMPLES_PER_PART)) ** 0.5
    place = surface_of(polygons)
    west, south, east, north = place.bounds
    reach = max(east - west, north - south)
    ticks = np.arange(-reach, reach + step, step)
    x, y = (axis.ravel() for axis in np.meshgrid(ticks, ticks))
    turn = 0.2
    middle = ((west + east) / 2, (south + north) / 2)
    xy = np.column_stack(
        [
            middle[0] + x * np.cos(turn) - y * np.sin(turn),
            middle[1] + x * np.sin(turn) + y * np.cos(turn),
        ]
    )
    xy = xy[shapely.contains_xy(place, *xy.T)]
    if not len(xy):
        xy = np.array([[one.x, one.y] for one in [place.representative_point()]])
    each = (households or area) / len(xy)
    return Homes(xy, np.full(len(xy), each))


def _divide_components(
    polygons: list[Polygon], homes: Homes, task: Task
) -> list[tuple[Surface, Homes]]:
    """Divide mainland and large islands; a small island joins the nearest part."""
    own = _homes_by_polygon(polygons, homes)
    large = [
        i
        for i in range(len(polygons))
        if i == 0 or (own[i].total >= task.range.low and task.parts > 1)
    ][: task.parts]
    islands: dict[int, list[tuple[int, np.ndarray]]] = {i: [] for i in large}
    for i in sorted(set(range(len(polygons))) - set(large)):
        nearest = min(large, key=lambda j: (polygons[i].distance(polygons[j]), j))
        gap = polygons[nearest], polygons[i]
        anchor = shapely.get_coordinates(shapely.shortest_line(*gap))[:1]
        islands[nearest].append((i, anchor))
        own[nearest] = own[nearest].and_also(Homes(anchor, own[i].total * np.ones(1)))
    shares = _shares([own[i].total for i in large], task.parts)
    done: list[tuple[Surface, Homes]] = []
    for i, share in zip(large, shares, strict=True):
        pieces = bisect(Piece(polygons[i], own[i], share), task.range)
        done += _with_islands(repaired(pieces, task.range), islands[i], polygons)
    return done


def _homes_by_polygon(polygons: Sequence[Polygon], homes: Homes) -> list[Homes]:
    """Each home in the first polygon that has it; the plane is already the same."""
    left = np.ones(len(homes.xy), dtype=bool)
    result = []
    for polygon in polygons:
        mask = left & shapely.intersects_xy(polygon, *homes.xy.T)
        result.append(homes.only(mask))
        left &= ~mask
    result[0] = result[0].and_also(homes.only(left))
    return result


def _shares(totals: Sequence[float], number: int) -> list[int]:
    """At least one part for each, the rest one by one to the fullest."""
    shares = [1] * len(totals)
    for _ in range(number - len(totals)):
        fullest = max(range(len(totals)), key=lambda i: totals[i] / shares[i])
        shares[fullest] += 1
    return shares


def _with_islands(
    pieces: list[Piece],
    islands: list[tuple[int, np.ndarray]],
    polygons: Sequence[Polygon],
) -> list[tuple[Surface, Homes]]:
    surfaces: list[list[Polygon]] = [[piece.polygon] for piece in pieces]
    for index, anchor in islands:
        point = shapely.Point(anchor[0])
        near = min(range(len(pieces)), key=lambda i: pieces[i].polygon.distance(point))
        surfaces[near].append(polygons[index])
    return [
        (surface_of(own), piece.homes)
        for own, piece in zip(surfaces, pieces, strict=True)
    ]
