"""Every read of places that has a name."""

from grids.querysets.areas import AreaQuerySet
from grids.querysets.boundaries import BoundaryQuerySet, TileVersionQuerySet
from grids.querysets.locating import Located, Placement, placement_of

__all__ = [
    "AreaQuerySet",
    "BoundaryQuerySet",
    "Located",
    "Placement",
    "TileVersionQuerySet",
    "placement_of",
]
