"""A table with faults, as an administrator mends it; and a list that somebody takes out
(DOMAIN E.4), in Chromium with a real worker."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from tests.e2e.hands import Seat
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
SignIn = Callable[..., Any]
UNITS = ("表格甲局", "表格乙科", "表格丙科")


def saved(page: Any, link: str, path: Path) -> Path:
    """What a link gives to be kept."""
    with page.expect_download() as given:
        page.get_by_role("link", name=link, exact=True).first.click()
    given.value.save_as(path)
    return path


def uploads(seat: Seat, path: Path) -> None:
    page = seat.page
    page.get_by_label("填好的表格").set_input_files(str(path))
    page.get_by_role("button", name="上传并检查").click()
    expect(page.locator("#review[hx-get]")).to_have_count(0, timeout=60_000)
    seat.fits()


def kept(stack: Stack) -> int:
    return int(
        stack.ask("Organisation.objects.filter(name__startswith='表格').count()")
    )


def test_an_administrator_mends_a_table_by_its_error_file(
    stack: Stack, sign_in: SignIn, tmp_path: Path
) -> None:
    seat = Seat(sign_in("xitongguanliyuan"))
    page = seat.opens("/exchange/import/")
    path = saved(page, "下载单位模板", tmp_path / "单位.xlsx")
    book = load_workbook(path)
    names = [str(cell.value).rstrip("*") for cell in book["单位"][1]]
    kind, above = names.index("类型"), names.index("上级单位")
    for name in UNITS:
        row: list[str | None] = [None] * len(names)
        row[0], row[kind], row[names.index("层级")] = name, "职能部门", "区县"
        book["单位"].append(row)
    book["单位"].cell(5, kind + 1, "衙门")
    book["单位"].cell(6, above + 1, "没有的局")
    book.save(path)

    seat.follows(page.get_by_role("link", name="导入单位", exact=True))
    uploads(seat, path)
    expect(page.locator("#review h2")).to_have_text("有 2 行不能导入")
    expect(page.get_by_text("“衙门”不在可选值里")).to_be_visible()
    expect(page.get_by_role("button", name="确认导入")).to_have_count(0)
    assert kept(stack) == 0

    mended = saved(page, "下载错误文件", tmp_path / "错误原因.xlsx")
    book = load_workbook(mended)
    sheet = book["单位"]
    assert sheet.cell(1, sheet.max_column).value == "错误原因"
    said = [sheet.cell(row, sheet.max_column).value for row in (4, 5, 6)]
    assert said[0] is None
    assert "可选值" in str(said[1])
    assert "上级单位" in str(said[2])
    sheet.cell(5, kind + 1, "职能部门")
    sheet.cell(6, above + 1, UNITS[0])
    book.save(mended)

    seat.follows(page.get_by_role("link", name="重新上传"))
    uploads(seat, mended)
    expect(page.locator("#review h2")).to_have_text("检查通过，将写入 3 行")
    page.get_by_role("button", name="确认导入").click()
    done = page.get_by_text("已导入：新增 3 行，更新 0 行，不变 0 行。")
    expect(done).to_be_visible(timeout=60_000)
    assert kept(stack) == len(UNITS)
    assert not seat.faults


def test_a_dispatcher_takes_out_a_list_with_its_mark(
    sign_in: SignIn, tmp_path: Path
) -> None:
    seat = Seat(sign_in("jiedao-paiqianyuan"))
    page = seat.opens("/desk/?queue=open")
    seat.follows(page.get_by_role("link", name="导出", exact=True))
    rows = int(page.locator("[data-n]").first.get_attribute("data-n"))
    assert rows
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_text("请填写用途")).to_be_visible()
    page.get_by_label("用途").fill("会议材料")
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.get_by_role("heading", name="文件已生成")).to_be_visible()
    seat.fits()
    sheet = load_workbook(saved(page, "下载", tmp_path / "清单.xlsx")).active
    first = sheet.cell(1, 1).value
    assert first.startswith("导出：")
    assert "会议材料" in first
    assert "不得外传" in first
    assert sheet.cell(2, 1).value == "案卷号"
    assert sheet.max_row == rows + 3, "the mark, the heading, all cases, the mark again"
    assert not seat.faults
