"""The main job through the pages: F1 and F4 of the trade, from filing to ARCHIVED."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e import hands
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
MONDAY_1000 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def at_spot(
    sign_in: Callable[..., Any], spots: dict[str, dict[str, float]]
) -> Callable[..., Any]:
    def page(username: str, grid: str = "001", **options: Any) -> Any:
        return sign_in(
            username,
            geolocation={**spots[f"990101001001{grid}"], "accuracy": 8},
            permissions=["geolocation"],
            **options,
        )

    return page


def story(stack: Stack, number: str) -> tuple[str, list[str]]:
    """State and transitions of a case, from the journal."""
    digits = number.replace("-", "")
    state, steps = stack.ask(
        f"(lambda c: [c.state, [e.detail['transition'] for e in Event.objects.filter("
        f"chain=c.chain).order_by('seq') if 'transition' in e.detail]])"
        f"(Case.objects.get(case_no='{digits}'))"
    )
    return state, steps


def archive(stack: Stack, after: datetime) -> None:
    """Eight days later, by the clock."""
    stack.set_clock(after + timedelta(days=8))
    stack.settle()


def test_f1_small_matter_stays_in_the_grid(
    stack: Stack,
    at_spot: Callable[..., Any],
    sign_in: Callable[..., Any],
    tmp_path: Path,
) -> None:
    friday = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
    stack.set_clock(friday)
    phone = at_spot("wanggeyuan-jia", phone=True)
    phone.goto("/m/spot/")
    hands.place_found(phone, "幸福社区")
    photos = phone.locator("[data-photos]")
    hands.add_photo(phone, tmp_path, 3)
    hands.choose_category(phone, "占道经营")
    phone.get_by_label("问题描述").fill("水果摊占住人行道，已当场劝离。")
    phone.get_by_label("处置说明").fill("已劝离，现场恢复通行。")
    phone.get_by_label("地址").fill("和平路 12 号门前")
    phone.get_by_role("button", name="提交即报即结").click()
    expect(phone.get_by_text("处置后照片").first).to_be_visible()
    assert photos.count() == 2
    _after_photo(phone, tmp_path)
    phone.get_by_role("button", name="提交即报即结").click()
    number = hands.filed_number(phone)
    identity = hands.case_id(phone)

    desk = sign_in("shequ-shouliyuan")
    desk.goto("/desk/")
    desk.get_by_text(number).first.click()
    hands.state_of(desk, "自办待审")
    form = hands.press(desk, "审核通过")
    form.get_by_label("审核意见").fill("同意")
    form.locator("button[type=submit]").click()
    hands.state_of(desk, "已结案")

    archive(stack, friday)
    assert story(stack, number) == ("ARCHIVED", ["T02", "T05", "T46"])
    closed = stack.ask(f"Case.objects.get(pk={identity}).closed_type")
    assert closed == "self"


def _after_photo(phone: Any, folder: Path) -> None:
    path = folder / "after.jpg"
    path.write_bytes(hands.picture(3, solved=True))
    field = phone.locator("[data-photos][data-stage=after]")
    field.locator("input[type=file][multiple]").first.set_input_files(str(path))
    expect(field.locator("[data-photo] img").first).to_be_visible()


def test_f4_joint_whistle_with_three_parties(
    stack: Stack,
    at_spot: Callable[..., Any],
    sign_in: Callable[..., Any],
    tmp_path: Path,
) -> None:
    stack.set_clock(MONDAY_1000)
    phone = at_spot("wanggeyuan-jia", "701", phone=True)
    phone.goto("/m/file/")
    hands.place_found(phone, "幸福社区")
    number = hands.file_case(
        phone, tmp_path, category="占用消防通道",
        words="消防通道被面包车和杂物堵住，消防车进不来。", at="商贸楼东侧通道",
    )  # fmt: skip
    url = f"/cases/{hands.case_id(phone)}/"
    stack.settle()

    community = sign_in("shequ-shouliyuan")
    community.goto(url)
    hands.state_of(community, "待接报")
    form = hands.press(community, "上呈街道")
    form.get_by_role("textbox").first.fill("社区没有执法权，请街道吹哨。")
    form.locator("button[type=submit]").click()
    hands.state_of(community, "待街道研判")
    stack.settle()

    _draft(sign_in("jiedao-paiqianyuan"), url)
    leader = sign_in("jiedao-zhibanlingdao")
    leader.goto(url)
    form = hands.press(leader, "签发吹哨单")
    form.locator("button[type=submit]").click()
    hands.state_of(leader, "已吹哨·待报到")
    stack.settle()

    lead = _check_in(at_spot, url, "xiaofangdadui-lianluoyuan", "主办报到")
    urban = _check_in(at_spot, url, "chengguanju-lianluoyuan", "协办报到")
    property_company = _check_in(at_spot, url, "wuyegongsi-lianluoyuan", "协办报到")
    hands.state_of(lead, "部门处置中")

    _feed_back(lead, url, tmp_path)
    expect(lead.locator("#step")).to_contain_text("还没有办结")
    for page in (urban, property_company):
        page.goto(url)
        form = hands.press(page, "协办办结")
        form.get_by_role("textbox").first.fill("车辆已移开，摊贩已劝离。")
        form.locator("button[type=submit]").click()
        expect(page.locator(".whistle-card")).to_contain_text("已办结")
    _feed_back(lead, url, tmp_path)
    hands.state_of(lead, "反馈待审")

    _check_and_close(stack, sign_in, at_spot, url, tmp_path)
    archive(stack, MONDAY_1000)
    assert story(stack, number) == (
        "ARCHIVED", ["T01", "T12", "T20", "T24", "T36", "T37", "T40", "T46"],
    )  # fmt: skip
    assert "case:" not in stack.manage("verify_journal")


def _draft(page: Any, url: str) -> None:
    """The dispatcher composes a joint enforcement whistle; the leader must sign it."""
    page.goto(url)
    page.locator(".action-bar").get_by_role("link", name="吹哨").click()
    page.locator("label.kind", has_text="执法哨").click()
    pick = page.get_by_label("主办单位")
    lead = pick.locator("option", has_text="消防").first
    pick.select_option(value=lead.get_attribute("value"))
    page.get_by_label("主办任务").fill("现场清理消防通道，依法处理责任人")
    for name in ("城市管理局", "物业"):
        row = page.locator("li.support", has_text=name).first
        row.get_by_role("checkbox").check()
        row.locator("textarea").fill("配合移车、劝离摊贩")
    condition = page.get_by_label("立案条件")
    if condition.input_value() == "":
        condition.select_option(index=1)
    page.get_by_label("权责清单依据").fill("《中华人民共和国消防法》第二十八条")
    page.get_by_label("集合地点").fill("商贸楼东门")
    page.get_by_role("button", name="提交签发").click()
    expect(page.locator(".whistle-card")).to_contain_text("待签发")


def _check_in(at_spot: Callable[..., Any], url: str, who: str, label: str) -> Any:
    page = at_spot(who, "701")
    page.goto("/inbox/")
    expect(page.locator(f'a[href*="{url}"]').first).to_be_visible()
    page.goto(url)
    form = hands.press(page, label)
    form.get_by_label("到场报到").check()
    expect(form.locator("[data-locate-text]")).to_contain_text("已定位")
    form.locator("button[type=submit]").click()
    expect(page.locator(".whistle-card")).to_contain_text("已到场")
    return page


def _feed_back(page: Any, url: str, folder: Path) -> None:
    page.goto(url)
    form = hands.press(page, "主办反馈")
    form.get_by_label("已解决").check()
    form.get_by_label("采取的措施").fill("通道已清理，责任人已教育。")
    hands.add_photo(form, folder, 5, solved=True)
    form.locator("button[type=submit]").click()


def _check_and_close(
    stack: Stack,
    sign_in: Callable[..., Any],
    at_spot: Callable[..., Any],
    url: str,
    folder: Path,
) -> None:
    desk = sign_in("jiedao-shouliyuan")
    desk.goto(url)
    form = hands.press(desk, "审核通过·发核查")
    worker = form.get_by_label("核查网格员")
    option = worker.locator("option", has_text="网格员乙").first
    worker.select_option(value=option.get_attribute("value"))
    form.get_by_label("核查要求").fill("看消防通道是否畅通")
    form.locator("button[type=submit]").click()
    hands.state_of(desk, "核查中")
    stack.settle()

    checker = at_spot("wanggeyuan-yi", "701", phone=True)
    checker.goto("/m/")
    checker.get_by_text("看消防通道是否畅通").first.click()
    checker.get_by_text("通过", exact=True).first.click()
    hands.add_photo(checker, folder, 6, solved=True)
    checker.get_by_role("button", name="提交核查结论").click()
    checker.wait_for_url(lambda url: url.endswith("/m/"), timeout=60_000)
    stack.settle()

    desk.goto(url)
    form = hands.press(desk, "核查通过")
    form.get_by_label("结案意见").fill("核查通过，同意结案")
    form.get_by_label("已对照结案条件").check()
    form.locator("button[type=submit]").click()
    hands.state_of(desk, "已结案")
    stack.settle()
