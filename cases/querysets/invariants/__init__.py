"""What must hold between the rows of the database at every moment, as plain SQL.

Each `Invariant` says in one sentence what holds, how many things it speaks of and
which of them break it: one row for each, with the name under which people find it.
`check` reads all of them from one snapshot. docs/invariants.md says what to do.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from cases.querysets.invariants.statements import INVARIANTS, Invariant
from cases.workflow import (
    BESIDE,
    CONSEQUENCES,
    HANDLING_STATES,
    OPEN_STATES,
    TRANSITIONS,
    WINDOWS,
    State,
    running_clocks,
)

SHOWN = 5
SORTING = "SET LOCAL work_mem = '256MB'"
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@dataclass(frozen=True, kw_only=True)
class Finding:
    invariant: Invariant
    checked: int
    violations: int
    examples: tuple[str, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.violations


LOW = 0xFFFFFFFF
BY_NAME = {one.name: one for one in INVARIANTS}
RETURNING = (State.FEEDBACK_REVIEW, State.CHECKING, State.RATING, State.SUSPENDED)
WHISTLED = (State.WHISTLED, State.JOINT_HANDLING)


def parameters(at: datetime, grace: timedelta) -> dict[str, Any]:
    """What the statements ask by name; `settled` is the moment before the grace."""
    suspended = {
        s for row in TRANSITIONS if row.target == State.SUSPENDED for s in row.sources
    }
    return {
        "states": list(State.values),
        "open": list(OPEN_STATES),
        "returning": list(RETURNING),
        "resumed": sorted({*HANDLING_STATES, *suspended}),
        "running": [
            f"{state}:{','.join(sorted(stages))}"
            for state, sets in running_clocks().items()
            for stages in sets
        ],
        "beside": list(BESIDE),
        "windows": list(WINDOWS),
        "ends_state": [
            f"{stage}:{found.moves[0]}"
            for stage, found in CONSEQUENCES.items()
            if found.moves is not None
        ],
        "whistled": list(WHISTLED),
        "constraints": declared_constraints(),
        "settled": at - grace,
        "grace": grace,
        "low": LOW,
    }


def declared_constraints() -> list[str]:
    """The names of all constraints that the models of the product declare."""
    return sorted(
        constraint.name
        for model in apps.get_models()
        for constraint in model._meta.constraints
    )


def check(
    *, at: datetime, grace: timedelta, only: Iterable[str] = ()
) -> Iterator[Finding]:
    """Each invariant (or those named) with what was found, from one snapshot."""
    chosen = [BY_NAME[name] for name in only] or INVARIANTS
    given = parameters(at, grace)
    fresh = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if fresh:
            cursor.execute(SNAPSHOT)
        cursor.execute(SORTING)
        for _shared, group in groupby(chosen, lambda one: one.shared or one.name):
            yield from _found(cursor, list(group), given)


def _found(
    cursor: Any, group: list[Invariant], given: dict[str, Any]
) -> Iterator[Finding]:
    """One statement for those that share a pass; each gets its part of the time."""
    begun = time.monotonic()
    cursor.execute(_statement(group), {**given, "shown": SHOWN})
    row = cursor.fetchone()
    seconds = (time.monotonic() - begun) / len(group)
    for number, one in enumerate(group):
        checked, violations, examples = row[number * 3 : number * 3 + 3]
        yield Finding(
            invariant=one,
            checked=checked,
            violations=violations,
            examples=tuple(examples or ()),
            seconds=seconds,
        )


def _statement(group: list[Invariant]) -> str:
    """For each: how many things, how many broken, the names of some of those."""
    parts = [group[0].shared] if group[0].shared else []
    shown = []
    for number, one in enumerate(group):
        name = f"broken_{number}"
        parts.append(f"{name}(example) AS MATERIALIZED ({one.broken})")
        shown += [
            f"({one.counted})",
            f"(SELECT count(*) FROM {name})",  # noqa: S608 - constants
            f"(SELECT (array_agg(example))[1:%(shown)s] FROM {name})",  # noqa: S608
        ]
    return f"WITH {', '.join(parts)} SELECT {', '.join(shown)}"
