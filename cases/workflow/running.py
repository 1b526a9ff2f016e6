"""Which clocks may run in which state: read off the table, not written down again."""

from functools import cache
from types import SimpleNamespace

from cases.workflow.guards import BY_RESUME_STATE
from cases.workflow.states import BESIDE, HANDLING_STATES, Stage, State
from cases.workflow.steps import RESUME, Transition
from cases.workflow.table import TRANSITIONS

Running = frozenset[Stage]
Place = tuple[str, str, Running]
# A whistle's clocks belong to its lines, one for each unit; they are not the case's.
APART = (Stage.CHECKIN, *BESIDE)


def resume_state_after(before: str, now: str, kept: str) -> str:
    """The handling state to which a case returns, after a step from `before`.

    A self-resolved case whose result does not satisfy goes to the community (DOMAIN
    C.3, extra rules).
    """
    if before in HANDLING_STATES or now == State.SUSPENDED:
        return before
    return State.COMMUNITY_HANDLING if before == State.SELF_REVIEW else kept


def _ticked(
    running: Running, operations: tuple[tuple[str, Stage], ...]
) -> list[Running]:
    """What may run afterwards; of clocks to be released one was paused before."""
    found = set(running)
    for name, stage in operations:
        if stage in APART or name == "release":
            continue
        if name in ("start", "resume", "pass_on"):
            found.add(stage)
        else:
            found.discard(stage)
    released = [stage for name, stage in operations if name == "release"]
    return [frozenset({*found, stage}) for stage in released] or [frozenset(found)]


def _fits(row: Transition, kept: str) -> bool:
    """Whether the guards hold that look only at the state to return to."""
    case = SimpleNamespace(resume_state=kept)
    return all(one.holds(case, None) for one in row.guards if one in BY_RESUME_STATE)


def _onwards(place: Place) -> list[Place]:
    state, kept, running = place
    found = []
    for row in TRANSITIONS:
        if state in row.sources and _fits(row, kept):
            target = kept if row.target == RESUME else row.target
            after = resume_state_after(state, target, kept)
            found += [(target, after, now) for now in _ticked(running, row.clocks)]
    return found


@cache
def running_clocks() -> dict[str, frozenset[Running]]:
    """For each state that can be reached, the sets of clocks that may run there.

    A case that was put on a meeting's agenda waits for the meeting instead of the
    coordination, one rated 不满意 for the call-back instead of a rating.
    """
    start: Place = (State.DRAFT, "", frozenset())
    seen, waiting = {start}, [start]
    while waiting:
        for place in _onwards(waiting.pop()):
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    found: dict[str, set[Running]] = {}
    for state, _kept, running in seen:
        found.setdefault(state, set()).add(running)
    for state, instead in (
        (State.DISTRICT_COORD, {Stage.COORD: Stage.MEETING}),
        (State.RATING, {Stage.RATING_WINDOW: Stage.CALL_BACK}),
    ):
        found[state] |= {
            frozenset(instead.get(stage, stage) for stage in one)
            for one in found[state]
        }
    return {state: frozenset(sets) for state, sets in found.items()}
