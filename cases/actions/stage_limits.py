"""The tenant's own limits of the stages (计时), in place of the defaults."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import StageLimit
from cases.workflow import CHECKIN_LIMITS, DEFAULT_LIMITS, Stage
from governance import events
from governance.calendar import Unit
from governance.errors import Refused
from parties.acting import Actor
from parties.roles import Role


@transaction.atomic
def set_stage_limit(
    *,
    stage: str,
    urgent: bool,
    n: Decimal,
    unit: str,
    actor: Actor,
    at: datetime,
    kind: str = "",
) -> StageLimit:
    """Clocks that start from now on use it; those that run keep their own."""
    _must_administer(actor)
    check_limited(stage, urgent=urgent, kind=kind)
    if n <= 0:
        raise Refused(_("时限须大于 0。"), field="n")
    limit, created = StageLimit.objects.select_for_update().get_or_create(
        stage=stage, urgent=urgent, kind=kind, defaults={"n": n, "unit": Unit(unit)}
    )
    before = {} if created else {"n": str(limit.n), "unit": limit.unit}
    limit.n, limit.unit = n, Unit(unit)
    limit.save(update_fields=["n", "unit"])
    _record(limit, "set_stage_limit", before, actor, at)
    return limit


@transaction.atomic
def drop_stage_limit(*, limit_id: int, actor: Actor, at: datetime) -> None:
    """The default holds again."""
    _must_administer(actor)
    limit = StageLimit.objects.select_for_update().get(pk=limit_id)
    before = {"n": str(limit.n), "unit": limit.unit}
    _record(limit, "drop_stage_limit", before, actor, at)
    limit.delete()


def check_limited(stage: str, *, urgent: bool, kind: str) -> None:
    """Refused unless there is a default that this limit would stand in for."""
    if stage == Stage.CHECKIN:
        if kind not in CHECKIN_LIMITS:
            raise Refused(_("报到时限按哨型设置，请选择哨型。"), field="kind")
        if urgent:
            raise Refused(_("报到时限按哨型设置，不分紧急。"), field="urgent")
        return
    if kind:
        raise Refused(_("只有报到时限按哨型设置，其他环节请不选哨型。"), field="kind")
    if (Stage(stage), urgent) not in DEFAULT_LIMITS:
        raise Refused(_("这个环节没有单独的紧急时限。"), field="urgent")


def _must_administer(actor: Actor) -> None:
    if not actor.is_system and actor.role != Role.SYSTEM_ADMIN:
        raise Refused(_("只有系统管理员可以设置环节时限。"), code="role")


def _record(
    limit: StageLimit, verb: str, before: dict[str, str], actor: Actor, at: datetime
) -> None:
    events.record(
        chain=f"stage_limit:{limit.stage}:{limit.kind or int(limit.urgent)}",
        action=f"cases.{verb}",
        actor=actor,
        at=at,
        detail={"before": before, "n": str(limit.n), "unit": limit.unit},
    )
