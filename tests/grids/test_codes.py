import pytest

from grids import codes
from grids.codes import Kind, Level


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("9901", Level.CITY),
        ("990101", Level.DISTRICT),
        ("990101001", Level.STREET),
        ("990101001001", Level.COMMUNITY),
        ("990101001001A07", Level.GRID),
        ("990101001001701003", Level.MICROGRID),
        ("99010", None),
        ("990101001001a07", None),
        ("99010100100X", None),
        ("9901\n", None),
        ("", None),
    ],
)
def test_level_of_a_code(code, level):
    assert codes.level_of(code) == level


def test_parent_code_is_the_prefix():
    assert codes.parent_code("990101001001701", Level.GRID) == "990101001001"
    assert codes.parent_code("9901", Level.CITY) is None


@pytest.mark.parametrize(
    ("code", "level", "kind"),
    [
        ("990101001", Level.STREET, Kind.STREET),
        ("990101100", Level.STREET, Kind.TOWN),
        ("990101001001001", Level.GRID, Kind.GENERAL),
        ("990101001001701", Level.GRID, Kind.SPECIAL),
        ("990101001001901", Level.GRID, Kind.GENERAL),
        ("990101001001", Level.COMMUNITY, ""),
    ],
)
def test_kind_told_by_the_code(code, level, kind):
    assert codes.kind_of(code, level) == kind


def test_level_of_a_word():
    assert Level.of_word("street") == Level.STREET
    assert Level.of_word("province") is None
