"""Everything that people do to places."""

from grids.actions.areas import create_area, rename, retire_area
from grids.actions.boundaries import publish_boundaries
from grids.actions.importing import import_areas

__all__ = [
    "create_area",
    "import_areas",
    "publish_boundaries",
    "rename",
    "retire_area",
]
