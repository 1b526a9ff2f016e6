"""What people's hands do on the pages, said once for all journeys."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, TimeoutError, expect

from cases.demo_pictures import picture
from tests.e2e.stack import until

PATIENCE = 20_000


def add_photo(scope: Any, folder: Path, seed: int = 1, *, solved: bool = False) -> None:
    """Choose a picture in the scope's photo field and wait until it is uploaded."""
    path = folder / f"photo-{seed}-{solved}.jpg"
    path.write_bytes(picture(seed, solved=solved))
    field = scope.locator("[data-photos]").first
    field.locator("input[type=file][multiple]").first.set_input_files(str(path))
    expect(field.locator("[data-photo] img").first).to_be_visible(timeout=PATIENCE)


def choose_category(page: Page, name: str) -> None:
    page.locator("[data-search]").fill(name)
    page.locator("[data-choice]", has_text=name).locator("visible=true").first.click()
    expect(page.locator("[data-chosen-name]")).to_have_text(name)


def place_found(page: Page, words: str) -> None:
    expect(page.locator("[data-place-line]")).to_contain_text(words, timeout=PATIENCE)


def file_case(page: Page, folder: Path, *, category: str, words: str, at: str) -> str:
    """上报 on the phone; answers the 案卷号 as shown."""
    page.goto("/m/file/")
    add_photo(page, folder)
    choose_category(page, category)
    page.get_by_label("问题描述").fill(words)
    page.get_by_label("地址").fill(at)
    page.get_by_role("button", name="提交上报").click()
    return filed_number(page)


def arrives(page: Page, url: Any) -> None:
    """After pressing the button; “another matter” is said by pressing it again."""
    asked = page.locator("[data-dock-says]", has_text="附近可能已有人报过")
    until(
        "the page after filing, or the question of duplicates",
        lambda: not page.url.endswith(("/file/", "/spot/")) or asked.count(),
    )
    if asked.count():
        page.locator(".phone-dock button[type=submit]").click()
    try:
        page.wait_for_url(url, timeout=3 * PATIENCE)
    except TimeoutError as late:
        said = f"still at {page.url}: {page.locator('body').inner_text()}"
        raise AssertionError(said) from late


def filed_number(page: Page) -> str:
    """On the page after filing; answers a duplicate question with “another matter”."""
    arrives(page, re.compile(r"/m/(cases/\d+|outbox)/"))
    if page.url.endswith("/outbox/"):  # it took long: opened from there once it is sent
        page.locator("[data-part-of=sent] [data-open]").first.click()
        page.wait_for_url(re.compile(r"/m/cases/\d+/"), timeout=3 * PATIENCE)
    found = re.search(r"\d{6}-\d{8}-\d{5}", page.locator("main").inner_text())
    assert found, page.locator("main").inner_text()
    return found.group()


def case_id(page: Page) -> int:
    found = re.search(r"/cases/(\d+)/", page.url)
    assert found, page.url
    return int(found.group(1))


def press(page: Page, label: str) -> Any:
    """Press a button of the action bar; answers the form that opens."""
    page.locator(".action-bar").get_by_role("link", name=label, exact=True).click()
    form = page.locator("#step form")
    expect(form).to_be_visible(timeout=PATIENCE)
    return form


def state_of(page: Page, words: str) -> None:
    badge = page.locator(".state-badge-lg")
    expect(badge).to_have_text(words, timeout=PATIENCE)
