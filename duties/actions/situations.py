"""Reports of the grids in an emergency, round by round (DOMAIN F8)."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import actions as cases
from cases.models import Case
from duties.actions.incidents import log_entry, round_job
from duties.actions.step import locked_receiver, require
from duties.actions.telling import people_of, people_of_issuer
from duties.actions.visits import Finding
from duties.models import (
    Incident,
    IncidentLogEntry,
    MissedReport,
    SituationReport,
    TaskReceiver,
)
from duties.querysets.incidents import unreported
from duties.workflow import TaskState, receives
from governance import events
from governance.errors import Refused
from parties import actions as parties
from parties.acting import Actor

NAMED_AT_MOST = 20
Entry = IncidentLogEntry.Kind
Situation = SituationReport.Kind


def may_report(
    incident: Incident, receiver: TaskReceiver, actor: Actor, at: datetime
) -> None:
    """Refused unless it is the own grid's to report and emergency mode is on."""
    if not receives(receiver, actor):
        raise Refused(_("情况由收到任务的网格报送。"), code="role")
    if not incident.is_running(at) or receiver.task.state == TaskState.CANCELLED:
        raise Refused(_("应急已经结束，不用再报送。"), code="state")


def _of(receiver_id: int) -> tuple[TaskReceiver, Incident]:
    """The receiver, locked, and the incident it belongs to."""
    receiver = locked_receiver(receiver_id)
    incident = Incident.objects.filter(task=receiver.task_id).first()
    if incident is None:
        raise Refused(_("这项任务不属于突发事件。"), code="guard")
    return receiver, incident


@transaction.atomic
def report_situation(
    *, receiver_id: int, kind: str, text: str = "", actor: Actor, at: datetime
) -> SituationReport:
    """报平安, 报险情 for the running round; a danger is written into the log."""
    receiver, incident = _of(receiver_id)
    may_report(incident, receiver, actor, at)
    if kind not in Situation.values:
        raise Refused(_("请选择报平安还是报险情。"), code="required", field="kind")
    if kind == Situation.DANGER:
        require({"text": text}, {"text": _("请写明险情：在哪里、什么情况。")})
    report = _reported(incident, receiver, kind, text, actor, at)
    _record(receiver, report, "report_situation", actor, at)
    return report


def _reported(
    incident: Incident,
    receiver: TaskReceiver,
    kind: str,
    text: str,
    actor: Actor,
    at: datetime,
    case: Case | None = None,
    submission: uuid.UUID | None = None,
) -> SituationReport:
    report = SituationReport.objects.create(
        incident=incident,
        receiver=receiver,
        due_at=incident.round_of(at),
        kind=kind,
        text=text.strip(),
        case=case,
        submission=submission,
        reported_by_id=actor.user_id or 0,
        reported_at=at,
    )
    if kind == Situation.DANGER:
        written = f"{receiver.name}：{report.text}"
        if case is not None:
            written = f"{receiver.name}：{case.display_no} {report.text}"
        entry = Entry.CASE if case is not None else Entry.DANGER
        log_entry(incident, entry, written, actor, at)
    return report


def _record(
    receiver: TaskReceiver,
    report: SituationReport,
    action: str,
    actor: Actor,
    at: datetime,
) -> None:
    """On the receiver's chain, so that a thousand grids can report at once."""
    events.record(
        chain=receiver.chain,
        action=f"duties.{action}",
        actor=actor,
        at=at,
        detail={
            "incident": report.incident_id,
            "report": report.pk,
            "kind": report.kind,
            "due_at": report.due_at,
            "case": report.case_id,
        },
    )


@transaction.atomic
def report_incident_case(
    *,
    receiver_id: int,
    submission: uuid.UUID,
    finding: Finding,
    actor: Actor,
    at: datetime,
) -> Case:
    """险情上报为案件: urgent, linked to the incident, and a report of this round.

    The same submission again gives the same case.
    """
    receiver, incident = _of(receiver_id)
    known = SituationReport.objects.filter(submission=submission).first()
    if known is not None and known.case is not None:
        return known.case
    may_report(incident, receiver, actor, at)
    located = finding.lng is not None and finding.lat is not None
    code = receiver.area.code if receiver.area is not None else actor.area_code
    case = cases.report(
        submission_id=submission,
        report=cases.Report(
            category_id=finding.category_id,
            description=finding.description,
            address=finding.address,
            lng=finding.lng,
            lat=finding.lat,
            crs=finding.crs,
            accuracy_m=finding.accuracy_m,
            method=Case.Method.GPS if located else Case.Method.ADDRESS,
            community_code="" if located else code[:12],
            urgent=True,
            photos=finding.photos,
            source=Case.Source.TASK,
            origin_label=f"应急“{incident.title}”",
            origin_url=incident.get_absolute_url(),
        ),
        actor=actor,
        at=at,
    )
    # The log is read by more than may read a confidential case.
    text = "" if case.confidential else finding.description.strip()[:1000]
    report = _reported(
        incident, receiver, Situation.DANGER, text, actor, at, case, submission
    )
    _record(receiver, report, "report_incident_case", actor, at)
    return case


@transaction.atomic
def end_round(*, incident_id: int, due_at: str, at: datetime) -> None:
    """A round is over (a Job's effect): who is silent is told to the level above.

    Once for each grid and round; then the next round begins, until it expires.
    """
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    due = datetime.fromisoformat(due_at)
    if incident.closed_at is not None or incident.next_due_at != due:
        return
    silent = list(unreported(incident, due))
    MissedReport.objects.bulk_create(
        [MissedReport(incident=incident, receiver=one, due_at=due) for one in silent]
    )
    after = due + timedelta(hours=incident.report_hours)
    incident.next_due_at = after if after <= incident.expires_at else None
    incident.save(update_fields=["next_due_at"])
    system = Actor.system()
    if silent:
        log_entry(incident, Entry.MISSED, _missed_words(silent, due), system, at)
        _escalate(incident, silent, due, at)
    events.record(
        chain=incident.chain,
        action="duties.end_round",
        actor=system,
        at=at,
        detail={"due_at": due, "missed": [one.pk for one in silent]},
        follow=round_job(incident),
    )


def _missed_words(silent: list[TaskReceiver], due: datetime) -> str:
    names = "、".join(_whole_name(one) for one in silent[:NAMED_AT_MOST])
    return _("%(time)s 截止，%(n)d 个网格未报送：%(names)s") % {
        "time": f"{timezone.localtime(due):%H:%M}",
        "n": len(silent),
        "names": names if len(silent) <= NAMED_AT_MOST else f"{names}…",
    }


def _whole_name(receiver: TaskReceiver) -> str:
    """With whoever passed it on, since every community has a first grid."""
    above = f"{receiver.parent.name} " if receiver.parent is not None else ""
    return f"{above}{receiver.name}"


def _escalate(
    incident: Incident, silent: list[TaskReceiver], due: datetime, at: datetime
) -> None:
    """One message for each unit above, naming its silent grids."""
    by_parent: dict[int | None, list[TaskReceiver]] = {}
    for one in silent:
        by_parent.setdefault(one.parent_id, []).append(one)
    for parent_id, below in by_parent.items():
        parent = below[0].parent
        people = (
            people_of(parent, at) if parent else people_of_issuer(incident.task, at)
        )
        parties.notify(
            user_ids=people,
            kind="alert",
            title=_("应急未报送：%(title)s") % {"title": incident.title},
            body=_missed_words(below, due),
            url=incident.get_absolute_url(),
            subject=incident.chain,
            key=f"{incident.chain}:missed:{due:%Y%m%d%H%M}:{parent_id}",
            urgent=True,
            at=at,
        )
