"""The indicators of DOMAIN C.9 by community and by unit, ranked where it is fair.

Ranked by one indicator at a time, each unit among those of its own kind, and only with
the least sample that the city set (FEATURES 64); the others are shown without a rank.
Equal shares share a rank.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cases.querysets import kpi
from cases.querysets.kpi import BY_CODE, Indicator, Ratio, Scope
from grids.codes import Level
from grids.models import Area
from parties.models import Organisation

OF_COMMUNITIES = kpi.OF_COMMUNITIES
OF_UNITS = kpi.OF_UNITS


@dataclass
class Row:
    """`rank` is None where the sample is too small; `group` ranks by itself."""

    key: int
    code: str
    name: str
    group: str
    ratios: list[Ratio]
    rank: int | None = None


@dataclass(frozen=True)
class Table:
    columns: list[Indicator]
    rows: list[Row]
    ranked_by: Indicator
    least: int


def of_communities(scope: Scope, area: Area, by: str, least: int) -> Table | None:
    """None at a community itself; a statement for each column."""
    if area.level >= Level.COMMUNITY:
        return None
    columns = [BY_CODE[code] for code in OF_COMMUNITIES]
    found = [one.by_community(scope) for one in columns]
    areas = Area.objects.filter(pk__in={key for one in found for key in one})
    rows = [
        Row(one.pk, one.code, one.short_name or one.name, "", _ratios(found, one.pk))
        for one in areas.order_by("code")
    ]
    return _ranked(columns, rows, by, least)


def of_units(scope: Scope, by: str, least: int) -> Table:
    columns = [BY_CODE[code] for code in OF_UNITS]
    found = [one.by_unit(scope) for one in columns]
    units = Organisation.objects.filter(pk__in={key for one in found for key in one})
    rows = [
        Row(
            one.pk, "", one.short_name or one.name, str(one.get_kind_display()),
            _ratios(found, one.pk),
        )
        for one in units.order_by("kind", "level", "pk")
    ]  # fmt: skip
    return _ranked(columns, rows, by, least)


def _ratios(found: Iterable[dict[int, Ratio]], key: int) -> list[Ratio]:
    return [one.get(key, Ratio()) for one in found]


def _ranked(columns: list[Indicator], rows: list[Row], by: str, least: int) -> Table:
    codes = [one.code for one in columns]
    place = codes.index(by) if by in codes else 0
    chosen = columns[place]

    def share(row: Row) -> Fraction:
        ratio = row.ratios[place]
        found = Fraction(ratio.numerator, ratio.denominator)
        return found if chosen.higher_is_better else -found

    for group in {row.group for row in rows}:
        fair = [
            row
            for row in rows
            if row.group == group and row.ratios[place].denominator >= max(least, 1)
        ]
        shares = sorted((share(row) for row in fair), reverse=True)
        for row in fair:
            row.rank = shares.index(share(row)) + 1
    rows.sort(key=lambda row: (row.group, row.rank is None, row.rank or 0))
    return Table(columns, rows, chosen, least)


def headline(scope: Scope, codes: Iterable[str]) -> list[tuple[Indicator, Any]]:
    """Some indicators of the whole, one statement each."""
    return [(BY_CODE[code], BY_CODE[code].ratio(scope)) for code in codes]
