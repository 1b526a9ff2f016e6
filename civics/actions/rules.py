"""What is public, set by the administrator."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from civics.models import PublicRule
from governance import events
from parties.acting import Actor


@transaction.atomic
def set_public_rule(
    *, given: PublicRule, hidden: Iterable[int], actor: Actor, at: datetime
) -> PublicRule:
    """Keep the one row there is."""
    known = PublicRule.objects.select_for_update().order_by("pk").first()
    given.pk = known.pk if known else None
    given.save()
    given.hidden.set(hidden)
    events.record(
        chain="civics:public_rule",
        action="civics.set_public_rule",
        actor=actor,
        at=at,
        detail={
            "is_open": given.is_open,
            "delay_hours": given.delay_hours,
            "keep_days": given.keep_days,
            "blur_m": given.blur_m,
            "told_at": given.told_at,
            "hidden": sorted(given.hidden.values_list("pk", flat=True)),
        },
    )
    return given
