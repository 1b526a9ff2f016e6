"""Write an uploaded table once more with a column 错误原因; run as a child process.

    python -m exchange.marking FILE OUT < FAULTS

FAULTS are JSON lines: first `{"sheet": …, "header": row}`, then `[row, reason]` in
ascending order. A small workbook keeps its looks and drop-downs; a large one is
streamed and keeps its values. No text becomes a formula. Pure: imports of the project
only its sibling.
"""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from exchange.reading import REASON, UNREADABLE, encoding_of, limit, opened, word

# Those of `governance.spreadsheets`.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SMALL_BYTES = 300 * 1024
SMALL_UNPACKED = 4 * 1024 * 1024
HIGHLIGHT = "FFF3CD"


def guarded(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def faults(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        row, reason = json.loads(line)
        yield row, reason


def mark_csv(source: Path, out: Path, header: int, lines: Iterator[str]) -> None:
    found = faults(lines)
    next_row, reason = next(found, (0, ""))
    with (
        source.open(encoding=encoding_of(source), newline="") as file,
        out.open("w", encoding="utf-8-sig", newline="") as target,
    ):
        start = file.read(8192)
        file.seek(0)
        mark = "\t" if start.count("\t") > start.count(",") else ","
        writer = csv.writer(target)
        at = -1
        for number, cells in enumerate(csv.reader(file, delimiter=mark), start=1):
            row = [guarded(cell) for cell in cells]
            if number == header:
                at = len(row)
                row.append(REASON)
            if number == next_row:
                row += [""] * (at - len(row))
                row.append(guarded(reason))
                next_row, reason = next(found, (0, ""))
            writer.writerow(row)


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

    book = opened(source)
    copy = Workbook(write_only=True)
    found = faults(lines)
    next_row, reason = next(found, (0, ""))
    table = book[sheet]
    table.reset_dimensions()
    target = copy.create_sheet(sheet)
    at = -1
    for number, cells in enumerate(table.iter_rows(values_only=True), start=1):
        row = [guarded(cell) for cell in cells]
        if number == header:
            names = [word(cell) for cell in row]
            at = names.index(REASON) if REASON in names else len(row)
        if at >= 0:
            row = [*row[:at], *[None] * (at - len(row))]
            row.append(REASON if number == header else None)
        if number == next_row:
            row[at] = guarded(reason)
            next_row, reason = next(found, (0, ""))
        target.append(row)
    copy.save(out)


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
