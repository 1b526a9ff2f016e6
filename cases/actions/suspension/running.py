"""A case that stands still: looked at every 30 days, and taken up again (T35)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import Given, Holder, advance, locked, require
from cases.actions.telling import remind
from cases.models import Case, Suspension
from cases.workflow import Action, RequestStatus, find
from governance.events import Follow
from parties.acting import Actor

REMIND_EVERY = timedelta(days=30)


def reminders(suspension: Suspension, at: datetime, until: datetime) -> list[Follow]:
    """Every 30 days unit and dispatcher look again whether it must go on."""
    jobs, when = [], at + REMIND_EVERY
    while when < until:
        args = {"suspension_id": suspension.pk, "days": (when - at).days}
        jobs.append(
            Follow(task="cases.tasks.remind_suspension", args=args, run_at=when)
        )
        when += REMIND_EVERY
    return jobs


@transaction.atomic
def remind_suspension(*, suspension_id: int, days: int, at: datetime) -> None:
    """定期复核提醒; nothing is said about a case that was resumed meanwhile."""
    running = Suspension.objects.running().filter(pk=suspension_id)
    suspension = running.select_related("case__category").first()
    if suspension is None:
        return
    remind(
        case=suspension.case,
        title=_("挂账已满 %(days)d 天，请复核是否可以恢复办理") % {"days": days},
        circles=("unit", "street_dispatcher"),
        key=f"suspension:{suspension.pk}:{days}",
        at=at,
    )


@transaction.atomic
def resume_handling(
    *,
    case_id: int,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> Case:
    """恢复办理 (T35): by the platform on the day, earlier by the dispatcher; on with
    the time that was left, in the hands it was in."""
    case = locked(case_id, version)
    transition = find(case, Action.RESUME_HANDLING, actor)
    require({"opinion": opinion}, {"opinion": _("请写明恢复办理的原因。")})
    suspension = case.suspensions.select_for_update().get(
        status=RequestStatus.APPROVED, resumed_at=None
    )
    suspension.resumed_at = at
    suspension.save(update_fields=["resumed_at"])
    advance(
        case,
        transition,
        actor=actor,
        at=at,
        holder=Holder(case.holder_org_id, suspension.held_by_id),
        given=Given(opinion),
    )
    return case
