"""Write tables row by row, as .xlsx or as CSV that Excel opens; text is no formula."""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HEAD = PatternFill("solid", fgColor="E3F0F4")
UNPRINTABLE = dict.fromkeys(
    [*(n for n in range(32) if n not in (9, 10)), 0xFFFE, 0xFFFF]
)
SHEET_PART = "xl/worksheets/sheet1.xml"
SHEET_END = b"</sheetData>"
MOST_TEXT = 32_767
NOTES = ("说明：", "示例：", "导出：")
"""How rows begin that explain or sign a sheet and are no data when it is read."""


def guarded(value: Any) -> Any:
    """The value for a cell: printable, and no formula that runs when it is opened."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def printable(text: str) -> str:
    """Without the characters that no workbook may hold."""
    return text if text.isprintable() else text.translate(UNPRINTABLE)


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
    """Stream the table into a file; how many rows it has.

    openpyxl writes the workbook and its headings. The rows go in as plain text of the
    format: a cell as an object of its own costs ten times the time.
    """
    start = len(sheet.above) + 2
    with BytesIO() as shell:
        style = _shell(sheet, shell)
        with (
            zipfile.ZipFile(shell) as ready,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
        ):
            for name in ready.namelist():
                if name != SHEET_PART:
                    target.writestr(name, ready.read(name))
            before, end, after = ready.read(SHEET_PART).partition(SHEET_END)
            with target.open(SHEET_PART, "w") as out:
                out.write(before)
                rows = _Rows(start, len(sheet.headings), style)
                for row in sheet.rows:
                    out.write(rows.xml(row))
                count = rows.number - start
                for line in sheet.below:
                    out.write(rows.xml([line]))
                out.write(end + after)
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


class _Rows:
    """Rows of a sheet one below the other, text in cells that are formatted as text."""

    def __init__(self, number: int, columns: int, style: int) -> None:
        self.number = number
        self.kind = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        self.letters = [get_column_letter(index + 1) for index in range(columns)]

    def xml(self, row: Sequence[Any]) -> bytes:
        number, kind = self.number, self.kind
        self.number += 1
        cells = []
        for letter, value in zip(self.letters, map(plain, row), strict=False):
            if isinstance(value, str):
                text = escape(value)
                cells.append(f'<c r="{letter}{number}{kind}{text}</t></is></c>')
            elif value is not None:
                cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
        return f'<row r="{number}">{"".join(cells)}</row>'.encode()


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
