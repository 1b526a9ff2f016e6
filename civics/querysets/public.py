"""What everybody may see of the cases: late, blurred, and not of every kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, floor, radians
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from cases.workflow import Stage, State
from grids.querysets.locating import METRES_PER_DEGREE

# Nobody has looked yet whether it is so, or it led nowhere here.
UNSEEN = (
    State.DRAFT, State.REPORTED, State.VERIFYING, State.REJECTED, State.MERGED,
    State.TRANSFERRED, State.VOIDED,
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """The row of `PublicRule`, or its defaults."""

    is_open: bool = True
    delay_hours: int = 24
    keep_days: int = 30
    blur_m: int = 100
    told_at: int = 5
    hidden: tuple[int, ...] = ()


def rule() -> Rule:
    row = apps.get_model("civics.PublicRule").objects.order_by("pk").first()
    if row is None:
        return Rule()
    hidden = tuple(row.hidden.order_by("pk").values_list("pk", flat=True))
    return Rule(
        row.is_open, row.delay_hours, row.keep_days, row.blur_m, row.told_at, hidden
    )


def public_cases(at: datetime, given: Rule | None = None) -> "models.QuerySet[Any]":
    """Cases that may be shown to everybody; with category, community and holder."""
    given = given or rule()
    cases = apps.get_model("cases.Case").objects
    if not given.is_open:
        return cases.none()
    since = at - timedelta(days=given.keep_days)
    return (
        cases.filter(
            Q(underway=True) | Q(closed_at__gt=since),
            reported_at__lte=at - timedelta(hours=given.delay_hours),
            confidential=False,
            category__is_confidential=False,
        )
        .exclude(state__in=UNSEEN)
        .exclude(category__in=given.hidden)
        .select_related("category", "street", "community", "holder_org")
    )


def newly_public(at: datetime, since: datetime, given: Rule) -> "models.QuerySet[Any]":
    """Of `public_cases` those that were not at `since`: the delay of some ended after
    it, others were taken up (接报) only after it."""
    clocks = apps.get_model("cases.CaseClock").objects.filter(
        case=OuterRef("pk"), stage=Stage.ACCEPT, stopped_at__isnull=False
    )
    first = Subquery(clocks.order_by("stopped_at").values("stopped_at")[:1])
    delayed = Q(reported_at__gt=since - timedelta(hours=given.delay_hours))
    found = public_cases(at, given).annotate(taken_up_at=first)
    return found.filter(delayed | Q(taken_up_at__gt=since))


def blurred(lng: float, lat: float, metres: int) -> tuple[float, float]:
    """The middle of the square of that width in which it lies: always the same, so
    that looking often tells no more."""
    height = metres / METRES_PER_DEGREE
    south = floor(lat / height) * height
    width = height / max(cos(radians(south)), 0.01)
    west = floor(lng / width) * width
    return round(west + width / 2, 6), round(south + height / 2, 6)
