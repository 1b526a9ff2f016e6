"""Every role does its usual round through the pages, on a phone's width and a desk's:
grid, community, street, departments, district and city.

Real processes, Chromium, and what came of it read from the instance: state, who has it
in hand, the steps. On the way nothing is logged as an error or wider than the window.
The others are in `test_roles_around.py` and `test_roles_apart.py`, several at once in
`test_together.py`.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import hands
from tests.e2e.hands import Seat, Sit, option
from tests.e2e.scenario import Scenario
from tests.e2e.stack import until

pytestmark = pytest.mark.e2e
LIAISON, HANDLER = "chengguanju-lianluoyuan", "chengguanju-chuzhiyuan"


def delivered(seat: Seat, leads_to: str) -> None:
    """Press the button of a step on the phone; what takes long goes to the outbox."""
    seat.page.locator("button[form=step]").click()
    ends = (leads_to, "/m/outbox/")
    seat.page.wait_for_url(lambda url: url.endswith(ends), timeout=3 * hands.PATIENCE)
    seat.fits()


def at_the_spot(
    seat: Seat, scene: Scenario, case: int, folder: Path, words: str
) -> None:
    """From the task at home: the result, a picture, and off it goes."""
    waiting = f"SiteTask.objects.filter(case={case}, submitted_at=None)"
    task = scene.ask(f"{waiting}.get().pk")
    seat.opens("/m/")
    page = seat.follows(seat.page.locator(f'a[href="/m/tasks/{task}/"]'))
    page.get_by_text(words, exact=True).first.click()
    hands.add_photo(page, folder, 6, solved=words == "通过")
    delivered(seat, "/m/")
    until("the result is there", lambda: not scene.ask(f"{waiting}.exists()"))


def row_of(page: Any, case: int) -> Any:
    return page.locator(f'a.case-row[href$="/m/cases/{case}/"]')


def file_at(
    seat: Seat, folder: Path, address: str, *, category: str, words: str
) -> None:
    """The open filing page, filled in up to its button; it knows where one stands."""
    page = seat.page
    hands.place_found(page, "幸福社区")
    hands.add_photo(page, folder)
    hands.choose_category(page, category)
    page.get_by_label("问题描述").fill(words)
    page.get_by_label("地址").fill(address)
    seat.fits()


def settle_in_grid(seat: Seat, scene: Scenario, folder: Path, case: int) -> None:
    """From the open case on the phone: 网格自办, and done with a picture of it."""
    page, dock = seat.page, seat.page.locator(".phone-dock")
    seat.follows(dock.get_by_role("link", name="网格自办"))
    delivered(seat, f"/m/cases/{case}/")
    until("it is in hand", lambda: scene.state(case) == "SELF_HANDLING")
    seat.opens(f"/m/cases/{case}/")
    seat.follows(dock.get_by_role("link", name="自办完成"))
    page.get_by_label("处置说明").fill("已搬走，通道畅通。")
    hands.add_photo(page, folder, 2, solved=True)
    delivered(seat, f"/m/cases/{case}/")
    until("it waits for approval", lambda: scene.state(case) == "SELF_REVIEW")


def test_grid_worker_reports_follows_and_settles_on_the_spot(
    scene: Scenario, sit: Sit, size: tuple[int, int], tmp_path: Path
) -> None:
    seat, address = sit("wanggeyuan-jia"), f"幸福里 {size[0]} 号楼门厅"
    page = seat.page
    expect(page.locator("[data-home-map]")).to_be_visible()
    seat.follows(page.get_by_role("link", name="上报问题"))
    file_at(
        seat, tmp_path, address, category="私搭乱建",
        words="车棚旁正在搭建砖房，已砌到一米高。",
    )  # fmt: skip
    page.get_by_role("button", name="提交上报").click()
    hands.filed_number(page)
    case = hands.case_id(page)
    seat.opens("/m/cases/")
    seat.follows(row_of(page, case))
    expect(page.locator("dl.facts").first).to_contain_text("幸福社区居民委员会")
    assert scene.steps(case) == ["T01"]

    seat.opens("/m/spot/")
    file_at(
        seat, tmp_path, f"和平路 {size[0]} 号门前", category="占道经营",
        words="水果摊占住人行道，已当场劝离。",
    )  # fmt: skip
    page.get_by_role("button", name="已劝离").click()
    after = page.locator(".spot-only").filter(has=page.locator("[data-stage=after]"))
    hands.add_photo(after, tmp_path, 3, solved=True)
    page.get_by_role("button", name="提交即报即结").click()
    hands.filed_number(page)
    assert scene.steps(hands.case_id(page)) == ["T02"]


def test_grid_force_reports_grid_leader_settles_community_approves(
    scene: Scenario, sit: Sit, size: tuple[int, int], tmp_path: Path
) -> None:
    force, address = sit("pianqu-minjing"), f"幸福里 {size[0]} 号车棚"
    page = force.page
    force.follows(page.get_by_role("link", name="上报问题"))
    file_at(
        force, tmp_path, address, category="乱堆杂物",
        words="楼道口堆放旧家具，挡住了半边通道。",
    )  # fmt: skip
    page.get_by_role("button", name="提交上报").click()
    hands.filed_number(page)
    case = hands.case_id(page)
    force.opens("/m/cases/")
    expect(row_of(page, case)).to_contain_text("社区")

    scene.settle()
    leader = sit("wanggezhang")
    leader.follows(leader.page.get_by_role("link", name="我的案件"))
    leader.follows(leader.page.get_by_role("link", name="本网格"))
    leader.follows(row_of(leader.page, case))
    settle_in_grid(leader, scene, tmp_path, case)

    scene.settle()
    desk = sit("shequ-shouliyuan")
    desk.picks_up(case, "/desk/?queue=self_review")
    form = desk.takes("审核通过")
    form.get_by_role("button", name="同意", exact=True).click()
    desk.sends("已结案")
    assert scene.steps(case) == ["T01", "T03", "T04", "T05"]
    force.opens("/m/cases/")
    expect(row_of(page, case)).to_contain_text("办结")


def test_community_has_it_verified_handled_and_checked(
    scene: Scenario, sit: Sit, tmp_path: Path
) -> None:
    case = scene.brought("reported", code5="06036", words="楼道口堆放着旧家具。")
    desk = sit("shequ-shouliyuan")
    desk.picks_up(case, "/desk/?queue=reported")
    form = desk.takes("发核实")
    form.get_by_label("核实网格员").select_option(label=option(form, "网格员乙"))
    form.get_by_role("button", name="请到现场核实是否属实，拍照反馈").click()
    form.get_by_label("信息不全，缺什么").fill("看不出有多少")
    desk.sends("核实中")
    assert scene.hands(case) == ["VERIFYING", "wanggeyuan-yi"]

    scene.settle()
    worker = sit("wanggeyuan-yi")
    at_the_spot(worker, scene, case, tmp_path, "属实")
    assert scene.state(case) == "REPORTED"

    scene.settle()
    desk.picks_up(case, "/desk/")
    form = desk.takes("社区接报自办")
    form.get_by_label("承办人").select_option(label=option(form, "社区承办人"))
    form.get_by_label("立案条件").select_option(index=1)
    desk.sends("社区处置中")
    assert scene.hands(case) == ["COMMUNITY_HANDLING", "shequ-chengbanren"]

    scene.settle()
    handler = sit("shequ-chengbanren")
    handler.picks_up(case, "/desk/")
    form = handler.takes("办结提交")
    form.get_by_label("已解决").check()
    form.get_by_label("采取的措施").fill("已清走，楼道畅通。")
    hands.add_photo(form, tmp_path, 5, solved=True)
    handler.sends("反馈待审")

    scene.settle()
    head = sit("shequ-fuzeren")
    head.picks_up(case, "/desk/")
    form = head.takes("审核通过·发核查")
    form.get_by_label("核查网格员").select_option(label=option(form, "网格员乙"))
    form.get_by_role("button", name="请对照结案条件核查").click()
    head.sends("核查中")

    scene.settle()
    at_the_spot(worker, scene, case, tmp_path, "通过")

    scene.settle()
    street = sit("jiedao-shouliyuan")
    street.picks_up(case, "/desk/?queue=checking")
    form = street.takes("核查通过")
    form.get_by_role("button", name="核查通过，同意结案").click()
    form.get_by_label("已对照结案条件").check()
    street.sends("已结案")
    assert scene.steps(case) == ["T01", "T09", "T10", "T11", "T16", "T37", "T40"]


def test_street_whistles_and_the_department_comes_and_handles(
    scene: Scenario, sit: Sit, tmp_path: Path
) -> None:
    case = scene.brought("pending", resident=True)
    desk = sit("jiedao-paiqianyuan")
    page = desk.picks_up(case, "/desk/?queue=pending")
    desk.follows(page.locator(".action-bar").get_by_role("link", name="吹哨"))
    expect(page.get_by_text("权责清单建议主责")).to_contain_text("城市管理局")
    page.locator("label.kind", has_text="执法哨").click()
    page.get_by_label("主办单位").select_option(label=option(page, "城市管理局"))
    page.get_by_label("主办任务").fill("现场制止并依法处理")
    for suggested in page.locator("li.support input:checked").all():
        suggested.uncheck()
    page.get_by_label("立案条件").select_option(index=1)
    preview = page.locator("#preview")
    expect(preview).to_contain_text("现场制止并依法处理")
    expect(preview).to_contain_text("须由街道值班领导签发")
    expect(preview).to_contain_text("前报到")
    desk.fits()
    page.get_by_role("button", name="提交签发").click()
    expect(page.locator(".whistle-card")).to_contain_text("待签发")

    scene.settle()
    leader = sit("jiedao-zhibanlingdao")
    leader.picks_up(case, "/desk/")
    leader.takes("签发吹哨单")
    leader.sends("已吹哨·待报到")
    assert scene.ask(f"Whistle.objects.get(case={case}).signed_by.username") == (
        "jiedao-zhibanlingdao"
    )

    scene.settle()
    liaison = sit(LIAISON)
    liaison.follows(liaison.page.locator(f"#row-{case} .case-row-do a"))
    liaison.page.get_by_label("线上报到").check()
    liaison.sends("部门处置中")
    form = liaison.takes("分派承办人")
    form.get_by_label("承办人").select_option(label=option(form, "处置员"))
    form.get_by_label("交代").fill("今天到场")
    liaison.sends("部门处置中")
    assert scene.hands(case) == ["JOINT_HANDLING", HANDLER]

    scene.settle()
    handler = sit(HANDLER)
    handler.picks_up(case, "/inbox/?box=handling")
    form = handler.takes("主办反馈")
    form.get_by_label("已解决").check()
    form.get_by_label("采取的措施").fill("已拆除，责任人已告知。")
    hands.add_photo(form, tmp_path, 5, solved=True)
    handler.sends("反馈待审")
    assert scene.steps(case) == ["T01", "T12", "T20", "T24", "T36"]


def test_dispatcher_reads_the_board_and_urges(scene: Scenario, sit: Sit) -> None:
    case = scene.brought("whistled")
    desk = sit("jiedao-paiqianyuan")
    page = desk.follows(desk.page.get_by_role("link", name="看板", exact=True))
    expect(page.locator("#board-month")).not_to_have_attribute("aria-busy", "true")
    absent = page.locator('.board-whistle [data-code="absent"]')
    shown = absent.locator("b").inner_text()
    desk.follows(absent)
    expect(page.locator("h1 [data-n]")).to_have_text(shown)
    desk.follows(page.locator(f'a[href="/cases/{case}/"]').first)
    form = desk.takes("催办")
    form.get_by_role("button", name="时限将到，请抓紧办理").click()
    desk.sends("已吹哨·待报到")
    expect(page.locator("#supervision")).to_contain_text("时限将到，请抓紧办理")
    scene.settle()
    assert any("催办" in title for title in scene.told(case, LIAISON))


def test_street_gives_it_to_its_own_office_which_handles_it(
    scene: Scenario, sit: Sit, tmp_path: Path
) -> None:
    case = scene.brought("pending", code5="09006", words="流动摊贩占住人行道。")
    desk = sit("jiedao-paiqianyuan")
    desk.picks_up(case, "/desk/?queue=pending")
    form = desk.takes("街道自办")
    form.get_by_label("承办科室或站所").select_option(label=option(form, "执法队"))
    form.get_by_label("立案条件").select_option(index=1)
    desk.sends("街道处置中")

    scene.settle()
    office = sit("jiedao-chengbankeshi")
    office.picks_up(case, "/inbox/?box=handling")
    form = office.takes("办结提交")
    form.get_by_label("已解决").check()
    form.get_by_label("采取的措施").fill("已劝离，恢复通行。")
    hands.add_photo(form, tmp_path, 6, solved=True)
    office.sends("反馈待审")
    assert scene.steps(case) == ["T01", "T12", "T19", "T23"]


def test_shift_head_reopens_what_came_back(
    scene: Scenario, sit: Sit, tmp_path: Path
) -> None:
    case = scene.brought("checking", "checker:submit_check")
    scene.brought("reported", code5="06036")
    street = sit("jiedao-shouliyuan")
    street.picks_up(case, "/desk/?queue=checking")
    form = street.takes("核查通过")
    form.get_by_label("结案意见").fill("核查通过")
    form.get_by_label("已对照结案条件").check()
    street.sends("已结案")

    scene.settle()
    head = sit("jiedao-zhibanzhang")
    head.picks_up(case, "/desk/?queue=closed")
    form = head.takes("重开")
    form.get_by_role("button", name="同一地点再次发生").click()
    hands.add_photo(form, tmp_path, 7)
    head.sends("待街道研判")
    assert scene.steps(case)[-2:] == ["T40", "T47"]


def test_a_dispute_goes_up_to_the_city_and_down_again(
    scene: Scenario, sit: Sit
) -> None:
    case = scene.brought("whistled")
    liaison = sit(LIAISON)
    liaison.picks_up(case, "/inbox/?box=pending")
    form = liaison.takes("提出异议")
    form.get_by_label("异议理由").select_option(index=1)
    form.get_by_label("法规依据").fill("《城乡规划法》第四十条")
    form.get_by_label("建议承办单位").select_option(label=option(form, "住房和城乡"))
    form.get_by_label("异议意见").fill("属在建工程，应由住建部门主办。")
    liaison.sends("争议裁定中")

    scene.settle()
    leader = sit("jiedao-zhibanlingdao")
    leader.picks_up(case, "/desk/")
    form = leader.takes("提请区级协调")
    form.get_by_label("提请理由").select_option(index=1)
    form.get_by_label("争议焦点").fill("由谁主办")
    expect(form.get_by_label("各方意见")).to_have_value(re.compile("应由住建部门主办"))
    form.get_by_label("处理建议").fill("请区里裁定")
    leader.sends("区级协调中")

    scene.settle()
    director = sit("quzhihuizhongxin-zhuren")
    director.picks_up(case, "/desk/?queue=district")
    form = director.takes("上呈市级")
    for label in ("事由", "已做工作", "处理建议"):
        form.get_by_label(label).fill("涉及市属单位，请市级协调")
    director.sends("市级协调中")

    scene.settle()
    city = sit("shizhihuizhongxin")
    city.picks_up(case, "/desk/?queue=city")
    form = city.takes("市级交办")
    form.get_by_label("交办意见").fill("请区级两个工作日内派遣")
    city.sends("区级协调中")

    scene.settle()
    district = sit("quzhihuizhongxin")
    page = district.picks_up(case, "/desk/?queue=district")
    district.follows(page.locator(".action-bar").get_by_role("link", name="派遣"))
    page.get_by_label("裁定意见").fill("由住建部门主办。")
    page.locator("label.kind", has_text="日常哨").click()
    page.get_by_label("主办单位").select_option(label=option(page, "住房和城乡"))
    page.get_by_label("主办任务").fill("依法查处")
    page.get_by_label("立案条件").select_option(index=1)
    page.get_by_label("权责清单依据").fill("《城乡规划法》第六十四条")
    district.fits()
    page.get_by_role("button", name="按协调结论派遣").click()
    hands.state_of(page, "已吹哨·待报到")
    assert scene.steps(case)[-5:] == ["T25", "T29", "T32", "T33", "T30"]
    assert scene.case(case, "lead_org__name") == ["城东区住房和城乡建设局"]
