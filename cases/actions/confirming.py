"""补签: an emergency whistle is blown first and confirmed by the leader afterwards.

DOMAIN C.3, whistle types: the leader confirms within two hours; the limit is the
StageLimit of 补签. Not confirmed in time changes nothing but the flag.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions import clocks
from cases.actions.step import aside, locked, note
from cases.models import Case, Whistle
from cases.workflow import Stage, State, WhistleKind
from governance import calendar
from governance.errors import Refused
from governance.events import Follow
from parties.acting import Actor


def await_confirmation(case: Case, whistle: Whistle, at: datetime) -> Follow:
    """Set when the confirmation is due, and the Job that looks then."""
    limit = clocks.limit_of(Stage.CONFIRM, case)
    whistle.confirm_due_at = calendar.due_at(at, limit.n, limit.unit)
    return Follow(
        task="cases.tasks.watch_confirmation",
        args={"case_id": case.pk, "whistle_id": whistle.pk},
        run_at=whistle.confirm_due_at,
    )


@transaction.atomic
def confirm_whistle(
    *, case_id: int, whistle_id: int, actor: Actor, at: datetime
) -> Whistle:
    """补签: the leader confirms an emergency whistle that was blown without him."""
    case = locked(case_id)
    if case.state == State.ARCHIVED:
        raise Refused(
            _("本案已归档，归档后只读；需要说明的，请追加“补充说明”。"), code="archived"
        )
    blown = case.whistles.filter(
        pk=whistle_id,
        kind=WhistleKind.EMERGENCY,
        status=Whistle.Status.BLOWN,
        confirmed_at=None,
    ).first()
    if blown is None:
        raise Refused(_("这份应急哨还没有吹响，或已经确认过。"), code="state")
    if actor.role != "street_leader" or not actor.acts_in(case.placement_code):
        raise Refused(_("应急哨由本街道值班领导补签。"), code="role")
    blown.confirmed_by_id, blown.confirmed_at = actor.user_id, at
    blown.save(update_fields=["confirmed_by", "confirmed_at"])
    note(
        case,
        "confirm_whistle",
        actor=actor,
        at=at,
        detail={"whistle": blown.number, "confirmed_in_time": blown.confirmed_in_time},
    )
    return blown


@transaction.atomic
def watch_confirmation(*, case_id: int, whistle_id: int, at: datetime) -> None:
    """Flag an emergency whistle that nobody confirmed in time; once."""
    case = locked(case_id)
    late = case.whistles.filter(
        pk=whistle_id,
        status=Whistle.Status.BLOWN,
        confirmed_at=None,
        confirm_overdue=False,
        confirm_due_at__lte=at,
    ).first()
    if late is None:
        return
    late.confirm_overdue = True
    late.save(update_fields=["confirm_overdue"])
    aside(
        case,
        "overdue_confirmation",
        actor=Actor.system(),
        at=at,
        detail={"whistle": late.number},
        subject=late.pk,
        tell=("street_leader", "district_command"),
    )
