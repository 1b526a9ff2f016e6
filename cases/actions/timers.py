"""What happens when a clock has used a share of its limit (Job `watch_clock`)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.alerting import alert, mark
from cases.actions.archiving import archive_or_list
from cases.actions.escalation import warn
from cases.actions.rating import close_unrated
from cases.actions.reception import raise_to_street
from cases.actions.step import aside, locked
from cases.actions.suspension import resume_handling
from cases.models import Case, CaseClock, Escalation, Urging, WhistleAssignment
from cases.workflow import WINDOWS, Stage, State
from governance import calendar
from governance.calendar import Unit
from parties.acting import Actor


@transaction.atomic
def watch_clock(*, clock_id: int, percent: int, at: datetime) -> None:
    """Alert once, and at 100 % do what the stage's end asks for.

    A clock that was stopped, or paused and resumed so that the share is not yet
    reached, is left alone; its own later timer comes back.
    """
    case_id = CaseClock.objects.values_list("case_id", flat=True).get(pk=clock_id)
    locked(case_id)
    clock = (
        CaseClock.objects.select_for_update(of=("self",))
        .select_related("case", "assignment")
        .get(pk=clock_id)
    )
    if clock.running_since is None or not _reached(clock, percent, at):
        return
    urging = None
    if clock.stage not in WINDOWS:
        if not mark(clock=clock, percent=percent, at=at):
            return
        clocks.note_used(clock, percent)
        urging = warn(clock, percent, at)
        number = urging.display_no if urging else ""
        more = _("催办单 %(number)s。") % {"number": number} if number else ""
        alert(clock=clock, percent=percent, at=at, more=more)
    if percent == 100:
        _expire(clock, at, urging)


def _reached(clock: CaseClock, percent: int, at: datetime) -> bool:
    if percent == 100:
        return clock.due_at is not None and at >= clock.due_at
    limit = calendar.limit_minutes(clock.limit_n, Unit(clock.limit_unit))
    return clocks.consumed(clock, at) * 100 >= limit * percent


def _expire(clock: CaseClock, at: datetime, urging: Urging | None) -> None:
    case, system = clock.case, Actor.system()
    if clock.stage == Stage.ACCEPT and case.state == State.REPORTED:
        raise_to_street(
            case_id=case.pk,
            opinion=_("接报超时，自动上呈街道。"),
            actor=system,
            at=at,
            rule="accept_overdue",
        )
    elif clock.stage == Stage.RATING_WINDOW and case.state == State.RATING:
        if case.last_score != Case.Score.DISSATISFIED:
            close_unrated(case_id=case.pk, at=at)
    elif clock.stage == Stage.ARCHIVE_AFTER and case.state == State.CLOSED:
        if not case.appeal_review:  # else when the appeal is decided
            archive_or_list(case_id=case.pk, at=at)
    elif clock.stage == Stage.SUSPEND_UNTIL and case.state == State.SUSPENDED:
        resume_handling(
            case_id=case.pk,
            opinion=_("挂账期满，自动恢复办理。"),
            actor=system,
            at=at,
        )
    elif clock.assignment is not None:
        _mark_absent(clock.assignment, urging, at)


def _mark_absent(
    assignment: WhistleAssignment, urging: Urging | None, at: datetime
) -> None:
    """未报到: a red flag and word to the leaders; the state does not change."""
    assignment.checkin_overdue = True
    assignment.save(update_fields=["checkin_overdue"])
    case = locked(assignment.case_id)
    aside(
        case,
        "overdue_checkin",
        actor=Actor.system(),
        at=at,
        detail={
            "organisation": assignment.organisation.name,
            "level": Escalation.Level.ORANGE,
            "urging": urging.number if urging else "",
        },
    )
