"""Sources of work orders, set up by an administrator."""

from datetime import datetime

from django.db import transaction

from doors.models import BridgeSource
from governance import events
from parties import actions as parties
from parties.acting import Actor
from parties.actions.people import only_administrators

KEPT = ("code", "name", "client_id", "desk_id", "channel_id", "is_active")


@transaction.atomic
def save_source(
    *, source: BridgeSource, actor: Actor, at: datetime, callback_url: str = ""
) -> str:
    """Write a new or changed source; with an address its webhook is opened, and the
    secret of that answered, once. Later it is changed with the channels."""
    only_administrators(actor)
    before = BridgeSource.objects.filter(pk=source.pk).values(*KEPT).first()
    secret = ""
    if callback_url and source.channel_id is None:
        source.channel, secret = parties.open_feed(
            name=f"{source.name} 状态回写"[:60], url=callback_url, actor=actor, at=at
        )
    source.save()
    after = {name: getattr(source, name) for name in KEPT}
    events.record(
        chain=f"bridge_source:{source.pk}",
        action="doors.save_source",
        actor=actor,
        at=at,
        detail={"before": before, "after": after},
    )
    return secret
