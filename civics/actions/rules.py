"""What is public, and how much one number may have, set by the administrator."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from civics.models import PublicRule, ServiceRule
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


@transaction.atomic
def set_service_rule(*, given: ServiceRule, actor: Actor, at: datetime) -> ServiceRule:
    """Keep the one row there is."""
    known = ServiceRule.objects.select_for_update().order_by("pk").first()
    given.pk = known.pk if known else None
    given.save()
    events.record(
        chain="civics:service_rule",
        action="civics.set_service_rule",
        actor=actor,
        at=at,
        detail={
            "follows_a_day": given.follows_a_day,
            "texts_a_day": given.texts_a_day,
            "places_an_hour": given.places_an_hour,
            "unproven_days": given.unproven_days,
        },
    )
    return given


def service_rule() -> ServiceRule:
    """The row, or one with the defaults that is not kept."""
    return ServiceRule.objects.order_by("pk").first() or ServiceRule()
