"""Row 3: does everything still agree, among a million cases?

The product's call is the whole of `manage.py check_invariants`; the database's own is
to count the rows of the same tables, one plain scan of each.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max

from bench import million
from bench.load import Rate
from bench.row import Figures, middle
from cases.models import Case
from cases.querysets import invariants
from governance import clock

GRACE = timedelta(minutes=1)


def measured(*, cases: int, rounds: int) -> Iterator[Figures]:
    """Check and scans take turns; refuses a database in which something is broken."""
    million.built(cases)
    checks, scans = [], []
    for _round in range(rounds):
        checks.append(_rate(_check))
        scans.append(_rate(_scan))
    yield Figures(
        name=f"invariants, {cases:,} cases",
        clients=1,
        product=middle(checks),
        database=middle(scans),
        ratios=[
            one.per_second / other.per_second
            for one, other in zip(checks, scans, strict=True)
        ],
    )


def _check() -> None:
    found = invariants.check(at=_built_at(), grace=GRACE)
    broken = [one.invariant.name for one in found if not one.holds]
    if broken:
        raise RuntimeError(f"the database of the benchmark breaks {broken}")


def _built_at() -> datetime:
    """The moment of the newest case: in a kept database timers have run out since."""
    newest = Case.objects.aggregate(at=Max("reported_at"))["at"]
    return newest or clock.now()


def _scan() -> None:
    with connection.cursor() as cursor:
        for table in million.TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
            cursor.fetchone()


def _rate(call: Callable[[], None]) -> Rate:
    begun = time.perf_counter()
    call()
    took = time.perf_counter() - begun
    return Rate(per_second=1 / took, milliseconds=took * 1000)
