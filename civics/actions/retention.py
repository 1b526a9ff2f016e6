"""What is not needed any more is forgotten by itself (PIPL 19, 47; DOMAIN E.7)."""

from datetime import datetime, timedelta

from django.db import transaction

from civics.actions import limits
from civics.actions.codes import CODE_KEY, LASTS
from civics.actions.data_desk import finish_deletions
from civics.actions.rules import service_rule
from civics.models import Phone
from governance import events
from parties import actions as parties
from parties.acting import Actor

BATCH = 500
# Whoever typed a code in its last second is still answered twice.
GRACE = timedelta(hours=1)


@transaction.atomic
def purge(*, at: datetime) -> dict[str, int]:
    """Forget numbers that nobody proved, codes that hold no longer, what was counted
    for limits, and code messages that never went out. Answers how many of each.

    Again finds nothing more; a run that found something leaves one Event.
    """
    forgotten = {
        "phones": _unproven(at - timedelta(days=service_rule().unproven_days)),
        "codes": _expired_codes(at - GRACE),
        "attempts": limits.sweep(at),
        "deletions": finish_deletions(at=at),
        "letters": parties.drop_expired(key=CODE_KEY, before=at - LASTS - GRACE, at=at),
    }
    if any(forgotten.values()):
        events.record(
            chain="civics:retention",
            action="civics.purge",
            actor=Actor.system(),
            at=at,
            detail=forgotten,
        )
    return forgotten


def _unproven(before: datetime) -> int:
    """Numbers that asked for a code once and stand behind nothing."""
    found = Phone.objects.forgettable(before).select_for_update(
        of=("self",), skip_locked=True
    )
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:BATCH])
    return Phone.objects.filter(pk__in=ids).delete()[0]


def _expired_codes(before: datetime) -> int:
    expired = Phone.objects.filter(code_expires_at__lt=before).exclude(code_hash="")
    found = expired.select_for_update(skip_locked=True).order_by("pk")
    ids = list(found.values_list("pk", flat=True)[:BATCH])
    return Phone.objects.filter(pk__in=ids).update(code_hash="", used_for="")
