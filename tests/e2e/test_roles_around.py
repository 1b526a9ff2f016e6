"""The rounds of those around a case, at both widths: residents and the hotline, who
looks after how others do, and who keeps the files (see `test_roles.py`)."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import hands
from tests.e2e.hands import Seat, Sit
from tests.e2e.scenario import Scenario
from tests.e2e.stack import until

pytestmark = pytest.mark.e2e


def test_resident_tracks_and_rates_what_the_hotline_took_down(
    scene: Scenario, sit: Sit, people: Any
) -> None:
    agent = sit("rexianzuoxi")
    page = agent.page
    agent.follows(page.get_by_role("link", name="上报", exact=True))
    hands.choose_category(page, "垃圾站（箱）满溢")
    page.get_by_text("没有点位，按社区上报").click()
    page.get_by_label("社区", exact=True).select_option(label="幸福社区")
    hands.place_found(page, "幸福社区")
    page.get_by_label("问题描述").fill("垃圾桶满溢多日，污水流到了人行道上。")
    page.get_by_label("地址").fill("幸福里南门")
    page.get_by_text("代居民上报").click()
    page.get_by_label("姓名").fill("陈测试")
    page.get_by_label("联系电话").fill("13900000000")
    agent.fits()
    page.get_by_role("button", name="提交上报").click()
    asked = page.get_by_text("请选择居民是否同意留下姓名和电话", exact=True)
    expect(asked).to_be_visible()
    page.get_by_text("居民口头同意").click()
    page.get_by_role("button", name="提交上报").click()
    number = hands.filed_number(page)
    case = hands.case_id(page)
    code = page.locator(".code-digits").inner_text()
    agent.fits()
    agent.follows(page.get_by_role("link", name="回到首页"))
    expect(page.locator("h1")).to_contain_text("工作台")

    resident = sit("")
    shown = track(resident, number, code)
    expect(shown.locator(".resident-now")).to_contain_text("等待接报")
    to_be_rated(scene, people, case)
    shown.reload()
    shown.locator("#rating").get_by_text("满意", exact=True).click()
    shown.locator("#rating").get_by_text("已解决", exact=True).click()
    shown.get_by_label("还想说点什么").fill("很快，谢谢")
    shown.get_by_role("button", name="提交评价").click()
    expect(shown.get_by_text("谢谢您的评价")).to_be_visible()
    resident.fits()
    assert scene.case(case, "state", "source", "last_score") == [
        "CLOSED", "hotline", "satisfied",
    ]  # fmt: skip


def track(seat: Seat, number: str, code: str) -> Any:
    page = seat.opens("/r/")
    page.get_by_label("案卷号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".resident-now")).to_be_visible()
    seat.fits()
    return page


def to_be_rated(scene: Scenario, people: Any, case: int) -> None:
    """Handled by the community, checked on the spot, put to the resident."""
    acceptor = people("shequ-shouliyuan")
    acceptor.do(case, "accept", handler="社区承办人", condition="桶满外溢")
    people("shequ-chengbanren").do(
        case, "submit_result", "after", result="已解决", measures="已清运"
    )
    people("shequ-fuzeren").do(
        case, "send_to_check", worker="网格员乙", requirement="看是否清运"
    )
    people("wanggeyuan-yi").do(
        case, "submit_check", "check", result="passed", remark="已清运"
    )
    people("jiedao-shouliyuan").do(case, "confirm_check", opinion="请诉求人评价")
    scene.settle()


def test_inspector_supervises_and_the_departments_head_answers(
    scene: Scenario, sit: Sit
) -> None:
    case = scene.brought("joint")
    inspector = sit("duchayuan")
    inspector.picks_up(case, "/desk/?queue=joint")
    form = inspector.takes("督办")
    form.get_by_role("button", name="请说明进展缓慢的原因，限期办结").click()
    inspector.sends("部门处置中")

    scene.settle()
    head = sit("chengguanju-fuzeren")
    page = head.follows(head.page.get_by_role("link", name="督办", exact=True))
    head.follows(page.locator(f'a[href="/cases/{case}/"]').first)
    form = head.takes("回复督办单")
    form.get_by_label("回复").fill("已约谈责任人，本周五前拆除。")
    head.sends("部门处置中")

    scene.settle()
    page = inspector.opens("/desk/supervision/?tab=answered")
    inspector.opens(f"/cases/{case}/")
    form = inspector.takes("督办办结")
    form.get_by_role("button", name="回复属实，同意办结").click()
    inspector.sends("部门处置中")
    assert scene.ask(
        f"list(SupervisionOrder.objects.filter(case={case})"
        ".values_list('status', 'issued_by__username', 'replied_by__username'))"
    ) == [["accepted", "duchayuan", "chengguanju-fuzeren"]]


def test_assessor_reads_the_figures_and_what_they_are_made_of(
    scene: Scenario, sit: Sit
) -> None:
    scene.brought("joint")
    assessor = sit("kaoheyuan")
    page = assessor.follows(assessor.page.get_by_role("link", name="考核报表"))
    assessor.opens("/desk/report/?month=2026-11")
    came = page.locator(".indicators li").filter(has=page.get_by_text("报到及时率"))
    figure = came.locator(".ratio-of a").last
    shown = figure.inner_text()
    assessor.follows(figure)
    expect(page.locator("[aria-current=page] [data-n]")).to_have_text(shown)
    assert int(shown) > 0
    expect(page.locator(".case-rows > li")).not_to_have_count(0)


def test_archivist_reads_the_file_and_adds_to_it(scene: Scenario, sit: Sit) -> None:
    case = scene.brought("closed", code5="06036", minutes_ago=12 * 24 * 60)
    until("it is archived", lambda: scene.state(case) == "ARCHIVED")
    archivist = sit("danganyuan")
    page = archivist.picks_up(case, "/desk/?queue=closed")
    archivist.follows(page.get_by_role("link", name="打印案卷"))
    expect(page.locator("article.file")).to_contain_text("办理过程")
    archivist.follows(page.get_by_role("link", name="回到案件"))
    form = archivist.takes("补充说明")
    form.get_by_label("补充说明").fill("纸质承诺书已扫描入卷。")
    archivist.sends("已归档")
    expect(page.get_by_text("纸质承诺书已扫描入卷。").first).to_be_visible()
    assert (
        scene.ask(
            f"Event.objects.filter(chain='case:{case}', "
            "action='cases.add_note').count()"
        )
        == 1
    )
