"""Tell other systems of each step of a case, by webhooks (docs/channels.md).

The letter is written in the transaction of the step, so what is sent is what happened;
letters of one case keep their order. Names of persons, opinions and contact data stay
in the house, and so does everything of a confidential case.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists

from cases.models import Case
from cases.workflow import State, verb_of
from governance import events
from governance.events import Follow
from governance.models import Event
from parties import actions as parties
from parties.acting import Actor
from parties.models import Channel, Organisation, Posting

WRITE_BACK = "doors.tasks.write_back"


def publish(case: Case, event: Event) -> Event:
    """Write what goes out of this step; the event itself, for whoever returns it.

    The system that a case came from is told by itself, how it stands and no more.
    """
    if case.external_no:
        follow = Follow(task=WRITE_BACK, args={"case_id": case.pk})
        events.enqueue(subject=case.chain, at=event.at, follow=[follow])
    if not case.confidential:
        parties.publish(
            kind=kind_of(event),
            key=f"event:{event.pk}",
            subject=case.chain,
            title=f"{case.display_no} {verb_of(event.action)}",
            url=case.get_absolute_url(),
            data=lambda: _content(case, event),
            units=lambda: _units(case),
            seen_by=lambda posts: _seeing(case, posts, event.at),
            at=event.at,
        )
    if case.followed_by:
        _say_gone(case, event)
    return event


def followed() -> Exists:
    """Whether any post follows cases by a webhook of its own."""
    return Exists(Channel.objects.of_posts())


def followers(case: Case) -> frozenset[int]:
    """The postings that see the case before a step, and would miss it afterwards."""
    if case.confidential:
        return frozenset()
    posts = Channel.objects.of_posts().values("posting")
    found = Posting.objects.with_post().filter(pk__in=posts)
    return frozenset(_those_seeing(case, found))


def _say_gone(case: Case, event: Event) -> None:
    """Tell those who saw it before the step and see it no longer that it is gone.

    The letter names the case and the step and nothing of what it is now, for that is
    out of their scope; of a confidential case nothing is pushed to anybody.
    """
    current = Posting.objects.current(event.at).filter(pk__in=case.followed_by)
    before = set(current.values_list("pk", flat=True))
    gone = before - (set() if case.confidential else _seeing(case, before, event.at))
    if gone:
        parties.say_gone(
            posting_ids=gone,
            key=f"event:{event.pk}",
            subject=case.chain,
            title=f"{case.display_no} {verb_of(event.action)}",
            data=_farewell(case, event),
            at=event.at,
        )


def _farewell(case: Case, event: Event) -> dict[str, Any]:
    return {
        "type": kind_of(event),
        "case": case.case_no,
        "seq": event.seq,
        "version": case.version,
        "label": verb_of(event.action),
        "in_scope": False,
    }


def kind_of(event: Event) -> str:
    """What other systems call the step: `case.whistle`."""
    return event.action.replace("cases.", "case.", 1)


def _content(case: Case, event: Event) -> dict[str, Any]:
    holder = Organisation.objects.filter(pk=case.holder_org_id or 0).first()
    areas = {
        name: area.code
        for name in ("city", "district", "street", "community", "grid")
        if (area := getattr(case, name)) is not None
    }
    return {
        "type": kind_of(event),
        "case": case.case_no,
        "seq": event.seq,
        "version": case.version,
        "label": verb_of(event.action),
        "in_scope": True,
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


def _seeing(case: Case, posts: Collection[int], at: datetime) -> set[int]:
    """Of these postings those in force to whose scope the case belongs."""
    current = Posting.objects.current(at).with_post().filter(pk__in=posts)
    return _those_seeing(case, current)


def _those_seeing(case: Case, postings: Iterable[Posting]) -> set[int]:
    return {
        one.pk
        for one in postings
        if Case.objects.visible_to(Actor.of(one)).filter(pk=case.pk).exists()
    }
