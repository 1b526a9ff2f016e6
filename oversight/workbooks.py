"""The report of the board as an Excel workbook (DOMAIN E.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from governance.spreadsheets import guarded

HEAD = PatternFill("solid", fgColor="E3F0F4")
WIDEST = 60


@dataclass(frozen=True)
class Sheet:
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]


def workbook(sheets: Iterable[Sheet], notes: Sequence[str]) -> bytes:
    """A sheet for each part, with the notes below each; text is no formula."""
    book = Workbook()
    book.remove(book.active)
    for one in sheets:
        sheet = book.create_sheet(one.title)
        sheet.append([guarded(name) for name in one.head])
        for cell in sheet[1]:
            cell.font, cell.fill = Font(bold=True), HEAD
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        for row in one.rows:
            sheet.append([guarded(value) for value in row])
        sheet.append([])
        for note in notes:
            sheet.append([guarded(note)])
        sheet.freeze_panes = "A2"
        for number, cells in enumerate(zip(one.head, *one.rows, strict=True), start=1):
            width = max(_width(value) for value in cells)
            letter = get_column_letter(number)
            sheet.column_dimensions[letter].width = min(width + 2, WIDEST)
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _width(value: Any) -> int:
    """Chinese characters are two columns wide."""
    return sum(2 if ord(letter) > 255 else 1 for letter in str(value))
