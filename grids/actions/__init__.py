"""Everything that people do to places."""

from grids.actions.areas import create_area, rename, retire_area
from grids.actions.boundaries import publish_boundaries

__all__ = ["create_area", "publish_boundaries", "rename", "retire_area"]
