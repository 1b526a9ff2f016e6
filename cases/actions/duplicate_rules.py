"""The tenant's own limits of the duplicate finder, in place of the defaults."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.likeness import Limits
from cases.models import DuplicateRule
from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.roles import Role


@transaction.atomic
def set_duplicate_rule(*, limits: Limits, actor: Actor, at: datetime) -> DuplicateRule:
    """Hints given from now on use it (DOMAIN C.7); there is one rule at most."""
    if not actor.is_system and actor.role != Role.SYSTEM_ADMIN:
        raise Refused(_("只有系统管理员可以设置重复案件规则。"), code="role")
    if limits.far_m < limits.near_m:
        raise Refused(_("“稍远”不能小于“附近”。"), field="far_m")
    rule = DuplicateRule.objects.select_for_update().order_by("pk").first()
    before = asdict(rule.limits) if rule else {}
    rule = rule or DuplicateRule()
    for name, value in asdict(limits).items():
        setattr(rule, name, value)
    rule.save()
    events.record(
        chain="duplicate_rule",
        action="cases.set_duplicate_rule",
        actor=actor,
        at=at,
        detail={"before": before, "after": asdict(limits)},
    )
    return rule
