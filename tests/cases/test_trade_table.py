"""The code's table against the trade's own (`case_state_machine.json`), both ways.

Skipped where the data does not lie beside the project.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cases.workflow import (
    HANDLING_STATES,
    PHASES,
    RESUME,
    RUNNING,
    TERMINAL,
    TRANSITIONS,
    Action,
    Stage,
    State,
    Transition,
)

SOURCE = Path(__file__).resolve().parents[3] / "shared/domain/case_state_machine.json"
# Where a case that stood in one of them goes back to.
SUSPENDED_FROM = (*HANDLING_STATES, State.DISTRICT_COORD)
pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def trade() -> dict[str, Any]:
    if not SOURCE.exists():
        pytest.skip("没有 ../shared/domain，跳过与领域状态机的对照")
    found: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return found


def ours() -> list[Transition]:
    """The rows of the trade; ids of another form are the extra rules of DOMAIN C.3."""
    return [row for row in TRANSITIONS if re.fullmatch(r"T\d\d", row.id)]


def arrows_of(row: Transition) -> set[tuple[str, str, str]]:
    """(id, from, to) of a row; RESUME stands for each state it may return to."""
    if row.target != RESUME:
        return {(row.id, source, row.target) for source in row.sources}
    back = SUSPENDED_FROM if State.SUSPENDED in row.sources else HANDLING_STATES
    return {(row.id, source, target) for source in row.sources for target in back}


def test_every_arrow_stands_on_both_sides(trade: dict[str, Any]) -> None:
    theirs = {
        (row["id"].split("-")[0], source, row["to"])
        for row in trade["transitions"]
        for source in row["from"]
    }
    mine = {arrow for row in ours() for arrow in arrows_of(row)}
    assert mine - theirs == set(), "rows the trade does not know"
    assert theirs - mine == set(), "rows of the trade that the code lacks"
    assert len(trade["transitions"]) == 59


def test_every_state_stands_on_both_sides(trade: dict[str, Any]) -> None:
    phases = {state: str(label) for label, states in PHASES for state in states}
    mine = {
        (state.value, str(state.label), phases[state], state in TERMINAL)
        for state in State
    }
    theirs = {
        (row["code"], row["zh"], row["phase"], row["terminal"])
        for row in trade["states"]
    }
    assert mine == theirs
    assert len(theirs) == 23


def test_the_clock_of_every_state_is_the_trade_s(trade: dict[str, Any]) -> None:
    known = set(Stage.values)
    for row in trade["states"]:
        running = row["clock"].split("(")[0] + row["clock"].partition(")")[2]
        theirs = {word for word in re.findall(r"[A-Z_]+", running) if word in known}
        mine = {str(stage) for stage in RUNNING.get(State(row["code"]), ())}
        # The city's coordination has a limit, and so a clock, of its own.
        mine = {"COORD" if stage == "CITY_COORD" else stage for stage in mine}
        assert mine == theirs, row["code"]


def test_the_clocks_of_every_row_are_the_trade_s(trade: dict[str, Any]) -> None:
    """Each stage the trade's row starts, stops, pauses or resumes moves in ours too."""
    rows: dict[str, set[str]] = {}
    for row in ours():
        moved = {str(stage) for _do, stage in row.clocks}
        rows.setdefault(row.id, set()).update(moved)
    for row in trade["transitions"]:
        theirs = set(re.findall(r"[A-Z_]{5,}", row["clock"])) & set(Stage.values)
        mine = rows[row["id"].split("-")[0]]
        assert theirs <= mine, row["id"]


def test_every_action_of_the_code_is_used(trade: dict[str, Any]) -> None:
    assert {row.action for row in TRANSITIONS} == set(Action)
    known = {row["id"].split("-")[0] for row in trade["transitions"]}
    assert {row.id for row in ours()} == known
