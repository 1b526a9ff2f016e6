"""Who acts where no posting is known: the system, or a signed-in administrator."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Identity:
    """The least the journal needs to know of an actor."""

    name: str
    user_id: int | None = None

    def snapshot(self) -> dict[str, Any]:
        return asdict(self)


SYSTEM = Identity(name="系统")
