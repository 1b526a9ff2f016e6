"""A phone without a signal: what was written there arrives, whole and exactly once."""

import json
import os
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import hands
from tests.e2e.conftest import SWITCHES
from tests.e2e.people import Person
from tests.e2e.rough_road import RoughRoad
from tests.e2e.stack import Stack, until

pytestmark = pytest.mark.e2e
MONDAY_1000 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
# A phone waits 45 seconds for an answer; here 15, so that the test is short.
HASTE = """
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = milliseconds => timeout(Math.min(milliseconds, 15000));
"""
KEPT = """async () => {
    const db = await new Promise(done => {
        const request = indexedDB.open('wangge')
        request.onsuccess = () => done(request.result)
    })
    if (!await caches.match('/m/catalogue.json')) return 0
    return new Promise(done => {
        const count = db.transaction('pages').objectStore('pages').count()
        count.onsuccess = () => { db.close(); done(count.result) }
    })
}"""

TOMORROW_AND_FULL = """
const now = Date.now.bind(Date);
Date.now = () => now() + 25 * 3600_000;
navigator.storage.estimate = async () => ({quota: 90_000_000, usage: 60_000_000});
"""
SEVENTH = """(
    lambda found: found.pk if found else None
)(Case.objects.filter(description__contains='第 7 件').first())"""
LEFT = """async () => {
    const db = await new Promise(done => {
        const request = indexedDB.open('wangge')
        request.onsuccess = () => done(request.result)
    })
    const left = {}
    for (const name of ['keys', 'items', 'photos']) {
        left[name] = await new Promise(done => {
            const count = db.transaction(name).objectStore(name).count()
            count.onsuccess = () => done(count.result)
        })
    }
    db.close()
    return left
}"""


@pytest.fixture
def road(stack: Stack) -> Iterator[RoughRoad]:
    road = RoughRoad(stack.url)
    yield road
    road.close()


@pytest.fixture
def phone(
    browser: Any, road: RoughRoad, spots: dict[str, dict[str, float]], tmp_path: Path
) -> Iterator[Callable[[], Page]]:
    """`page = phone()`: the phone is switched on; again, and it was restarted."""
    path = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium")
    running: list[Any] = []

    def switch_on() -> Page:
        while running:
            running.pop().close()
        context = browser.browser_type.launch_persistent_context(
            str(tmp_path / "phone"),
            executable_path=path,
            args=SWITCHES,
            base_url=road.url,
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
            has_touch=True,
            geolocation={**spots["990101001001001"], "accuracy": 8},
            permissions=["geolocation"],
        )
        context.set_default_timeout(20_000)
        context.add_init_script(HASTE)
        running.append(context)
        return context.pages[0]

    yield switch_on
    while running:
        running.pop().close()


def sign_in(page: Page, username: str) -> None:
    page.context.clear_cookies(name="sessionid")  # as when a session ends
    page.goto("/login/")
    page.locator(f"button[value={username}]").click()
    page.wait_for_url("**/m/", wait_until="commit", timeout=60_000)
    until(
        "the service worker answers for the page",
        lambda: page.evaluate("navigator.serviceWorker.controller !== null"),
    )


def write(
    page: Page,
    folder: Path,
    number: int,
    photos: int,
    *,
    after: Any = "**/m/outbox/",
    asks: bool = False,
) -> None:
    """A case on the phone, up to the press of the button; `asks` takes a category that
    wants more to be answered."""
    page.goto("/m/file/")
    field = page.locator("[data-photos]").first
    for seed in range(photos):
        path = folder / f"{number}-{seed}.jpg"
        path.write_bytes(hands.picture(number * 10 + seed))
        field.locator("input[multiple]").first.set_input_files(str(path))
    expect(field.locator("[data-photo]")).to_have_count(photos)
    # The catalogue is on the phone: found by initials, 非法小广告 and 共享单车乱象.
    page.locator("[data-search]").fill("gxdclx" if asks else "ffxgg")
    page.locator("[data-choice]:visible").first.click()
    name = "共享单车乱象" if asks else "非法小广告"
    expect(page.locator("[data-chosen-name]")).to_have_text(name)
    page.get_by_label("问题描述").fill(f"第 {number} 件：电线杆上贴满了小广告。")
    page.get_by_label("地址").fill(f"和平路 {number} 号门前")
    page.get_by_role("button", name="提交上报").click()
    if asks:
        says = page.locator("[data-dock-says]")
        expect(says).to_have_text("请填写“大约多少辆”")
        page.get_by_label("大约多少辆").fill("12")
        page.get_by_role("button", name="提交上报").click()
    hands.arrives(page, after)


def waiting(page: Page) -> Any:
    return page.locator("[data-part-of=waiting] [data-item]")


def sent(page: Page) -> Any:
    return page.locator("[data-part-of=sent] [data-item]")


def filed(stack: Stack, words: str) -> Any:
    """(cases, their photos, submissions) whose description holds the words."""
    return stack.ask(
        f"(lambda cs: [len(cs), sorted(c.photos.count() for c in cs), "
        f"Submission.objects.filter(case__in=cs).count()])"
        f"(list(Case.objects.filter(description__contains='{words}')))"
    )


def test_five_cases_survive_a_restart_and_a_rough_road_exactly_once(
    stack: Stack, phone: Callable[[], Page], road: RoughRoad, tmp_path: Path
) -> None:
    stack.set_clock(MONDAY_1000)
    page = phone()
    sign_in(page, "wanggeyuan-jia")
    page.goto("/m/file/")
    hands.place_found(page, "幸福社区")
    until("pages and catalogue are kept", lambda: page.evaluate(KEPT) >= 3)

    road.down = True
    for number in range(1, 6):
        write(page, tmp_path, number, photos=3, asks=number == 5)
    expect(waiting(page)).to_have_count(5)
    expect(waiting(page).first).to_contain_text("没有信号")
    page.goto("/m/")
    expect(page.locator("[data-kept-bar]")).to_contain_text("看到的内容")
    expect(page.locator("[data-outbox-bar]")).to_contain_text("5 件等待发送")

    page = phone()
    page.goto("/m/outbox/")
    expect(waiting(page)).to_have_count(5)
    assert filed(stack, "件：电线杆") == [0, [], 0]

    road.faults = [500, "lost", 403, 413, "timeout", 502, "lost"]
    road.down = False
    page.reload()
    expect(sent(page)).to_have_count(5, timeout=240_000)
    assert road.met == [500, "lost", 403, 413, "timeout", 502, "lost"]
    expect(waiting(page)).to_have_count(0)
    until(
        "all five are there, each once",
        lambda: filed(stack, "件：电线杆") == [5, [3] * 5, 5],
    )
    answers = stack.ask("Case.objects.get(description__contains='第 5 件').answers")
    assert [one["answer"] for one in answers] == ["12"]


def test_signing_out_is_stopped_and_others_see_nothing(
    stack: Stack, phone: Callable[[], Page], road: RoughRoad, tmp_path: Path
) -> None:
    page = phone()
    sign_in(page, "wanggeyuan-jia")
    road.faults = [403] * 99
    write(page, tmp_path, 6, photos=1)
    expect(waiting(page)).to_contain_text("服务器没有接受（403）")
    page.locator("details.account summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("dialog")).to_contain_text("手机上还有 1 件没有送达")
    page.get_by_role("button", name="先不退出").click()
    expect(waiting(page)).to_have_count(1)

    tomorrow = page.context.new_page()
    tomorrow.add_init_script(TOMORROW_AND_FULL)
    tomorrow.goto("/m/")
    bar = tomorrow.locator("[data-outbox-bar]")
    expect(bar).to_contain_text("超过 24 小时没有送达")
    expect(bar).to_contain_text("不足 50 MB")
    expect(bar).to_have_attribute("data-tone", "red")
    tomorrow.close()

    sign_in(page, "wanggeyuan-yi")
    page.goto("/m/outbox/")
    expect(page.locator("[data-none]")).to_be_visible()
    expect(page.locator("[data-item]")).to_have_count(0)

    sign_in(page, "wanggeyuan-jia")
    page.goto("/m/outbox/")
    expect(waiting(page)).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="导出到文件").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(archive.namelist()) == 2
        assert json.loads(archive.read("outbox.json"))["items"][0]["photos"]
    page.locator("details.account summary").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="删除这些内容并退出").click()
    page.wait_for_url("**/login/")
    assert page.evaluate(LEFT) == {"keys": 1, "items": 0, "photos": 0}  # 乙's key
    assert filed(stack, "第 6 件：电线杆") == [0, [], 0]


def test_whoever_was_faster_is_shown_beside_what_was_written(
    stack: Stack,
    phone: Callable[[], Page],
    people: Callable[[str], Person],
    road: RoughRoad,
    tmp_path: Path,
) -> None:
    page = phone()
    sign_in(page, "wanggeyuan-jia")
    write(page, tmp_path, 7, photos=1, after=re.compile(r"/filed/|/m/outbox/"))
    case = until("the case is there", lambda: stack.ask(SEVENTH))
    page.goto(f"/m/cases/{case}/self_resolve/")
    page.get_by_role("button", name="网格自办").click()
    page.wait_for_url(f"**/m/cases/{case}/")
    page.goto(f"/m/cases/{case}/finish_self/")
    road.down = True
    page.get_by_label("处置说明").fill("已清除干净，无残留。")
    hands.add_photo(page, tmp_path, 71, solved=True)
    page.locator("button[form=step]").click()
    page.wait_for_url("**/m/outbox/")
    people("shequ-shouliyuan").do(
        case,
        "correct_case",
        address="和平路 8 号门前",
        condition="张贴、喷涂、散落",
        opinion="门牌写错",
    )

    road.down = False
    page.reload()
    row = waiting(page)
    expect(row).to_contain_text("有人先您一步", timeout=60_000)
    expect(row).to_contain_text("已清除干净，无残留。")
    row.get_by_role("button", name="看过了，仍要提交").click()
    expect(sent(page)).to_have_count(2, timeout=60_000)
    until(
        "the case is done",
        lambda: stack.ask(f"Case.objects.get(pk={case}).state") == "SELF_REVIEW",
    )
