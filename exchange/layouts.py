"""How a table to be filled in looks: its columns, what they mean and may hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 200_000


def nothing() -> Sequence[str]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Column:
    """`choices` fill the drop-down; with `only` nothing else is taken.

    `secret` values never show in a preview. Names are data of the file, in Chinese in
    every language, like the headings of the standard's own tables.
    """

    name: str
    field: str
    explanation: Any
    sample: str = ""
    required: bool = False
    choices: Callable[[], Sequence[str]] = nothing
    only: bool = False
    is_date: bool = False
    longest: int = 200
    secret: bool = False
    width: int = 18

    @property
    def heading(self) -> str:
        return f"{self.name}*" if self.required else self.name
