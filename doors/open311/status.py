"""What a state of ours is called outside.

GeoReport knows `open` and `closed`. The update extension of FixMyStreet has more words;
which of them a state gets follows its meaning for the resident (docs/open311.md). What
is said beside it are the words that residents read everywhere.
"""

from cases.views.words import STATE_WORDS
from cases.workflow import Action, State

OPEN, CLOSED = "open", "closed"
# Every word of the extension; a client may send any of them, in capitals.
EXTENDED = (
    "unchanged", "open", "closed", "fixed", "in_progress", "planned",
    "action_scheduled", "investigating", "duplicate", "not_councils_responsibility",
    "no_further_action", "internal_referral", "cancelled", "reopen", "for_triage",
)  # fmt: skip

S = State
WORDS = {
    S.REPORTED: "open",
    S.VERIFYING: "investigating",
    S.SELF_HANDLING: "in_progress",
    S.SELF_REVIEW: "in_progress",
    S.COMMUNITY_HANDLING: "investigating",
    S.STREET_PENDING: "for_triage",
    S.STREET_HANDLING: "in_progress",
    S.WHISTLED: "internal_referral",
    S.JOINT_HANDLING: "in_progress",
    S.DISPUTED: "internal_referral",
    S.DISTRICT_COORD: "internal_referral",
    S.CITY_COORD: "internal_referral",
    S.SUSPENDED: "planned",
    S.FEEDBACK_REVIEW: "in_progress",
    S.CHECKING: "in_progress",
    S.RATING: "in_progress",
    S.CLOSED: "fixed",
    S.ARCHIVED: "fixed",
    S.REJECTED: "no_further_action",
    S.MERGED: "duplicate",
    S.TRANSFERRED: "not_councils_responsibility",
    S.VOIDED: "no_further_action",
}
# A step that says more than the state it leads to.
STEPS: dict[str, str] = {
    Action.REOPEN: "reopen",
    Action.REWORK_AFTER_RATING: "reopen",
    Action.WITHDRAW: "cancelled",
}


def status_of(*, is_open: bool) -> str:
    return OPEN if is_open else CLOSED


def notes_of(state: str) -> str:
    """The real state in words that residents know."""
    return str(STATE_WORDS[State(state)])


def extended(action: str, state: str) -> str:
    """The word of a step that led to `state`."""
    return STEPS.get(action.removeprefix("cases."), WORDS[State(state)])
