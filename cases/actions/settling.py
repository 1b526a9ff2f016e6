"""What a ruling or a coordination leaves behind: the lines of the whistle in force,
and the record of the stay with the district or the city."""

from datetime import datetime
from typing import Any

from cases.actions import clocks
from cases.actions.whistling import blown_assignments
from cases.models import AgendaItem, Case, Coordination, WhistleAssignment
from grids.codes import Level

Status = WhistleAssignment.Status
OVER = (
    Status.DONE, Status.CANCELLED, Status.RETURN_APPROVED, Status.RETURN_REJECTED,
)  # fmt: skip


def pause_lines(case: Case, at: datetime) -> list[dict[str, Any]]:
    """Nobody need report for duty while it is open who leads."""
    lines = blown_assignments(case).select_for_update().order_by("pk")
    return [
        fact for one in lines for fact in clocks.pause_checkin(assignment=one, at=at)
    ]


def close_lines(case: Case, at: datetime, *, returned: str) -> list[dict[str, Any]]:
    """The whistle in force falls: its open lines end, a disputed one as `returned`."""
    facts: list[dict[str, Any]] = []
    lines = blown_assignments(case).select_for_update().exclude(status__in=OVER)
    for line in lines.order_by("pk"):
        facts += clocks.stop_checkin(assignment=line, at=at)
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
