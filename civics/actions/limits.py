"""How often strangers may do what costs others something (DOMAIN E.6, number 9)."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from civics.models import Attempt
from governance import crypto
from governance.errors import Refused
from governance.querysets import hold

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """At most so many within a period, of one kind, by one telephone or address."""

    kind: str
    most: int
    within: timedelta
    sentence: Any


def network_of(ip: str) -> str:
    """A network address as attempts are counted by; of IPv6 the first half, for the
    other half a caller changes at will."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return crypto.fingerprint(ip)
    if isinstance(address, ipaddress.IPv6Address) and not address.ipv4_mapped:
        ip = str(ipaddress.IPv6Network((int(address), 64), strict=False))
    return crypto.fingerprint(ip)


def within(limit: Limit, who: str, at: datetime) -> bool:
    """Whether one more is allowed; inside the caller's transaction, and one after the
    other for the same `who`, so that many at once are counted as well."""
    hold(f"attempt:{limit.kind}:{who}")
    return _tried(limit, who, at) < limit.most


def keep_within(limit: Limit, who: str, at: datetime) -> None:
    """Refused when it was tried too often; inside the caller's transaction."""
    if not within(limit, who, at):
        raise Refused(str(limit.sentence), code="too_often")


def count(kind: str, who: str, at: datetime) -> None:
    """Remember that it was tried."""
    Attempt.objects.create(kind=kind, who=who, at=at)


def sweep(at: datetime) -> int:
    """Forget what no limit looks back to; answers how many."""
    return Attempt.objects.filter(at__lt=at - KEPT).delete()[0]


def exhausted(limit: Limit, at: datetime) -> list[str]:
    """Those who may not have one more now."""
    tried = Attempt.objects.filter(kind=limit.kind, at__gt=at - limit.within)
    often = tried.values("who").annotate(n=models.Count("pk"))
    return list(often.filter(n__gte=limit.most).values_list("who", flat=True))


def _tried(limit: Limit, who: str, at: datetime) -> int:
    since = at - limit.within
    tried = Attempt.objects.filter(kind=limit.kind, who=who, at__gt=since)
    return int(tried.count())
