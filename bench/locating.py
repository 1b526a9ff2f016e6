"""Row 1: which grid is it, out of 100,000?"""

import random
from collections.abc import Callable

from django.contrib.gis.geos import Point
from django.db import connection

from bench import city
from bench.row import Row
from grids.models import Area

EAST = city.WEST + city.GRIDS_EAST * city.CELL
NORTH = city.SOUTH + city.GRIDS_NORTH * city.CELL
INSIDE = 0.002  # degrees, so that every point has a grid
DIGITS = 10**7


def row() -> Row:
    return Row(
        name="point location, 100,000 grids",
        product=_prepare,
        script=_script(),
        clients=(1, 2),
    )


def _prepare(client: int) -> Callable[[], object]:
    points = random.Random(client)  # noqa: S311

    def locate() -> object:
        lng = points.uniform(city.WEST + INSIDE, EAST - INSIDE)
        lat = points.uniform(city.SOUTH + INSIDE, NORTH - INSIDE)
        return Area.objects.locate(Point(lng, lat, srid=4490))

    return locate


def _script() -> str:
    """The statement of `locate`, at a random point of the same city."""
    seen: list[tuple[str, dict[str, object]]] = []

    def keep(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        seen.append((sql, dict(params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        Area.objects.locate(Point(city.WEST + INSIDE, city.SOUTH + INSIDE, srid=4490))
    ((sql, params),) = seen
    values = {name: str(value) for name, value in params.items()}
    values |= {"lng": ":lng", "lat": ":lat"}
    return "\n".join(
        [
            _random("lng", city.WEST + INSIDE, EAST - INSIDE),
            _random("lat", city.SOUTH + INSIDE, NORTH - INSIDE),
            sql.strip() % values + ";",
        ]
    )


def _random(name: str, low: float, high: float) -> str:
    return (
        f"\\set {name} random({round(low * DIGITS)}, {round(high * DIGITS)})"
        f" / {DIGITS}.0"
    )
