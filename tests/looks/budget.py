"""Measure the pages that people on the street open, and print each beside its budget.

`bin/budget` calls this. The instance is one of production's make: hashed names, files
compressed once, several processes. The phone is Chromium at a quarter of its speed on
what Lighthouse applies as “slow 4G”.
"""

import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from playwright.sync_api import Error

SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1_474_560 / 8,
    "uploadThroughput": 675_000 / 8,
}
CPU_SLOWER = 4
ROUNDS = 5
FILING = "/m/file/"
WORKER = "wanggeyuan-jia"
MAP = ("/vendor/maplibre", "/css/map.", "/js/map.", "/js/backdrop.", "/tiles/",
       "/areas/")  # fmt: skip
KB = 1000


@dataclass
class Visit:
    """Of one first visit: bytes over the wire by address, and when it could be used."""

    bytes: dict[str, int]
    usable: float
    painted: float

    def weight(self, *, of_map: bool) -> int:
        return sum(
            size
            for url, size in self.bytes.items()
            if any(part in url for part in MAP) == of_map
        )


@dataclass
class Line:
    """`limit` of None is told and not judged."""

    what: str
    found: float
    unit: str
    limit: float | None = None

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.found > self.limit

    def __str__(self) -> str:
        budget = "" if self.limit is None else f"budget {self.limit:g} {self.unit}"
        verdict = "" if self.limit is None else "OVER" if self.is_over else "ok"
        return f"{self.what:44}{self.found:9.1f} {self.unit:3} {budget:16}{verdict}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    django.setup()
    from tests.looks.__main__ import chromium, say

    with instance() as url, chromium() as browser:
        visits = [first_visit(browser, url) for _ in range(ROUNDS)]
        lines = list(weighed(visits))
        offline = repeat_offline(browser, url)
    for line in lines:
        say(str(line))
    say(f"{'repeat visit without a network':44}{offline or 'works'}")
    for address, size in sorted(visits[0].bytes.items(), key=lambda one: -one[1])[:12]:
        say(f"    {size / KB:8.1f} kB  {address.removeprefix(url)}")
    sys.exit(bool(offline) or any(line.is_over for line in lines))


def weighed(visits: list[Visit]) -> Iterator[Line]:
    """The median of several first visits."""
    middle = statistics.median
    yield Line(
        "phone filing page, first visit, without map",
        middle(one.weight(of_map=False) for one in visits) / KB,
        "kB",
        150,
    )
    yield Line(
        "    its map", middle(one.weight(of_map=True) for one in visits) / KB, "kB"
    )
    yield Line(
        "    usable on slow 4G, CPU at a quarter",
        middle(one.usable for one in visits) / 1000,
        "s",
        3,
    )
    yield Line("    something to see", middle(v.painted for v in visits) / 1000, "s")


@contextmanager
def instance() -> Iterator[str]:
    from tests.e2e.conftest import FRIDAY_1710
    from tests.e2e.stack import Stack

    folder = Path(tempfile.mkdtemp(prefix="budget-"))
    stack = Stack(folder, FRIDAY_1710)
    stack.environment["WANGGE_ENV"] = "demo"
    try:
        stack.manage("collectstatic", "--noinput", "--verbosity", "0")
        stack.up()
        stack.manage("seed_demo")
        stack.settle()
        yield stack.url
    finally:
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def phone(browser: Any, url: str) -> Iterator[Any]:
    """A page signed in without having loaded anything, so that its cache is empty."""
    context = browser.new_context(
        base_url=url,
        viewport={"width": 390, "height": 844},
        locale="zh-CN",
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    context.request.get("/login/")
    token = next(c["value"] for c in context.cookies() if c["name"] == "csrftoken")
    form = {"username": WORKER, "csrfmiddlewaretoken": token}
    answer = context.request.post("/demo-login/", form=form, headers={"Referer": url})
    assert answer.ok, answer.status
    yield context.new_page()
    context.close()


def first_visit(browser: Any, url: str) -> Visit:
    sizes: dict[str, int] = {}
    addresses: dict[str, str] = {}
    with phone(browser, url) as page:
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", SLOW_4G)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
        wire.on(
            "Network.requestWillBeSent",
            lambda sent: addresses.update({sent["requestId"]: sent["request"]["url"]}),
        )
        wire.on(
            "Network.loadingFinished",
            lambda done: sizes.update(
                {addresses.get(done["requestId"], "?"): int(done["encodedDataLength"])}
            ),
        )
        page.add_init_script(LISTENING)
        page.goto(FILING, wait_until="load")
        page.wait_for_selector("form.filing", state="attached")
        page.wait_for_timeout(3000)
        usable, painted = page.evaluate(MOMENTS)
    return Visit(sizes, usable, painted)


# The form's module has run to its end when it asks where the phone is, and the modules
# of the page before DOMContentLoaded ends: after both every control does its work.
LISTENING = """
const ask = Geolocation.prototype.watchPosition;
Geolocation.prototype.watchPosition = function (...given) {
    performance.mark('form ready');
    return ask.apply(this, given);
};
"""
MOMENTS = """() => [
    Math.max(
        performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
        performance.getEntriesByName('form ready')[0].startTime,
    ),
    performance.getEntriesByName('first-contentful-paint')[0].startTime,
]"""


def repeat_offline(browser: Any, url: str) -> str:
    """Why a second visit without a network does not work; empty when it does."""
    with phone(browser, url) as page:
        page.goto(FILING, wait_until="load")
        if not _taken_over(page):
            return "no service worker takes over"
        page.wait_for_timeout(3000)
        page.context.set_offline(True)
        try:
            page.goto(FILING, wait_until="load", timeout=15_000)
        except Exception as error:
            return f"does not open: {json.dumps(str(error))[:120]}"
        if page.query_selector("form.filing.is-live") is None:
            return "opens without a form that works"
    return ""


def _taken_over(page: Any) -> bool:
    """Whether a worker serves the page within 15 s; it may load the page anew then."""
    for _second in range(15):
        page.wait_for_timeout(1000)
        try:
            if page.evaluate("navigator.serviceWorker?.controller != null"):
                return True
        except Error:
            continue
    return False


if __name__ == "__main__":
    main()
