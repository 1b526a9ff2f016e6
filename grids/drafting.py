"""The parts of a proposal between the database and the plane: counted, named, laid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from grids.bisection import Homes
from grids.codes import Kind, Level
from grids.models import SRID, Area, AreaBoundary, GridProposal, ProposalPart
from grids.planar import (
    Plane,
    Surface,
    polygons_of,
    reading_order,
    share_edges,
    surface_of,
)

# A part continues an existing area when they have this share of both in common.
CONTINUES = 0.5


@dataclass(frozen=True)
class Sketch:
    """One part on its way to a row; households None are counted when it is laid."""

    geometry: Surface
    code: str = ""
    name: str = ""
    households: int | None = None
    reason: str = ""


def surface(shape: GEOSGeometry) -> Surface:
    """A stored shape as shapely's."""
    return surface_of(polygons_of(shapely.from_wkb(bytes(shape.wkb))))


def stored(shape: Surface) -> MultiPolygon:
    """A shapely surface as it is stored."""
    geometry = GEOSGeometry(shape.wkb_hex, srid=SRID)
    if isinstance(geometry, MultiPolygon):
        return geometry
    return MultiPolygon(geometry, srid=SRID)


def sketch_of(part: ProposalPart) -> Sketch:
    return Sketch(
        geometry=surface(part.geometry),
        code=part.code,
        name=part.name,
        households=part.households,
        reason=part.reason,
    )


def place_of(area: Area, boundary: AreaBoundary) -> Surface | None:
    """What is to be divided, without the special grids; None when nothing is left."""
    whole = surface(boundary.geometry)
    special = AreaBoundary.objects.current().filter(
        area__parent=area, area__level=Level.GRID, area__kind=Kind.SPECIAL
    )
    taken = [surface(one.geometry) for one in special]
    if not taken:
        return whole
    rest = polygons_of(whole.difference(shapely.union_all(taken)))
    return surface_of(rest) if rest else None


def homes_of(proposal: GridProposal) -> Homes | None:
    return Homes.of(proposal.homes) if proposal.homes else None


def lay(proposal: GridProposal, sketches: Sequence[Sketch]) -> None:
    """Replace the parts of a proposal: edges shared, numbered, counted, codes found."""
    shapes = [one.geometry for one in sketches]
    shapes = share_edges(shapes, shapely.union_all(shapes))
    counts = _counts(proposal, shapes, sketches)
    codes = _codes(proposal, shapes, sketches)
    drawn = [
        replace(one, geometry=shape, households=count, code=code)
        for one, shape, count, code in zip(sketches, shapes, counts, codes, strict=True)
    ]
    proposal.parts.all().delete()
    ProposalPart.objects.bulk_create(
        [
            ProposalPart(
                proposal=proposal,
                number=number,
                code=drawn[index].code,
                name=drawn[index].name,
                geometry=stored(drawn[index].geometry),
                households=drawn[index].households or 0,
                reason=_reason(proposal, drawn[index]),
            )
            for number, index in enumerate(reading_order(shapes), 1)
        ]
    )


def _counts(
    proposal: GridProposal, shapes: Sequence[Surface], sketches: Sequence[Sketch]
) -> list[int]:
    """Households in each: as known, by the points, or by the share of the area."""
    new = [i for i, one in enumerate(sketches) if one.households is None]
    counts = [one.households or 0 for one in sketches]
    homes = homes_of(proposal)
    fresh = [shapes[i] for i in new]
    if homes:
        found = _by_points(fresh, homes)
    else:
        found = _by_area(fresh, proposal.settings["households"] - sum(counts))
    for index, count in zip(new, found, strict=True):
        counts[index] = count
    return counts


def _by_points(shapes: Sequence[Surface], homes: Homes) -> list[int]:
    """A home on a shared edge is counted once."""
    left = np.ones(len(homes.xy), dtype=bool)
    counts = []
    for shape in shapes:
        mask = left & shapely.intersects_xy(shape, *homes.xy.T)
        left &= ~mask
        counts.append(round(homes.only(mask).total))
    return counts


def _by_area(shapes: Sequence[Surface], households: int) -> list[int]:
    sizes = np.array([Plane.around(one).flatten(one).area for one in shapes])
    reached = np.round(households * np.cumsum(sizes) / sizes.sum())
    return [int(one) for one in np.diff(reached, prepend=0)]


def _codes(
    proposal: GridProposal, shapes: Sequence[Surface], sketches: Sequence[Sketch]
) -> list[str]:
    """Communities are assigned by people; a grid that stays mostly itself keeps its."""
    if proposal.level != Level.GRID:
        return [one.code for one in sketches]
    codes = [""] * len(shapes)
    tree = shapely.STRtree(shapes)
    for grid in general_grids(proposal.area):
        old = surface(grid.geometry)
        for index in tree.query(old, predicate="intersects"):
            common = shapes[index].intersection(old).area
            if common > CONTINUES * max(old.area, shapes[index].area):
                codes[index] = grid.area.code
    return codes


def general_grids(area: Area) -> Iterable[AreaBoundary]:
    """The current boundaries of the general grids of a community."""
    current = AreaBoundary.objects.current().select_related("area")
    own = current.filter(area__parent=area, area__valid_to=None)
    return own.exclude(area__kind=Kind.SPECIAL).order_by("area__code")


def in_range(proposal: GridProposal, households: int) -> bool:
    """A proposal that counts no households has no range to miss."""
    low, high = proposal.settings["low"], proposal.settings["high"]
    return not high or low <= households <= high


def _reason(proposal: GridProposal, sketch: Sketch) -> str:
    if in_range(proposal, sketch.households or 0):
        return ""
    return sketch.reason or ProposalPart.Reason.BY_HAND
