"""Shoot every page at the width of a phone and of a desk; `bin/screenshots` calls this.

The demo city with a case at every station, real processes, the clock of the tests.
Fails when a page answers with an error, logs one in the console, or scrolls sideways on
a phone; with `--axe` also when axe finds something serious.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    django.setup()
    from tests.looks import sheet

    asked = _arguments()
    folder = Path(asked.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    found = list(_shot(asked, folder))
    sheet.write(folder, found)
    wrong = [one for one in found if one.faults]
    for one in wrong:
        say(f"{one.page.label} {one.width}: " + "\n    ".join(one.faults))
    say(f"{len(found)} screenshots, {len(wrong)} with faults: {folder}/index.html")
    sys.exit(bool(wrong))


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


def _shot(asked: argparse.Namespace, folder: Path) -> Iterator[Any]:
    from tests.looks.pages import Page
    from tests.looks.shooting import Shooting
    from tests.looks.visiting import Seen, Visitor

    with running(asked.url) as (url, ask), chromium() as browser:
        visitor = Visitor(browser, url, theme=asked.theme, elder=asked.elder)
        shooting = Shooting(visitor, folder, asked.axe)
        listed = ask(PAGES.format(True))
        for sentence in listed["unknown"]:
            yield Seen(Page(sentence, "", ""), 0, faults=[sentence])
        for given in listed["pages"]:
            if asked.only in given["name"]:
                yield from shooting.shots(Page(**given))
        for name in ERRORS if not asked.only else ():
            yield from shooting.error(name, ask(TEMPLATE.format(name)))
        visitor.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--only", default="", help="part of the names of the pages")
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--elder", action="store_true", help="large type")
    parser.add_argument("--axe", action="store_true", help="also ask axe-core")
    parser.add_argument("--url", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


@contextmanager
def running(url: str) -> Iterator[tuple[str, Any]]:
    """An instance of its own with all stations; or a running demo, whose database this
    process is connected to, as it is."""
    if url:
        yield url, lambda expression: eval(expression)  # noqa: S307
        return
    from tests.e2e.conftest import FRIDAY_1710
    from tests.e2e.stack import Stack

    folder = Path(tempfile.mkdtemp(prefix="looks-"))
    stack = Stack(folder, FRIDAY_1710)
    try:
        stack.up()
        stack.manage("seed_demo")
        stack.settle()
        stack.ask(BUILD)
        stack.settle()
        yield stack.url, stack.ask
    finally:
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)


ERRORS = ("403.html", "403_csrf.html", "404.html", "500.html")
BUILD = "__import__('tests.looks.building', fromlist=['build']).build()"
TEMPLATE = "__import__('django.template.loader').template.loader.render_to_string('{}')"
PAGES = "__import__('tests.looks.pages', fromlist=['pages']).pages(steps={})"


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    from tests.e2e.conftest import SWITCHES

    path = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


if __name__ == "__main__":
    main()
