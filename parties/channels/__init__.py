"""Ways out of the house: the registry of the kinds of channels.

A kind knows how a letter is put and sent, and nothing of people, rows or retries.
"""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from parties.channels.kind import (
    Gone,
    Kind,
    Letter,
    NotSent,
    Rejected,
    Setting,
    Unsure,
)

__all__ = [
    "Gone",
    "Kind",
    "Letter",
    "NotSent",
    "Rejected",
    "Setting",
    "Unsure",
    "kind_of",
    "kinds",
]

OURS = (
    "parties.channels.mail.Mail",
    "parties.channels.webhook.Webhook",
    "parties.channels.robots.WeCom",
    "parties.channels.robots.DingTalk",
    "parties.channels.web_push.WebPush",
    "parties.channels.sms.ConsoleSms",
)


@cache
def _registry(paths: tuple[str, ...]) -> dict[str, Kind]:
    found = [import_string(path)() for path in paths]
    return {kind.name: kind for kind in found}


def kinds() -> dict[str, Kind]:
    """Every kind by its name: ours, and those of `WANGGE_CHANNEL_KINDS`."""
    return _registry((*OURS, *settings.CHANNEL_KINDS))


def kind_of(name: str) -> Kind | None:
    """None for a kind that this instance no longer has."""
    return kinds().get(name)
