"""Open pages in Chromium as those they are for, and say what is wrong with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.looks.pages import Page

PHONE, DESK = 390, 1440
HEIGHT = {PHONE: 844, DESK: 900, 360: 740}
SERIOUS = ("serious", "critical")
SIGN_IN = """async username => {
    const token = document.querySelector('[name=csrfmiddlewaretoken]').value
    const body = new URLSearchParams({username, csrfmiddlewaretoken: token})
    const answer = await fetch('/demo-login/', {method: 'POST', body})
    return answer.ok
}"""
# What reaches beyond the right edge of the window and is not inside something that
# scrolls by itself, to be named when a page is too wide.
WIDEST = """() => {
    const edge = document.documentElement.clientWidth
    const beyond = [...document.body.querySelectorAll('*')].filter(one => {
        if (one.getBoundingClientRect().right <= edge + 1) return false
        for (let up = one.parentElement; up; up = up.parentElement) {
            if (up !== document.body && getComputedStyle(up).overflowX !== 'visible')
                return false
        }
        return true
    })
    return beyond.slice(-3).map(one => one.tagName + '.' + one.className)
}"""
SMALL = """() => {
    document.querySelectorAll('details').forEach(one => { one.open = true })
    const pressed = 'a[href], button, summary, select, textarea, [role=tab],'
        + 'input:not([type=hidden], [type=checkbox], [type=radio], [type=file])'
    return [...document.querySelectorAll(pressed)].filter(one => {
        const box = one.getBoundingClientRect()
        return box.width > 1 && box.height > 1 && box.height < 43.5
            && getComputedStyle(one).visibility !== 'hidden'
            && !one.matches('.skip-link')
            && !one.closest('.maplibregl-control-container')
    }).map(one => Math.round(one.getBoundingClientRect().height) + ' px '
        + one.outerHTML.slice(0, 100))
}"""
# Where the focus is, and whether a ring or an outline shows it. The calendar button in
# a date field is ringed by the browser itself, where no script sees it.
STOP = """() => {
    const one = document.activeElement, NOTHING = /, 0\\)$|transparent/
    if (!one || one === document.body) return null
    const style = getComputedStyle(one)
    const ring = style.boxShadow !== 'none'
        || (style.outlineStyle !== 'none' && !NOTHING.test(style.outlineColor))
    const calendar = one.matches('[type=date], [type=datetime-local], [type=month]')
    const near = one.closest('label, .tile, .segment')
    const label = near && getComputedStyle(near).boxShadow !== 'none'
    return {what: one.outerHTML.slice(0, 100), shown: ring || label || calendar}
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Seen:
    """What was found at one page; `faults` are sentences, empty when all is well."""

    page: Page
    width: int
    image: str = ""
    faults: list[str] = field(default_factory=list)


class Visitor:
    """A browser with one window for each person and width, signed in once."""

    def __init__(
        self, browser: Any, url: str, *, theme: str = "light", elder: bool = False
    ) -> None:
        self.browser, self.url = browser, url
        self.script = f"localStorage.setItem('theme', '{theme}');" + (
            "localStorage.setItem('elder', '1');" if elder else ""
        )
        self.windows: dict[tuple[str, int], Any] = {}

    def window(self, username: str, width: int) -> Any:
        if (username, width) not in self.windows:
            context = self.browser.new_context(
                base_url=self.url,
                viewport={"width": width, "height": HEIGHT.get(width, 900)},
                locale="zh-CN",
                has_touch=width < 600,
                reduced_motion="reduce",
            )
            context.set_default_timeout(20_000)
            context.add_init_script(self.script)
            opened = context.new_page()
            if username:
                opened.goto("/login/")
                assert opened.evaluate(SIGN_IN, username), f"{username} is not let in"
            self.windows[username, width] = opened
        return self.windows[username, width]

    @contextmanager
    def at(self, page: Page, width: int) -> Iterator[tuple[Any, Seen]]:
        """The window at that page, settled, and what was noticed on the way."""
        window, seen = self.window(page.username, width), Seen(page, width)

        def complain(message: Any) -> None:
            if message.type == "error" and page.status < 400:
                seen.faults.append(f"console: {message.text}")

        def crash(error: Any) -> None:
            seen.faults.append(f"script: {error}")

        window.on("console", complain)
        window.on("pageerror", crash)
        try:
            answer = window.goto(page.path, wait_until="load")
            if answer.status != page.status:
                seen.faults.append(f"answers {answer.status} instead of {page.status}")
            settle(window)
            yield window, seen
        finally:
            window.remove_listener("console", complain)
            window.remove_listener("pageerror", crash)

    def close(self) -> None:
        for window in self.windows.values():
            window.context.close()
        self.windows.clear()


def settle(window: Any) -> None:
    """Pieces that come by themselves are there, and maps have drawn."""
    is_map = window.query_selector(".map-box, canvas") is not None
    window.wait_for_timeout(1500 if is_map else 250)


def shoot(window: Any, seen: Seen, folder: Path, name: str) -> None:
    seen.image = f"{name}.png"
    window.screenshot(path=str(folder / seen.image), full_page=True)


def too_wide(window: Any) -> list[str]:
    beyond = window.evaluate(OVERFLOW)
    if beyond <= 0:
        return []
    return [f"scrolls {beyond} px sideways: {window.evaluate(WIDEST)}"]


def small_targets(window: Any) -> list[str]:
    """What a finger presses on a phone and is not 44 px high, menus and folds open."""
    return [f"too small for a finger: {one}" for one in window.evaluate(SMALL)]


def zoomed(window: Any) -> list[str]:
    """Sideways scrolling in a window of 360 px with all type twice as large."""
    width = window.viewport_size["width"]
    window.set_viewport_size({"width": 360, "height": HEIGHT[360]})
    window.evaluate("document.documentElement.style.fontSize = '200%'")
    found = [f"at 200 % {one}" for one in too_wide(window)]
    window.evaluate("document.documentElement.style.fontSize = ''")
    window.set_viewport_size({"width": width, "height": HEIGHT.get(width, 900)})
    return found


def keyboard(window: Any, most: int = 120) -> list[str]:
    """Walk a page with the Tab key: the skip link first, and a sign at each stop."""
    found: list[str] = []
    window.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    for place in range(most):
        window.keyboard.press("Tab")
        stop = window.evaluate(STOP)
        if stop is None:
            break
        if place == 0 and "skip-link" not in stop["what"]:
            found.append(f"begins with {stop['what']} instead of the skip link")
        if not stop["shown"]:
            found.append(f"no sign of the focus at {stop['what']}")
    return found


def inaccessible(window: Any) -> list[str]:
    """What axe-core finds serious or critical, a sentence for each rule."""
    found = Axe().run(window, options={"resultTypes": ["violations"]})
    return [
        f"axe {one['impact']} {one['id']}: {one['help']} ({len(one['nodes'])}×) "
        f"{one['nodes'][0]['target']} {one['nodes'][0]['html'][:160]}"
        for one in found.response["violations"]
        if one["impact"] in SERIOUS
    ]
