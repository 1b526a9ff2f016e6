"""Write an uploaded table once more with a column 错误原因; run as a child process.

    python -m exchange.marking FILE OUT < FAULTS

FAULTS are JSON lines: first `{"sheet": …, "header": row}`, then `[row, reason]` in
ascending order. A small workbook keeps its looks and drop-downs; a large one is
streamed and keeps its values. No text becomes a formula. Pure: imports nothing that
needs the project to be set up.
"""

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from exchange.reading import REASON, UNREADABLE, encoding_of, limit, opened, word
from governance.workbooks import Rows, guarded, pour

SMALL_BYTES = 300 * 1024
SMALL_UNPACKED = 4 * 1024 * 1024
HIGHLIGHT = "FFF3CD"


def faults(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        row, reason = json.loads(line)
        yield row, reason


class Reasons:
    """Puts the reasons of `lines` into the rows as they come, one after the other."""

    def __init__(self, header: int, lines: Iterator[str]) -> None:
        self.header, self.faults = header, faults(lines)
        self.row, self.reason = next(self.faults, (0, ""))
        self.place, self.is_there = -1, False

    def put(self, number: int, cells: Iterable[Any]) -> list[Any]:
        """The cells, guarded; the column of an earlier check is used again."""
        row = [guarded(cell) for cell in cells]
        text = None
        if number == self.header:
            names = [word(cell) for cell in row]
            self.is_there = REASON in names
            self.place = names.index(REASON) if self.is_there else len(row)
            text = REASON
        elif number == self.row:
            text = guarded(self.reason)
            self.row, self.reason = next(self.faults, (0, ""))
        if text is not None or (self.is_there and number > self.header):
            row += [None] * (self.place + 1 - len(row))
            row[self.place] = text
        return row


def mark_csv(source: Path, out: Path, header: int, lines: Iterator[str]) -> None:
    reasons = Reasons(header, lines)
    with (
        source.open(encoding=encoding_of(source), newline="") as file,
        out.open("w", encoding="utf-8-sig", newline="") as target,
    ):
        start = file.read(8192)
        file.seek(0)
        mark = "\t" if start.count("\t") > start.count(",") else ","
        writer = csv.writer(target)
        for number, cells in enumerate(csv.reader(file, delimiter=mark), start=1):
            writer.writerow(reasons.put(number, cells))


def mark_small(
    source: Path, out: Path, sheet: str, header: int, lines: Iterator[str]
) -> None:
    from openpyxl import load_workbook
    from openpyxl.styles import Font, PatternFill

    book = load_workbook(source)
    for one in book.worksheets:
        for line in one.iter_rows():
            for cell in line:
                if cell.data_type in ("s", "f"):
                    cell.value = guarded(str(cell.value))
    table = book[sheet]
    names = [word(cell.value) for cell in table[header]]
    column = names.index(REASON) + 1 if REASON in names else len(names) + 1
    table.cell(header, column, REASON).font = Font(bold=True)
    table.column_dimensions[table.cell(header, column).column_letter].width = 60
    for row in range(header + 1, table.max_row + 1):
        if table.cell(row, column).value is not None:
            table.cell(row, column).value = None
    for row, reason in faults(lines):
        cell = table.cell(row, column, guarded(reason))
        cell.fill = PatternFill("solid", fgColor=HIGHLIGHT)
    book.save(out)


def mark_large(
    source: Path, out: Path, sheet: str, header: int, lines: Iterator[str]
) -> None:
    from openpyxl import Workbook

    table = opened(source)[sheet]
    table.reset_dimensions()
    copy, reasons, rows = Workbook(write_only=True), Reasons(header, lines), Rows(1)
    copy.create_sheet(sheet)
    with BytesIO() as shell:
        copy.save(shell)
        marked = (
            reasons.put(number, cells)
            for number, cells in enumerate(table.iter_rows(values_only=True), start=1)
        )
        pour(shell, out, (rows.xml([plain(one) for one in row]) for row in marked))


def plain(value: Any) -> Any:
    """As the import reads it: days and moments as text."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None or isinstance(value, str | int | float):
        return value
    text = str(value)
    return text.removesuffix(" 00:00:00")


def is_small(source: Path) -> bool:
    import zipfile

    with zipfile.ZipFile(source) as packed:
        unpacked = sum(one.file_size for one in packed.infolist())
    return source.stat().st_size <= SMALL_BYTES and unpacked <= SMALL_UNPACKED


def main(source: Path, out: Path) -> None:
    facts = json.loads(sys.stdin.readline())
    if source.suffix == ".csv":
        mark_csv(source, out, facts["header"], sys.stdin)
        return
    write = mark_small if is_small(source) else mark_large
    write(source, out, facts["sheet"], facts["header"], sys.stdin)


if __name__ == "__main__":
    limit()
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
    except (*UNREADABLE, MemoryError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
