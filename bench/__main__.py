"""Print the benchmark table. `bin/bench` prepares everything and calls this."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

import django
from django.db import connection, connections

QUICK = ["locate", "file"]
LARGE = ["queue", "invariants", "tables"]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    django.setup()
    from bench import city, machine, pgbench

    asked = _arguments()
    pgbench.program()
    with scratch_database(keep=asked.keep):
        for name, value in machine.facts().items():
            say(f"{name:32} {value}")
        say(f"{'grids':32} {city.built():,}")
        rates = [row for row in asked.rows if row not in ("queue", "tables")]
        if rates:
            _tell_rates(rates, asked)
        if "tables" in asked.rows:
            _tell_tables(asked)
        within = "queue" not in asked.rows or _tell_pages(asked)
    sys.exit(0 if within else 1)


def _tell_rates(rows: list[str], asked: argparse.Namespace) -> None:
    from bench import checking, filing, locating
    from bench.row import Figures, measured

    measuring: dict[str, Callable[[], Iterator[Figures]]] = {
        "locate": lambda: measured(
            locating.row(), rounds=asked.rounds, seconds=asked.seconds
        ),
        "file": lambda: measured(
            filing.row(), rounds=asked.rounds, seconds=asked.seconds
        ),
        "invariants": lambda: checking.measured(cases=asked.cases, rounds=asked.rounds),
    }
    say(f"{'rounds':32} {asked.rounds} × {asked.seconds} s, medians\n")
    say(_line("row", "clients", "product/s", "ms", "pgbench/s", "ms", "ratio"))
    for name in rows:
        for found in measuring[name]():
            product, database = found.product, found.database
            say(
                _line(
                    found.name,
                    found.clients,
                    _spelled(product.per_second),
                    f"{product.milliseconds:.2f}",
                    _spelled(database.per_second),
                    f"{database.milliseconds:.2f}",
                    f"{found.ratio:.2f} "
                    f"({min(found.ratios):.2f}–{max(found.ratios):.2f})",
                )
            )


def _tell_tables(asked: argparse.Namespace) -> None:
    """One line for each way, with the memory before and the most it grew to."""
    from bench import tables

    say("")
    say(
        _line(
            "table",
            "rows",
            "product/s",
            "python/s",
            "alone/s",
            "ratio",
            "MB before",
            "MB most",
        )
    )
    for found in tables.measured(cases=asked.cases):
        say(
            _line(
                found.name,
                found.rows,
                _spelled(found.product),
                _spelled(found.python),
                _spelled(found.database),
                f"{found.ratio:.2f}",
                found.before,
                found.highest,
            )
        )


def _tell_pages(asked: argparse.Namespace) -> bool:
    """One line for each page; answers whether all are within the budget."""
    from bench import reading

    say(f"\n{'cases':32} {asked.cases:,}")
    say(f"{'budget at the median':32} {reading.BUDGET:.0f} ms\n")
    say(
        _line(
            "page",
            "persons",
            "p50 ms",
            "p95 ms",
            "python ms",
            "queries",
            "their ms",
            "ratio",
        )
    )
    within = True
    for found in reading.measured(cases=asked.cases):
        within = within and found.within
        say(
            _line(
                found.page.name,
                len(found.product),
                f"{found.p50:.1f}",
                f"{found.p95:.1f}",
                f"{median(found.python):.1f}",
                found.statements,
                f"{median(found.database):.1f}",
                f"{found.ratio:.2f}",
                "ok" if found.within else "OVER",
            )
        )
    return within


@contextmanager
def scratch_database(*, keep: bool) -> Iterator[None]:
    """A migrated database of its own beside the one configured.

    It is dropped at the end, or kept for the next run that keeps it.
    """
    name = connection.settings_dict["NAME"]
    part = "kept" if keep else "bench"
    connection.settings_dict["TEST"]["NAME"] = f"{part}_{name}"
    connection.creation.create_test_db(
        verbosity=0, autoclobber=True, serialize=False, keepdb=keep
    )
    try:
        yield
    finally:
        connections.close_all()
        connection.creation.destroy_test_db(name, verbosity=0, keepdb=keep)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    known, quick = ", ".join(QUICK + LARGE), ", ".join(QUICK)
    parser.add_argument("rows", nargs="*", default=QUICK, metavar="row",
                        help=f"{known} (default: {quick})")  # fmt: skip
    parser.add_argument("--cases", type=int, default=1_000_000,
                        help=f"for the rows {' and '.join(LARGE)}")  # fmt: skip
    parser.add_argument("--keep", action="store_true",
                        help="keep the database for the next run")  # fmt: skip
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    asked = parser.parse_args()
    unknown = set(asked.rows) - {*QUICK, *LARGE}
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if asked.keep and set(asked.rows) - set(LARGE):
        parser.error(f"--keep is for {' and '.join(LARGE)}")
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
