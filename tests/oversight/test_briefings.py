"""Day and week report: the board's numbers at that moment, on paper and as Excel."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from cases.querysets.kpi import INDICATORS
from oversight.workbooks import Sheet, workbook
from tests.cases.conftest import COMMUNITY
from tests.cases.road import signed_in
from tests.oversight.test_numbers import heading, numbers, rows

DAY = "/desk/board/briefing/?kind=day"
COUNTER = re.compile(r'data-code="(\w+)"[^>]*><b>(\d+)</b>')


def sheets(road, url: str, name: str = "dispatcher") -> dict[str, list[tuple]]:
    answer = signed_in(road.world, name).get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    book = load_workbook(BytesIO(answer.content))
    return {one.title: list(one.iter_rows(values_only=True)) for one in book}


def test_the_report_says_what_the_board_says(busy, read) -> None:
    board = read("dispatcher", "/desk/board/")
    report = read("dispatcher", DAY)
    on_board = dict(COUNTER.findall(board.split("board-fields")[0]))
    on_paper = dict(COUNTER.findall(report))
    assert int(on_board["open"]) > 5 and int(on_board["absent"]) > 0
    assert f"在办哨 {on_paper.pop('called')} 个单位" in board
    assert on_board == {**on_board, **on_paper}
    assert "2026-11-23 12:00:00" in report
    for one in INDICATORS:
        assert str(one.name) in report


def test_the_workbook_says_what_the_page_says(busy, read) -> None:
    found = sheets(busy, DAY.replace("briefing/", "briefing.xlsx"))
    assert {"当前", "板块", "指标", "各社区", "各单位"} <= found.keys()
    counters = dict(COUNTER.findall(read("dispatcher", DAY)))
    values = [row[1] for row in found["当前"][1:] if row[1] is not None]
    assert values == [int(n) for n in counters.values()]
    assert len(found["指标"]) >= len(INDICATORS) + 1
    foot = [row[0] for row in found["指标"][-3:]]
    assert "综合日报 2026-11-23" in foot[0]
    assert foot[1] == "数据截至 2026-11-23 12:00:00"
    assert foot[2].startswith("导出人 dispatcher")


@pytest.mark.parametrize("name", ["district", "acceptor"])
def test_each_number_of_a_day_opens_as_many_rows(busy, read, name) -> None:
    found = {one for one in numbers(read(name, DAY)) if one[1]}
    assert len(found) > 10
    for url, n in found:
        text = read(name, url)
        assert (heading(text), rows(text)) == (n, n), url


def test_a_period_that_is_over_leaves_out_what_is_in_hand(busy, read) -> None:
    before = read("dispatcher", "/desk/board/briefing/?kind=week&date=2026-11-20")
    assert "2026-11-16 – 2026-11-22" in before
    assert "这一期已经结束" in before and "在办案件" not in before
    now = read("dispatcher", "/desk/board/briefing/?kind=week&date=2026-11-23")
    assert "在办案件" in now and "这一期已经结束" not in now


def test_what_is_no_report_is_not_found(road) -> None:
    reader = signed_in(road.world, "dispatcher")
    for query in ("kind=year", "date=2026-11-24", "area=990101002"):
        assert reader.get(f"/desk/board/briefing/?{query}").status_code == 404, query
        assert reader.get(f"/desk/board/briefing.xlsx?{query}").status_code == 404
    assert reader.get(f"/desk/board/briefing/?area={COMMUNITY}").status_code == 200
    assert signed_in(road.world, "fire").get(DAY).status_code == 404


def test_text_in_a_cell_is_no_formula() -> None:
    book = load_workbook(
        BytesIO(workbook([Sheet("一", ["名称"], [["=1+1"]])], ["@脚注"]))
    )
    assert [row[0] for row in book["一"].iter_rows(values_only=True)] == [
        "名称", "'=1+1", None, "'@脚注",
    ]  # fmt: skip
