"""A small town of squares for tests: what each module needs of it, and no more."""

from datetime import UTC, datetime
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon

from grids import actions
from grids.acting import Machine
from grids.models import Area

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
ACTOR = Machine()
SRID = 4490
# About 9.85 m west-east and 11.07 m south-north for a ten-thousandth of a degree here.
STEP = 0.01
WEST, SOUTH = 113.0, 28.0
COMMUNITY = "990101001001"


def box(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """A rectangle in steps from the town's south-west corner."""
    corner = (WEST + west * STEP, SOUTH + south * STEP)
    opposite = (WEST + east * STEP, SOUTH + north * STEP)
    return MultiPolygon(Polygon.from_bbox((*corner, *opposite)), srid=SRID)


def area(code: str, name: str = "", shape: MultiPolygon | None = None) -> Area:
    made = actions.create_area(code=code, name=name or code, actor=ACTOR, at=AT)
    if shape is not None:
        publish((made, shape))
    return made


def publish(*drawings: tuple[Area, MultiPolygon], at: datetime = AT, **given: Any):
    return actions.publish_boundaries(
        boundaries=[(one.pk, shape) for one, shape in drawings],
        actor=ACTOR,
        at=at,
        source=given.get("source", "测试"),
        note=given.get("note", ""),
    )


def town() -> dict[str, Area]:
    """City to community, a street of 2 × 1 steps with one community, two grids in it.

    Grid 001 is the western, 002 the eastern square.
    """
    street = box(0, 0, 2, 1)
    made = {
        "city": area("9901", "示例市", street),
        "district": area("990101", "城东区", street),
        "street": area("990101001", "和平街道", street),
        "community": area(COMMUNITY, "幸福社区", street),
    }
    west, east = area(f"{COMMUNITY}001", "一格"), area(f"{COMMUNITY}002", "二格")
    publish((west, box(0, 0, 1, 1)), (east, box(1, 0, 2, 1)))
    return made | {"west": west, "east": east}
