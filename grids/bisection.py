"""Cut a polygon into connected pieces with straight chords, in balance and compact.

Works in a plane of metres. A piece that is to become n parts is cut along one chord
into two for about half of them each; among many directions and positions the short
cut that leaves compact, balanced pieces wins, which is how people draw borders. A
last round re-cuts neighbours of which one missed the range.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from grids.planar import cut, polygons_of

DIRECTIONS = 12
POSITIONS = 7
ENOUGH_GOOD = 8
MOST_TRIED = 40
LEAST_AREA_M2 = 1.0
REPAIRS = 3


@dataclass(frozen=True)
class Homes:
    """Households at points; `xy` is n × 2 in the plane that is being worked in."""

    xy: np.ndarray
    households: np.ndarray

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, float]]) -> "Homes":
        table = np.asarray(rows, dtype=float).reshape(-1, 3)
        return cls(table[:, :2], table[:, 2])

    @property
    def total(self) -> float:
        return float(self.households.sum())

    def only(self, mask: np.ndarray) -> "Homes":
        return Homes(self.xy[mask], self.households[mask])

    def by_spot(self) -> "Homes":
        """One row for each spot, to the unit; a building cannot be divided."""
        _, first, row = np.unique(
            np.round(self.xy), axis=0, return_index=True, return_inverse=True
        )
        counts = np.bincount(row.ravel(), self.households, len(first))
        return Homes(self.xy[first], counts)

    def and_also(self, other: "Homes") -> "Homes":
        return Homes(
            np.vstack([self.xy, other.xy]),
            np.concatenate([self.households, other.households]),
        )


@dataclass(frozen=True)
class Range:
    """How many households a part may hold."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def misses(self, households: float) -> float:
        """By how many households a part is outside; 0 when it is inside."""
        return max(self.low - households, households - self.high, 0.0)

    def parts_for(self, total: float) -> int:
        """The number of parts nearest to the middle that the range allows."""
        best = max(1, round(total / self.middle))
        least, most = max(1, ceil(total / self.high)), floor(total / self.low)
        return min(max(best, least), most) if least <= most else best


@dataclass(frozen=True)
class Piece:
    """A connected polygon in metres, the homes in it, and how many parts it becomes."""

    polygon: Polygon
    homes: Homes
    parts: int


@dataclass(frozen=True)
class Halves:
    """A candidate cut; the lower the cost the better it looks."""

    cost: float
    miss: float
    pieces: tuple[Piece, Piece]


def bisect(piece: Piece, wanted: Range) -> list[Piece]:
    """Connected pieces, one for each part wanted.

    Fewer where a building holds more than a part, or where cutting would bring more
    households out of the range than into it.
    """
    halves = _best_halves(piece, wanted) if piece.parts > 1 else None
    if halves is None:
        return [piece]
    leaves = [leaf for half in halves.pieces for leaf in bisect(half, wanted)]
    missed = sum(wanted.misses(leaf.homes.total) for leaf in leaves)
    return leaves if missed <= wanted.misses(piece.homes.total) else [piece]


def _best_halves(piece: Piece, wanted: Range) -> Halves | None:
    """The cheapest cut; where none keeps the range, the one nearest to it."""
    rough = sorted(_rough_cuts(piece, wanted), key=lambda one: one[0])
    best: Halves | None = None
    good = 0
    for tried, (_, line) in enumerate(rough):
        if good >= ENOUGH_GOOD or tried >= MOST_TRIED:
            break
        halves = _halves(piece, line, wanted)
        if halves:
            good += not halves.miss
            best = min(best or halves, halves, key=lambda one: one.cost)
    return best


def _rough_cuts(piece: Piece, wanted: Range) -> Iterator[tuple[float, LineString]]:
    """(estimated cost, chord) for parallel lines in all directions."""
    polygon, homes = piece.polygon, piece.homes
    west, south, east, north = polygon.bounds
    reach = 2 * max(east - west, north - south)
    centre = shapely.get_coordinates(polygon.centroid)[0]
    ring = Ring.of(polygon)
    for angle in _directions(polygon):
        along = np.array([np.cos(angle), np.sin(angle)])
        across = np.array([-along[1], along[0]])
        heights = homes.xy @ across
        offsets = _offsets(heights, piece, wanted)
        ends = offsets[:, None, None] * across + reach * np.stack([-along, along])
        lines = shapely.linestrings(ends + centre @ along * along)
        crossings = shapely.intersection(lines, polygon)
        for offset, chords in zip(offsets, crossings, strict=True):
            segments = _segments(chords)
            below = float(homes.households[heights < offset].sum())
            for line in _runs(segments, bool(polygon.interiors)):
                if len(segments) > 1:
                    below = homes.total * ring.share_beyond(line)
                cost = line.length / polygon.area**0.5
                yield cost + _balance(piece, below, wanted)[0], line


@dataclass(frozen=True)
class Ring:
    """The outer ring with running sums, to tell at once what a chord cuts off."""

    line: LineString
    xy: np.ndarray
    reached: np.ndarray
    swept: np.ndarray

    @classmethod
    def of(cls, polygon: Polygon) -> "Ring":
        xy = shapely.get_coordinates(polygon.exterior)
        steps = np.hypot(*np.diff(xy, axis=0).T)
        sweeps = xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]
        reached, swept = (np.append(0, np.cumsum(x)) for x in (steps, sweeps))
        return cls(polygon.exterior, xy, reached, swept)

    def share_beyond(self, chord: LineString) -> float:
        """The share of the area on one side of a chord, holes not deducted."""
        ends = shapely.get_coordinates(chord)[[0, -1]]
        spots = shapely.points(ends)
        places = np.asarray(shapely.line_locate_point(self.line, spots))
        order = np.argsort(places)
        (start, stop), (a, b) = places[order], ends[order]
        i, j = np.searchsorted(self.reached, [start, stop], side="right")
        last = len(self.xy) - 1
        i, j = min(i, last), min(j, last)
        if i == j:
            return 0.0
        doubled = self.swept[j - 1] - self.swept[i]
        for p, q in ((a, self.xy[i]), (self.xy[j - 1], b), (b, a)):
            doubled += p[0] * q[1] - q[0] * p[1]
        return float(abs(doubled / self.swept[-1]))


def _balance(piece: Piece, below: float, wanted: Range) -> tuple[float, float, int]:
    """Cost of having `below` on one side, households amiss, parts for that side."""
    total = piece.homes.total or 1.0
    options = []
    for own in {piece.parts // 2, piece.parts - piece.parts // 2}:
        rest = piece.parts - own
        miss = wanted.misses(below / own) * own
        miss += wanted.misses((total - below) / rest) * rest
        error = abs(below / total - own / piece.parts) * piece.parts
        options.append((2 * error**2 + 60 * miss / total, miss, own))
    return min(options)


def _directions(polygon: Polygon) -> np.ndarray:
    """Evenly spread directions, starting along the polygon's own long side."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(polygon))
    side = corners[1] - corners[0] if len(corners) > 1 else np.array([1.0, 0.0])
    first = np.arctan2(side[1], side[0])
    return first + np.arange(DIRECTIONS) * np.pi / DIRECTIONS


def _offsets(heights: np.ndarray, piece: Piece, wanted: Range) -> np.ndarray:
    """Where to put parallel lines: between homes, around the balanced division."""
    order = np.argsort(heights, kind="stable")
    heights = heights[order]
    if len(heights) < 2:
        return heights[:1]
    filled = np.cumsum(piece.homes.households[order])
    spread = np.linspace(heights[0], heights[-1], POSITIONS + 2)[1:-1]
    targets = []
    for own in {piece.parts // 2, piece.parts - piece.parts // 2}:
        share = own / piece.parts
        leeway = 0.5 * (wanted.high - wanted.low) / (wanted.middle * piece.parts)
        targets.append(np.linspace(share - leeway, share + leeway, POSITIONS))
    places = np.searchsorted(filled, np.concatenate(targets) * filled[-1])
    places = np.clip(places, 0, len(heights) - 2)
    return np.unique(
        np.concatenate([(heights[places] + heights[places + 1]) / 2, spread])
    )


def _segments(chords: BaseGeometry) -> list[LineString]:
    found = [
        one
        for one in shapely.get_parts(chords)
        if one.geom_type == "LineString" and one.length > 0
    ]
    return sorted(found, key=lambda one: one.bounds)


def _runs(segments: list[LineString], holes: bool) -> list[LineString]:
    """Single chords; across holes also several in a row, as one line."""
    if not holes:
        return segments
    lines = []
    for first in range(len(segments)):
        for last in range(first, min(first + 4, len(segments))):
            ends = shapely.get_coordinates(segments[first : last + 1])
            ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
            lines.append(LineString([ends[0], ends[-1]]))
    return lines


def _halves(piece: Piece, line: LineString, wanted: Range) -> Halves | None:
    faces = cut(piece.polygon, _stretched(line))
    if len(faces) != 2:
        return None
    first, second = faces
    if min(first.area, second.area) < LEAST_AREA_M2:
        return None
    mask = shapely.contains_xy(first, *piece.homes.xy.T)
    homes, others = piece.homes.only(mask), piece.homes.only(~mask)
    if not homes.total or not others.total:
        return None
    unbalanced, miss, own = _balance(piece, homes.total, wanted)
    return Halves(
        cost=line.length / piece.polygon.area**0.5
        + unbalanced
        + 0.5 * _raggedness(first, second),
        miss=miss,
        pieces=(
            Piece(first, homes, own),
            Piece(second, others, piece.parts - own),
        ),
    )


def _stretched(line: LineString, by: float = 1e-3) -> LineString:
    """The line a millimetre longer at both ends, so that it surely meets the ring."""
    start, end = shapely.get_coordinates(line)[[0, -1]]
    step = (end - start) / (line.length or 1.0) * by
    return LineString([start - step, end + step])


def _raggedness(*polygons: Polygon) -> float:
    """0 for a disc, towards 1 for a thread; the worst of them."""
    return max(1 - 4 * float(np.pi) * one.area / one.length**2 for one in polygons)


def repaired(pieces: list[Piece], wanted: Range) -> list[Piece]:
    """Re-cut neighbours together while that brings homes into the range."""
    for _ in range(REPAIRS):
        swapped = _repair_once(pieces, wanted)
        if swapped is None:
            break
        pieces = swapped
    return pieces


def _repair_once(pieces: list[Piece], wanted: Range) -> list[Piece] | None:
    wrong = [i for i, one in enumerate(pieces) if wanted.misses(one.homes.total)]
    for i in wrong:
        for j in range(len(pieces)):
            better = _recut(pieces[i], pieces[j], wanted) if i != j else None
            if better:
                kept = [one for k, one in enumerate(pieces) if k not in (i, j)]
                return kept + better
    return None


def _recut(one: Piece, other: Piece, wanted: Range) -> list[Piece] | None:
    border = one.polygon.intersection(other.polygon)
    if border.length < 1:
        return None
    joined = polygons_of(shapely.union(one.polygon, other.polygon, grid_size=1e-6))
    if len(joined) != 1:
        return None
    again = bisect(Piece(joined[0], one.homes.and_also(other.homes), 2), wanted)
    before = sum(wanted.misses(x.homes.total) for x in (one, other))
    after = sum(wanted.misses(x.homes.total) for x in again)
    return again if len(again) == 2 and after < before else None
