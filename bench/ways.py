"""Three ways of a case through the table, and where on them the cases stand.

Each is a list of transitions of the table and of events beside it. Of a thousand cases
874 have gone to the end; six stand after each step before it, which leaves 108,000 of a
million open.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from cases.workflow import RESUME, TRANSITIONS, State
from cases.workflow.running import resume_state_after

SLOTS = 1000
SPREAD = 7919  # strews the slots of a variant over the thousand
PER_STEP = 6
MINUTES = {"T46": 7 * 1440}  # after the step before; the others take an hour
# The way, and its share of the cases that have gone to the end.
WAYS = (
    (45, ("T02", "T05", "T46")),
    (35, ("T01", "route", "T11", "T16", "T37", "submit_check", "T40", "T46")),
    (20, ("T01", "route", "T12", "route", "draft_whistle", "T20", "T24", "T36", "T37",
          "submit_check", "T39", "T42", "T46")),
)  # fmt: skip
ROWS = {row.id: row for row in reversed(TRANSITIONS)}


@dataclass
class Variant:
    """A case that went so many steps of a way, and what it left behind."""

    steps: tuple[str, ...]
    state: str = State.DRAFT
    kept: str = ""
    minutes: int = 0
    events: list[tuple[int, int, str, str]] = field(default_factory=list)
    clocks: list[list[object]] = field(default_factory=list)

    def go(self) -> "Variant":
        for seq, step in enumerate(self.steps, start=1):
            self.minutes += MINUTES.get(step, 60) if seq > 1 else 0
            action, detail = step, {"opinion": "按规定办理。", "clocks": []}
            if step in ROWS:
                action, detail = self._advance(step, detail)
            self.events.append(
                (seq, self.minutes, f"cases.{action}",
                 json.dumps(detail, ensure_ascii=False))
            )  # fmt: skip
        return self

    def _advance(self, step: str, detail: dict) -> tuple[str, dict]:
        row, before = ROWS[step], self.state
        self.state = self.kept if row.target == RESUME else str(row.target)
        self.kept = resume_state_after(before, self.state, self.kept)
        for name, stage in row.clocks:
            running = [c for c in self.clocks if c[0] == stage and c[2] is None]
            if name in ("start", "resume", "pass_on") and not running:
                self.clocks.append([stage, self.minutes, None])
            elif running and name == "stop":
                running[0][2] = self.minutes
            detail["clocks"].append(
                {"do": name, "clock": 1, "stage": stage, "limit": "4",
                 "unit": "WORK_HOUR", "consumed_minutes": "0"}
            )  # fmt: skip
        given = {"given": {"measures": "已现场处理，恢复原状。"}}
        return str(row.action), {
            **detail, **given, "transition": step, "from": before, "to": self.state,
            "holder": {"org": 1, "user": None},
        }  # fmt: skip


def variants() -> Iterator[tuple[int, Variant]]:
    """How many of a thousand, and what they are."""
    parts = [
        (PER_STEP, Variant(steps[:end]).go())
        for _share, steps in WAYS
        for end in range(1, len(steps))
    ]
    rest = SLOTS - sum(many for many, _one in parts)
    shares = [rest * share // 100 for share, _steps in WAYS]
    shares[0] += rest - sum(shares)
    whole = [Variant(steps).go() for _share, steps in WAYS]
    yield from parts
    yield from zip(shares, whole, strict=True)
