"""The template of a table: headings, explanations, a sample, drop-downs, a guide."""

from io import BytesIO
from typing import Any

from django.utils import translation
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from exchange.kinds import Kind
from exchange.layouts import Column
from governance.spreadsheets import HEAD, guarded

GUIDE, CHOICES = "填写说明", "选项"
LAST_ROW = 200_003
QUIET = Font(italic=True, color="667085", size=9)
NEEDED = PatternFill("solid", fgColor="FDE7E4")
RULES = (
    "从第 4 行起填，一行一条；第 2 行（说明）和第 3 行（示例）不会导入，可以保留。",
    "标 * 的列必填；其他列不填，新增时取默认值，已有的不改。",
    "编码、电话、代码按文本填（这些列已设为文本），不要让 Excel 变成数字或日期。",
    "表格区域不要合并单元格，不要写公式（可“选择性粘贴”为数值）。",
    "有下拉的列请从下拉选；列的顺序可以变，表头的名称不要改。",
    "上传后先检查：有一行不对，就一行也不导入，并给出带“错误原因”列的文件。",
)


def template(kind: Kind) -> bytes:
    """The workbook, in Chinese whatever language the page is read in."""
    with translation.override("zh-hans"):
        return _drawn(kind)


def _drawn(kind: Kind) -> bytes:
    book = Workbook()
    table = book.active
    table.title = kind.title
    lists = book.create_sheet(CHOICES)
    lists.sheet_state = "hidden"
    for number, column in enumerate(kind.columns, start=1):
        _column(table, number, column)
        _drop_down(table, lists, number, column)
    table.freeze_panes = "A2"
    table.row_dimensions[2].height = 54
    _guide(book, kind)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _column(table: Any, number: int, column: Column) -> None:
    letter = get_column_letter(number)
    first = number == 1
    head = table.cell(1, number, column.heading)
    head.font, head.fill = Font(bold=True), NEEDED if column.required else HEAD
    words = f"说明：{column.explanation}" if first else str(column.explanation)
    table.cell(2, number, words).font = QUIET
    table.cell(2, number).alignment = Alignment(wrap_text=True, vertical="top")
    sample = f"示例：{column.sample}" if first else column.sample
    table.cell(3, number, guarded(sample)).font = QUIET
    table.column_dimensions[letter].width = column.width
    table.column_dimensions[letter].number_format = "@"
    for row in (1, 2, 3):
        table.cell(row, number).number_format = "@"


def _drop_down(table: Any, lists: Any, number: int, column: Column) -> None:
    """A list of its own on a hidden sheet: lists in the cell end at 255 letters."""
    words = list(column.choices())
    if not words:
        return
    letter = get_column_letter(number)
    for row, word in enumerate(words, start=1):
        lists.cell(row, number, guarded(word)).number_format = "@"
    rule = DataValidation(
        type="list",
        formula1=f"={CHOICES}!${letter}$1:${letter}${len(words)}",
        allow_blank=True,
        showErrorMessage=column.only,
        errorTitle="请从下拉选",
        error=f"“{column.name}”只能填下拉里的值。",
    )
    rule.add(f"{letter}4:{letter}{LAST_ROW}")
    table.add_data_validation(rule)


def _guide(book: Any, kind: Kind) -> None:
    sheet = book.create_sheet(GUIDE)
    sheet.append([f"{kind.label} 填写说明"])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([f"匹配依据：{kind.key}。与库中相同即更新，没有即新增。"])
    for rule in RULES:
        sheet.append([rule])
    sheet.append([])
    sheet.append(["列", "必填", "说明", "示例", "可选值"])
    for cell in sheet[sheet.max_row]:
        cell.font, cell.fill = Font(bold=True), HEAD
    for one in kind.columns:
        words = list(one.choices())
        told = "、".join(words[:40]) + ("……" if len(words) > 40 else "")
        sheet.append(
            [
                one.name,
                "是" if one.required else "",
                str(one.explanation),
                guarded(one.sample),
                guarded(told),
            ]
        )
    for letter, width in zip("ABCDE", (22, 8, 60, 26, 60), strict=True):
        sheet.column_dimensions[letter].width = width
