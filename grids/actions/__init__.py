"""Everything that people do to places."""

from grids.actions.areas import (
    NewArea,
    create_area,
    create_areas,
    rename,
    retire_area,
)
from grids.actions.boundaries import publish_boundaries
from grids.actions.dissolving import dissolve_areas
from grids.actions.importing import import_areas
from grids.actions.proposals import discard_proposal, propose
from grids.actions.publishing import publish_proposal
from grids.actions.redrawing import (
    assign_part,
    cut_part,
    merge_parts,
    name_part,
    redraw_border,
    split_part,
)

__all__ = [
    "NewArea",
    "assign_part",
    "create_area",
    "create_areas",
    "cut_part",
    "discard_proposal",
    "dissolve_areas",
    "import_areas",
    "merge_parts",
    "name_part",
    "propose",
    "publish_boundaries",
    "publish_proposal",
    "redraw_border",
    "rename",
    "retire_area",
    "split_part",
]
