"""静默时段: when alerts that can wait are told, and the hours the tenant set."""

from datetime import datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import QuietHours
from governance import events
from governance.calendar import after_quiet
from governance.errors import Refused
from parties.acting import Actor
from parties.roles import Role

STARTS, ENDS = time(21), time(8)


def quiet_hours() -> QuietHours:
    """The hours in force: the tenant's, or the default."""
    return QuietHours.objects.first() or QuietHours(starts=STARTS, ends=ENDS)


def told_at(at: datetime, hours: QuietHours) -> datetime:
    """The same moment, or in quiet hours their end."""
    return after_quiet(at, hours.starts, hours.ends) if hours.enabled else at


def check_hours(starts: time, ends: time) -> None:
    """Refused for hours that would never or always be quiet."""
    if starts == ends:
        raise Refused(
            _("开始和结束不能是同一时刻；不用静默时，取消启用。"), field="ends"
        )


@transaction.atomic
def set_quiet_hours(
    *, enabled: bool, starts: time, ends: time, actor: Actor, at: datetime
) -> QuietHours:
    """Alerts that wait already are told when the hours of before end."""
    if not actor.is_system and actor.role != Role.SYSTEM_ADMIN:
        raise Refused(_("只有系统管理员可以设置静默时段。"), code="role")
    check_hours(starts, ends)
    before = quiet_hours()
    hours, _created = QuietHours.objects.select_for_update().update_or_create(
        only=True, defaults={"enabled": enabled, "starts": starts, "ends": ends}
    )
    events.record(
        chain="quiet_hours",
        action="cases.set_quiet_hours",
        actor=actor,
        at=at,
        detail={
            "before": {"enabled": before.enabled, "hours": str(before)},
            "enabled": enabled,
            "hours": str(hours),
        },
    )
    return hours
