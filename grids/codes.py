"""Levels and their codes (DOMAIN B.2): a code begins with the code of its parent."""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.IntegerChoices):
    CITY = 1, _("市")
    DISTRICT = 2, _("区县")
    STREET = 3, _("街道")
    COMMUNITY = 4, _("社区")
    GRID = 5, _("网格")
    MICROGRID = 6, _("微网格")

    @property
    def word(self) -> str:
        """The level's name in URLs, tile layers and placements: `street`."""
        return self.name.lower()

    @classmethod
    def of_word(cls, word: str) -> "Level | None":
        return LEVELS.get(word)


LEVELS = {level.word: level for level in Level}


class Kind(models.TextChoices):
    GENERAL = "general", _("综合网格")
    SPECIAL = "special", _("专属网格")
    STREET = "street", _("街道")
    TOWN = "town", _("乡镇")


CODE_LENGTH = {
    Level.CITY: 4,
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
    Level.MICROGRID: 18,
}
CODE_PATTERN = {
    Level.CITY: r"^[0-9]{4}$",
    Level.DISTRICT: r"^[0-9]{6}$",
    Level.STREET: r"^[0-9]{9}$",
    Level.COMMUNITY: r"^[0-9]{12}$",
    Level.GRID: r"^[0-9]{12}[0-9A-Z]{3}$",
    Level.MICROGRID: r"^[0-9]{12}[0-9A-Z]{3}[0-9]{3}$",
}
CODE_FORM = {
    Level.CITY: _("4 位数字"),
    Level.DISTRICT: _("6 位数字"),
    Level.STREET: _("9 位数字"),
    Level.COMMUNITY: _("12 位数字"),
    Level.GRID: _("12 位社区编码加 3 位数字或大写字母"),
    Level.MICROGRID: _("15 位网格编码加 3 位数字"),
}


def level_of(code: str) -> Level | None:
    """The level whose codes have this form; None for a code of no level."""
    return next((level for level in Level if fits(code, level)), None)


def fits(code: str, level: Level) -> bool:
    """Whether `code` has the form of its level."""
    return re.fullmatch(CODE_PATTERN[level], code) is not None


def prefix(code: str, level: Level) -> str | None:
    """The code of the area of `level` above (or at) `code`; None when below it."""
    length = CODE_LENGTH[level]
    return code[:length] if len(code) >= length else None


def parent_code(code: str, level: Level) -> str | None:
    """The code of the parent of an area of `level`; None for a city."""
    return None if level == Level.CITY else code[: CODE_LENGTH[Level(level - 1)]]


def kind_of(code: str, level: Level) -> str:
    """The kind that the code itself tells: towns from 100, special grids 701-899."""
    tail = code[-3:]
    if level == Level.STREET:
        return Kind.STREET if tail < "100" else Kind.TOWN
    if level == Level.GRID:
        return Kind.SPECIAL if "701" <= tail <= "899" else Kind.GENERAL
    return ""
