"""How often strangers may ask what was reported near a place."""

from datetime import datetime, timedelta

from django.db import transaction

from civics.actions.limits import Limit, count, network_of, within
from civics.actions.rules import service_rule
from civics.models import Attempt
from parties.acting import Actor


@transaction.atomic
def may_compare(*, actor: Actor, at: datetime) -> bool:
    """Whether one more place may be asked about from this network; if so, counted."""
    most = service_rule().places_an_hour
    limit = Limit(Attempt.Kind.PLACE, most, timedelta(hours=1), "")
    who = network_of(actor.ip)
    if not within(limit, who, at):
        return False
    count(limit.kind, who, at)
    return True
