"""The drawing behind 示例市: straight streets in a frame, bent into a city.

The frame is measured in kilometres around the centre of the city. Streets of houses
are drawn in it as straight lines, noded, and bent by one smooth mapping, so that
neighbours share every vertex.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Polygon

from grids.planar import METRES_PER_DEGREE, polygons_of

CENTRE = (113.0, 28.0)
WIDTH, HEIGHT = 10.0, 8.0
STEP_KM = 0.06
NODING_KM = 1e-6
DECIMALS = 7

Spot = tuple[float, float]


@dataclass(frozen=True)
class Quad:
    """Four corners in the frame: north-west, north-east, south-east, south-west."""

    nw: Spot
    ne: Spot
    se: Spot
    sw: Spot

    @property
    def polygon(self) -> Polygon:
        return Polygon([self.nw, self.ne, self.se, self.sw])

    def columns(self, *cuts: Spot) -> list["Quad"]:
        """Side by side; a cut runs from a share of the north to one of the south."""
        north = [self.nw, *(_between(self.nw, self.ne, a) for a, _ in cuts), self.ne]
        south = [self.sw, *(_between(self.sw, self.se, b) for _, b in cuts), self.se]
        return [
            Quad(north[i], north[i + 1], south[i + 1], south[i])
            for i in range(len(cuts) + 1)
        ]

    def rows(self, *cuts: Spot) -> list["Quad"]:
        """Downwards; a cut runs from a share of the west side to one of the east."""
        west = [self.nw, *(_between(self.nw, self.sw, a) for a, _ in cuts), self.sw]
        east = [self.ne, *(_between(self.ne, self.se, b) for _, b in cuts), self.se]
        return [
            Quad(west[i], east[i], east[i + 1], west[i + 1])
            for i in range(len(cuts) + 1)
        ]


@dataclass(frozen=True)
class Block:
    """A future grid in the frame: district, street, community count from 0."""

    place: tuple[int, int, int]
    polygon: Polygon
    special: bool = False


@dataclass
class Drawing:
    """Ways (kind, straight line) and blocks, all in the frame."""

    ways: list[tuple[str, LineString]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def draw(seed: int) -> Drawing:
    """Two districts on a river, four streets each, four communities, six blocks."""
    chance = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    drawing = Drawing()
    x, y = WIDTH / 2, HEIGHT / 2
    city = Quad((-x, y), (x, y), (x, -y), (-x, -y))
    west, east = city.columns((0.47, 0.53))
    drawing.ways.append(("river", LineString([west.ne, west.se])))
    for district, half in enumerate((east, west)):
        streets = _fours(half, chance, drawing, "arterial")
        for street, quad in enumerate(streets):
            for community, own in enumerate(_fours(quad, chance, drawing, "road")):
                _draw_blocks((district, street, community), own, chance, drawing)
    return drawing


def _fours(
    quad: Quad, chance: random.Random, drawing: Drawing, kind: str
) -> Iterator[Quad]:
    """Two rows of two, a way between them, their columns set off against each other."""
    upper, lower = quad.rows(_cut(chance, 0.5))
    drawing.ways.append((kind, LineString([upper.sw, upper.se])))
    for row in (upper, lower):
        left, right = row.columns(_cut(chance, 0.5))
        drawing.ways.append((kind, LineString([left.ne, left.se])))
        yield from (left, right)


def _cut(chance: random.Random, share: float, loose: float = 0.07) -> Spot:
    start = share + chance.uniform(-loose, loose)
    return start, start + chance.uniform(-loose, loose)


def _draw_blocks(
    place: tuple[int, int, int], quad: Quad, chance: random.Random, drawing: Drawing
) -> None:
    wide = math.dist(quad.nw, quad.ne) >= math.dist(quad.nw, quad.sw)
    down, side = ([1 / 2], [1 / 3, 2 / 3]) if wide else ([1 / 3, 2 / 3], [1 / 2])
    for row in quad.rows(*(_cut(chance, at, 0.04) for at in down)):
        for block in row.columns(*(_cut(chance, at, 0.04) for at in side)):
            drawing.blocks.append(Block(place, block.polygon))
            drawing.ways += [("lane", line) for line in _lanes(block, chance)]
    if not any(place):
        _raise_tower(drawing)


def _lanes(block: Quad, chance: random.Random) -> Iterator[LineString]:
    """The north and west edge of a block, and small streets inside."""
    yield LineString([block.nw, block.ne])
    yield LineString([block.nw, block.sw])
    for row in block.rows(_cut(chance, 1 / 3), _cut(chance, 2 / 3))[:2]:
        yield LineString([row.sw, row.se])
    for column in block.columns(_cut(chance, 1 / 2))[:1]:
        yield LineString([column.ne, column.se])


def _raise_tower(drawing: Drawing) -> None:
    """The south-east corner of the second block becomes a block of its own."""
    nw, ne, se, sw = corners(drawing.blocks[1].polygon)[:4]
    lower = Quad(nw, ne, se, sw).rows((0.62, 0.62))[1]
    tower = lower.columns((0.6, 0.6))[1]
    rest = Polygon([nw, ne, tower.ne, tower.nw, tower.sw, sw])
    place = drawing.blocks[1].place
    drawing.blocks[1] = Block(place, rest)
    drawing.blocks.append(Block(place, tower.polygon, special=True))


def bent_blocks(blocks: Sequence[Block]) -> list[Polygon]:
    """Each block as a polygon in degrees; shared edges have the same vertices."""
    rings = [one.polygon.exterior for one in blocks]
    noded = shapely.unary_union(rings, grid_size=NODING_KM)
    faces = polygons_of(shapely.polygonize(list(shapely.get_parts(noded))))
    tree = shapely.STRtree(faces)
    found = []
    for block in blocks:
        tip = block.polygon.representative_point()
        (face,) = tree.query(tip, predicate="within")
        edges = pairwise(corners(faces[face]))
        found.append(Polygon([spot for a, b in edges for spot in bent(a, b)[:-1]]))
    return found


def bent_line(line: LineString) -> LineString:
    start, end = corners(line)
    return LineString(bent(start, end))


def corners(shape: Polygon | LineString) -> list[Spot]:
    """The vertices of a line, or of a polygon's outer ring, closed."""
    line = shape.exterior if isinstance(shape, Polygon) else shape
    return [(x, y) for x, y, *_ in line.coords]


def bent(a: Spot, b: Spot) -> list[Spot]:
    """A straight edge of the frame in degrees; the same points from either end."""
    if a > b:
        return bent(b, a)[::-1]
    steps = max(1, math.ceil(math.dist(a, b) / STEP_KM))
    return [to_degrees(*bend(*_between(a, b, i / steps))) for i in range(steps + 1)]


def bend(x: float, y: float) -> Spot:
    """The city's own shape: rounded corners, waves, a winding river, a ragged edge."""
    a, b = x / (WIDTH / 2), y / (HEIGHT / 2)
    round_x, round_y = math.sqrt(1 - 0.22 * b * b), math.sqrt(1 - 0.22 * a * a)
    river = 0.34 * math.exp(-((x / 1.1) ** 2)) * math.sin(1.15 * y + 0.6)
    edge = math.exp(-8 * (1 - max(abs(a), abs(b))))
    dx = 0.22 * math.sin(0.7 * y + 0.4) + 0.08 * math.sin(1.3 * x + 1.7 * y)
    dy = 0.24 * math.sin(0.55 * x + 1.1) + 0.08 * math.sin(1.6 * x - 1.2 * y)
    dx += river + edge * (0.16 * math.sin(2.1 * y + 1) + 0.07 * math.sin(5.3 * y))
    dy += edge * (0.18 * math.sin(1.9 * x + 2) + 0.07 * math.sin(4.7 * x + 1))
    return x * round_x + dx, y * round_y + dy


def to_degrees(x: float, y: float) -> Spot:
    """Kilometres east and north of the centre as longitude and latitude."""
    lng, lat = CENTRE
    degrees = 1000 / METRES_PER_DEGREE
    return (
        round(lng + x * degrees / math.cos(math.radians(lat)), DECIMALS),
        round(lat + y * degrees, DECIMALS),
    )


def _between(a: Spot, b: Spot, share: float) -> Spot:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
