"""Excel in and out: the nine-column 立案标准 of a city, and its error workbook.

Read here are shape and inheritance only: which column is which, what a merged or blank
cell takes over from above. What the values mean is `cases.catalogue_rows`.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from cases.catalogue_rows import CatalogueRow, Fault
from cases.models.catalogue import Category
from governance.errors import Refused
from governance.spreadsheets import FORMULA_STARTS, NOTES, guarded

COLUMNS = {
    "大类代码": "major_code",
    "大类名称": "major_name",
    "小类代码": "minor_code",
    "小类名称": "name",
    "处置单位": "handling_unit",
    "主管部门": "competent_unit",
    "立案条件": "condition",
    "结案条件": "closing_condition",
    "处置时限": "limit",
}
OPTIONAL = {"社区事项": "community"}
KNOWN = COLUMNS | OPTIONAL
KIND_WORDS = {
    "部件": Category.Kind.COMPONENT,
    "事件": Category.Kind.MATTER,
    "事项": Category.Kind.MATTER,
    "本地": Category.Kind.LOCAL,
}
HEADER_WITHIN = 10
MAX_ROWS = 20_000
MAX_BYTES = 20 * 1024 * 1024
# A workbook is held in memory as a whole, at some twenty times its XML.
MAX_UNPACKED = 12 * 1024 * 1024
UNREADABLE = (
    InvalidFileException,
    zipfile.BadZipFile,
    SyntaxError,  # of XML, whichever parser reads it
    EOFError,
    KeyError,
    TypeError,
    ValueError,
)
OF_MAJOR = ("major_code", "major_name")
OF_CATEGORY = ("name", "handling_unit", "competent_unit")

Source = Path | IO[bytes]


def read_catalogue(
    source: Source, sheet: str | None = None
) -> tuple[list[CatalogueRow], list[Fault]]:
    """The rows of every 部件/事件/事项/本地 sheet, or of one; and rows out of shape.

    Raises Refused when the file is not such a workbook at all.
    """
    workbook = _open(source)
    rows: list[CatalogueRow] = []
    faults: list[Fault] = []
    for worksheet, kind in _sheets(workbook, sheet):
        for row in _rows(worksheet, kind):
            if isinstance(row, Fault):
                faults.append(row)
            else:
                rows.append(row)
    if not rows and not faults:
        raise Refused(_("工作簿里没有数据行。"), code="empty", field="file")
    return rows, faults


def error_workbook(source: Source, faults: Iterable[Fault]) -> bytes:
    """The workbook once more, with a 错误原因 column beside its faulty rows."""
    workbook = _open(source)
    by_sheet: dict[str, list[Fault]] = {}
    for fault in faults:
        by_sheet.setdefault(fault.sheet, []).append(fault)
    for worksheet in workbook.worksheets:
        _guard(worksheet)
        _mark(worksheet, by_sheet.get(worksheet.title, []))
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def _open(source: Source) -> Workbook:
    try:
        _must_be_reasonable(source)
        return load_workbook(source, data_only=True)
    except UNREADABLE as error:
        raise Refused(
            _("打不开这个文件。请上传 .xlsx 格式的 Excel 工作簿。"),
            code="not_a_workbook",
            field="file",
        ) from error


def _must_be_reasonable(source: Source) -> None:
    """Refuse what would unpack into more than a catalogue can be."""
    with zipfile.ZipFile(source) as packed:
        entries = packed.infolist()
    size = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    if size > MAX_BYTES or unpacked > MAX_UNPACKED:
        raise Refused(_("文件太大，请拆分后上传。"), code="too_large", field="file")


def _sheets(
    workbook: Workbook, sheet: str | None
) -> Iterator[tuple[Worksheet, Category.Kind]]:
    if sheet is not None and sheet not in workbook.sheetnames:
        raise Refused(
            _("没有名为“%(sheet)s”的工作表，只有：%(names)s。")
            % {"sheet": sheet, "names": "、".join(workbook.sheetnames)},
            code="no_sheet",
            field="sheet",
        )
    found = False
    for worksheet in workbook.worksheets:
        if sheet not in (None, worksheet.title):
            continue
        kind = _kind(worksheet)
        if kind is not None:
            found = True
            yield worksheet, kind
    if not found:
        raise Refused(
            _("工作表名称或标题中要写明“部件”“事件”“事项”或“本地”。"),
            code="no_kind",
            field="file",
        )


def _kind(worksheet: Worksheet) -> Category.Kind | None:
    """From the sheet's name, else from its title row when that names only one kind."""
    title = "".join(_text(cell.value) for cell in worksheet[1])
    for text in (worksheet.title, title.replace("部件事件", "")):
        kinds = {kind for word, kind in KIND_WORDS.items() if word in text}
        if len(kinds) == 1:
            return kinds.pop()
    return None


def _rows(worksheet: Worksheet, kind: Category.Kind) -> Iterator[CatalogueRow | Fault]:
    header, columns = _header(worksheet)
    if worksheet.max_row - header > MAX_ROWS:
        raise Refused(
            _("工作表“%(sheet)s”超过 %(rows)d 行。")
            % {"sheet": worksheet.title, "rows": MAX_ROWS},
            code="too_large",
            field="file",
        )
    merged = _merged(worksheet)
    above: dict[str, str] = {}
    for number in range(header + 1, worksheet.max_row + 1):
        own = {
            name: _text(
                merged.get((number, column)) or _cell(worksheet, number, column)
            )
            for name, column in columns.items()
        }
        written = {
            name: _text(_cell(worksheet, number, column))
            for name, column in columns.items()
        }
        if not any(written.values()) or _is_note(written):
            continue
        fault = _inherit(own, above)
        if fault:
            yield Fault(worksheet.title, number, fault)
            continue
        above = own
        yield CatalogueRow(sheet=worksheet.title, row=number, kind=kind, **own)


def _is_note(written: dict[str, str]) -> bool:
    """Whether the row explains or signs the sheet."""
    first = next(filter(None, written.values()))
    return first.startswith(NOTES)


def _header(worksheet: Worksheet) -> tuple[int, dict[str, int]]:
    """The header's row number and the column number of each field."""
    for number in range(1, HEADER_WITHIN + 1):
        found = {
            KNOWN[name]: cell.column
            for cell in worksheet[number]
            if (name := re.sub(r"[\s*]", "", _text(cell.value))) in KNOWN
        }
        if "minor_code" in found:
            break
    missing = [name for name, field in COLUMNS.items() if field not in found]
    if missing:
        raise Refused(
            _("工作表“%(sheet)s”的表头缺少：%(columns)s。")
            % {"sheet": worksheet.title, "columns": "、".join(missing)},
            code="header",
            field="file",
        )
    return number, found


def _merged(worksheet: Worksheet) -> dict[tuple[int, int], Any]:
    """The value of each merged area at every row and column that it covers."""
    values = {}
    for area in worksheet.merged_cells.ranges:
        value = worksheet.cell(area.min_row, area.min_col).value
        for row, column in area.cells:
            values[row, column] = value
    return values


def _inherit(own: dict[str, str], above: dict[str, str]) -> str:
    """Fill blanks of the category from the row above; a reason when that is unclear.

    Blank means "as above" for everything that describes the category, but a new 大类
    or 小类 must bring its own name, and a condition, its closing condition and its
    limit are never taken over.
    """
    if own["major_code"] in ("", above.get("major_code")):
        for name in OF_MAJOR:
            own[name] = own[name] or above.get(name, "")
        is_new = own["minor_code"] not in ("", above.get("minor_code"))
    else:
        is_new = True
    if not is_new:
        own["minor_code"] = above.get("minor_code", "")
        if own["name"] not in ("", above.get("name")):
            return _("小类名称变了，但没有写小类代码")
    for name in OF_CATEGORY:
        if not (is_new and name == "name"):
            own[name] = own[name] or above.get(name, "")
    return ""


def _cell(worksheet: Worksheet, row: int, column: int) -> Any:
    return worksheet.cell(row, column).value


def _text(value: Any) -> str:
    """The cell as text: no newlines or blanks inside Chinese, no ".0" on a code."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    return re.sub(r"\s*\n\s*|(?<=[^\x00-\x7f])[ \u3000]+(?=[^\x00-\x7f])", "", text)


def _guard(worksheet: Worksheet) -> None:
    for line in worksheet.iter_rows():
        for cell in line:
            if isinstance(cell.value, str) and cell.value.startswith(FORMULA_STARTS):
                cell.value = guarded(cell.value)


def _mark(worksheet: Worksheet, faults: list[Fault]) -> None:
    if not faults:
        return
    header, _columns = _header(worksheet)
    column = worksheet.max_column + 1
    worksheet.cell(header, column, "错误原因").font = Font(bold=True)
    worksheet.column_dimensions[worksheet.cell(header, column).column_letter].width = 40
    for fault in faults:
        cell = worksheet.cell(fault.row, column, guarded(fault.message))
        cell.fill = PatternFill("solid", fgColor="FFF3CD")
