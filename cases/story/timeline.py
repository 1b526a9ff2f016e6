"""The timeline of a case: who did what, when, and by which rule of the platform."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.models import Case, FilingCondition
from cases.story.facts import Names, facts_of
from cases.workflow import State, verb_of
from governance.models import Event
from parties.acting import signed
from parties.models import User

RULES: dict[str, Any] = {
    "urgent": gettext_lazy("紧急案件直报街道，社区同时知会"),
    "accept_overdue": gettext_lazy("接报超时，自动上呈街道"),
    "no_community_desk": gettext_lazy("社区没有在岗受理员，自动上呈街道"),
    "community_desk": gettext_lazy("按案发位置派到所在社区的受理岗"),
    "responsibility_list": gettext_lazy("按权责清单提出承办建议"),
    "no_rule": gettext_lazy("权责清单没有对应条目，由街道研判"),
    "no_street_desk": gettext_lazy("街道没有在岗派遣员，已列入派单缺口"),
    "auto_dispatch": gettext_lazy("这一小类设为自动派遣，按权责清单直接吹哨"),
}
PEOPLE = ("worker", "handler", "member")
TONES = {
    "overdue_checkin": "error", "overdue_confirmation": "error",
    "reject": "error", "rework": "error",
    "rework_after_rating": "error", "return_result": "warning",
    "return_self": "warning", "withdraw_whistle": "warning",
    "reveal_contact": "warning", "request_void": "warning", "reopen": "warning",
    "withdraw": "warning", "void": "error",
    "dispute": "warning", "send_back_to_street": "warning",
    "take_off_agenda": "warning", "escalate_dissatisfied": "error",
    "reject_suspension": "warning",
    "urge": "warning", "escalate": "error",
    "supervise": "error", "overdue_supervision": "error",
    "return_supervision": "warning", "accept_supervision": "good",
    "list_gaps": "warning", "complete_file": "good",
    "call_off": "warning", "drop_support": "warning",
}  # fmt: skip
GOOD_STATES = (State.CLOSED, State.ARCHIVED)


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `facts` are (label, text) pairs."""

    verb: str
    by: str
    at: datetime
    opinion: str = ""
    from_state: str = ""
    to_state: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    tone: str = ""
    is_system: bool = False
    rule: str = ""
    is_note: bool = False


def timeline(case: Case, *, after: int = 0) -> list[Entry]:
    """The newest first, `after` an Event's `seq` only what came later; one query for
    the events and at most two for names."""
    found = Event.objects.filter(chain=case.chain, seq__gt=after)
    events = list(found.order_by("-seq"))
    names = _names(events)
    return [_entry(event, names) for event in events]


def _given(event: Event) -> dict[str, Any]:
    """What was given with a step, or the detail itself when there was no step."""
    given = event.detail.get("given")
    return given if isinstance(given, dict) else event.detail


def _names(events: Iterable[Event]) -> Names:
    users: set[int] = set()
    conditions: set[int] = set()
    for event in events:
        given = _given(event)
        users |= {given[key] for key in PEOPLE if given.get(key)}
        conditions |= {given["condition"]} if given.get("condition") else set()
    return Names(
        dict(User.objects.filter(pk__in=users).values_list("pk", "name"))
        if users
        else {},
        dict(
            FilingCondition.objects.filter(pk__in=conditions).values_list("pk", "text")
        )
        if conditions
        else {},
    )


def person(snapshot: dict[str, Any]) -> str:
    """单位·岗位·姓名, the signature of the trade (DOMAIN E.5)."""
    role = snapshot.get("role")
    if role == "system":
        return _("系统自动")
    if role == "resident":
        return _("居民")
    if role == "device":
        return _("感知设备·%(name)s") % {"name": snapshot.get("name", "")}
    names = (snapshot.get(key) for key in ("organisation_name", "post_name", "name"))
    by = signed(*names)
    if snapshot.get("on_behalf_of"):
        by += _("（代%(name)s）") % {"name": snapshot["on_behalf_of"]}
    return by


def _entry(event: Event, names: Names) -> Entry:
    detail, given = event.detail, _given(event)
    word = event.action.removeprefix("cases.")
    before, now = detail.get("from", ""), detail.get("to", "")
    rule = given.get("rule") or detail.get("rule") or ""
    system = event.actor.get("role") == "system"
    return Entry(
        verb=verb_of(event.action),
        by=person(event.actor),
        at=event.at,
        opinion=detail.get("opinion") or "",
        from_state=_state(before) if before not in (now, State.DRAFT) else "",
        to_state=_state(now) if before != now else "",
        facts=facts_of(given, event.actor.get("organisation_name", ""), names),
        tone="good" if now in GOOD_STATES else TONES.get(word, ""),
        is_system=system,
        rule=str(RULES.get(rule, "")) if system else "",
        is_note=word == "leave_note",
    )


def _state(value: str) -> str:
    return str(State(value).label) if value in State.values else ""
