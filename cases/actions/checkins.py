"""The 报到 clocks of the lines of a whistle, one for each called unit (DOMAIN C.4).

They begin and end line by line. While it is open who leads, or the case stands still,
nobody need report for duty, and all of them wait (C.2); who reports all the same is
there, and in time.
"""

from datetime import datetime
from typing import Any

from cases.actions.ticking import Ticking, begin, end, fact_of, go_on, halt
from cases.limits import Limit
from cases.models import Case, CaseClock, StageLimit, Whistle, WhistleAssignment
from cases.workflow import CHECKIN_LIMITS, Stage, WhistleKind


def checkin_limit_of(kind: str) -> Limit:
    """How long a unit called by such a whistle has to check in."""
    row = StageLimit.objects.filter(
        stage=Stage.CHECKIN, urgent=False, kind=kind
    ).first()
    return row.limit if row is not None else CHECKIN_LIMITS[WhistleKind(kind)]


def checkin_limit_for(whistle: Whistle) -> Limit:
    """报到时限 of a whistle: set by whoever composed it, else that of its kind."""
    return whistle.checkin_limit or checkin_limit_of(whistle.kind)


def start_checkin(
    *, assignment: WhistleAssignment, limit: Limit, at: datetime, ticking: Ticking
) -> CaseClock:
    """The clock of one called organisation, a full limit or what an earlier whistle
    left of it; the line keeps what limit held."""
    clock = open_checkin(assignment)
    if clock is None:
        clock = begin(
            assignment.case, Stage.CHECKIN, limit, at, ticking, assignment=assignment
        )
    else:
        go_on(clock, at, ticking)
    assignment.checkin_n, assignment.checkin_unit = limit.n, limit.unit
    assignment.checkin_due_at = clock.due_at
    assignment.save(update_fields=["checkin_n", "checkin_unit", "checkin_due_at"])
    return clock


def stop_checkin(
    *, assignment: WhistleAssignment, at: datetime
) -> list[dict[str, Any]]:
    """End the clock; whether that was too late stands on the line from then on."""
    clock = open_checkin(assignment)
    if clock is None:
        return []
    end(clock, at)
    assignment.checkin_overdue = clock.is_overdue
    assignment.save(update_fields=["checkin_overdue"])
    return [fact_of("stop", clock)]


def of_all_lines(case: Case, name: str, ticking: Ticking) -> None:
    """`pause` or `resume` for every line of the whistle in force that still has to
    report; the other operations are the lines' own."""
    if name not in ("pause", "resume"):
        return
    clocks = CaseClock.objects.select_for_update(of=("self",)).select_related(
        "assignment"
    )
    for clock in clocks.filter(
        case=case, stage=Stage.CHECKIN, stopped_at=None
    ).order_by("pk"):
        clock.case = case
        _pause(clock, ticking) if name == "pause" else _resume(clock, ticking)


def _pause(clock: CaseClock, ticking: Ticking) -> None:
    if clock.running_since is not None:
        halt(clock, ticking.at)
        ticking.facts.append(fact_of("pause", clock))


def _resume(clock: CaseClock, ticking: Ticking) -> None:
    go_on(clock, ticking.at, ticking)
    line = clock.assignment
    assert line is not None  # noqa: S101 - a 报到 clock is a line's
    line.checkin_due_at = clock.due_at
    line.save(update_fields=["checkin_due_at"])


def open_checkin(assignment: WhistleAssignment) -> CaseClock | None:
    return (
        CaseClock.objects.select_for_update()
        .filter(assignment=assignment, stage=Stage.CHECKIN, stopped_at=None)
        .first()
    )
