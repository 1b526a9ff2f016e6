"""One step of a case: lock it, ask the table, change it, write the Event.

Every action in this package is built from the same pieces, in this order:

    case = locked(case_id, version)
    transition = workflow.find(case, Action.X, actor)
    … what the action itself checks and writes …
    advance(case, transition, actor=actor, at=at, …)
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.publishing import followed, followers, publish
from cases.limits import Limit
from cases.models import (
    Case,
    Photo,
    SupportDraft,
    VoidRequest,
    Whistle,
    WhistleAssignment,
)
from cases.workflow import (
    OPEN_REQUESTS,
    OPEN_STATES,
    RESUME,
    Action,
    RequestStatus,
    Stage,
    State,
    Transition,
    find,
    resume_state_after,
    rows,
    verb_of,
)
from governance import events
from governance.errors import Refused
from governance.events import Follow
from governance.models import Event
from grids.codes import Level
from parties.acting import Actor
from parties.models import Organisation

# States entered by routing: Celery looks for the best holder there.
ROUTED = (State.REPORTED, State.STREET_PENDING)
# The whistle in force is handled there, or stands still and may go on.
WHISTLE_LIVES = (
    State.JOINT_HANDLING, State.DISPUTED, State.DISTRICT_COORD, State.CITY_COORD,
    State.SUSPENDED,
)  # fmt: skip
# What raises a level of the 三级预警 when it happens a second time.
COUNTED = {
    Action.RETURN_RESULT: "returned",
    Action.REWORK: "reworked",
    Action.REWORK_AFTER_RATING: "reworked",
}


@dataclass(frozen=True)
class Holder:
    """Who answers for the case from now on."""

    organisation_id: int | None
    user_id: int | None = None


@dataclass
class Given:
    """What the person gave with the step; it goes into the journal as it is."""

    opinion: str = ""
    detail: dict[str, Any] = field(default_factory=dict)


def locked(case_id: int, version: int | None = None) -> Case:
    """The case, locked for this transaction, with the names an action needs.

    Raises Refused when it changed since the page with `version` was opened.
    """
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related(
            "category", "condition", "city", "district", "street", "community", "grid"
        )
        .annotate(is_followed=followed())
        .get(pk=case_id)
    )
    if case.is_followed:
        case.followed_by = followers(case)
    if version is not None and version != case.version:
        raise Refused(faster(case), code="stale")
    return case


def faster(case: Case) -> str:
    """Whose step made this version; what was noted beside it made none."""
    steps = Event.objects.filter(chain=case.chain, detail__has_key="clocks")
    last = steps.exclude(detail__has_key="aside").order_by("-seq").first()
    who = last.actor.get("post_name") or last.actor.get("name") if last else ""
    return _(
        "有人先您一步：%(who)s已办理“%(verb)s”，案件现在是“%(state)s”。请看过后再办。"
    ) % {
        "who": who or _("他人"),
        "verb": verb_of(last.action if last else ""),
        "state": State(case.state).label,
    }


def require(given: dict[str, Any], sentences: dict[str, str]) -> None:
    """Refuse at the first field left empty, in the order of `sentences`."""
    for name, sentence in sentences.items():
        value = given.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            raise Refused(sentence, code="required", field=name)


def unit_of(case: Case, level: Level) -> int:
    """The organisation that answers at this level, or the next one up that exists."""
    areas = {
        Level.COMMUNITY: case.community_id,
        Level.STREET: case.street_id,
        Level.DISTRICT: case.district_id,
        Level.CITY: case.city_id,
    }
    wanted = [areas[at] for at in sorted(areas, reverse=True) if at <= level]
    units = dict(
        Organisation.objects.answering_for(wanted).values_list("area_id", "id")
    )
    unit = next((units[area] for area in wanted if area in units), None)
    if unit is None:
        raise Refused(
            _("%(area)s还没有登记受理单位，请联系系统管理员。")
            % {"area": case.community.name},
            code="no_unit",
        )
    return unit


def attach_photos(
    *, case: Case, batch: str | None, stage: str, actor: Actor, least: int, field: str
) -> int:
    """Tie the uploaded photos of a form to the case; Refused when there are too few."""
    if not batch:
        count = 0
    else:
        uploader = Q(user=actor.user_id) if actor.user_id else Q(user=None)
        mine = Photo.objects.filter(uploader, batch=batch, stage=stage, case=None)
        count = mine.update(case=case)
    if count and not case.has_photos:  # also where the step saves but a few fields
        case.has_photos = True
        case.save(update_fields=["has_photos"])
    if count < least:
        raise Refused(too_few_photos(stage, least), code="photos", field=field)
    return count


def too_few_photos(stage: str, least: int) -> str:
    """What is said where photos are missing."""
    label = Photo.Stage(stage).label
    return _("请至少上传 %(least)d 张“%(label)s”照片。") % {
        "least": least,
        "label": label,
    }


def advance(
    case: Case,
    transition: Transition,
    *,
    actor: Actor,
    at: datetime,
    holder: Holder,
    given: Given | None = None,
    ticking: clocks.Ticking | None = None,
    follow: Iterable[Follow] = (),
    limits: Mapping[Stage, Limit] | None = None,
    patient: bool = False,
) -> Event:
    """Carry out the row: state, holder, clocks, Event and the Jobs that follow.

    A `patient` step is not refused for a calendar that is missing (`clocks.Ticking`).
    """
    given = given or Given()
    before = case.state
    case.state = case.resume_state if transition.target == RESUME else transition.target
    if rows(Action.WHISTLE, before) and not rows(Action.WHISTLE, case.state):
        _drop_draft(case)
    if case.state != before:
        _drop_requests(case, at)
        case.file_gaps = ""
    if case.state not in WHISTLE_LIVES:
        _drop_supports(case)
    case.resume_state = resume_state_after(before, case.state, case.resume_state)
    if holder.organisation_id is not None or case.state in OPEN_STATES:
        case.holder_org_id = holder.organisation_id
        case.holder_user_id = holder.user_id
    if case.void_requested_by_id and not rows(Action.VOID, case.state):
        _lapse_void_request(case)
    case.version += 1
    case.updated_at = at
    ticking = _merge(
        ticking,
        clocks.apply(
            case=case,
            operations=transition.clocks,
            at=at,
            limits=limits,
            patient=patient,
        ),
    )
    clocks.set_nearest(case)
    case.save()
    event = events.record(
        chain=case.chain,
        action=f"cases.{transition.action}",
        actor=actor,
        at=at,
        detail={
            "transition": transition.id,
            "from": before,
            "to": case.state,
            "opinion": given.opinion,
            "given": given.detail,
            "holder": {"org": case.holder_org_id, "user": case.holder_user_id},
            "clocks": ticking.facts,
        },
        follow=[*_after(case, transition), *ticking.follow, *follow],
    )
    return publish(case, event)


def advance_with_opinion(
    action: Action,
    *,
    case_id: int,
    version: int | None,
    opinion: str,
    missing: str,
    holder: Callable[[Case], Holder],
    actor: Actor,
    at: datetime,
) -> Case:
    """A step that asks only for an opinion; `missing` is said when there is none.

    `holder` may change the case before it is carried on (counting a rework, say).
    """
    case = locked(case_id, version)
    transition = find(case, action, actor)
    require({"opinion": opinion}, {"opinion": missing})
    advance(
        case, transition, actor=actor, at=at, holder=holder(case), given=Given(opinion)
    )
    return case


def _drop_draft(case: Case) -> None:
    """A whistle that waits for its signature falls when the case goes another way."""
    drafts = case.whistles.filter(status=Whistle.Status.DRAFT)
    WhistleAssignment.objects.filter(whistle__in=drafts).update(
        status=WhistleAssignment.Status.CANCELLED
    )
    drafts.update(status=Whistle.Status.WITHDRAWN)


def _drop_supports(case: Case) -> None:
    """Nobody is added to a whistle that is done with."""
    SupportDraft.objects.filter(
        whistle__case=case, status=SupportDraft.Status.DRAFT
    ).update(status=SupportDraft.Status.LAPSED)


def _lapse_void_request(case: Case) -> None:
    """A case that goes on to where nothing is voided is no longer asked to be."""
    case.void_requested_by_id = None
    case.void_requests.filter(status=VoidRequest.Status.OPEN).update(
        status=VoidRequest.Status.LAPSED
    )


def _drop_requests(case: Case, at: datetime) -> None:
    """A request to extend or suspend falls when the case is no longer handled."""
    fallen = {"status": RequestStatus.CANCELLED, "decided_at": at}
    if case.extension_review:
        case.extensions.filter(status__in=OPEN_REQUESTS).update(**fallen)
        case.extension_review = ""
    if case.suspension_review:
        case.suspensions.filter(status__in=OPEN_REQUESTS).update(**fallen)
        case.suspension_review = ""


def note(
    case: Case,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    detail: dict[str, Any],
    tell: tuple[str, ...] = (),
    told_as: str = "",
    ticking: clocks.Ticking | None = None,
    follow: Iterable[Follow] = (),
) -> Event:
    """An Event without a change of state (a draft, a call-back, a request).

    `told_as` names other words for the message than those of the action.
    """
    ticking = ticking or clocks.Ticking(at)
    case.version += 1
    case.updated_at = at
    clocks.set_nearest(case)
    case.save()
    telling = [_telling(case, told_as or action, tell)] if tell else []
    event = events.record(
        chain=case.chain,
        action=f"cases.{action}",
        actor=actor,
        at=at,
        detail={**detail, "clocks": ticking.facts},
        follow=[*telling, *ticking.follow, *follow],
    )
    return publish(case, event)


def aside(
    case: Case,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    detail: dict[str, Any],
    subject: int | str = "",
    changed: Iterable[str] = (),
    tell: tuple[str, ...] = (),
    ticking: clocks.Ticking | None = None,
) -> Event:
    """An Event that contradicts nobody's half-written form: the version stays (what the
    platform notes by itself, a support's check-in, a +1).

    `changed` names the fields of the case it wrote, all others stay as they are;
    `subject` tells this message from others of the same action and version.
    """
    ticking = ticking or clocks.Ticking(at)
    case.updated_at = at
    clocks.set_nearest(case)
    case.save(update_fields=["updated_at", "due_at", "used_percent", *changed])
    key = f"{case.version}:{action}:{subject}"
    event = events.record(
        chain=case.chain,
        action=f"cases.{action}",
        actor=actor,
        at=at,
        detail={**detail, "aside": True, "clocks": ticking.facts},
        follow=[
            *([_telling(case, action, tell, key)] if tell else []),
            *ticking.follow,
        ],
    )
    return publish(case, event)


def _merge(first: clocks.Ticking | None, second: clocks.Ticking) -> clocks.Ticking:
    if first is None:
        return second
    return clocks.Ticking(
        first.at, second.facts + first.facts, second.follow + first.follow
    )


def _after(case: Case, transition: Transition) -> list[Follow]:
    jobs = []
    if case.state in ROUTED:
        args = {"case_id": case.pk, "state": case.state}
        jobs.append(Follow(task="cases.tasks.route", args=args))
    if transition.action in COUNTED:
        jobs.append(counting(case, COUNTED[transition.action]))
    if transition.tell:
        jobs.append(_telling(case, transition.action, transition.tell))
    return jobs


def counting(case: Case, trigger: str) -> Follow:
    """The Job that raises a level when this has now happened twice (DOMAIN C.6)."""
    return Follow(
        task="cases.tasks.escalate", args={"case_id": case.pk, "trigger": trigger}
    )


def _telling(
    case: Case, action: str | Action, tell: tuple[str, ...], key: str = ""
) -> Follow:
    return Follow(
        task="cases.tasks.tell",
        args={
            "case_id": case.pk,
            "version": key or case.version,
            "action": str(action),
            "circles": list(tell),
            "holder_user": case.holder_user_id,
            "holder_org": case.holder_org_id,
        },
    )
