"""到期时间补算: a clock that began before its year's holidays were known."""

from datetime import datetime

from django.db import transaction

from cases.actions.alarms import timers
from cases.actions.step import aside, locked
from cases.actions.ticking import Ticking, reckon
from cases.models import CaseClock
from parties.acting import Actor


@transaction.atomic
def reckon_clock(*, clock_id: int, at: datetime) -> None:
    """Compute the deadline from where the clock began, as it would have been then.

    Raises MissingCalendar while the year is not imported: the Job keeps that as its
    error, in sight, and comes back. A clock that was stopped meanwhile needs none.
    """
    case = locked(CaseClock.objects.values_list("case_id", flat=True).get(pk=clock_id))
    clock = CaseClock.objects.select_for_update().get(pk=clock_id)
    if clock.running_since is None or clock.due_at is not None:
        return
    clock.case = case
    ticking = Ticking(at)
    reckon(clock, ticking)
    clock.save(update_fields=["due_at"])
    ticking.follow += timers(clock, ticking.calendar_from(clock.running_since))
    aside(
        case,
        "reckon_clock",
        actor=Actor.system(),
        at=at,
        detail={"stage": clock.stage, "reckoned": clock.due_at},
        ticking=ticking,
    )
