"""A synthetic city of 100,000 grids, written straight into a scratch database.

Ten districts of ten streets of ten communities of a hundred grids, 500 grids from west
to east and 200 from south to north, about a hundred metres each. Every border is a
crooked line shared to the last digit by the areas on both sides.
"""

import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from grids.codes import Level
from grids.models import Area, AreaBoundary

WEST, SOUTH = 113.0, 28.0
CELL = 0.001  # degrees
STEPS = 4  # vertices to each side of a grid
JITTER = 0.15  # of a step
GRIDS_EAST, GRIDS_NORTH = 500, 200
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 20_000


@dataclass(frozen=True)
class Block:
    """An area: `east` by `north` grids, from the grid (`x`, `y`) on."""

    level: Level
    code: str
    x: int
    y: int
    east: int
    north: int

    def outline(self) -> str:
        """The border as EWKT, counterclockwise."""
        left, right = self.x * STEPS, (self.x + self.east) * STEPS
        low, high = self.y * STEPS, (self.y + self.north) * STEPS
        walk = [(x, low) for x in range(left, right)]
        walk += [(right, y) for y in range(low, high)]
        walk += [(x, high) for x in range(right, left, -1)]
        walk += [(left, y) for y in range(high, low, -1)]
        ring = ",".join(vertex(x, y) for x, y in [*walk, walk[0]])
        return f"SRID=4490;MULTIPOLYGON((({ring})))"


def vertex(x: int, y: int) -> str:
    """The lattice point (`x`, `y`), moved a little, always to the same place."""
    seed = hashlib.blake2b(f"{x},{y}".encode(), digest_size=8).digest()
    angle = int.from_bytes(seed[:4], "big") / 2**32 * 2 * math.pi
    reach = int.from_bytes(seed[4:], "big") / 2**32 * JITTER
    lng = WEST + (x + reach * math.cos(angle)) * CELL / STEPS
    lat = SOUTH + (y + reach * math.sin(angle)) * CELL / STEPS
    return f"{lng:.9f} {lat:.9f}"


# Level: how many of it lie east and north of each other in its parent, and the code of
# number n in it.
PARTS = {
    Level.DISTRICT: (5, 2, "{:02d}"),
    Level.STREET: (2, 5, "{:03d}"),
    Level.COMMUNITY: (5, 2, "{:03d}"),
    Level.GRID: (10, 10, "{:03d}"),
}


def blocks() -> Iterator[Block]:
    """All areas, parents before children."""
    city = Block(Level.CITY, "9901", 0, 0, GRIDS_EAST, GRIDS_NORTH)
    parents = [city]
    yield city
    for level, (across, up, form) in PARTS.items():
        parents = [
            part
            for parent in parents
            for part in _split(parent, level, across, up, form)
        ]
        yield from parents


def _split(
    parent: Block, level: Level, across: int, up: int, form: str
) -> Iterator[Block]:
    east, north = parent.east // across, parent.north // up
    for number in range(across * up):
        column, row = number % across, number // across
        yield Block(
            level,
            parent.code + form.format(number + 1),
            parent.x + column * east,
            parent.y + row * north,
            east,
            north,
        )


def built() -> int:
    """How many grids the city has that was kept, or that is built now."""
    return Area.objects.filter(level=Level.GRID).count() or build()


def build() -> int:
    """Write the city and cut its pieces as the product does; answers how many grids."""
    city = list(blocks())
    ids = {block.code: number for number, block in enumerate(city, start=1)}
    _copy(
        "grids_area (id, level, code, name, short_name, kind, special_type, parent_id, "
        "valid_from, attributes)",
        (
            (
                ids[block.code], int(block.level), block.code, block.code, "",
                "general" if block.level == Level.GRID else "", "",
                _parent(block, ids), SINCE.date(), "{}",
            )
            for block in city
        ),
    )  # fmt: skip
    _copy(
        "grids_areaboundary (id, area_id, version, geometry, valid_from, area_m2, "
        "source, note)",
        (
            (
                ids[block.code], ids[block.code], 1, block.outline(), SINCE, 0,
                "bench", "",
            )
            for block in city
        ),
    )  # fmt: skip
    numbers = list(ids.values())
    for first in range(0, len(numbers), BATCH):
        AreaBoundary.objects.settle(numbers[first : first + BATCH])
    with connection.cursor() as cursor:
        for table in ("grids_area", "grids_areaboundary"):
            cursor.execute(
                f"SELECT setval('{table}_id_seq', %s)",
                [len(city)],
            )
        cursor.execute("VACUUM ANALYZE")
    return Area.objects.filter(level=Level.GRID).count()


def _parent(block: Block, ids: dict[str, int]) -> int | str:
    if block.level == Level.CITY:
        return r"\N"
    cut = {Level.DISTRICT: 4, Level.STREET: 6, Level.COMMUNITY: 9, Level.GRID: 12}
    return ids[block.code[: cut[block.level]]]


def _copy(target: str, rows: Iterator[tuple]) -> None:
    buffer = io.StringIO()
    for row in rows:
        buffer.write("\t".join(str(value) for value in row) + "\n")
    buffer.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {target} FROM STDIN", buffer)
