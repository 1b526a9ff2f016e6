"""One running instance for all end-to-end tests, and a browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e import hands
from tests.e2e.hands import Seat
from tests.e2e.people import Person
from tests.e2e.scenario import Scenario
from tests.e2e.stack import Stack

FRIDAY_1710 = datetime(2026, 11, 20, 9, 10, tzinfo=UTC)  # 17:10 in Shanghai
MONDAY_1000 = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
WIDTHS = {"390px": (390, 844), "1440px": (1440, 900)}
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Of these each group has an instance of its own, so that two workers share the load.
GROUPS = {
    "test_looks": "looks",
    "test_roles": "rounds",
    "test_roles_around": "rounds",
    "test_tables": "rounds",
    "test_roles_apart": "rounds",
    "test_together": "rounds",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares an instance runs in the same worker, the largest groups first. Said
    before xdist reads the groups."""
    for item in items:
        if item.get_closest_marker("e2e"):
            group = GROUPS.get(item.path.stem, "e2e")
            item.add_marker(pytest.mark.xdist_group(group))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    instance = Stack(tmp_path_factory.mktemp("stack"), FRIDAY_1710)
    try:
        instance.up()
        instance.manage("seed_demo")
        instance.settle()
        yield instance
    finally:
        instance.down()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    path = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("没有找到 Chromium；bin/test 会安装它")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield running
        running.close()


@pytest.fixture
def sign_in(stack: Stack, browser: Any) -> Iterator[Callable[..., Any]]:
    """`page = sign_in("wanggeyuan-jia", phone=True)`: a page of that person's own."""
    contexts = []

    def open_page(username: str, *, phone: bool = False, **options: Any) -> Any:
        size = (
            {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        )
        context = browser.new_context(
            base_url=stack.url,
            viewport=size,
            locale="zh-CN",
            has_touch=phone,
            **options,
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/login/")
        page.evaluate(
            """async username => {
                const token = document.querySelector('[name=csrfmiddlewaretoken]').value
                const body = new URLSearchParams({username, csrfmiddlewaretoken: token})
                await fetch('/demo-login/', {method: 'POST', body})
            }""",
            username,
        )
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def people(stack: Stack) -> Callable[[str], Person]:
    """`people("jiedao-paiqianyuan")`: that demo account, signed in once."""
    known: dict[str, Person] = {}

    def person(username: str) -> Person:
        if username not in known:
            known[username] = Person(stack.url, username)
            known[username].wait = stack.settle
        return known[username]

    return person


@pytest.fixture(scope="session")
def spots(stack: Stack) -> dict[str, dict[str, float]]:
    """A point inside each grid of 幸福社区, as the phone would send it."""
    found = stack.ask(
        "{b.area.code: {'longitude': p.x, 'latitude': p.y} for b in "
        "AreaBoundary.objects.current().filter("
        "area__code__startswith='990101001001', area__level=5).select_related('area') "
        "if (p := b.geometry.point_on_surface)}"
    )
    return dict(found)


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    stack.set_clock(MONDAY_1000)
    return Scenario(stack)


@pytest.fixture(params=WIDTHS.values(), ids=WIDTHS)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture
def sit(
    stack: Stack,
    browser: Any,
    spots: dict[str, dict[str, float]],
    size: tuple[int, int],
) -> Any:
    """`sit("jiedao-paiqianyuan")`: signed in, at the first page of that account."""
    seats: list[Seat] = []

    def sit_down(username: str) -> Seat:
        context = browser.new_context(
            base_url=stack.url,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            has_touch=size[0] < 600,
            geolocation={**spots["990101001001001"], "accuracy": 8},
            permissions=["geolocation"],
        )
        context.set_default_timeout(hands.PATIENCE)
        seats.append(Seat(context.new_page()))
        if username:
            seats[-1].sign_in(username)
        return seats[-1]

    yield sit_down
    for seat in seats:
        seat.page.context.close()
    assert [fault for seat in seats for fault in seat.faults] == []
