"""Numbers of rows, as addresses and forms bring them."""

from typing import Any

LONGEST = 18  # digits; what has more is the number of no row and of nothing counted


def number_of(given: Any) -> int | None:
    """The number that is written there; None for anything else, and for more digits
    than a row's number has."""
    text = str(given)
    return int(text) if text.isdecimal() and len(text) <= LONGEST else None
