"""Tell other systems of each step of a case, by webhooks (docs/channels.md).

The letter is written in the transaction of the step, so what is sent is what happened;
letters of one case keep their order. Names of persons, opinions and contact data stay
in the house, and so does everything of a confidential case.
"""

from typing import Any

from cases.models import Case
from cases.workflow import State, verb_of
from governance.models import Event
from parties import actions as parties
from parties.models import Organisation


def publish(case: Case, event: Event) -> Event:
    """Write what goes out of this step; the event itself, for whoever returns it."""
    if not case.confidential:
        parties.publish(
            key=f"event:{event.pk}",
            subject=case.chain,
            title=f"{case.display_no} {verb_of(event.action)}",
            url=case.get_absolute_url(),
            data=lambda: _content(case, event),
            units=lambda: _units(case),
            at=event.at,
        )
    return event


def _content(case: Case, event: Event) -> dict[str, Any]:
    holder = Organisation.objects.filter(pk=case.holder_org_id or 0).first()
    areas = {
        name: area.code
        for name in ("city", "district", "street", "community", "grid")
        if (area := getattr(case, name)) is not None
    }
    return {
        "type": event.action.replace("cases.", "case.", 1),
        "case": case.case_no,
        "seq": event.seq,
        "version": case.version,
        "label": verb_of(event.action),
        "from": event.detail.get("from"),
        "state": case.state,
        "state_label": str(State(case.state).label),
        "category": {"code": case.category.code5, "name": case.category.name},
        "urgent": case.urgent,
        "address": case.address,
        "point": [case.point.x, case.point.y] if case.point else None,
        "areas": areas,
        "holder": holder.name if holder else None,
        "due_at": case.due_at.isoformat() if case.due_at else None,
        "actor": {
            "post": event.actor.get("post_name", ""),
            "organisation": event.actor.get("organisation_name", ""),
        },
    }


def _units(case: Case) -> set[int]:
    """The units that have to do with it: who holds it, and who was ever called."""
    return {*case.called_ids, *filter(None, [case.holder_org_id])}
