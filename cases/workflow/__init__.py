"""The way of a case: its states, its clocks and the one table of transitions.

Source: DOMAIN C.2-C.4. Pure data and pure functions: no queries, no Django models. The
buttons a person sees, the API's list of allowed actions and the actions themselves all
ask `find` and `allowed`; nothing else decides a next state. To add a step, add an
`Action` (`steps`), a row (`table`), perhaps a `Guard` (`guards`), and an action in
`cases.actions` that names it.
"""

from cases.workflow.bundling import shared_out
from cases.workflow.consequences import CONSEQUENCES, Consequence, consequence_of
from cases.workflow.defaults import (
    BUNDLED_SHARES,
    CHECKIN_LEAST_MINUTES,
    CHECKIN_LIMITS,
    CHECKIN_MOST_TIMES,
    DEFAULT_LIMITS,
    ON_SITE_M,
    WhistleKind,
)
from cases.workflow.files import (
    KEEPERS,
    OF_COMMUNITY,
    PHOTO_GAPS,
    WORDS,
    gaps_said,
    keeper_of,
    missing_said,
)
from cases.workflow.guards import COMMUNITY_MATTER, NEEDS_VERIFYING
from cases.workflow.requests import (
    OPEN_REQUESTS,
    REVIEWERS,
    UNIT_REVIEWERS,
    RequestStatus,
    handles,
)
from cases.workflow.rules import allowed, find, rows, stands
from cases.workflow.running import resume_state_after, running_clocks
from cases.workflow.states import (
    BESIDE,
    HANDLING_STATES,
    JOURNEY,
    OPEN_STATES,
    PHASES,
    RUNNING,
    TERMINAL,
    WINDOWS,
    Stage,
    State,
)
from cases.workflow.steps import (
    CALLED,
    COMMUNITY,
    DISPATCH,
    DISTRICT,
    RESUME,
    SHIFT,
    STREET,
    Action,
    By,
    Guard,
    Transition,
    Who,
)
from cases.workflow.table import TRANSITIONS
from cases.workflow.verbs import verb_of

__all__ = [
    "BESIDE",
    "BUNDLED_SHARES",
    "CALLED",
    "CHECKIN_LEAST_MINUTES",
    "CHECKIN_LIMITS",
    "CHECKIN_MOST_TIMES",
    "COMMUNITY",
    "COMMUNITY_MATTER",
    "CONSEQUENCES",
    "DEFAULT_LIMITS",
    "DISPATCH",
    "DISTRICT",
    "HANDLING_STATES",
    "JOURNEY",
    "KEEPERS",
    "NEEDS_VERIFYING",
    "OF_COMMUNITY",
    "ON_SITE_M",
    "OPEN_REQUESTS",
    "OPEN_STATES",
    "PHASES",
    "PHOTO_GAPS",
    "RESUME",
    "REVIEWERS",
    "RUNNING",
    "SHIFT",
    "STREET",
    "TERMINAL",
    "TRANSITIONS",
    "UNIT_REVIEWERS",
    "WINDOWS",
    "WORDS",
    "Action",
    "By",
    "Consequence",
    "Guard",
    "RequestStatus",
    "Stage",
    "State",
    "Transition",
    "WhistleKind",
    "Who",
    "allowed",
    "consequence_of",
    "find",
    "gaps_said",
    "handles",
    "keeper_of",
    "missing_said",
    "resume_state_after",
    "rows",
    "running_clocks",
    "shared_out",
    "stands",
    "verb_of",
]
