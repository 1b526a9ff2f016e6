"""What every kind of channel has in common; docs/channels.md says how to add one."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar


class NotSent(Exception):
    """It certainly did not arrive; it is worth trying again.

    `resting` says that the other side as a whole cannot be reached, so that everything
    else waiting for it may rest too. `pause` is how many seconds it asked for.
    """

    def __init__(
        self, words: str, *, resting: bool = True, pause: float | None = None
    ) -> None:
        super().__init__(words)
        self.resting = resting
        self.pause = pause


class Rejected(Exception):
    """The other side will not take it as it is; a person has to look."""


class Unsure(Exception):
    """It may have arrived and it may not: nobody answered in time.

    `resting` as of `NotSent`, for kinds whose letters may be sent again.
    """

    def __init__(self, words: str, *, resting: bool = True) -> None:
        super().__init__(words)
        self.resting = resting


class Gone(Exception):
    """The address is no longer there and is to be forgotten."""


@dataclass(frozen=True)
class Setting:
    """One thing the administrator enters; a `secret` one is sealed and never shown.

    `fresh` makes up a value for a new channel, to be passed on to the other side.
    """

    name: str
    label: Any
    help: Any = ""
    secret: bool = False
    required: bool = True
    initial: str = ""
    fresh: Callable[[], str] | None = None


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be sent: the words, and the key under which it counts once.

    `path` is the page within this site, `url` the same for readers elsewhere; it is
    empty where `WANGGE_SITE_URL` is not set.
    """

    key: str
    title: str
    body: str = ""
    url: str = ""
    path: str = ""
    importance: str = "notice"
    subject: str = ""
    to: str = ""
    written_at: datetime
    sent_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def urgent(self) -> bool:
        return self.importance == "urgent"


class Kind:
    """A way out of the house; one instance serves every channel of the kind.

    A kind with an `address` (email, phone or push) sends to each person's own, the
    others once for a group.
    `per_minute` is how many the other side takes. `idempotent` kinds may send the same
    letter again, because its key makes it count once; with the others an unknown
    outcome waits for a person. `strict` kinds never send what comes later in a lane
    while something before it is stuck.
    """

    name: ClassVar[str]
    label: ClassVar[Any]
    icon: ClassVar[str] = "send"
    address: ClassVar[str] = ""
    per_minute: ClassVar[int | None] = None
    idempotent: ClassVar[bool] = False
    strict: ClassVar[bool] = False
    settings: ClassVar[tuple[Setting, ...]] = ()

    @property
    def personal(self) -> bool:
        return bool(self.address)

    def missing(self) -> str:
        """Why this instance cannot offer the kind; empty when it can."""
        return ""

    def check(self, given: Mapping[str, str]) -> dict[str, str]:
        """What is wrong with the settings, by name of the setting."""
        return {}

    def send(self, letter: Letter, given: Mapping[str, str]) -> None:
        """Send it; raises NotSent, Rejected, Unsure or Gone when it did not work."""
        raise NotImplementedError


def compact(value: Any) -> bytes:
    """JSON without blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def shortened(text: str, most: int) -> str:
    """The text in at most so many bytes of UTF-8, with a mark where it was cut."""
    if len(text.encode()) <= most:
        return text
    mark = "…"
    cut = text.encode()[: most - len(mark.encode())].decode(errors="ignore")
    return cut + mark
