"""Planar subdivisions: a local plane in metres, exactly shared edges, cuts, numbering.

Pure geometry on shapely; nothing here knows the database. Coordinates are longitude
and latitude in degrees unless a name says metres.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

# Vertices are rounded to this many degrees (0.1 mm), so that neighbours can share them.
GRAIN = 1e-9
METRES_PER_DEGREE = 111_320.0

Surface = Polygon | MultiPolygon
G = TypeVar("G", bound=BaseGeometry)


@dataclass(frozen=True)
class Plane:
    """Metres east and north of an origin; areas true to about 0.1 % over 50 km."""

    lng: float
    lat: float

    @classmethod
    def around(cls, geometry: BaseGeometry) -> "Plane":
        west, south, east, north = geometry.bounds
        return cls((west + east) / 2, (south + north) / 2)

    @property
    def _scale(self) -> np.ndarray:
        metres = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        return np.array([metres, METRES_PER_DEGREE])

    def to_metres(self, xy: np.ndarray) -> np.ndarray:
        return (xy - np.array([self.lng, self.lat])) * self._scale

    def to_degrees(self, xy: np.ndarray) -> np.ndarray:
        return xy / self._scale + np.array([self.lng, self.lat])

    def flatten(self, geometry: G) -> G:
        return shapely.transform(geometry, self.to_metres)

    def lift(self, geometry: G) -> G:
        return shapely.transform(geometry, self.to_degrees)


def polygons_of(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons in any geometry, largest first; lines and points fall away."""
    parts = [
        one
        for one in shapely.get_parts(shapely.make_valid(geometry), return_index=False)
        for one in (one.geoms if hasattr(one, "geoms") else [one])
        if one.geom_type == "Polygon" and one.area > 0
    ]
    return sorted(parts, key=lambda one: (-one.area, one.bounds))


def surface_of(polygons: Sequence[Polygon]) -> Surface:
    """One polygon as itself, several as a MultiPolygon; touching ones are joined."""
    joined = polygons_of(shapely.union_all(list(polygons)))
    return joined[0] if len(joined) == 1 else MultiPolygon(joined)


def share_edges(surfaces: Sequence[Surface], outer: BaseGeometry) -> list[Surface]:
    """The same surfaces with every vertex shared by all that meet there.

    All rings are noded together on the GRAIN and rebuilt from the common faces, so
    that the results neither overlap nor leave a gap inside `outer`. A face that lies
    in none of the surfaces goes to the nearest.
    """
    rings = [shapely.boundary(one) for one in [*surfaces, outer]]
    noded = shapely.unary_union(rings, grid_size=GRAIN)
    faces = polygons_of(shapely.polygonize(list(shapely.get_parts(noded))))
    tips = [one.representative_point() for one in faces]
    shapely.prepare(outer)
    tree = shapely.STRtree(list(surfaces))
    owned: list[list[Polygon]] = [[] for _ in surfaces]
    for face, tip in zip(faces, tips, strict=True):
        if outer.intersects(tip):
            owners = tree.query(tip, predicate="intersects")
            owner = min(owners) if len(owners) else tree.nearest(tip)
            owned[int(owner)].append(face)
    return [welded(own) for own in owned]


def welded(faces: Sequence[Surface]) -> Surface:
    """The union of faces that share their edges exactly; nothing moves."""
    whole = polygons_of(shapely.coverage_union_all(list(faces)))
    return whole[0] if len(whole) == 1 else MultiPolygon(whole)


def cut(polygon: Polygon, line: LineString) -> list[Polygon]:
    """The faces into which the line divides the polygon; one when it does not."""
    noded = shapely.unary_union([polygon.boundary, line])
    faces = shapely.get_parts(shapely.polygonize(list(shapely.get_parts(noded))))
    shapely.prepare(polygon)
    inside = shapely.contains(polygon, shapely.point_on_surface(faces))
    return [face for face, keep in zip(faces, inside, strict=True) if keep]


def cut_in_two(surface: Surface, line: LineString) -> tuple[Surface, Surface] | None:
    """What lies on the two sides of a line drawn once right across; else None.

    The line may bend. Islands stay with the nearer side.
    """
    main, *islands = polygons_of(surface)
    faces = cut(main, line)
    if len(faces) != 2:
        return None
    sides = [[faces[0]], [faces[1]]]
    for island in islands:
        near = min((0, 1), key=lambda i: island.distance(faces[i]))
        sides[near].append(island)
    return surface_of(sides[0]), surface_of(sides[1])


def reading_order(surfaces: Sequence[BaseGeometry]) -> list[int]:
    """Indices row by row from the north, within a row from the west (DOMAIN §B.2)."""
    if not surfaces:
        return []
    plane = Plane.around(shapely.GeometryCollection(list(surfaces)))
    flat = [plane.flatten(one) for one in surfaces]
    centres = [(one.centroid.x, one.centroid.y) for one in flat]
    height = 0.5 * math.sqrt(sum(one.area for one in flat) / len(flat))
    rows: list[list[int]] = []
    for index in sorted(range(len(flat)), key=lambda i: (-centres[i][1], centres[i])):
        if not rows or centres[rows[-1][0]][1] - centres[index][1] > height:
            rows.append([])
        rows[-1].append(index)
    return [i for row in rows for i in sorted(row, key=lambda i: centres[i])]
