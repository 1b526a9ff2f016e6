"""Read one table of an uploaded file; run as a child process with its own limits.

    python -m exchange.reading FILE < LAYOUT

What somebody uploads may unpack into gigabytes, so it is never parsed in a web or
worker process. LAYOUT is one line of JSON (`Layout`). Writes JSON lines: first
`{"sheet", "header", "columns", "extra"}`, then `[row, [value of each column]]`; or, in
place of either, `{"refused": code, …}` and nothing more. A value is text, a number,
true or false, null, `{"date": ISO}` or `{"error": "#REF!"}`. Pure: imports nothing of
the project.
"""

import csv
import json
import re
import resource
import sys
import zipfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import iterparse

# Costs thirty megabytes, and openpyxl only looks whether it is there.
sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]

MEMORY_BYTES = 224 * 1024 * 1024
CPU_SECONDS = 240
HEADER_WITHIN = 10
MOST_COLUMNS = 200
LONGEST_CELL = 32_767
SHOWN = 5
# No number of a workbook is larger, and nobody could write it down again.
LARGEST = 10**300
REASON = "错误原因"
ENCODINGS = ("utf-8-sig", "gb18030")
UNREADABLE = (
    zipfile.BadZipFile, SyntaxError, EOFError, KeyError, IndexError, TypeError,
    ValueError, AttributeError, OSError, NotImplementedError,
)  # fmt: skip
DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*ref="[A-Z]+\d+:([A-Z]+)(\d+)"')
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')


@dataclass(frozen=True)
class Layout:
    """`columns` names them all, `required` those without which it is another table.

    Rows that begin with one of `notes` are no data. `merged` cells may be allowed; with
    `every_sheet` all tables of a workbook are read.
    """

    title: str
    columns: list[str]
    required: list[str]
    most_rows: int
    notes: list[str]
    merged: bool = False
    every_sheet: bool = False
    most_cells: int = 40_000_000


@dataclass
class Refusal(Exception):
    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Where the table of a sheet stands: the header's row, columns by their index."""

    sheet: str
    header: int
    places: list[int | None]
    extra: list[str]


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


# --- what both kinds of file share ---------------------------------------------------


def word(value: Any) -> str:
    """A heading without blanks, line breaks and the mark of a required column."""
    return re.sub(r"[\s*＊]", "", "" if value is None else str(value))


def table_in(sheet: str, row: int, cells: list[Any], layout: Layout) -> Table | None:
    """The table whose header this row is; None when it is none."""
    names = [word(cell) for cell in cells]
    if not set(layout.required) <= set(names):
        return None
    known = [name for name in names if name in layout.columns]
    if doubled := sorted({name for name in known if known.count(name) > 1}):
        raise Refusal("doubled", {"columns": doubled})
    places = [names.index(one) if one in names else None for one in layout.columns]
    strangers = {*layout.columns, REASON, ""}
    return Table(sheet, row, places, [one for one in names if one not in strangers])


def is_note(cells: Iterable[Any], layout: Layout) -> bool:
    """Whether the row only explains or signs the sheet."""
    first = next((one for one in cells if one not in (None, "")), "")
    return isinstance(first, str) and first.lstrip("'").startswith(tuple(layout.notes))


def tell(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def announce(table: Table, layout: Layout) -> None:
    tell(
        {
            "sheet": table.sheet,
            "header": table.header,
            "columns": [
                name
                for name, place in zip(layout.columns, table.places, strict=True)
                if place is not None
            ],
            "extra": table.extra[:20],
        }
    )


def tell_rows(
    rows: Iterator[tuple[int, list[Any]]], table: Table, layout: Layout
) -> None:
    """The rows below the header that say anything."""
    count = cells = 0
    for number, values in rows:
        picked = [
            None if place is None or place >= len(values) else values[place]
            for place in table.places
        ]
        if all(one in (None, "") for one in picked) or is_note(values, layout):
            continue
        count += 1
        cells += len(values)
        if count > layout.most_rows:
            raise Refusal("rows", {"most": layout.most_rows})
        if cells > layout.most_cells:
            raise Refusal("cells", {"most": layout.most_cells})
        tell([number, picked])


# --- workbooks ------------------------------------------------------------------------


def column_letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: bytes) -> int:
    index = 0
    for one in letters:
        index = index * 26 + one - 64
    return index - 1


def read_workbook(path: Path, layout: Layout) -> None:
    book = opened(path)
    best: list[str] = []
    chosen: list[tuple[Any, Table]] = []
    sheets = [one for one in book.worksheets if hasattr(one, "reset_dimensions")]
    for sheet in sorted(sheets, key=lambda one: one.title != layout.title):
        must_be_bounded(book, sheet, layout)
        sheet.reset_dimensions()
        table, seen = find_table(sheet, layout)
        if table is not None:
            chosen.append((sheet, table))
            if not layout.every_sheet:
                break
        best = max(best, seen, key=lambda names: len({*names} & {*layout.columns}))
    if not chosen:
        missing = [one for one in layout.required if one not in best]
        raise Refusal("header", {"missing": missing, "found": [n for n in best if n]})
    for sheet, table in chosen:
        if not layout.merged:
            must_not_merge(book, sheet, table)
        announce(table, layout)
        tell_rows(cells_of(sheet, table), table, layout)


class Texts:
    """The shared texts of a workbook, packed: a list of them would cost five times."""

    def __init__(self) -> None:
        self.packed = bytearray()
        self.ends = array("Q", [0])

    def add(self, text: str) -> None:
        self.packed += text.encode("utf-8", "replace")
        self.ends.append(len(self.packed))

    def __getitem__(self, index: int) -> str:
        start, end = self.ends[index], self.ends[index + 1]
        return self.packed[start:end].decode()


def opened(path: Path) -> Any:
    """The workbook for streaming, as `openpyxl.load_workbook` opens it."""
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.xml.constants import SHARED_STRINGS

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            part = self.package.find(SHARED_STRINGS)
            self.shared_strings = Texts()
            if part is not None:
                with self.archive.open(part.PartName[1:]) as file:
                    for text in texts_in(file):
                        self.shared_strings.add(text)

    reader = Reader(path, read_only=True, data_only=False, keep_links=False)
    reader.read()
    return reader.wb


def texts_in(file: IO[bytes]) -> Iterator[str]:
    """The text of each entry, of all its runs, without the phonetic ones."""
    # In a child with limits, and expat bounds what entities may become.
    events = iterparse(file, ("start", "end"))  # noqa: S314
    _event, root = next(events)
    for event, node in events:
        if event == "start":
            continue
        space, _brace, name = node.tag.rpartition("}")
        if name == "rPh":
            node.clear()
        elif name == "si":
            runs = node.iter(f"{space}}}t" if space else "t")
            yield "".join(one.text or "" for one in runs)
            root.clear()


def part_of(book: Any, sheet: Any) -> Any:
    """The sheet's XML; openpyxl does not read these parts of it while streaming."""
    return book._archive.open(sheet._worksheet_path)


def must_be_bounded(book: Any, sheet: Any, layout: Layout) -> None:
    """Judged by what the sheet says of itself, before it is unpacked."""
    with part_of(book, sheet) as part:
        found = DIMENSION.search(part.read(65_536))
    if found is None:
        return
    columns, rows = column_index(found[1]) + 1, int(found[2])
    if columns > MOST_COLUMNS or rows > layout.most_rows + HEADER_WITHIN + 100:
        raise Refusal(
            "dimension", {"sheet": sheet.title, "rows": rows, "columns": columns}
        )


def find_table(sheet: Any, layout: Layout) -> tuple[Table | None, list[str]]:
    """The table, or the headings that came nearest."""
    best: list[str] = []
    rows = sheet.iter_rows(max_row=HEADER_WITHIN, values_only=True)
    for number, cells in enumerate(rows, start=1):
        if len(cells) > MOST_COLUMNS:
            raise Refusal("columns", {"sheet": sheet.title, "most": MOST_COLUMNS})
        table = table_in(sheet.title, number, list(cells), layout)
        if table is not None:
            return table, []
        names = [word(cell) for cell in cells]
        best = max(best, names, key=lambda one: len({*one} & {*layout.columns}))
    return None, best


def must_not_merge(book: Any, sheet: Any, table: Table) -> None:
    found = [
        f"{left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"
        for left, top, right, bottom in merges(book, sheet)
        if int(bottom) >= table.header
    ]
    if found:
        raise Refusal(
            "merged", {"sheet": sheet.title, "cells": found[:SHOWN], "n": len(found)}
        )


def merges(book: Any, sheet: Any) -> Iterator[tuple[bytes, ...]]:
    rest = b""
    with part_of(book, sheet) as part:
        while chunk := part.read(1 << 20):
            text = rest + chunk
            end = 0
            for found in MERGE.finditer(text):
                yield found.groups()
                end = found.end()
            rest = text[max(end, len(text) - 200) :]


def cells_of(sheet: Any, table: Table) -> Iterator[tuple[int, list[Any]]]:
    """Row number and values; a formula in the table refuses the file."""
    formulas: list[str] = []
    start = table.header + 1
    for number, row in enumerate(sheet.iter_rows(min_row=start), start=start):
        if len(row) > MOST_COLUMNS:
            raise Refusal("columns", {"sheet": sheet.title, "most": MOST_COLUMNS})
        formulas += [
            f"{column_letters(place)}{number}"
            for place in table.places
            if place is not None and place < len(row) and row[place].data_type == "f"
        ]
        if len(formulas) >= SHOWN:
            break
        if not formulas:
            yield number, [plain(cell) for cell in row]
    if formulas:
        raise Refusal("formula", {"sheet": sheet.title, "cells": formulas[:SHOWN]})


def plain(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "e":
        return {"error": str(value)}
    if isinstance(value, datetime):
        moment = value.replace(microsecond=0)
        is_day = moment.time() == time()
        return {"date": moment.date().isoformat() if is_day else moment.isoformat(" ")}
    if isinstance(value, date | time):
        return {"date": value.isoformat()}
    if isinstance(value, int) and abs(value) > LARGEST:
        raise Refusal("unreadable")
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:LONGEST_CELL].strip()


# --- text with commas -----------------------------------------------------------------


def read_csv(path: Path, layout: Layout) -> None:
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(8192)
        file.seek(0)
        mark = "\t" if start.count("\t") > start.count(",") else ","
        rows = enumerate(csv.reader(file, delimiter=mark), start=1)
        best: list[str] = []
        table = None
        for number, cells in rows:
            if number > HEADER_WITHIN or table is not None:
                break
            table = table_in("CSV", number, list(cells), layout)
            if table is not None:
                break
            names = [word(cell) for cell in cells]
            best = max(best, names, key=lambda one: len({*one} & {*layout.columns}))
        if table is None:
            missing = [one for one in layout.required if one not in best]
            found = [one[:20] for one in best if one][:20]
            raise Refusal("header_csv", {"missing": missing, "found": found})
        announce(table, layout)
        tell_rows(csv_cells(rows, table), table, layout)


def csv_cells(
    rows: Iterator[tuple[int, list[str]]], table: Table
) -> Iterator[tuple[int, list[Any]]]:
    for number, cells in rows:
        if len(cells) > MOST_COLUMNS:
            raise Refusal("columns", {"sheet": table.sheet, "most": MOST_COLUMNS})
        found = [
            f"{column_letters(place)}{number}"
            for place in table.places
            if place is not None and place < len(cells) and cells[place][:1] == "="
        ]
        if found:
            raise Refusal("formula", {"sheet": table.sheet, "cells": found[:SHOWN]})
        yield number, [cell.strip() for cell in cells]


def encoding_of(path: Path) -> str:
    """The first of ENCODINGS in which all of the file is text."""
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while chunk := file.read(1 << 20):
                    if "\0" in chunk:
                        raise Refusal("encoding")
            return encoding
        except UnicodeDecodeError:
            continue
    raise Refusal("encoding")


def main(path: Path, layout: Layout) -> None:
    try:
        if path.suffix == ".csv":
            read_csv(path, layout)
        else:
            read_workbook(path, layout)
    except Refusal as refusal:
        tell({"refused": refusal.code, **refusal.facts})
    except MemoryError:
        tell({"refused": "memory"})
    except csv.Error:
        tell({"refused": "not_csv"})
    except UNREADABLE:
        tell({"refused": "unreadable"})


if __name__ == "__main__":
    limit()
    main(Path(sys.argv[1]), Layout(**json.loads(sys.stdin.readline())))
