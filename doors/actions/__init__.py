"""What is done with clients, keys and what comes in by them; the only writers."""

from doors.actions.clients import (
    Admission,
    admit,
    check_usable,
    find_key,
    issue_key,
    revoke_key,
    save_client,
)
from doors.actions.replaying import Done, KeyReused, answer_once

__all__ = [
    "Admission",
    "Done",
    "KeyReused",
    "admit",
    "answer_once",
    "check_usable",
    "find_key",
    "issue_key",
    "revoke_key",
    "save_client",
]
