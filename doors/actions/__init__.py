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

__all__ = [
    "Admission",
    "admit",
    "check_usable",
    "find_key",
    "issue_key",
    "revoke_key",
    "save_client",
]
