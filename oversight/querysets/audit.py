"""Reads of the journal for the audit administrator; nothing here writes."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from governance.models import Anchor, Event

CHECKS = "journal"


def narrowed(
    *,
    since: datetime,
    until: datetime,
    chain: str = "",
    who: str = "",
    user_id: int | None = None,
    floor: str = "",
    ip: str = "",
) -> QuerySet[Event]:
    """The journal of a period, newest first; a chain is shown whole.

    `who` is a part of a name, of a post or of a unit; `user_id` that of an account.
    """
    found = Event.objects.order_by("-id")
    if chain:
        found = found.filter(chain=chain)
    else:
        found = found.filter(at__gte=since, at__lt=until)
    if floor:
        found = found.filter(action__startswith=f"{floor}.")
    if ip:
        found = found.filter(actor__ip=ip)
    if who:
        named: Any = (
            Q(actor__name__icontains=who)
            | Q(actor__post_name__icontains=who)
            | Q(actor__organisation_name__icontains=who)
        )
        if user_id is not None:
            named |= Q(actor__user_id=user_id)
        found = found.filter(named)
    return found


def checks() -> QuerySet[Event]:
    """Requests to check the journal and what was found, newest first."""
    return Event.objects.filter(chain=CHECKS).order_by("-seq")


def last_check() -> Event | None:
    return checks().first()


def anchors() -> QuerySet[Anchor]:
    return Anchor.objects.order_by("-id")
