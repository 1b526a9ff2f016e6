"""Every page opens, fits a phone, logs no error, and axe finds nothing serious."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import FRIDAY_1710
from tests.e2e.stack import DATABASE, Stack
from tests.looks.__main__ import BUILD, PAGES
from tests.looks.pages import NOT_PAGES, Page, forgotten
from tests.looks.visiting import (
    DESK,
    PHONE,
    Visitor,
    inaccessible,
    keyboard,
    small_targets,
    too_wide,
    zoomed,
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo city with a case at every station, beside that of the scenarios."""
    folder = tmp_path_factory.mktemp("looks")
    instance = Stack(folder, FRIDAY_1710, database=f"{DATABASE}_looks")
    try:
        instance.up()
        instance.manage("seed_demo")
        instance.settle()
        instance.ask(BUILD)
        instance.settle()
        yield instance
    finally:
        instance.down()


@pytest.fixture(scope="module")
def listed(city: Stack) -> dict[str, Any]:
    return dict(city.ask(PAGES.format(False)))


def test_every_route_is_looked_at_or_named_with_the_reason(
    listed: dict[str, Any],
) -> None:
    assert listed["unknown"] == []
    assert forgotten() == []
    assert all(NOT_PAGES.values())


def test_pages_are_sound_and_accessible(
    city: Stack, listed: dict[str, Any], browser: Any
) -> None:
    """Every page once, each at the width it is made for; docs/accessibility.md."""
    visitor, faults = Visitor(browser, city.url), []
    for page in (Page(**one) for one in listed["pages"]):
        is_phone = page.path.startswith(("/m/", "/r/"))
        width = PHONE if is_phone else DESK
        with visitor.at(page, width) as (window, seen):
            seen.faults += inaccessible(window)
            window.set_viewport_size({"width": PHONE, "height": 844})
            seen.faults += too_wide(window) + zoomed(window)
            window.set_viewport_size({"width": width, "height": 900})
            if is_phone:
                seen.faults += small_targets(window)
        faults += [f"{page.label}: {fault}" for fault in seen.faults]
    visitor.close()
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("path", "username", "width"),
    [
        ("/login/", "", DESK),
        ("/desk/?queue=open", "jiedao-paiqianyuan", DESK),
        ("/inbox/", "chengguanju-lianluoyuan", DESK),
        ("/m/", "wanggeyuan-jia", PHONE),
        ("/m/file/", "wanggeyuan-jia", PHONE),
        ("/r/", "", PHONE),
        ("/style/", "jiedao-paiqianyuan", DESK),
    ],
)
def test_keyboard_reaches_everything_and_the_focus_is_seen(
    city: Stack, browser: Any, path: str, username: str, width: int
) -> None:
    visitor = Visitor(browser, city.url)
    with visitor.at(Page("keyboard", path, username), width) as (window, _seen):
        found = keyboard(window)
    visitor.close()
    assert not found, "\n".join(found)


def test_a_step_is_done_with_the_keyboard_alone(city: Stack, browser: Any) -> None:
    """From the button of a case straight into the form that opens in place."""
    visitor = Visitor(browser, city.url)
    pending = city.ask("Case.objects.filter(state='STREET_PENDING').first().pk")
    page = Page("case", f"/cases/{pending}/", "jiedao-paiqianyuan")
    with visitor.at(page, DESK) as (window, _seen):
        button = window.locator(".action-bar a[hx-get]").first
        button.focus()
        window.keyboard.press("Enter")
        window.wait_for_selector("#step form")
        window.wait_for_function(
            "document.activeElement.closest('#step') !== null", timeout=5000
        )
    visitor.close()


def test_pictures_open_in_a_dialog_that_keeps_the_focus(
    city: Stack, browser: Any
) -> None:
    visitor = Visitor(browser, city.url)
    fed = city.ask("Case.objects.filter(state='FEEDBACK_REVIEW').first().pk")
    page = Page("case", f"/cases/{fed}/", "jiedao-paiqianyuan")
    with visitor.at(page, DESK) as (window, _seen):
        window.locator("[data-gallery] a[data-large]").first.focus()
        window.keyboard.press("Enter")
        window.wait_for_selector("dialog.photo-large[open]")
        outside = "!['BODY', 'HTML'].includes(document.activeElement.tagName)"
        for _step in range(4):
            assert not window.evaluate(
                f"{outside} && document.activeElement.closest('dialog') === null"
            )
            window.keyboard.press("Tab")
        window.keyboard.press("Escape")
        window.wait_for_selector("dialog.photo-large[open]", state="detached")
        assert window.evaluate("document.activeElement.matches('a[data-large]')")
    visitor.close()
