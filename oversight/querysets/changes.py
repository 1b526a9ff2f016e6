"""Whether anything moved since a reader last looked, from the journal alone.

The board asks every few seconds. What it costs depends on how much was journalled
meanwhile, not on how many cases there are; when nothing was, it is one index look-up.
"""

from datetime import datetime, timedelta

from django.db.models import Max

from cases.models import Case
from cases.querysets.scope import PLACEMENT_COLUMNS
from governance.models import Event
from grids.models import Area

# An Event gets its number before its transaction ends, so that a smaller number may
# come into sight later; what is this young is looked at once more.
SETTLING = timedelta(seconds=10)
MANY = 500


def newest() -> int:
    return Event.objects.aggregate(n=Max("pk"))["n"] or 0


def seen_until(since: int, at: datetime) -> int:
    """Up to which Event a reader who looks now has seen everything for good."""
    found = list(
        Event.objects.filter(pk__gt=since)
        .order_by("-pk")
        .values_list("pk", "at")[:MANY]
    )
    young = [pk for pk, moment in found if moment > at - SETTLING]
    if young:
        return min(young) - 1
    return found[0][0] if found else since


def moved(area: Area, since: int) -> bool:
    """Whether a case placed in the area has an Event after `since`."""
    chains = list(
        Event.objects.filter(pk__gt=since)
        .order_by("pk")
        .values_list("chain", flat=True)[: MANY + 1]
    )
    if len(chains) > MANY:
        return True
    ids = {int(chain[5:]) for chain in chains if chain.startswith("case:")}
    column = PLACEMENT_COLUMNS[area.level]
    return bool(ids) and Case.objects.filter(pk__in=ids, **{column: area.pk}).exists()
