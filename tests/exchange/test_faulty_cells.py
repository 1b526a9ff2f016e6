"""Each fault that a cell can have, in each template: the error file, and no change."""

from datetime import date
from io import BytesIO

import pytest
from django.apps import apps
from django.urls import reverse
from openpyxl import load_workbook

from exchange.kinds import BY_CODE, KINDS
from exchange.layouts import nothing
from tests.exchange.conftest import filled, saved
from tests.exchange.test_faulty_files import ROW

pytestmark = pytest.mark.django_db
CODES = [one.code for one in KINDS if one.code != "catalogue"]
FIRST = 4  # below heading, explanation and sample
KEPT = (
    "parties.User", "parties.Organisation", "parties.Post", "parties.Posting",
    "grids.Area", "cases.Category", "cases.FilingCondition",
    "cases.ResponsibilityItem", "governance.Holiday",
)  # fmt: skip


def of_text(column):
    return not column.is_date and column.choices is nothing


# What is done to the cell, the columns it can be done to, and what is said of it.
FAULTS = {
    "empty": (lambda one: None, lambda one: one.required, "不能为空"),
    "long": (lambda one: "1" * (one.longest + 1), of_text, "超过"),
    "error": (lambda one: "#REF!", lambda one: True, "错误值 #REF!"),
    "a day": (lambda one: date(2026, 1, 2), of_text, "被 Excel 当作日期"),
    "digits lost": (lambda one: 990101001001001000, of_text, "末几位已丢失"),
    "not a choice": (lambda one: "胡写", lambda one: one.only, "不在可选值里"),
    "no day": (lambda one: "2026-02-30", lambda one: one.is_date, "日期应写作"),
    "before time": (lambda one: "0226-01-01", lambda one: one.is_date, "日期应写作"),
}


def cases():
    for code in CODES:
        for fault, (spoilt, fits, words) in FAULTS.items():
            column = next(filter(fits, BY_CODE[code].columns), None)
            if column is not None:
                yield pytest.param(code, column, spoilt, words, id=f"{code}-{fault}")


def counted():
    return {name: apps.get_model(name).objects.count() for name in KEPT}


def given_back(admin, kept, sheet):
    """The error file as somebody opens it: heading, reason of the row."""
    file = b"".join(admin.get(reverse("import_errors", args=[kept.token])))
    table = load_workbook(BytesIO(file))[sheet]
    column = table.max_column
    return table.cell(1, column).value, table.cell(FIRST, column).value, table


def nothing_came_of_it(admin, kept, before):
    """Not even when somebody presses on."""
    page = reverse("import_review", args=[kept.token])
    assert admin.post(page).status_code == 422
    kept.refresh_from_db()
    assert kept.state == "checked"
    assert counted() == before


@pytest.mark.parametrize(("code", "column", "spoilt", "words"), list(cases()))
def test_a_faulty_cell_is_named_in_the_error_file(
    admin, bring, code, column, spoilt, words
):
    book = load_workbook(BytesIO(filled(code, ROW[code])))
    place = [one.name for one in BY_CODE[code].columns].index(column.name) + 1
    cell = book.worksheets[0].cell(FIRST, place)
    cell.value = spoilt(column)
    if cell.value == "#REF!":
        cell.data_type = "e"
    before = counted()
    kept = bring(code, saved(book))
    assert kept.wrong == 1
    heading, reason, table = given_back(admin, kept, book.worksheets[0].title)
    assert heading == "错误原因"
    assert f"{column.name}：" in reason
    assert words in reason
    assert table.cell(1, place).value == column.heading, "the rest is the original"
    nothing_came_of_it(admin, kept, before)


@pytest.mark.parametrize("code", [one for one in CODES if one != "responsibilities"])
def test_a_row_that_stands_twice_is_named_with_the_first(admin, bring, code):
    before = counted()
    kept = bring(code, filled(code, ROW[code], ROW[code]))
    _heading, _reason, table = given_back(admin, kept, BY_CODE[code].title)
    assert f"第 {FIRST} 行重复" in str(table.cell(FIRST + 1, table.max_column).value)
    nothing_came_of_it(admin, kept, before)


@pytest.mark.parametrize(
    ("heading", "value", "word"),
    [
        ("小类代码", "#REF!", "代码不对"),
        ("小类代码", date(2026, 1, 2), "代码不对"),
        ("小类代码", 990101001001001000, "代码不对"),
        ("小类代码", "壹", "代码不对"),
        ("小类名称", None, "缺少小类名称"),
        ("立案条件", None, "缺少立案条件"),
        ("社区事项", "胡写", "社区事项"),
    ],
)
def test_a_faulty_cell_of_a_standard_is_named(admin, bring, heading, value, word):
    """The catalogue is read whole (DOMAIN B.5) and says its faults in its own words."""
    before = counted()
    row = ROW["catalogue"] | {heading: value}
    kept = bring("catalogue", filled("catalogue", row))
    said, reason, _table = given_back(admin, kept, "部件")
    assert said == "错误原因"
    assert word in reason
    nothing_came_of_it(admin, kept, before)
