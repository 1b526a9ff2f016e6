"""Patrols: begun and ended by hand, never followed on the way (DOMAIN D.5, E.7)."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from duties.models import PatrolRecord
from duties.workflow import FIELD
from governance import events
from governance.errors import Refused
from governance.events import Follow
from grids.codes import Level
from parties.acting import Actor

LONGEST = timedelta(hours=12)
# Kept with the patrol, so in one language.
FORGOTTEN = "超过 12 小时没有结束，系统自动结束。"


@transaction.atomic
def start_patrol(*, actor: Actor, at: datetime) -> PatrolRecord:
    """开始巡查, in a post of the grid that is in force: only while on duty.

    One that is forgotten is ended by the platform after twelve hours.
    """
    if actor.role not in FIELD or actor.area_level != Level.GRID:
        raise Refused(_("只有在岗的网格员可以开始巡查。"), code="role")
    try:
        with transaction.atomic():
            patrol = PatrolRecord.objects.create(
                user_id=actor.user_id or 0, grid_id=actor.area_id or 0, started_at=at
            )
    except IntegrityError as error:
        raise Refused(_("您已经在巡查中，请先结束这一次。"), code="running") from error
    events.record(
        chain=patrol.chain,
        action="duties.start_patrol",
        actor=actor,
        at=at,
        detail={"grid": actor.area_code},
        follow=[
            Follow(
                task="duties.tasks.end_forgotten",
                args={"patrol_id": patrol.pk},
                run_at=at + LONGEST,
            )
        ],
    )
    return patrol


@transaction.atomic
def end_patrol(
    *, patrol_id: int, remark: str, actor: Actor, at: datetime
) -> PatrolRecord:
    """结束巡查, by whoever started it."""
    patrol = PatrolRecord.objects.select_for_update().get(pk=patrol_id)
    if patrol.user_id != actor.user_id and not actor.is_system:
        raise Refused(_("只能结束您自己的巡查。"), code="role")
    if patrol.ended_at is not None:
        raise Refused(_("这次巡查已经结束。"), code="state")
    patrol.ended_at, patrol.remark = at, remark.strip()
    patrol.save(update_fields=["ended_at", "remark"])
    events.record(
        chain=patrol.chain,
        action="duties.end_patrol",
        actor=actor,
        at=at,
        detail={"remark": patrol.remark, "started_at": patrol.started_at},
    )
    return patrol


@transaction.atomic
def end_forgotten(*, patrol_id: int, at: datetime) -> None:
    """The platform ends a patrol that nobody ended (a Job's effect)."""
    patrol = PatrolRecord.objects.select_for_update().get(pk=patrol_id)
    if patrol.ended_at is None:
        end_patrol(
            patrol_id=patrol.pk,
            remark=FORGOTTEN,
            actor=Actor.system(),
            at=at,
        )
