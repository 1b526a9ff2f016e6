"""The rows of a workbook as text of the format, guarded; pure, for children too.

openpyxl makes the workbook and its headings. A row of values that passes through its
cells costs ten times the time of the text that they become.
"""

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
UNPRINTABLE = dict.fromkeys(
    [*(n for n in range(32) if n not in (9, 10)), 0xFFFE, 0xFFFF]
)
MOST_TEXT = 32_767
SHEET = "xl/worksheets/sheet1.xml"
END, EMPTY, EMPTY_OPENED = b"</sheetData>", b"<sheetData/>", b"<sheetData></sheetData>"


def guarded(value: Any) -> Any:
    """The value for a cell: printable, and no formula that runs when it is opened."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return "'" + text if text.startswith(FORMULA_STARTS) else text


def printable(text: str) -> str:
    """Without the characters that no workbook may hold."""
    return text if text.isprintable() else text.translate(UNPRINTABLE)


class Rows:
    """Rows of a sheet one below the other, text in cells of this `style`.

    `number` is that of the next row. A value is text, a number, or None.
    """

    def __init__(self, number: int, style: int = 0) -> None:
        self.number = number
        self.kind = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
        self.letters: list[str] = []

    def xml(self, values: Sequence[Any]) -> bytes:
        number, kind = self.number, self.kind
        self.number += 1
        while len(self.letters) < len(values):
            self.letters.append(_letters(len(self.letters)))
        cells = []
        for letter, value in zip(self.letters, values, strict=False):
            if isinstance(value, str):
                text = escape(value[:MOST_TEXT])
                cells.append(f'<c r="{letter}{number}{kind}{text}</t></is></c>')
            elif value is not None:
                cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
        return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def pour(shell: BytesIO, path: Path, rows: Iterable[bytes]) -> None:
    """The workbook of `shell` with these rows at the end of its first sheet."""
    with (
        zipfile.ZipFile(shell) as ready,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in ready.namelist():
            if name != SHEET:
                target.writestr(name, ready.read(name))
        content = ready.read(SHEET).replace(EMPTY, EMPTY_OPENED)
        before, end, after = content.partition(END)
        with target.open(SHEET, "w") as out:
            out.write(before)
            out.writelines(rows)
            out.write(end + after)
