"""The screenshots of one run: which pages, at which widths, what besides."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

from tests.looks.pages import Page
from tests.looks.visiting import (
    DESK,
    PHONE,
    Seen,
    Visitor,
    inaccessible,
    settle,
    shoot,
    too_wide,
)

FAULTY = (
    "phone_file", "whistle_compose", "step-request_suspension", "convene_meeting",
    "care_register", "duty_compose", "admission_apply", "incident_start",
)  # fmt: skip
"""Forms that are also sent as they are, for the look of what is said at the fields."""
PRINTED = ("case-closed", "case-archived", "case-joint_handling", "report")
SEND_AS_IT_IS = "document.querySelector('main form[method=post]').submit()"


@dataclass
class Shooting:
    visitor: Visitor
    folder: Path
    axe: bool = False

    def shots(self, page: Page) -> Iterator[Seen]:
        for width in (PHONE, DESK):
            yield self._shot(page, width, "", self._look)
            if page.name in FAULTY:
                yield self._shot(page, width, "-faults", _send)
        if page.name in PRINTED:
            yield self._shot(page, DESK, "-print", _on_paper)
            self.visitor.window(page.username, DESK).emulate_media(media="screen")

    def error(self, name: str, content: str) -> Iterator[Seen]:
        """What stands in the way when nothing else works, drawn from its template."""

        def draw(window: Any, seen: Seen) -> None:
            window.set_content(content, wait_until="load")
            self._look(window, seen)

        page = Page(f"error-{name.removesuffix('.html')}", "/login/", "")
        for width in (PHONE, DESK):
            yield self._shot(page, width, "", draw)

    def _shot(
        self, page: Page, width: int, suffix: str, prepare: Callable[..., None]
    ) -> Seen:
        """A page that cannot be shot is a fault of its own, not the end of the run."""
        seen = Seen(page, width)
        try:
            with self.visitor.at(page, width) as (window, seen):
                prepare(window, seen)
                shoot(window, seen, self.folder, f"{page.label}{suffix}-{width}")
                window.set_viewport_size({"width": width, "height": 900})
        except Error as error:
            seen.faults.append(f"cannot be shot: {str(error).splitlines()[0]}")
        return seen

    def _look(self, window: Any, seen: Seen) -> None:
        """The pages of the administration are Django's own."""
        if seen.page.path.startswith("/admin/"):
            return
        if seen.width == PHONE:
            seen.faults += too_wide(window)
        if self.axe:
            seen.faults += inaccessible(window)


def _send(window: Any, seen: Seen) -> None:
    with window.expect_navigation():
        window.evaluate(SEND_AS_IT_IS)
    settle(window)
    seen.faults.clear()  # the console tells of the answer 422


def _on_paper(window: Any, seen: Seen) -> None:
    window.emulate_media(media="print")
    window.set_viewport_size({"width": 794, "height": 1123})
