"""防篡改校验: the audit administrator has the journal checked (DOMAIN E.6, 3).

What was found is an Event itself, on a chain of its own: nobody can take it back.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance import events, journal
from governance.errors import Refused
from governance.models import Anchor, Event
from governance.querysets import hold
from oversight.querysets.audit import CHECKS, last_check
from parties.acting import Actor
from parties.actions import notify, stands_in
from parties.models import Notification, Posting
from parties.roles import Role

KEPT = 50


@transaction.atomic
def request_check(*, actor: Actor, at: datetime) -> Event:
    """Have every chain, the anchors and the anchor file checked in the background."""
    hold(CHECKS)
    if actor.role != Role.AUDIT_ADMIN and not stands_in(
        actor.role, Role.AUDIT_ADMIN, at
    ):
        raise Refused(_("流水由审计管理员校验，请联系审计管理员。"), code="forbidden")
    last = last_check()
    if last is not None and last.action == "oversight.request_check":
        raise Refused(_("正在校验，完成后再开始下一次。"), code="running")
    return events.record(
        chain=CHECKS,
        action="oversight.request_check",
        actor=actor,
        at=at,
        follow=[events.Follow(task="oversight.tasks.check_journal")],
    )


@transaction.atomic
def check_journal(*, at: datetime) -> None:
    """Check it all and keep what was found: how much was read, and the first faults.

    Auditors are told of a fault at once. Only what was found waits for the chain of
    the checks: whoever asks for another one meanwhile is answered at once.
    """
    read = Event.objects.order_by().count()
    anchors = Anchor.objects.count()
    total, faults = 0, []
    for fault in journal.verify():
        total += 1
        if total <= KEPT:
            faults.append(str(fault))
    hold(CHECKS)
    event = events.record(
        chain=CHECKS,
        action="oversight.check_journal",
        actor=Actor.system(),
        at=at,
        detail={
            "events": read, "anchors": anchors, "n_faults": total, "faults": faults
        },
    )  # fmt: skip
    if total:
        notify(
            user_ids=Posting.objects.current(at).holding(Role.AUDIT_ADMIN).user_ids(),
            kind=Notification.Kind.ALERT,
            title=_("流水校验发现 %(n)d 处问题") % {"n": total},
            body=faults[0],
            subject=CHECKS,
            key=f"journal-check:{event.seq}",
            url="/audit/checks/",
            at=at,
        )
