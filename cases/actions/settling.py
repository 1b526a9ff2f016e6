"""What a ruling or a coordination leaves behind: the lines of the whistle in force,
and the record of the stay with the district or the city."""

from datetime import datetime
from typing import Any

from cases.actions import checkins
from cases.actions.whistling import blown_assignments
from cases.limits import Limit
from cases.models import AgendaItem, Case, Coordination, Whistle, WhistleAssignment
from grids.codes import Level

Role = WhistleAssignment.Role
Status = WhistleAssignment.Status
REPORTED = (
    "checkin_at", "checkin_by_id", "checkin_mode", "checkin_point",
    "checkin_distance_m", "checkin_overdue", "checkin_remark", "arrived_at",
    "arrived_distance_m",
)  # fmt: skip
OVER = (
    Status.DONE, Status.CANCELLED, Status.RETURN_APPROVED, Status.RETURN_REJECTED,
)  # fmt: skip


def keep_supports(case: Case, called: Whistle) -> dict[str, list[str]]:
    """Supports of the whistle in force that the next one calls again stay: who has
    reported need not do so twice, the others go on with what is left of their time.

    Asked before the whistle in force falls. A whistle with another 报到 limit gives it
    in full to those who have not reported. Answers their names for
    the journal.
    """
    before = {
        line.organisation_id: line
        for line in blown_assignments(case)
        .filter(role=Role.SUPPORT)
        .exclude(status=Status.CANCELLED)
    }
    supports = called.assignments.filter(role=Role.SUPPORT)
    limit = checkins.checkin_limit_for(called)
    kept = []
    for line in supports.select_related("organisation").order_by("pk"):
        old = before.get(line.organisation_id)
        if old is not None and _stays(old, line, limit):
            kept.append(line.organisation.name)
    return {"kept": kept} if kept else {}


def _stays(old: WhistleAssignment, line: WhistleAssignment, limit: Limit) -> bool:
    """The figures count one report and one limit once: they stay with the line that
    reported, and go along with a limit that is still running."""
    if old.checkin_at is not None:
        for name in REPORTED:
            setattr(line, name, getattr(old, name))
        line.status = Status.ON_SITE if old.arrived_at else Status.CHECKED_IN
        line.save(update_fields=["status", *REPORTED])
        return True
    clock = checkins.open_checkin(old)
    if clock is None or (clock.limit_n, clock.limit_unit) != (limit.n, limit.unit):
        return False
    clock.assignment = line
    clock.save(update_fields=["assignment"])
    line.checkin_overdue = old.checkin_overdue
    line.save(update_fields=["checkin_overdue"])
    old.checkin_due_at, old.checkin_overdue = None, False
    old.save(update_fields=["checkin_due_at", "checkin_overdue"])
    return True


def close_lines(case: Case, at: datetime, *, returned: str) -> list[dict[str, Any]]:
    """The whistle in force falls: its open lines end, a disputed one as `returned`."""
    facts: list[dict[str, Any]] = []
    lines = blown_assignments(case).select_for_update().exclude(status__in=OVER)
    for line in lines.order_by("pk"):
        facts += checkins.stop_checkin(assignment=line, at=at)
        asked = line.status == Status.RETURN_REQUESTED
        line.status = returned if asked else Status.CANCELLED
        line.save(update_fields=["status"])
    return facts


def open_coordination(
    case: Case,
    *,
    level: Level,
    origin: str,
    matter: str,
    at: datetime,
    reason: str = "",
    work_done: str = "",
    proposal: str = "",
) -> Coordination:
    return Coordination.objects.create(
        case=case,
        level=level,
        origin=origin,
        reason=reason,
        matter=matter,
        work_done=work_done,
        proposal=proposal,
        opened_at=at,
    )


def close_coordination(
    case: Case,
    outcome: str,
    conclusion: str,
    at: datetime,
    *,
    document: str = "",
    item: AgendaItem | None = None,
) -> None:
    Coordination.objects.filter(case=case, outcome="").update(
        outcome=outcome,
        conclusion=conclusion,
        document=document,
        meeting=item.meeting if item else None,
        closed_at=at,
    )
