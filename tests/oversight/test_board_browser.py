"""The board in a browser: it moves by itself, and rests when nothing happened."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cases import actions
from tests.cases.road import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 10_000  # FEATURES, street dashboard: within ten seconds of an event


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
def open_board(
    road: Any, boards: None, chromium: Browser, live_server: Any
) -> Iterator[Callable[[str], Page]]:
    """The board of that person; no script may fail."""
    context = chromium.new_context(base_url=live_server.url, locale="zh-CN")
    faults: list[str] = []

    def opened(name: str) -> Page:
        cookie = signed_in(road.world, name).cookies["sessionid"].value
        context.add_cookies(
            [{"name": "sessionid", "value": cookie, "url": live_server.url}]
        )
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.goto("/desk/board/")
        expect(page.locator("#board-month")).not_to_have_attribute("aria-busy", "true")
        return page

    yield opened
    context.close()
    assert faults == []


def listening(page: Page) -> list[str]:
    """What the page asks of the board from now on: `pulse`, `now`, `month`, `tiles`."""
    asked: list[str] = []

    def note(url: str) -> None:
        if "/desk/board/" in url:
            asked.append(url.split("/desk/board/")[1].split("/")[0])

    page.on("request", lambda request: note(request.url))
    for _ in range(20):  # the map may still be drawing for the first time
        asked.clear()
        page.wait_for_timeout(2_000)
        if "tiles" not in asked:
            break
    asked.clear()
    return asked


def test_who_comes_shows_without_reload_and_the_keyboard_stays(
    road, open_board
) -> None:
    case = road.whistled("urban")
    page = open_board("dispatcher")
    absent = page.locator('.board-whistle [data-code="absent"] b')
    expect(absent).to_have_text("2")
    came = page.locator('.board-whistle [data-code="came"]')
    came.focus()
    page.evaluate("window.notReloaded = true")
    road.check_in(case, "fire")
    expect(absent).to_have_text("1", timeout=SOON)
    expect(page.locator('.board-whistle [data-code="came"] b')).to_have_text("1")
    assert page.evaluate("window.notReloaded")
    assert page.evaluate("document.activeElement.dataset.code") == "came"


def test_nothing_is_read_again_while_nothing_happens(road, open_board) -> None:
    road.reported()
    page = open_board("dispatcher")
    asked = listening(page)
    page.wait_for_timeout(11_500)
    assert set(asked) == {"pulse"}


def test_a_case_of_another_street_moves_nothing(road, open_board) -> None:
    road.reported()
    page = open_board("other_dispatcher")
    expect(page.locator('.board-counters [data-code="open"] b')).to_have_text("0")
    asked = listening(page)
    actions.raise_to_street(
        case_id=road.reported().pk, opinion="社区无执法权",
        actor=road.world.actor("acceptor"), at=road.at,
    )  # fmt: skip
    page.wait_for_timeout(6_500)
    assert set(asked) == {"pulse"}
