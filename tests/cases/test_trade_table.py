"""The code's table against the trade's own (`case_state_machine.json`), both ways.

Skipped where the data does not lie beside the project.
"""

import json
import re
from importlib import import_module
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
# Where each guard of the trade's table is kept: a named guard of the row, RESUME for
# the state that the row returns to, or the function that refuses what only it can know
# (T22, T28, T29: the person who rules judges, and gives the reason that it asks for).
BACK = "RESUME"
KEPT_BY: dict[str, tuple[str, ...]] = {
    "T01": ("cases.actions.filing.placed", "cases.querysets.duplicates.candidates"),
    "T02": ("self_resolvable",),
    "T03": ("self_resolvable", "not_urgent"),
    "T05": ("no_complainant",),
    "T06": ("has_complainant",),
    "T09": ("needs_verifying",),
    "T10": ("cases.actions.reception.submit_verification",),
    "T11": ("community_matter", "cases.actions.reception.check_community_condition"),
    "T12": ("cases.actions.timers.watch_clock",),
    "T13": ("cases.actions.reception.reject",),
    "T14": ("cases.actions.merging.merge",),
    "T18": ("community_matter", "cases.actions.reception.check_community_condition"),
    "T19": ("cases.actions.handling.handle_at_street",),
    "T20": ("cases.actions.whistling.check_call", "cases.actions.calls.with_basis"),
    "T22": ("cases.actions.coordination.escalate_to_district",),
    "T25": ("cases.actions.disputes.check_may_dispute",),
    "T28": ("cases.actions.disputes.take_over",),
    "T29": ("cases.actions.disputes.refer_to_district",),
    "T34": ("not_urgent", "cases.actions.suspension.may_request_suspension"),
    "T35": (BACK, "from_handling", "from_district"),
    "T36": ("cases.actions.duty.feed_back",),
    "T37": ("not_the_doer", "cases.actions.spot.apart_from_doers"),
    "T38": (BACK,),
    "T39": ("has_complainant",),
    "T40": ("no_complainant",),
    "T41": (BACK,),
    "T43": (BACK, "rework_left"),
    "T44": ("cases.actions.review.close_despite",),
    "T45": ("rework_spent",),
    "T46": ("file_complete", "no_open_appeal"),
    "T47": ("cases.actions.reopening.reopen",),
    "T48": ("cases.actions.reception.reconsider",),
    "T49": ("cases.actions.merging.split",),
    "T50": ("cases.actions.voiding.void",),
}
# Of the principles (DOMAIN C.1) and of the sub-objects, not of a single row there.
OF_PRINCIPLE = {
    "not_the_doer", "not_the_requester", "void_requested", "check_passed",
    "check_submitted", "dissatisfied", "not_rated", "community_case", "street_case",
    "suspension_reviewed", "short_suspension", "not_urgent", "from_resident",
}  # fmt: skip


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


def test_every_guard_of_the_trade_is_kept(trade: dict[str, Any]) -> None:
    asked = {
        row["id"].split("-")[0] for row in trade["transitions"] if row["guard"] != "-"
    }
    assert asked == set(KEPT_BY)
    rows: dict[str, list[Transition]] = {}
    for row in ours():
        rows.setdefault(row.id, []).append(row)
    for id, keepers in KEPT_BY.items():
        named = {guard.name for row in rows[id] for guard in row.guards}
        for keeper in keepers:
            assert _keeps(keeper, rows[id], named), (id, keeper)


def _keeps(keeper: str, rows: list[Transition], named: set[str]) -> bool:
    if keeper == BACK:
        return all(row.target == RESUME for row in rows)
    module, _dot, name = keeper.rpartition(".")
    if not module:
        return name in named
    return callable(getattr(import_module(module), name))


def test_every_named_guard_is_the_trade_s_or_a_principle_s() -> None:
    for row in ours():
        named = {guard.name for guard in row.guards}
        assert named <= {*KEPT_BY.get(row.id, ()), *OF_PRINCIPLE}, row.id
