"""Incidents: started, passed on at once, written down, closed (DOMAIN F8)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from duties.actions.addressing import Addressee, reach_below, reach_of_issuer
from duties.actions.issuing import Paper, close, draft_task, issue
from duties.actions.receiving import reissue, sign
from duties.actions.step import locked_receiver, require
from duties.models import (
    Incident,
    IncidentLogEntry,
    SituationReport,
    TaskReceiver,
)
from duties.workflow import (
    COMMAND,
    COMMUNITY,
    LEADERS,
    STREET,
    Kind,
    ReceiverState,
    TaskState,
    issued_by,
)
from governance import events
from governance.calendar import Unit
from governance.errors import Refused
from governance.events import Follow
from grids.models import Area
from parties.acting import Actor, signed

STARTERS = (*COMMAND, "street_shift_head", "street_leader")
LOGGERS = (*COMMAND, *STREET, *COMMUNITY)
NAMED_AT_MOST = 20
LONGEST = timedelta(days=365)
Entry = IncidentLogEntry.Kind
Situation = SituationReport.Kind


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """What is proclaimed; it goes to every area of the next lower level."""

    title: str
    kind: str
    level: str
    requirement: str
    expires_at: datetime
    report_hours: int = 2


@transaction.atomic
def start_incident(*, emergency: Emergency, actor: Actor, at: datetime) -> Incident:
    """启动应急: a task to all areas below; no admission, because it expires."""
    if actor.role not in STARTERS:
        raise Refused(_("应急由指挥中心或街道值班领导启动。"), code="role")
    if emergency.expires_at <= at:
        raise Refused(_("失效时间要晚于现在。"), code="expiry", field="expires_at")
    if emergency.expires_at - at > LONGEST:
        raise Refused(
            _("应急最长 %(n)d 天，请选择较早的失效时间。") % {"n": LONGEST.days},
            code="expiry", field="expires_at",
        )  # fmt: skip
    below = _areas_below(actor, at)
    if not below:
        raise Refused(_("您的辖区没有下一级，不能启动应急。"), code="reach")
    hours = Decimal((emergency.expires_at - at) / timedelta(hours=1))
    task = draft_task(
        paper=Paper(
            title=emergency.title,
            kind=Kind.EMERGENCY,
            requirement=emergency.requirement,
            limit_n=hours.quantize(Decimal("0.1"), rounding=ROUND_UP),
            limit_unit=Unit.URGENT_HOUR,
            addressees=tuple(Addressee("area", area.pk) for area in below),
            expires_at=emergency.expires_at,
        ),
        actor=actor,
        at=at,
    )
    issue(task_id=task.pk, actor=actor, at=at)
    incident = Incident(
        title=emergency.title.strip(),
        kind=emergency.kind,
        level=emergency.level,
        command_id=actor.organisation_id or 0,
        task=task,
        report_hours=emergency.report_hours,
        started_by_id=actor.user_id or 0,
        started_at=at,
        expires_at=emergency.expires_at,
    )
    incident.next_due_at = incident.round_of(at)
    incident.save()
    with translation.override("zh-hans"):  # the log is a record
        level = incident.get_level_display()
    text = f"启动{level}应急，发往 {len(below)} 个下级。"
    log_entry(incident, Entry.START, text, actor, at)
    events.record(
        chain=incident.chain,
        action="duties.start_incident",
        actor=actor,
        at=at,
        detail={
            "title": incident.title,
            "level": incident.level,
            "task": task.pk,
            "expires_at": incident.expires_at,
            "receivers": len(below),
        },
        follow=round_job(incident),
    )
    return incident


def _areas_below(actor: Actor, at: datetime) -> list[Area]:
    reach = reach_of_issuer(actor, at)
    return [one for one in reach.areas if one.parent_id == actor.area_id]


def round_job(incident: Incident) -> list[Follow]:
    """The Job that ends the running round, a moment after its reports are due."""
    due_at = incident.next_due_at
    if due_at is None:
        return []
    return [
        Follow(
            task="duties.tasks.end_round",
            args={"incident_id": incident.pk, "due_at": due_at.isoformat()},
            run_at=due_at + timedelta(seconds=1),
        )
    ]


def log_entry(
    incident: Incident, kind: str, text: str, actor: Actor, at: datetime
) -> IncidentLogEntry:
    return IncidentLogEntry.objects.create(
        incident=incident,
        kind=kind,
        at=at,
        by=signed(actor.post_name, actor.name),
        text=text,
    )


@transaction.atomic
def pass_on(*, receiver_id: int, actor: Actor, at: datetime) -> TaskReceiver:
    """一键转发: signs what is not signed, and sends it to all of the level below."""
    receiver = locked_receiver(receiver_id)
    if receiver.task.kind != Kind.EMERGENCY:
        raise Refused(_("只有应急任务可以一键转发。"), code="guard")
    if receiver.state == ReceiverState.PENDING_SIGN:
        sign(receiver_id=receiver_id, actor=actor, at=at)
    had = set(receiver.task.receivers.values_list("area_id", flat=True))
    areas = [one for one in reach_below(receiver, at).areas if one.pk not in had]
    if not areas:
        raise Refused(_("下级都已收到，不用再转发。"), code="twice")
    return reissue(
        receiver_id=receiver_id,
        addressees=[Addressee("area", area.pk) for area in areas],
        actor=actor,
        at=at,
    )


@transaction.atomic
def add_log_entry(
    *, incident_id: int, text: str, actor: Actor, at: datetime
) -> IncidentLogEntry:
    """值班记录, by the desks that are in it, until it is closed."""
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    if actor.role not in LOGGERS or not _sees(incident, actor):
        raise Refused(_("值班记录由参加应急的指挥中心、街道、社区填写。"), code="role")
    _still_open(incident)
    require({"text": text}, {"text": _("请填写记录内容。")})
    entry = log_entry(incident, Entry.NOTE, text.strip(), actor, at)
    events.record(
        chain=incident.chain,
        action="duties.add_log_entry",
        actor=actor,
        at=at,
        detail={"entry": entry.pk, "text": entry.text},
    )
    return entry


def _sees(incident: Incident, actor: Actor) -> bool:
    return Incident.objects.visible_to(actor).filter(pk=incident.pk).exists()


def _still_open(incident: Incident) -> None:
    if incident.closed_at is not None:
        raise Refused(_("应急已经结束。"), code="state")


def may_close_incident(incident: Incident, actor: Actor) -> bool:
    """The leaders of the unit that started it."""
    return (
        incident.closed_at is None
        and actor.role in LEADERS
        and issued_by(incident.task, actor)
    )


@transaction.atomic
def close_incident(
    *, incident_id: int, review: str, actor: Actor, at: datetime
) -> Incident:
    """结束应急 with its 复盘总结; the task ends with it, nobody reports any more."""
    incident = (
        Incident.objects.select_for_update(of=("self",))
        .select_related("task")
        .get(pk=incident_id)
    )
    _still_open(incident)
    if not may_close_incident(incident, actor):
        raise Refused(_("应急由启动它的单位负责人结束。"), code="role")
    require({"review": review}, {"review": _("请填写复盘总结。")})
    if incident.task.state == TaskState.ISSUED:
        close(
            task_id=incident.task_id, opinion=review.strip()[:1000], actor=actor, at=at
        )
    incident.review, incident.closed_at = review.strip(), at
    incident.closed_by_id, incident.next_due_at = actor.user_id, None
    incident.save()
    log_entry(incident, Entry.CLOSE, incident.review, actor, at)
    events.record(
        chain=incident.chain,
        action="duties.close_incident",
        actor=actor,
        at=at,
        detail={
            "reports": incident.reports.count(),
            "missed": incident.missed.count(),
            "opinion": incident.review,
        },
    )
    return incident
