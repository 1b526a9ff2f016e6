"""The inbox in a browser: fifty at once, the keyboard, a crash, two on one case."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cases import actions
from cases.models import Case, FormDraft
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, signed_in
from tests.cases.test_bulk import copies

pytestmark = pytest.mark.django_db(transaction=True)
WIDTHS = [(1440, 900), (390, 844)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    path = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("没有找到 Chromium；bin/test 会安装它")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    world.hire("handler", "department_handler", "fire", "990101")
    return Road(world, file_case, photos)


@pytest.fixture
def open_as(
    road: Road, chromium: Browser, live_server: Any
) -> Iterator[Callable[..., Page]]:
    """`open_as("fire", "/inbox/")`: a page of that person's own; no script may fail."""
    contexts, faults = [], []

    def opened(name: str, path: str, size: tuple[int, int] = WIDTHS[0]) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
        )
        contexts.append(context)
        cookie = signed_in(road.world, name).cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": cookie, "url": live_server.url}]
        )
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize("size", WIDTHS)
def test_fifty_selected_three_refused(road, open_as, size) -> None:
    """FEATURES 51: sent in parts of ten, each case told by itself."""
    first = road.whistled()
    cases = [first, *copies(first, 49)]
    taken = cases[3:6]
    for case in taken:
        actions.claim(case_id=case.pk, actor=road.world.actor("fire"), at=MONDAY_9)
    page = open_as("handler", "/inbox/?box=all&state=WHISTLED", size)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if "/bulk/" in r.url else None)
    page.locator("[data-bulk-all]").check()
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 50 件")
    page.locator("[data-bulk-do=claim]").click()
    said = page.locator("[data-bulk-said]")
    expect(said).to_contain_text("47 件已办，3 件没有办成", timeout=20_000)
    assert len(asked) == 5
    refused = page.locator("[data-bulk-refused]")
    expect(refused.locator("li")).to_have_count(3)
    for case in taken:
        expect(refused).to_contain_text(f"{case.display_no} 本案已由fire承办")
    expect(page.locator("input[data-pick]:checked")).to_have_count(3)
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 3 件")
    mine = Case.objects.filter(holder_user=road.world.user_id("handler"))
    assert mine.count() == 47


def test_what_a_lost_connection_did_not_carry_stays_selected(road, open_as) -> None:
    cases = [road.whistled()]
    cases += copies(cases[0], 14)
    page = open_as("handler", "/inbox/?box=all")
    calls: list[str] = []

    def second_is_lost(route: Any) -> None:
        calls.append(route.request.url)
        route.continue_() if len(calls) != 2 else route.abort()

    page.route("**/cases/bulk/claim/", second_is_lost)
    page.locator("[data-bulk-all]").check()
    page.locator("[data-bulk-do=claim]").click()
    said = page.locator("[data-bulk-said]")
    expect(said).to_contain_text("10 件已办 网络中断，5 件没有送到")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 5 件")
    page.locator("[data-bulk-do=claim]").click()
    expect(said).to_have_text("5 件已办")
    mine = Case.objects.filter(holder_user=road.world.user_id("handler"))
    assert mine.count() == 15


def test_assigning_asks_in_a_dialog_first(road, open_as) -> None:
    case = road.whistled()
    page = open_as("fire", "/inbox/?box=all")
    page.locator("[data-bulk-all]").check()
    page.locator("[data-bulk-do=assign_handler]").click()
    dialog = page.locator("#bulk-dialog")
    dialog.get_by_role("button", name="分派承办人").click()
    expect(dialog).to_contain_text("请选择承办人。")
    dialog.get_by_label("承办人").select_option(label="handler（handler，区县101）")
    dialog.get_by_label("交代").fill("请今天到场")
    dialog.get_by_role("button", name="分派承办人").click()
    expect(page.locator("[data-bulk-said]")).to_have_text("1 件已办")
    expect(page.locator(f"#row-{case.pk}")).to_contain_text("handler")
    assert again(case).holder_user_id == road.world.user_id("handler")


def test_the_keyboard_moves_picks_claims_and_is_off_while_typing(road, open_as) -> None:
    first, second = road.whistled(), road.whistled()
    page = open_as("fire", "/inbox/?box=all")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(f"#row-{second.pk}")).to_have_class("case-row is-here")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 1 件")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.locator("[data-bulk-said]")).to_have_text("1 件已办")
    assert again(second).holder_user_id == road.world.user_id("fire")
    assert again(first).holder_user_id is None
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.locator("#keys-help")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("ajx?")
    expect(page.locator("input[type=search]")).to_have_value("ajx?")
    assert again(first).holder_user_id is None
    expect(page.locator("#keys-help")).to_be_hidden()
    page.goto("/inbox/?box=all")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.wait_for_url(f"**/cases/{first.pk}/#do")
    expect(page.locator("form.step .step-head h2")).to_have_text("报到")


def test_after_a_crash_the_text_is_there_and_can_be_discarded(road, open_as) -> None:
    """FEATURES 56."""
    case = road.joint()
    page = open_as("fire", f"/cases/{case.pk}/feed_back/")
    page.get_by_label("采取的措施").fill("已清空杂物，加装立柱")
    expect(page.locator("[data-draft-said]")).to_contain_text("草稿已保存")
    page.context.close()
    page = open_as("fire", f"/cases/{case.pk}/")
    page.locator(".action-bar a", has_text="主办反馈").click()
    expect(page.get_by_text("已恢复草稿")).to_be_visible()
    expect(page.get_by_label("采取的措施")).to_have_value("已清空杂物，加装立柱")
    page.get_by_role("button", name="丢弃草稿").click()
    expect(page.get_by_text("已恢复草稿")).to_be_hidden()
    expect(page.get_by_label("采取的措施")).to_have_value("")
    assert not FormDraft.objects.exists()


def test_two_people_see_each_other_and_the_later_one_the_difference(
    road, open_as
) -> None:
    """FEATURES 49 and 50."""
    case = road.whistled()
    one = open_as("fire", f"/cases/{case.pk}/assign_handler/")
    one.get_by_label("交代").fill("请今天到场")
    viewer = open_as("fire", f"/cases/{case.pk}/")
    other = open_as("handler", f"/cases/{case.pk}/", WIDTHS[1])
    expect(other.locator("#presence")).to_contain_text("fire 也在看本案", timeout=5000)
    expect(other.locator("#presence")).to_contain_text("fire 正在填写“分派承办人”")
    expect(viewer.locator("#presence")).to_contain_text("handler 也在看", timeout=5000)
    actions.claim(case_id=case.pk, actor=road.world.actor("handler"), at=MONDAY_9)
    one.get_by_label("承办人").select_option(label="fire（fire，区县101）")
    before = Event.objects.filter(chain=case.chain).count()
    one.locator("form.step .form-actions button[type=submit]").click()
    shown = one.locator(".difference")
    expect(shown).to_contain_text("区消防大队 · handler")
    expect(shown).to_contain_text("认领")
    expect(one.get_by_label("交代")).to_have_value("请今天到场")
    assert Event.objects.filter(chain=case.chain).count() == before
    one.locator("form.step .form-actions button[type=submit]").click()
    one.wait_for_url(f"**/cases/{case.pk}/")
    assert again(case).holder_user_id == road.world.user_id("fire")


def test_an_at_offers_people_and_the_arrows_choose(road, open_as) -> None:
    case = road.whistled()
    page = open_as("fire", f"/cases/{case.pk}/")
    note = page.locator("#note-text")
    note.click()
    page.keyboard.type("请 @disp")
    expect(page.locator(".mention-list li")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(note).to_have_value("请 @dispatcher ")
    page.keyboard.type("知悉")
    page.get_by_role("button", name="留下备注").click()
    expect(page.locator("#notes")).to_contain_text("请 @dispatcher 知悉")
    assert Event.objects.filter(action="cases.leave_note").count() == 1
