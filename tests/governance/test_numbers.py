"""Numbers of rows in addresses and forms."""

from typing import Any

import pytest

from governance.numbers import number_of


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("17", 17), (17, 17), ("0", 0), ("9" * 18, 10**18 - 1),
        ("9" * 19, None), ("9" * 5000, None), ("", None), (None, None), ("-1", None),
        ("1.5", None), ("²", None), (" 1", None), ("1_0", None), ("\x00", None),
    ],
)  # fmt: skip
def test_a_number_or_none(given: Any, number: int | None) -> None:
    assert number_of(given) == number
