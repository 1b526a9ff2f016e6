"""The demo city to the top: its boards, on everything below."""

from datetime import datetime

from duties import demo as duties
from oversight import actions
from parties.acting import Actor


def build(*, at: datetime) -> None:
    """Make what is missing; running it again changes nothing."""
    duties.build(at=at)
    actions.install_boards(actor=Actor.system(), at=at)
