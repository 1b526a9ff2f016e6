"""The rounds of those who keep the platform, at both widths: the three administrators,
each with what is theirs alone (三员分立, DOMAIN E.6); and of two more, the leader of a
micro-grid and the head of a department (see `test_roles.py`)."""

import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from parties.demo.cast import PASSWORD
from tests.e2e import hands
from tests.e2e.hands import Sit, option
from tests.e2e.scenario import Scenario

pytestmark = pytest.mark.e2e
SYSTEM, SECURITY, AUDIT = "xitongguanliyuan", "anquanguanliyuan", "shenjiguanliyuan"
DENIED = (403, 404)


def refused(person: Any, *paths: str) -> bool:
    """Whether none of these pages is there for that person."""
    return {person.get(path)[0] for path in paths} <= set(DENIED)


def events(scene: Scenario, chain: str) -> list[str]:
    found = f"Event.objects.filter(chain='{chain}').order_by('seq')"
    return list(scene.ask(f"list({found}.values_list('action', flat=True))"))


def way(page: Page, label: str) -> Any:
    """A link of the bar at the top."""
    return page.get_by_role("navigation", name="主导航").get_by_role("link", name=label)


def table(path: Path, row: dict[str, str]) -> Path:
    """One row under its headings, as somebody types it in a spreadsheet."""
    book = Workbook()
    book.active.append(list(row))
    book.active.append(list(row.values()))
    book.save(path)
    return path


# --- the system administrator ---------------------------------------------------------


def test_administrator_changes_a_category_and_a_phone_finds_it(
    scene: Scenario, sit: Sit, size: tuple[int, int]
) -> None:
    seat, word = sit(SYSTEM), f"窨井冒水{size[0]}"
    page, number = seat.page, scene.category("01001")
    expect(page).to_have_url(re.compile("/admin/$"))
    seat.follows(page.locator('a[href="/admin/cases/category/"]').first)
    page.locator("#searchbar").fill("01001")
    page.locator("#searchbar").press("Enter")
    seat.follows(page.locator(f'a[href*="/category/{number}/change/"]').first)
    page.get_by_label("通俗说法").fill(word)
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    name, words = scene.ask(
        f"[(c := Category.objects.get(pk={number})).name, c.plain_words]"
    )
    assert words == word

    worker = sit("wanggeyuan-jia")
    phone = worker.opens("/m/file/")
    phone.locator("[data-search]").fill(word)
    phone.locator("[data-choice]", has_text=name).locator("visible=true").first.click()
    expect(phone.locator("[data-chosen-name]")).to_have_text(name)


def test_administrator_brings_in_a_table_after_a_look_at_it(
    scene: Scenario, sit: Sit, size: tuple[int, int], tmp_path: Path
) -> None:
    seat, name = sit(SYSTEM), f"城东区河道管理所{size[0]}"
    page = seat.follows(way(seat.page, "表格导入"))
    expect(page.get_by_role("link", name="导入人员与任职")).to_have_count(0)
    seat.follows(page.get_by_role("link", name="导入单位", exact=True))
    row = {
        "单位名称": name, "类型": "职能部门", "层级": "区县",
        "所在区划编码": "990101", "管辖区划编码": "990101", "可被吹哨": "是",
    }  # fmt: skip
    for file, change in (("wrong", {"层级": "星系"}), ("right", {})):
        path = table(tmp_path / f"{file}.xlsx", {**row, **change})
        page.get_by_label("填好的表格").set_input_files(str(path))
        page.get_by_role("button", name="上传并检查").click()
        if file == "wrong":
            expect(page.locator("#review")).to_contain_text("有 1 行不能导入")
            expect(page.get_by_role("link", name="下载错误文件")).to_be_visible()
            seat.fits()
            page.get_by_role("link", name="重新上传").first.click()
    expect(page.locator("#review")).to_contain_text("检查通过，将写入 1 行")
    expect(page.locator(".import-lines")).to_contain_text(name)
    seat.fits()
    assert not scene.ask(f"Organisation.objects.filter(name='{name}').exists()")
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("#review")).to_contain_text("新增 1 行")
    assert scene.ask(f"Organisation.objects.get(name='{name}').can_be_whistled")


def test_administrator_looks_at_the_workflow_and_keeps_areas_calendar_and_channels(
    scene: Scenario, sit: Sit, size: tuple[int, int]
) -> None:
    seat = sit(SYSTEM)
    page = seat.follows(way(seat.page, "流转图"))
    # The picture where there is room for it, else the list of its states.
    state = page.locator('#workflow a[href^="?state=DISPUTED"]').locator("visible=true")
    seat.follows(state.first)
    expect(page.locator("#rows h2")).to_contain_text("争议裁定中")
    expect(page.locator("#rows")).to_contain_text("街道值班领导")

    seat.follows(way(page, "系统管理"))
    seat.follows(page.locator('a[href="/admin/grids/area/"]').first)
    page.locator("#searchbar").fill("990101001004")
    page.locator("#searchbar").press("Enter")
    seat.follows(page.get_by_role("link", name="990101001004", exact=True))
    page.get_by_label("简称").fill(f"文化里{size[0]}")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    area = scene.ask("Area.objects.get(code='990101001004').short_name")
    assert area == f"文化里{size[0]}"

    day = "2027-05-20" if size[0] < 600 else "2027-05-21"
    seat.opens("/admin/governance/holiday/add/")
    page.locator("#id_date").fill(day)
    page.locator("#id_kind").select_option(label="放假")
    page.locator("#id_name").fill("本地节日")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert scene.ask(f"Holiday.objects.get(date='{day}').override")

    seat.follows(way(page, "通知渠道"))
    seat.follows(page.locator("a.kind", has_text="电子邮件"))
    page.locator("#id_name").fill(f"街道邮箱{size[0]}")
    page.get_by_label("服务人员账号").fill(SYSTEM)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已建立，请发一条测试消息")).to_be_visible()
    seat.fits()
    seat.follows(page.get_by_role("link", name="全部渠道"))
    expect(page.get_by_role("link", name=f"街道邮箱{size[0]}")).to_be_visible()


# --- the security administrator -------------------------------------------------------


def test_security_administrator_opens_an_account_which_serves_and_is_closed(
    scene: Scenario, sit: Sit, size: tuple[int, int], people: Any
) -> None:
    officer, username = sit(SECURITY), f"xinren-{size[0]}"
    page = officer.page
    expect(page.locator("h1")).to_have_text("账号与权限")
    officer.follows(page.get_by_role("link", name="新建账号"))
    page.locator("#id_username").fill(username)
    page.get_by_label("姓名").fill("新任联络员")
    page.get_by_label("初始密码").fill("Chushi-2026-a")
    page.get_by_label("再输一遍").fill("Chushi-2026-a")
    officer.fits()
    page.get_by_role("button", name="建立账号").click()
    officer.follows(page.get_by_role("link", name="任命岗位"))
    search = page.get_by_role("searchbox", name="查找岗位")
    search.fill("水务局 联络员")
    search.press("Enter")
    page.get_by_label("城东区水务局").first.check()
    page.get_by_label("事由").fill("新任")
    officer.fits()
    page.get_by_role("button", name="确认任命").click()
    expect(page.get_by_text("已任命：")).to_be_visible()
    officer.fits()

    fresh = sit("")
    fresh.sign_in(username, "Chushi-2026-a")
    theirs = fresh.page
    for field, typed in (
        ("old", "Chushi-2026-a"),
        ("new", PASSWORD),
        ("again", PASSWORD),
    ):
        theirs.locator(f"#id_{field}").fill(typed)
    theirs.locator("main form button[type=submit]").click()
    theirs.wait_for_url("**/inbox/")
    fresh.fits()

    page.get_by_role("button", name="全部下线").click()
    expect(
        page.get_by_text("已全部下线，需要重新登录；接收推送的设备也已移除。")
    ).to_be_visible()
    theirs.goto("/inbox/")
    expect(theirs).to_have_url(re.compile("/login/"))
    fresh.sign_in(username, PASSWORD)

    officer.follows(page.get_by_role("link", name="停用账号"))
    page.get_by_label("事由").fill("调离")
    page.get_by_role("button", name="停用账号").click()
    expect(page.get_by_text("账号已停用")).to_be_visible()
    theirs.goto("/inbox/")
    expect(theirs).to_have_url(re.compile("/login/"))
    chain = scene.ask(f"'user:%d' % User.objects.get(username='{username}').pk")
    assert events(scene, chain) == [
        "parties.create", "parties.sign_in", "parties.change_password",
        "parties.end_sessions", "parties.sign_in", "parties.close_account",
    ]  # fmt: skip
    known = f"/security/accounts/{chain.removeprefix('user:')}/"
    assert refused(people(SYSTEM), "/security/", known)
    assert refused(people(AUDIT), "/security/", known)


def test_security_administrator_lets_in_whom_wrong_passwords_locked_out(
    sit: Sit, size: tuple[int, int]
) -> None:
    username = "wanggeyuan-bing" if size[0] < 600 else "wanggeyuan-ding"
    stranger = sit("")
    page = stranger.opens("/login/")
    for _number in range(5):
        page.locator("#id_username").fill(username)
        page.locator("#id_password").fill("bu-zhi-dao")
        with page.expect_navigation():
            page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator("main")).to_contain_text("登录已暂停")
    stranger.faults.clear()  # Chromium logs the 429 it came with

    officer = sit(SECURITY)
    desk = officer.follows(officer.page.get_by_role("link", name="登录失败"))
    row = desk.locator("li", has_text=username)
    expect(row).to_contain_text("登录锁定")
    officer.follows(row.get_by_role("link"))
    desk.get_by_role("button", name="解除登录锁定").click()
    expect(desk.get_by_text("已解除登录锁定")).to_be_visible()
    stranger.sign_in(username, PASSWORD)
    expect(page.locator("h1")).to_contain_text("我的网格")

    officer.follows(way(desk, "安全自检"))
    found = desk.locator(".security-line", has_text="审计管理员")
    expect(found).to_contain_text("1 人在任")
    officer.follows(desk.get_by_role("link", name="岗位", exact=True))
    desk.get_by_role("searchbox", name="查找岗位").fill("幸福社区 受理岗")
    desk.get_by_role("searchbox", name="查找岗位").press("Enter")
    expect(desk.locator(".security-rows")).to_contain_text("社区受理员")


# --- the audit administrator ----------------------------------------------------------


def test_audit_administrator_reads_checks_and_exports_the_journal(
    scene: Scenario, sit: Sit, people: Any
) -> None:
    case = scene.brought("whistled")
    number = scene.case(case, "case_no")[0]
    auditor = sit(AUDIT)
    page = auditor.page
    expect(page.locator("h1")).to_have_text("审计流水")
    page.get_by_label("操作人").fill(AUDIT)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".audit-row").first).to_contain_text("登录")
    auditor.follows(page.get_by_role("link", name="重置"))
    page.get_by_label("对象").fill(number)
    page.get_by_role("button", name="查询").click()
    expect(page.locator("main .notice")).to_contain_text("流水完整")
    expect(page.locator(".audit-row").last).to_contain_text("上报")
    auditor.follows(page.locator(".audit-row", has_text="吹哨").first)
    expect(page.locator("h1")).to_contain_text("吹哨")
    expect(page.locator(".audit-record").first).to_be_visible()
    auditor.follows(page.get_by_role("link", name="的全部流水"))

    auditor.follows(page.get_by_role("link", name="导出", exact=True))
    page.get_by_label("用途").fill("季度审计")
    page.get_by_role("button", name="导出", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载", exact=True).click()
    assert "审计流水" in download.value.suggested_filename

    auditor.follows(way(page, "防篡改校验"))
    lines = page.locator("#checks .security-line")
    before = lines.count()
    page.get_by_role("button", name="开始校验").click()
    expect(lines).to_have_count(before + 1, timeout=6 * hands.PATIENCE)
    expect(lines.first).to_contain_text("流水完整")
    auditor.fits()
    detail = scene.ask(
        "Event.objects.filter(action='oversight.check_journal').latest('pk').detail"
    )
    assert detail["n_faults"] == 0
    assert detail["events"] > 100
    for other in (SYSTEM, SECURITY):
        assert refused(people(other), "/audit/", "/audit/checks/")
    assert refused(people(AUDIT), "/security/", f"/cases/{case}/", "/exchange/import/")


# --- a micro-grid's leader, a department's head ---------------------------------------


def test_micro_grid_leader_reports_and_follows(
    scene: Scenario, sit: Sit, size: tuple[int, int], tmp_path: Path, people: Any
) -> None:
    leader, address = sit("weiwanggezhang"), f"幸福里 {size[0]} 号单元门"
    page = leader.page
    expect(page.locator(".home-grid-name")).to_contain_text("第一微网格")
    expect(page.locator("[data-home-map]")).to_be_visible()
    leader.follows(page.get_by_role("link", name="上报问题"))
    hands.place_found(page, "幸福社区")
    hands.add_photo(page, tmp_path)
    hands.choose_category(page, "乱堆杂物")
    page.get_by_label("问题描述").fill("单元门口堆着建筑垃圾，轮椅过不去。")
    page.get_by_label("地址").fill(address)
    leader.fits()
    page.get_by_role("button", name="提交上报").click()
    hands.filed_number(page)
    case = hands.case_id(page)
    assert scene.steps(case) == ["T01"]

    scene.settle()
    people("shequ-shouliyuan").do(
        case, "accept", handler="社区承办人", condition="堵住楼道"
    )
    leader.opens("/m/cases/")
    expect(page.get_by_role("link", name="本网格")).to_have_count(0)
    row = page.locator(f'a.case-row[href$="/m/cases/{case}/"]')
    expect(row).to_contain_text("社区")
    leader.follows(row)
    expect(page.locator("main")).to_contain_text("社区承办人")


def test_head_of_a_department_follows_the_dispute_of_the_unit(
    scene: Scenario, sit: Sit
) -> None:
    """Only the liaison raises it (DOMAIN T25); the head is told how it ends."""
    case, head = scene.brought("whistled"), sit("chengguanju-fuzeren")
    page = head.picks_up(case, "/inbox/?box=pending")
    expect(page.get_by_text("提出异议", exact=True)).to_have_count(0)
    liaison = sit("chengguanju-lianluoyuan")
    liaison.picks_up(case, "/inbox/?box=pending")
    form = liaison.takes("提出异议")
    form.get_by_label("异议理由").select_option(index=1)
    form.get_by_label("法规依据").fill("《城乡规划法》第六十四条")
    form.get_by_label("建议承办单位").select_option(label=option(form, "住房和城乡"))
    form.get_by_label("异议意见").fill("未取得施工许可，应由住建部门主办。")
    liaison.sends("争议裁定中")
    head.picks_up(case, "/inbox/?box=disputed")

    scene.settle()
    ruler = sit("jiedao-zhibanlingdao")
    ruler.picks_up(case, "/desk/")
    form = ruler.takes("裁定维持")
    form.get_by_label("裁定意见").fill("占用公共绿地搭建，仍由城管局主办。")
    ruler.sends("部门处置中")

    scene.settle()
    told = scene.told(case, "chengguanju-fuzeren")
    assert any("裁定维持" in title for title in told), told
    head.opens("/notifications/")
    head.picks_up(case, "/inbox/?box=handling")
    hands.state_of(page, "部门处置中")
    expect(page.locator("#case-timeline, .timeline-list").first).to_contain_text(
        "占用公共绿地搭建"
    )
    assert scene.steps(case)[-2:] == ["T25", "T27"]
