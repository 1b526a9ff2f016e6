"""Row 3: the lists that people open, among a million cases.

Each page is asked for by many persons of a role, through the whole request cycle
(middleware, session, scope, counts, template), each of them for the first time. Beside
it the very statements of that page, sent again with their values by themselves: what
the database alone needs.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median, quantiles

from django.db import connection
from django.test import Client

from bench import million, script
from governance import clock
from governance.actions import install_defaults
from governance.identity import SYSTEM
from governance.models import CalendarYear
from parties.models import Posting
from parties.roles import Role

PERSONS = 40
BUDGET = 30.0  # milliseconds at the median


@dataclass(frozen=True, kw_only=True)
class Page:
    name: str
    role: Role
    path: str


PAGES = (
    Page(name="desk, community: mine", role=Role.COMMUNITY_ACCEPTOR, path="/desk/"),
    Page(name="desk, street: mine", role=Role.STREET_DISPATCHER, path="/desk/"),
    Page(name="desk, street: all open", role=Role.STREET_DISPATCHER,
         path="/desk/?queue=open"),
    Page(name="desk, street: search 井盖", role=Role.STREET_DISPATCHER,
         path="/desk/?queue=open&q=井盖"),
    Page(name="desk, street: closed", role=Role.STREET_DISPATCHER,
         path="/desk/?queue=closed"),
    Page(name="desk, district: all open", role=Role.DISTRICT_COMMAND,
         path="/desk/?queue=open"),
    Page(name="desk, city: all open", role=Role.CITY_COMMAND, path="/desk/?queue=open"),
    Page(name="inbox, department", role=Role.DEPARTMENT_LIAISON, path="/inbox/"),
    Page(name="inbox, department: all", role=Role.DEPARTMENT_LIAISON,
         path="/inbox/?box=all"),
    Page(name="inbox, department: search", role=Role.DEPARTMENT_LIAISON,
         path="/inbox/?box=handling&q=道路"),
    Page(name="phone, home", role=Role.GRID_WORKER, path="/m/"),
    Page(name="phone, own cases", role=Role.GRID_WORKER, path="/m/cases/"),
    Page(name="phone, my grid", role=Role.GRID_WORKER, path="/m/cases/?list=grid"),
    Page(name="API list, street", role=Role.STREET_DISPATCHER, path="/api/v1/cases/"),
    Page(name="API list, grid worker", role=Role.GRID_WORKER, path="/api/v1/cases/"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Milliseconds of each request, by the clock and of Python's own work, and of its
    statements alone; how many those are."""

    page: Page
    product: list[float]
    python: list[float]
    database: list[float]
    statements: int

    @property
    def p50(self) -> float:
        return median(self.product)

    @property
    def p95(self) -> float:
        if len(self.product) == 1:
            return self.product[0]
        return quantiles(self.product, n=20, method="inclusive")[-1]

    @property
    def ratio(self) -> float:
        """What share of the time is the database's own."""
        return median(self.database) / self.p50

    @property
    def within(self) -> bool:
        return self.p50 <= BUDGET


def measured(*, cases: int, persons: int = PERSONS) -> Iterator[Reading]:
    million.built(cases)
    _give_calendar()
    gc.collect()  # as the server does once it has started (governance/wsgi.py)
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    for page in PAGES:
        yield read(page, persons)


def read(page: Page, persons: int) -> Reading:
    """One page by up to so many persons of its role, chosen by a fixed chance."""
    chance = random.Random(7)  # noqa: S311
    all_of_role = list(
        Posting.objects.filter(post__role=page.role)
        .order_by("pk")
        .select_related("user")
    )
    chosen = chance.sample(all_of_role, min(persons, len(all_of_role)))
    clients = [_signed_in(posting) for posting in chosen]
    _asked(clients[0], page)  # templates and translations are read once
    product, python, database, statements = [], [], [], 0
    for client in clients:
        worked = time.process_time()
        product.append(_timed(lambda client=client: _asked(client, page)))
        python.append((time.process_time() - worked) * 1000)
        sent = script.sent(lambda client=client: _asked(client, page))
        database.append(_timed(lambda sent=sent: _replay(sent)))
        statements = max(statements, len(sent))
    return Reading(
        page=page,
        product=product,
        python=python,
        database=database,
        statements=statements,
    )


def _give_calendar() -> None:
    """Lamps count working time, in this year and the next."""
    at = clock.now()
    install_defaults(actor=SYSTEM, at=at)
    for year in (at.year, at.year + 1):
        CalendarYear.objects.get_or_create(
            year=year, defaults={"source": "bench", "imported_at": at}
        )


def _signed_in(posting: Posting) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.handler.load_middleware()  # a server does that once, before any request
    client.force_login(posting.user)
    return client


def _asked(client: Client, page: Page) -> None:
    status = client.get(page.path).status_code
    if status != 200:
        raise RuntimeError(f"{page.path} answered {status}")


def _replay(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for one in statements:
            cursor.execute(one)
            if cursor.description:
                cursor.fetchall()


def _timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) * 1000
