"""Print the benchmark table. `bin/bench` prepares everything and calls this."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import django
from django.db import connection, connections

QUICK = ["locate", "file"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    django.setup()
    from bench import checking, city, filing, locating, machine, pgbench
    from bench.row import Figures, measured

    rows: dict[str, Callable[[argparse.Namespace], Iterator[Figures]]] = {
        "locate": lambda a: measured(
            locating.row(), rounds=a.rounds, seconds=a.seconds
        ),
        "file": lambda a: measured(filing.row(), rounds=a.rounds, seconds=a.seconds),
        "invariants": lambda a: checking.measured(cases=a.cases, rounds=a.rounds),
    }
    asked = _arguments(list(rows))
    pgbench.program()
    with scratch_database():
        for name, value in machine.facts().items():
            say(f"{name:32} {value}")
        say(f"{'grids':32} {city.build():,}")
        say(f"{'rounds':32} {asked.rounds} × {asked.seconds} s, medians\n")
        say(_line("row", "clients", "product/s", "ms", "pgbench/s", "ms", "ratio"))
        for name in asked.rows:
            for found in rows[name](asked):
                say(
                    _line(
                        found.name,
                        found.clients,
                        _spelled(found.product.per_second),
                        f"{found.product.milliseconds:.2f}",
                        _spelled(found.database.per_second),
                        f"{found.database.milliseconds:.2f}",
                        f"{found.ratio:.2f} "
                        f"({min(found.ratios):.2f}–{max(found.ratios):.2f})",
                    )
                )


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database of its own beside the one configured, dropped at the end."""
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(name, verbosity=0)


def _arguments(rows: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    known, quick = ", ".join(rows), ", ".join(QUICK)
    parser.add_argument("rows", nargs="*", default=QUICK, metavar="row",
                        help=f"{known} (default: {quick})")  # fmt: skip
    parser.add_argument("--cases", type=int, default=1_000_000,
                        help="for the row `invariants`")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    asked = parser.parse_args()
    unknown = set(asked.rows) - set(rows)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    return asked


def _line(*cells: object) -> str:
    name, clients, *rest = cells
    return f"{name:32} {clients:>7} " + " ".join(f"{cell:>10}" for cell in rest)


def _spelled(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.3f}"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
