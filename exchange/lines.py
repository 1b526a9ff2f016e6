"""The checked lines of an upload, for preview and confirmation: scratch of a day.

A small SQLite file beside the upload: two hundred thousand lines come and go without a
trace in the database of the city, and the whole is thrown away with the folder.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

CHUNK = 1000


class Status(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the file and what becomes of it.

    `values` by field; `changes` are (heading, before, after); `reasons` why it is
    wrong; `note` what a person should still look at.
    """

    row: int
    status: Status
    label: str = ""
    values: dict[str, str] = field(default_factory=dict)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    note: str = ""


class Lines:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "lines.sqlite3"

    def write(self, lines: Iterable[Line]) -> dict[str, int]:
        """Replace all; how many there are of each status."""
        self.path.unlink(missing_ok=True)
        counts = dict.fromkeys(map(str, Status), 0)

        def rows() -> Iterator[tuple[Any, ...]]:
            for one in lines:
                counts[one.status] += 1
                facts = [
                    one.label, one.values, one.changes, one.reasons, one.note,
                ]  # fmt: skip
                yield one.row, one.status, json.dumps(facts, ensure_ascii=False)

        with closing(sqlite3.connect(self.path)) as store, store:
            store.execute("PRAGMA synchronous = OFF")
            store.execute("CREATE TABLE line (row INTEGER, status TEXT, facts TEXT)")
            store.executemany("INSERT INTO line VALUES (?, ?, ?)", rows())
            store.execute("CREATE INDEX by_status ON line (status, row)")
            store.execute("CREATE INDEX by_row ON line (row)")
        return counts

    def of(self, status: str, offset: int = 0, most: int = -1) -> list[Line]:
        return list(
            self._read(
                "WHERE status = ? ORDER BY row LIMIT ? OFFSET ?",
                (status, most, offset),
            )
        )

    def each(self, status: str) -> Iterator[Line]:
        """All of a status, one after the other."""
        return self._read("WHERE status = ? ORDER BY row", (status,))

    def all(self) -> Iterator[Line]:
        """In the order of the file."""
        return self._read("ORDER BY row", ())

    def _read(self, rest: str, given: tuple[Any, ...]) -> Iterator[Line]:
        # `rest` is one of the literals above.
        query = f"SELECT row, status, facts FROM line {rest}"  # noqa: S608
        with closing(sqlite3.connect(self.path)) as store:
            for row, status, facts in store.execute(query, given):
                label, values, changes, reasons, note = json.loads(facts)
                yield Line(
                    row=row,
                    status=Status(status),
                    label=label,
                    values=values,
                    changes=[(one, two, three) for one, two, three in changes],
                    reasons=reasons,
                    note=note,
                )
