"""治理联席会议: convene, put cases on the agenda, rule, issue the minutes (DOMAIN C.3).

A case on an agenda waits for the meeting (5 工作日), no longer for the centre's own
coordination (2 工作日). `dispatch_by_ruling` carries out what the meeting decided.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.documents import next_number
from cases.actions.step import locked, note, require
from cases.models import AgendaItem, Case, DocumentNumber, JointMeeting
from cases.workflow import Stage, State
from governance import events
from governance.errors import Refused
from governance.events import Follow
from grids.models import Area
from parties.acting import Actor

CONVENERS = ("district_command", "district_director")
Status = JointMeeting.Status


@transaction.atomic
def convene_meeting(
    *,
    title: str,
    held_at: datetime | None,
    place: str,
    members: str,
    actor: Actor,
    at: datetime,
) -> JointMeeting:
    """拟召开 a joint meeting of the actor's district."""
    if actor.role not in CONVENERS or actor.area_id is None:
        raise Refused(_("联席会议由区指挥中心召集。"), code="role")
    require(
        {"title": title, "held_at": held_at, "place": place, "members": members},
        {
            "title": _("请填写会议名称。"),
            "held_at": _("请填写会议时间。"),
            "place": _("请填写会议地点。"),
            "members": _("请填写参会单位和人员。"),
        },
    )
    assert held_at is not None  # noqa: S101 - required above
    meeting = JointMeeting.objects.create(
        district=Area.objects.get(pk=actor.area_id),
        title=title,
        held_at=held_at,
        place=place,
        members=members,
        status=Status.PLANNED,
        convened_by_id=actor.user_id,
        convened_at=at,
    )
    _record(meeting, "convene_meeting", actor, at, title=title, held_at=held_at)
    return meeting


@transaction.atomic
def put_on_agenda(
    *, meeting_id: int, case_id: int, actor: Actor, at: datetime
) -> AgendaItem:
    """列入议题: the case waits for the meeting now; COORD stops and MEETING starts."""
    case = locked(case_id)
    meeting = _locked(meeting_id, actor)
    _require_planned(meeting)
    if case.state != State.DISTRICT_COORD or case.district_id != meeting.district_id:
        raise Refused(
            _("只有本区“区级协调中”的案件可以列入议题。"), code="state", field="case"
        )
    standing = case.agenda_items.filter(taken_off_at=None, is_concluded=False)
    if standing.exists():
        raise Refused(_("本案已在一次联席会议的议题中。"), code="double", field="case")
    last = meeting.items.aggregate(last=Max("order"))["last"] or 0
    item = AgendaItem.objects.create(meeting=meeting, case=case, order=last + 1)
    detail = {"meeting": meeting.title, "order": item.order}
    ticking = clocks.apply(
        case=case,
        operations=(("stop", Stage.COORD), ("start", Stage.MEETING)),
        at=at,
    )
    note(
        case,
        "put_on_agenda",
        actor=actor,
        at=at,
        detail=detail,
        tell=("district_command", "street_leader"),
        ticking=ticking,
    )
    return item


@transaction.atomic
def take_off_agenda(
    *, item_id: int, opinion: str, actor: Actor, at: datetime
) -> AgendaItem:
    """移出议题: the centre coordinates on, with a new 区级协调 limit."""
    known = AgendaItem.objects.get(pk=item_id)
    case = locked(known.case_id)
    # The meeting before its items, as `hold_meeting` does: else the two may deadlock.
    meeting = _locked(known.meeting_id, actor)
    item = AgendaItem.objects.select_for_update().get(pk=item_id)
    if meeting.status == Status.ISSUED or item.taken_off_at or item.is_concluded:
        raise Refused(_("会议纪要已发，或本案已移出议题。"), code="state")
    if case.state != State.DISTRICT_COORD:
        raise Refused(
            _("案件现在是“%(state)s”，恢复区级协调后才能移出议题。")
            % {"state": State(case.state).label},
            code="state",
        )
    require({"opinion": opinion}, {"opinion": _("请写明移出议题的理由。")})
    item.taken_off_at = at
    item.save(update_fields=["taken_off_at"])
    ticking = clocks.apply(
        case=case,
        operations=(("stop", Stage.MEETING), ("start", Stage.COORD)),
        at=at,
    )
    note(
        case,
        "take_off_agenda",
        actor=actor,
        at=at,
        detail={"meeting": meeting.title, "opinion": opinion},
        ticking=ticking,
    )
    return item


@transaction.atomic
def hold_meeting(
    *, meeting_id: int, rulings: Mapping[int, str], actor: Actor, at: datetime
) -> JointMeeting:
    """已召开, with what was decided of each item so far; may be written again until
    the minutes are out."""
    meeting = _locked(meeting_id, actor)
    if meeting.status == Status.ISSUED:
        raise Refused(_("会议纪要已发，不能再改。"), code="state")
    items = list(meeting.items.filter(taken_off_at=None).order_by("order"))
    if not items:
        raise Refused(_("会议还没有议题，请先把案件列入议题。"), code="empty")
    for item in items:
        item.ruling = rulings.get(item.pk, item.ruling).strip()
        item.save(update_fields=["ruling"])
    meeting.status = Status.HELD
    meeting.save(update_fields=["status"])
    _record(meeting, "hold_meeting", actor, at, rulings=_rulings(items))
    return meeting


@transaction.atomic
def issue_minutes(*, meeting_id: int, actor: Actor, at: datetime) -> JointMeeting:
    """印发纪要: only when every item has its ruling; gives the 会议纪要号."""
    meeting = _locked(meeting_id, actor)
    if meeting.status != Status.HELD:
        raise Refused(
            _("请先记录会议意见，再印发纪要；已印发的不能重发。"), code="state"
        )
    items = list(meeting.items.filter(taken_off_at=None).order_by("order"))
    missing = [item for item in items if not item.ruling]
    if missing:
        raise Refused(
            _("议题 %(orders)s 还没有会议意见，请写明后再印发纪要。")
            % {"orders": "、".join(str(item.order) for item in missing)},
            code="required",
            field=f"ruling_{missing[0].pk}",
        )
    number = next_number(DocumentNumber.Kind.MINUTES, meeting.district, at)
    meeting.number, meeting.status = number, Status.ISSUED
    meeting.issued_by_id, meeting.issued_at = actor.user_id, at
    meeting.save(update_fields=["number", "status", "issued_by", "issued_at"])
    events.record(
        chain=meeting.chain,
        action="cases.issue_minutes",
        actor=actor,
        at=at,
        detail={"number": number, "rulings": _rulings(items)},
        follow=[_telling(item, meeting) for item in items],
    )
    return meeting


def _telling(item: AgendaItem, meeting: JointMeeting) -> Follow:
    """Word to the centre that the ruling on this case is ready to be carried out."""
    case: Case = item.case
    return Follow(
        task="cases.tasks.tell",
        args={
            "case_id": case.pk,
            "version": f"minutes{meeting.pk}",
            "action": "issue_minutes",
            "circles": ["district_command", "street_leader"],
            "holder_user": case.holder_user_id,
            "holder_org": case.holder_org_id,
        },
    )


def _rulings(items: list[AgendaItem]) -> list[dict[str, Any]]:
    return [
        {"case": one.case_id, "order": one.order, "ruling": one.ruling} for one in items
    ]


def _locked(meeting_id: int, actor: Actor) -> JointMeeting:
    meeting = (
        JointMeeting.objects.select_for_update(of=("self",))
        .select_related("district")
        .get(pk=meeting_id)
    )
    if actor.role not in CONVENERS or not actor.acts_in(meeting.district.code):
        raise Refused(_("联席会议由本区指挥中心办理。"), code="role")
    return meeting


def _require_planned(meeting: JointMeeting) -> None:
    if meeting.status != Status.PLANNED:
        raise Refused(_("会议已经召开，不能再列入议题。"), code="state")


def _record(
    meeting: JointMeeting, verb: str, actor: Actor, at: datetime, **detail: Any
) -> None:
    events.record(
        chain=meeting.chain,
        action=f"cases.{verb}",
        actor=actor,
        at=at,
        detail=detail,
    )
