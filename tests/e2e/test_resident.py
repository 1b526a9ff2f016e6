"""A resident's whole journey at 390 px: report, follow, rate 不满意, rework, rate 满意;
and without JavaScript report and follow."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.demo_pictures import picture
from tests.e2e.people import Person
from tests.e2e.scenario import Scenario
from tests.e2e.stack import Stack
from tests.looks.visiting import inaccessible

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
PHONE = {"width": 390, "height": 844}
COMMUNITY = "990101001001"


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


@pytest.fixture
def visit(stack: Stack, browser: Any) -> Iterator[Callable[..., Page]]:
    """A browser of somebody without an account: `visit(java_script_enabled=False)`."""
    contexts = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(
            base_url=stack.url, viewport=PHONE, locale="zh-CN", **options
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


def code_of(stack: Stack, number: str) -> str:
    """What the newest text message with a code says."""
    return str(
        stack.ask(
            "(lambda crypto: [crypto.unseal(d.sealed['{code}']) for d in "
            "Delivery.objects.filter(title='手机验证码').order_by('-pk') "
            f"if crypto.unseal(d.to) == '{number}'][0])"
            "(__import__('governance.crypto', fromlist=['crypto']))"
        )
    )


def sound(page: Page) -> None:
    """Nothing sticks out to the side, and axe finds nothing serious."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"{page.url}: {wide} px wide"
    assert inaccessible(page) == [], page.url


def prove(page: Page, stack: Stack, number: str) -> None:
    """The code stands in the message only until that has gone out, so nothing goes out
    while it is read."""
    page.get_by_label("手机号码").fill(number)
    relay = stack.processes["relay"]
    relay.send_signal(signal.SIGSTOP)
    try:
        page.get_by_role("button", name="发送验证码").click()
        expect(page.get_by_text("验证码已经发到您的手机")).to_be_visible()
        code = code_of(stack, number)
    finally:
        relay.send_signal(signal.SIGCONT)
    page.locator("#id_code").fill(code)


def receipt_of(page: Page) -> tuple[str, str]:
    page.wait_for_url("**/report/receipt/")
    number = page.locator(".receipt-codes .case-no").inner_text()
    code = page.locator(".code-digits").inner_text().strip()
    assert re.fullmatch(r"\d{6}", code)
    return number, code


def case_of(stack: Stack, number: str) -> int:
    digits = number.replace("-", "")
    return int(stack.ask(f"Case.objects.get(case_no='{digits}').pk"))


def handled(people: People, scene: Scenario, case: int) -> None:
    """Handled by the community, reviewed, checked, passed to the resident."""
    people("shequ-chengbanren").do(
        case, "submit_result", "after", result="已解决", measures="已清运"
    )
    leader = people("shequ-fuzeren")
    leader.do(case, "send_to_check", worker="网格员乙", requirement="看是否清干净")
    people("wanggeyuan-yi").do(
        case, "submit_check", "check", result="passed", remark="已清干净"
    )
    scene.settle()
    confirmer = people("jiedao-shouliyuan")
    confirmer.do(case, "confirm_check", opinion="请诉求人评价")
    scene.settle()


def rate(page: Page, score: str, solved: str) -> None:
    page.goto("/r/")
    page.get_by_label(score, exact=True).check()
    page.get_by_label(solved, exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.get_by_text("谢谢您的评价")).to_be_visible()


def reported(page: Page, stack: Stack, folder: Path) -> tuple[str, str]:
    """All three steps with a picture and the phone's position; number and code."""
    page.goto("/")
    sound(page)
    page.get_by_role("link", name="我要上报").click()
    page.get_by_label("请说说是什么问题").fill("垃圾桶满了三天，污水流到人行道上。")
    photo = folder / "spot.jpg"
    photo.write_bytes(picture(5))
    page.get_by_label("现场照片").set_input_files(str(photo))
    page.get_by_label("搜索类别").fill("垃圾桶满了")
    page.locator("[data-choice]:visible").first.click()
    sound(page)
    page.get_by_role("button", name="下一步：在哪里").click()
    page.get_by_role("button", name="重新定位").click()
    expect(page.locator("[data-place-line]")).to_contain_text("幸福社区")
    page.locator("#id_address").fill("幸福里南门垃圾桶")
    sound(page)
    page.get_by_role("button", name="下一步：怎么联系您").click()
    prove(page, stack, "13900000390")
    page.get_by_label("我已阅读并同意隐私说明").check()
    sound(page)
    page.get_by_role("button", name="提交上报").last.click()
    found = receipt_of(page)
    sound(page)
    return found


def test_report_follow_dissatisfied_rework_satisfied(
    stack: Stack,
    scene: Scenario,
    people: People,
    visit: Callable[..., Page],
    spots: dict[str, dict[str, float]],
    tmp_path: Path,
) -> None:
    scene.at("2026-11-23 09:00")
    page = visit(
        geolocation={**spots[f"{COMMUNITY}001"], "accuracy": 8},
        permissions=["geolocation"],
    )
    number, code = reported(page, stack, tmp_path)
    case = case_of(stack, number)
    scene.settle()
    assert stack.ask(f"Case.objects.get(pk={case}).has_photos")

    people("shequ-shouliyuan").do(
        case, "accept", condition="桶满外溢", handler="社区承办人"
    )
    scene.settle()
    other = visit()  # another browser: number and code are all it takes
    other.goto("/")
    other.get_by_label("案卷号").fill(number)
    other.get_by_label("查询码").fill(code)
    other.get_by_role("button", name="查询").click()
    expect(other.get_by_text("社区正在处理").first).to_be_visible()
    expect(other.get_by_text("负责").first).to_be_visible()
    sound(other)

    handled(people, scene, case)
    rate(page, "不满意", "没有解决")
    expect(page.get_by_text("街道会与您联系回访").first).to_be_visible()
    people("jiedao-shouliyuan").do(
        case, "rework_after_rating", call_back="电话回访属实", opinion="请重新清运"
    )
    scene.settle()
    assert scene.case(case, "state", "rework_count") == ["COMMUNITY_HANDLING", 1]
    handled(people, scene, case)
    rate(page, "满意", "已解决")
    assert scene.case(case, "state", "last_score") == ["CLOSED", "satisfied"]
    expect(page.get_by_text("问题又出现了？申请重开")).to_be_visible()
    page.goto("/mine/")
    expect(page.get_by_text(number).first).to_be_visible()
    sound(page)
    scene.sound()


def test_without_javascript_a_resident_reports_and_follows(
    stack: Stack, scene: Scenario, visit: Callable[..., Page]
) -> None:
    scene.at("2026-11-27 10:00")
    page = visit(java_script_enabled=False)
    page.goto("/")
    page.get_by_role("link", name="我要上报").click()
    page.get_by_label("请说说是什么问题").fill("路灯连着三盏不亮，晚上看不清路。")
    page.get_by_label("搜索类别").fill("路灯")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="下一步：在哪里").click()
    page.locator("#id_address").fill("文化巷中段")
    page.locator("summary", has_text="按社区上报").click()
    page.locator("select[name=community_code]").select_option(COMMUNITY)
    page.get_by_role("button", name="下一步：怎么联系您").click()
    prove(page, stack, "13900000391")
    page.get_by_label("我已阅读并同意隐私说明").check()
    page.get_by_role("button", name="提交上报").last.click()
    number, code = receipt_of(page)
    scene.settle()
    page.goto("/")
    page.get_by_label("案卷号").fill(number)
    page.get_by_label("查询码").fill(code)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("已送到社区，等待接报").first).to_be_visible()
    expect(page.get_by_text("路灯连着三盏不亮").first).to_be_visible()
