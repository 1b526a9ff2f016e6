"""Write tables row by row, as .xlsx or as CSV that Excel opens; text is no formula."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from governance.workbooks import (
    FORMULA_STARTS,
    MOST_TEXT,
    Rows,
    guarded,
    pour,
    printable,
)

HEAD = PatternFill("solid", fgColor="E3F0F4")
__all__ = [
    "FORMULA_STARTS", "HEAD", "NOTES", "Sheet", "counted", "guarded", "plain",
    "printable", "write_csv", "write_xlsx",
]  # fmt: skip
NOTES = ("说明：", "示例：", "导出：")
"""How rows begin that explain or sign a sheet and are no data when it is read."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table to be written; `rows` are read once, one after the other.

    `above` and `below` are lines of their own over and under it. `mark` is kept in the
    properties of a workbook, where nobody sees it who does not look for it.
    """

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[int] = ()
    above: Sequence[str] = ()
    below: Sequence[str] = ()
    author: str = ""
    mark: str = ""


def plain(value: Any) -> Any:
    """As it stands in a cell: moments in local time, text that is no formula."""
    if isinstance(value, datetime):
        return f"{localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or isinstance(value, int | float):
        return value
    return guarded(str(value))[:MOST_TEXT]


def write_xlsx(path: Path, sheet: Sheet) -> int:
    """Stream the table into a file; how many rows it has."""
    with BytesIO() as shell:
        rows = Rows(len(sheet.above) + 2, _shell(sheet, shell))
        start = rows.number
        count = 0

        def poured() -> Iterator[bytes]:
            nonlocal count
            for row in sheet.rows:
                yield rows.xml([plain(value) for value in row])
            count = rows.number - start
            for line in sheet.below:
                yield rows.xml([plain(line)])

        pour(shell, path, poured())
    return count


def _shell(sheet: Sheet, out: BytesIO) -> int:
    """The workbook up to its headings; answers the style of cells that hold text."""
    book = Workbook(write_only=True)
    mark = printable(sheet.mark)
    book.properties.creator = printable(sheet.author)
    book.properties.description = book.properties.keywords = mark
    table = book.create_sheet(sheet.title[:31])
    style = 0
    for number, _heading in enumerate(sheet.headings, start=1):
        column = table.column_dimensions[get_column_letter(number)]
        column.width = sheet.widths[number - 1] if sheet.widths else 18
        column.number_format = "@"
        style = column.style_id
    table.freeze_panes = f"A{len(sheet.above) + 2}"
    if mark:
        table.oddFooter.center.text = mark.replace("&", "&&")[:200]
    for line in sheet.above:
        table.append([_cell(table, line, Font(bold=True, color="B42318"))])
    table.append([_cell(table, one, Font(bold=True), HEAD) for one in sheet.headings])
    book.save(out)
    return style


def _cell(table: Any, text: str, font: Font, fill: PatternFill | None = None) -> Any:
    cell = WriteOnlyCell(table, plain(text))
    cell.font = font
    if fill is not None:
        cell.fill = fill
    return cell


def write_csv(path: Path, sheet: Sheet) -> int:
    """The same in UTF-8 with the mark by which Excel knows it; how many rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([plain(line)] for line in sheet.above)
        writer.writerow([plain(one) for one in sheet.headings])
        for count, row in enumerate(sheet.rows, start=1):  # noqa: B007
            writer.writerow([plain(value) for value in row])
        writer.writerows([plain(line)] for line in sheet.below)
    return count


def counted(rows: Iterable[Any], tell: Any, every: int = 500) -> Iterator[Any]:
    """The rows, telling from time to time how many have gone by."""
    for number, row in enumerate(rows, start=1):
        yield row
        if number % every == 0:
            tell(number)
