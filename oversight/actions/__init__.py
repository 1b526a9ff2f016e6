"""What is set of the board, and the check of the journal; the only writers."""

from oversight.actions.auditing import check_journal, request_check
from oversight.actions.boards import (
    install_boards,
    save_board,
    set_board_rule,
    set_codes,
)

__all__ = [
    "check_journal",
    "install_boards",
    "request_check",
    "save_board",
    "set_board_rule",
    "set_codes",
]
