"""What every kind of table has in common: reading cells, judging rows, writing them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange import files
from exchange.files import Found
from exchange.layouts import MOST_ROWS, Column
from exchange.lines import Line, Status
from exchange.reading import Layout
from governance.errors import Refused
from governance.spreadsheets import NOTES
from parties.acting import Actor
from parties.actions import only_administrators, only_security

YES, NO = "是", "否"
MOST_DIGITS = 15
# A year before is one of two digits, or a slip.
EARLIEST = 1900


def yes_no() -> Sequence[str]:
    return (YES, NO)


@dataclass
class Verdict:
    """What one row would do; `write` carries it out and is called after `judge`."""

    label: str
    is_new: bool = False
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def status(self) -> Status:
        if self.reasons:
            return Status.WRONG
        if self.is_new:
            return Status.NEW
        return Status.CHANGED if self.changes else Status.SAME


class Judge(ABC):
    """Knows what is stored, and what the rows before have said; one for each reading.

    `judge` decides and remembers, `write` does what the verdict of that row said and
    calls the actions of the floor that owns the rows. `write_new` may do so for up to
    `together` new rows at once, after all of them were judged.
    """

    together: ClassVar[int] = 1

    def __init__(self) -> None:
        self.keys: dict[Any, int] = {}

    @abstractmethod
    def judge(self, row: int, given: dict[str, str]) -> Verdict: ...

    @abstractmethod
    def write(
        self, row: int, given: dict[str, str], actor: Actor, at: datetime
    ) -> None: ...

    def write_new(self, lines: Sequence[Line], actor: Actor, at: datetime) -> None:
        """One after the other, where the floor below has no action for many."""
        for line in lines:
            _with_row(self, line, actor, at)

    def twice(self, key: Any, row: int) -> list[str]:
        """The reason when an earlier row is about the same thing."""
        first = self.keys.setdefault(key, row)
        return [same_as(first)] if first != row else []


def same_as(row: int) -> str:
    return _("与第 %(row)d 行重复") % {"row": row}


@dataclass(frozen=True)
class Checked:
    """`notes` are sentences about the file as a whole."""

    found: Found
    lines: Iterator[Line]
    notes: list[str] = field(default_factory=list)


class Kind(ABC):
    """One kind of table; `key` says how its rows are matched with what is stored."""

    code: ClassVar[str]
    title: ClassVar[str]
    label: ClassVar[Any]
    key: ClassVar[Any]
    columns: ClassVar[tuple[Column, ...]]
    icon: ClassVar[str] = "table"
    most_rows: ClassVar[int] = MOST_ROWS
    suffixes: ClassVar[tuple[str, ...]] = files.SUFFIXES
    of_security: ClassVar[bool] = False

    def must_keep(self, actor: Actor, at: datetime) -> None:
        """Refused for whoever does not keep this list: people and their posts are the
        security administrator's, all else the system administrator's (DOMAIN E.6)."""
        if self.of_security:
            only_security(actor, at)
        else:
            only_administrators(actor)

    def is_kept_by(self, actor: Actor, at: datetime) -> bool:
        try:
            self.must_keep(actor, at)
        except Refused:
            return False
        return True

    @abstractmethod
    def check(self, path: Path, options: dict[str, str], at: datetime) -> Checked:
        """Read and judge a file. Raises Refused for one that cannot be read at all."""

    @abstractmethod
    def write(
        self,
        lines: Iterable[Line],
        options: dict[str, str],
        actor: Actor,
        at: datetime,
    ) -> Iterator[int]:
        """Do what the lines say, yielding how many are done; they are judged anew.

        Raises Refused when what is stored changed since, and what an action refuses,
        with the number of the row. The caller holds the transaction.
        """

    @abstractmethod
    def kept(self) -> QuerySet[Any]:
        """What there is."""

    @abstractmethod
    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        """`kept`, or a part of it, in the order of the columns."""

    def layout(self) -> Layout:
        return Layout(
            title=self.title,
            columns=[one.name for one in self.columns],
            required=[one.name for one in self.columns if one.required],
            most_rows=self.most_rows,
            notes=list(NOTES),
        )


class RowKind(Kind):
    """A table whose rows are judged one after the other."""

    @abstractmethod
    def judge(self, at: datetime) -> Judge: ...

    def check(self, path: Path, options: dict[str, str], at: datetime) -> Checked:
        found, rows = files.table(path, self.layout())
        notes = []
        if found.extra:
            words = "、".join(found.extra)
            notes.append(_("这些列不认识，没有读：%(columns)s。") % {"columns": words})
        return Checked(found, self.lines(rows, at), notes)

    def lines(
        self, rows: Iterable[tuple[int, list[Any]]], at: datetime
    ) -> Iterator[Line]:
        judge = self.judge(at)
        for row, cells in rows:
            given, reasons = self.given(cells)
            yield self.line(judge, row, given, reasons)

    def line(
        self, judge: Judge, row: int, given: dict[str, str], reasons: list[str]
    ) -> Line:
        if reasons:
            first = given.get(self.columns[0].field, "")
            verdict = Verdict(label=first, reasons=reasons)
        else:
            verdict = judge.judge(row, given)
        return Line(
            row=row,
            status=verdict.status,
            label=verdict.label,
            values=given,
            changes=verdict.changes,
            reasons=verdict.reasons,
            note=verdict.note,
        )

    def write(
        self,
        lines: Iterable[Line],
        options: dict[str, str],
        actor: Actor,
        at: datetime,
    ) -> Iterator[int]:
        judge = self.judge(at)
        fresh: list[Line] = []
        for done, line in enumerate(lines, start=1):
            now = self.line(judge, line.row, line.values, [])
            if replace(now, note="") != replace(line, note=""):
                raise Refused(
                    _("第 %(row)d 行：预览之后数据又有更新，请重新检查。")
                    % {"row": line.row},
                    code="stale",
                )
            if now.status == Status.NEW:
                fresh.append(line)
            if len(fresh) == judge.together or now.status != Status.NEW:
                judge.write_new(fresh, actor, at)
                fresh.clear()
            if now.status == Status.CHANGED:
                _with_row(judge, line, actor, at)
            yield done
        judge.write_new(fresh, actor, at)

    def given(self, cells: list[Any]) -> tuple[dict[str, str], list[str]]:
        """The row by field, and what is wrong with its cells by themselves."""
        values: dict[str, str] = {}
        reasons: list[str] = []
        for column, cell in zip(self.columns, cells, strict=True):
            text, reason = _text(column, cell)
            values[column.field] = text
            if reason:
                reasons.append(f"{column.name}{_('：')}{reason}")
        return values, reasons


def _with_row(judge: Judge, line: Line, actor: Actor, at: datetime) -> None:
    try:
        judge.write(line.row, line.values, actor, at)
    except Refused as error:
        raise Refused(
            _("第 %(row)d 行：%(words)s") % {"row": line.row, "words": error},
            code=error.code,
        ) from error


def _text(column: Column, cell: Any) -> tuple[str, str]:
    """The cell as text, and what is wrong with it."""
    if isinstance(cell, dict) and "error" in cell:
        return cell["error"], _("单元格是错误值 %(value)s") % {"value": cell["error"]}
    if isinstance(cell, dict):
        text = str(cell["date"])
        if not column.is_date:
            return text, _("被 Excel 当作日期保存，请把该列设为文本后重填")
        return _as_date(text)
    if isinstance(cell, bool):
        text = YES if cell else NO
    elif isinstance(cell, int | float):
        whole = isinstance(cell, float) and cell.is_integer()
        text = str(int(cell) if whole else cell)
        if len(text.lstrip("-")) > MOST_DIGITS:
            return text, _("长编码被 Excel 当作数字，末几位已丢失；请设为文本后重填")
    else:
        text = _plain("" if cell is None else str(cell))
    return _checked(column, text)


def _plain(text: str) -> str:
    """Without the mark that keeps a text from being a formula, which we write too."""
    return text[1:].strip() if text[:1] == "'" else text.strip()


def _checked(column: Column, text: str) -> tuple[str, str]:
    if not text:
        return "", _("不能为空") if column.required else ""
    if len(text) > column.longest:
        return text, _("超过 %(n)d 字") % {"n": column.longest}
    if column.is_date:
        return _as_date(text)
    if column.only and text not in (allowed := column.choices()):
        return text, _("“%(text)s”不在可选值里：%(words)s") % {
            "text": text[:20],
            "words": "、".join(allowed),
        }
    return text, ""


def _as_date(text: str) -> tuple[str, str]:
    wrong = _("日期应写作 2026-01-31")
    clean = text.replace("/", "-").replace(".", "-").split(" ")[0]
    try:
        day = date(*(int(part) for part in clean.split("-")))
    except (TypeError, ValueError, OverflowError):
        return text, wrong
    return (day.isoformat(), "") if day.year >= EARLIEST else (text, wrong)
