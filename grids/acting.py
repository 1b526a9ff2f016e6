"""Whoever acts, seen from this floor: anything with a `snapshot()`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Machine:
    """The platform itself, for commands and generated data."""

    name: str = "系统"

    def snapshot(self) -> dict[str, Any]:
        return {"name": self.name, "role": "system"}
