"""What people's hands do on the pages, said once for all journeys."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, TimeoutError, expect

from cases.demo_pictures import picture
from parties.demo.cast import PASSWORD
from tests.e2e.stack import until
from tests.looks.visiting import too_wide

PATIENCE = 20_000


class Seat:
    """Somebody at the pages, in a window of one width.

    What the pages log as an error on the way is kept in `faults`. A refusal that a
    round asks for is none: Chromium logs the 409 and 422 it comes with.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("console", lambda said: self._note(said.type, said.text))
        page.on("pageerror", lambda fault: self._note("error", str(fault)))

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not re.search(r"status of (409|422)", text):
            self.faults.append(f"{self.page.url}: {text}")

    def sign_in(self, username: str, password: str = "") -> None:
        """By one press on the card of the account, by name and password without one."""
        self.page.goto("/login/")
        card = self.page.locator(f"button[value={username}]")
        if not password and card.count():
            card.click()
        else:
            self.page.locator("#id_username").fill(username)
            self.page.locator("#id_password").fill(password or PASSWORD)
            self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "login" not in url)
        self.fits()

    def opens(self, path: str) -> Page:
        self.page.goto(path)
        self.fits()
        return self.page

    def fits(self) -> None:
        """Nothing makes the page scroll sideways once all of it is there."""
        wide: list[str] = []

        def narrow() -> bool:
            wide[:] = too_wide(self.page)
            return not wide

        try:
            until("the page fits", narrow, PATIENCE / 1000)
        except AssertionError:
            raise AssertionError(f"{self.page.url}: {wide}") from None

    def follows(self, link: Locator) -> Page:
        """Press a link, and be at the page that it leads to."""
        before = self.page.url
        link.click()
        self.page.wait_for_url(lambda url: url != before)
        self.fits()
        return self.page

    def picks_up(self, case: int, queue: str) -> Page:
        """From the list of that address, where the case waits, to its page."""
        self.opens(queue)
        return self.follows(self.page.locator(f"#row-{case} .case-row-link"))

    def takes(self, label: str) -> Any:
        """The form of a step of the open case."""
        form = press(self.page, label)
        self.fits()
        return form

    def sends(self, state: str) -> None:
        """Send the step that is open; the case is in that state then, in its words."""
        form = self.page.locator("form.step")
        form.locator(".form-actions button[type=submit]").click()
        expect(form).to_have_count(0, timeout=3 * PATIENCE)
        state_of(self.page, state)
        self.fits()


def option(scope: Any, words: str) -> str:
    """A choice as it is written, of which one part is known."""
    return str(scope.locator("option", has_text=words).first.inner_text())


Sit = Callable[[str], Seat]


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
    button = page.locator(".action-bar").get_by_role("link", name=label, exact=True)
    aside = page.locator(".aside-steps:not([open]) summary")
    if aside.count() and not button.is_visible():
        aside.click()
    button.click()
    form = page.locator("#step form")
    expect(form).to_be_visible(timeout=PATIENCE)
    return form


def state_of(page: Page, words: str) -> None:
    badge = page.locator(".state-badge-lg")
    expect(badge).to_have_text(words, timeout=PATIENCE)
