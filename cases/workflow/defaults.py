"""How long each stage may take when nobody set another limit (DOMAIN C.4)."""

from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from cases.limits import Limit
from cases.workflow.states import Stage
from governance.calendar import Unit


def _limit(n: int | str, unit: Unit) -> Limit:
    return Limit(Decimal(n), unit)


# Data, not law: every default may be overridden by a StageLimit.
DEFAULT_LIMITS: dict[tuple[Stage, bool], Limit] = {
    (Stage.ACCEPT, False): _limit(2, Unit.WORK_HOUR),
    (Stage.ACCEPT, True): _limit("0.5", Unit.URGENT_HOUR),
    (Stage.VERIFY, False): _limit(4, Unit.WORK_HOUR),
    (Stage.VERIFY, True): _limit("0.5", Unit.URGENT_HOUR),
    (Stage.JUDGE, False): _limit(4, Unit.WORK_HOUR),
    (Stage.JUDGE, True): _limit("0.25", Unit.URGENT_HOUR),
    (Stage.HANDLE, False): _limit(5, Unit.WORK_DAY),
    (Stage.HANDLE, True): _limit(2, Unit.URGENT_HOUR),
    (Stage.REVIEW, False): _limit(4, Unit.WORK_HOUR),
    (Stage.CHECK, False): _limit(4, Unit.WORK_HOUR),
    (Stage.DISPUTE_WINDOW, False): _limit(4, Unit.WORK_HOUR),
    (Stage.RULING, False): _limit(4, Unit.WORK_HOUR),
    (Stage.COORD, False): _limit(2, Unit.WORK_DAY),
    (Stage.MEETING, False): _limit(5, Unit.WORK_DAY),
    (Stage.CITY_COORD, False): _limit(5, Unit.WORK_DAY),
    (Stage.FIRST_REPLY, False): _limit(24, Unit.URGENT_HOUR),
    (Stage.RATING_WINDOW, False): _limit(5, Unit.NATURAL_DAY),
    (Stage.CALL_BACK, False): _limit(1, Unit.WORK_DAY),
    (Stage.OBJECTION_WINDOW, False): _limit(7, Unit.NATURAL_DAY),
    (Stage.ARCHIVE_AFTER, False): _limit(7, Unit.NATURAL_DAY),
    (Stage.CONFIRM, False): _limit(2, Unit.URGENT_HOUR),
}


class WhistleKind(TextChoices):
    ROUTINE = "routine", _("日常哨")
    ENFORCEMENT = "enforcement", _("执法哨")
    EMERGENCY = "emergency", _("应急哨")


# For each kind of whistle; these, too, may be overridden by a StageLimit.
CHECKIN_LIMITS: dict[WhistleKind, Limit] = {
    WhistleKind.ROUTINE: _limit(1, Unit.WORK_DAY),
    WhistleKind.ENFORCEMENT: _limit(4, Unit.WORK_HOUR),
    WhistleKind.EMERGENCY: _limit("0.5", Unit.URGENT_HOUR),
}
# Within these a whistle may have a 报到时限 of its own (`actions.calls`).
CHECKIN_LEAST_MINUTES = 15
CHECKIN_MOST_TIMES = 2
ON_SITE_M = 500
"""As near as this to the spot is 到场 (DOMAIN C.9, 到场率)."""
BUNDLED_SHARES = {"lead": 60, "supports": 20, "street": 20}
"""捆绑考核: who bears what of a joint case's fault, in percent (DOMAIN C.9)."""
