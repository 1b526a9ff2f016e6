"""From the rows of a city's 立案标准 to categories with their filing conditions.

Pure: no file, no query. A row is one filing condition with its category repeated, the
inheritance of merged and blank cells already resolved (`cases.workbooks`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from cases.limits import Reading, parse
from governance.calendar import Unit

CODE_WIDTHS = (4, 5)
YES_NO = {"是": True, "否": False}
LONGEST = {
    "major_name": 50,
    "name": 50,
    "handling_unit": 200,
    "competent_unit": 200,
    "condition": 500,
    "closing_condition": 500,
    "limit": 200,
}


@dataclass(frozen=True, kw_only=True)
class CatalogueRow:
    """One line of the nine-column sheet; `row` counts from 1 as Excel shows it.

    `community` is the tenth column that a city may add: 是 or 否, on the community's
    list of matters or not; empty leaves it as it is.
    """

    sheet: str = ""
    row: int
    kind: str
    major_code: str
    major_name: str
    minor_code: str
    name: str
    handling_unit: str = ""
    competent_unit: str = ""
    condition: str
    closing_condition: str = ""
    limit: str = ""
    community: str = ""


@dataclass(frozen=True)
class Fault:
    """A reason why a row cannot be imported."""

    sheet: str
    row: int
    message: str


@dataclass(frozen=True, kw_only=True)
class ConditionDraft:
    text: str
    reading: Reading
    closing_condition: str = ""
    legal_basis: str | None = None
    is_community: bool | None = None
    sheet: str = ""
    row: int = 0


@dataclass(frozen=True, kw_only=True)
class CategoryDraft:
    """A category to be written; `more` holds further fields of `Category` by name."""

    kind: str
    code5: str
    name: str
    major_name: str
    legacy_code4: str = ""
    handling_unit: str = ""
    competent_unit: str = ""
    conditions: list[ConditionDraft] = field(default_factory=list)
    more: Mapping[str, Any] = field(default_factory=dict)


def draft(
    rows: Iterable[CatalogueRow], units: Mapping[str, Unit] | None = None
) -> tuple[list[CategoryDraft], list[Fault]]:
    """The categories in the order of the rows, and what is wrong, row by row."""
    rows = list(rows)
    is_legacy = not any(len(row.minor_code) in (3, 5) for row in rows)
    drafts: dict[tuple[str, str], CategoryDraft] = {}
    faults: list[Fault] = []
    for row in rows:
        message = _wrong(row) or _add(drafts, row, is_legacy, units)
        if message:
            faults.append(Fault(row.sheet, row.row, message))
    return list(drafts.values()), faults


def code5_of(row: CatalogueRow) -> str | None:
    """大类 (2) + 小类 (3); leading zeros that Excel dropped are put back.

    The 小类 column may also hold the whole code with 4 or 5 digits.
    """
    major, minor = row.major_code, row.minor_code
    if not re.fullmatch(r"\d{1,2}", major) or not re.fullmatch(r"\d{1,5}", minor):
        return None
    if len(minor) in CODE_WIDTHS:
        if minor[:2] != major.zfill(2):
            return None
        minor = minor[2:]
    return major.zfill(2) + minor.zfill(3)


def _wrong(row: CatalogueRow) -> str:
    """What is wrong with the row by itself, or nothing."""
    if not row.minor_code:
        return _("缺少小类代码")
    if code5_of(row) is None:
        return _("代码不对：大类“%(major)s”、小类“%(minor)s”") % {
            "major": row.major_code,
            "minor": row.minor_code,
        }
    if not row.major_name:
        return _("缺少大类名称")
    if not row.name:
        return _("缺少小类名称")
    if not row.condition:
        return _("缺少立案条件")
    if row.community and row.community not in YES_NO:
        return _("“社区事项”一列只能填“是”或“否”")
    for name, longest in LONGEST.items():
        if len(getattr(row, name)) > longest:
            return _("内容超过 %(longest)d 字：%(start)s…") % {
                "longest": longest,
                "start": getattr(row, name)[:12],
            }
    return ""


def _add(
    drafts: dict[tuple[str, str], CategoryDraft],
    row: CatalogueRow,
    is_legacy: bool,
    units: Mapping[str, Unit] | None,
) -> str:
    """Put the row under its category; the reason when it contradicts an earlier row."""
    code5 = code5_of(row) or ""
    category = drafts.setdefault(
        (row.kind, code5),
        CategoryDraft(
            kind=row.kind,
            code5=code5,
            name=row.name,
            major_name=row.major_name,
            legacy_code4=code5[:2] + code5[3:] if is_legacy else "",
            handling_unit=row.handling_unit,
            competent_unit=row.competent_unit,
        ),
    )
    if category.name != row.name:
        return _("代码%(code)s重复：前面已是“%(name)s”") % {
            "code": code5,
            "name": category.name,
        }
    twin = next((one for one in category.conditions if one.text == row.condition), None)
    if twin:
        return _("与第 %(row)d 行的立案条件重复") % {"row": twin.row}
    category.conditions.append(
        ConditionDraft(
            text=row.condition,
            reading=parse(row.limit, units),
            closing_condition=row.closing_condition,
            is_community=YES_NO.get(row.community),
            sheet=row.sheet,
            row=row.row,
        )
    )
    return ""
