"""What a whistle says: whom it calls to what, on which basis, to report by when."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _

from cases.actions import checkins
from cases.limits import Limit
from cases.models import Case, WhistleAssignment
from cases.workflow import CHECKIN_LEAST_MINUTES, CHECKIN_MOST_TIMES, WhistleKind
from governance import calendar
from governance.calendar import Unit
from governance.errors import Refused


@dataclass(frozen=True)
class Called:
    """One organisation to be called, and what it is asked to do."""

    organisation_id: int
    role: str
    task: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a whistle says. Exactly one of `called` is the lead.

    `checkin` is the 报到时限 of this whistle; without it that of its kind holds.
    """

    kind: str
    called: tuple[Called, ...]
    condition_id: int | None = None
    legal_basis: str = ""
    risk: str = ""
    gather_place: str = ""
    gather_at: datetime | None = None
    gather_point: Point | None = None
    requires_presence: bool = False
    checkin: Limit | None = None

    @property
    def is_joint(self) -> bool:
        """联合: two or more units; it combines with every kind (DOMAIN C.3)."""
        return len(self.called) > 1

    @property
    def lead_id(self) -> int | None:
        leads = (one for one in self.called if one.role == WhistleAssignment.Role.LEAD)
        return next((one.organisation_id for one in leads), None)


def listed_basis(case: Case) -> str:
    """权责清单依据 from the line of the responsibility list that matched the case
    (`routing.suggest`); nothing where none names an organisation."""
    line = case.suggestion.get("lead") or {}
    if not line.get("organisation_id"):
        return ""
    said = _("权责清单：%(category)s，%(area)s主责%(organisation)s") % {
        "category": case.category.name,
        "area": line["area"],
        "organisation": line["organisation"],
    }
    law = line.get("legal_basis")
    return f"{said}（{law}）"[:500] if law else said[:500]


def with_basis(case: Case, call: Call) -> Call:
    """The call with its 权责清单依据, which every kind of whistle needs (T20); Refused
    where the dispatcher has to write it.

    An 应急哨 is never held up by it: danger is met first and the paper follows (DOMAIN
    C.3, whistle types), so an empty basis is filled in, from the responsibility list
    when that names the lead, otherwise with the sentence that says so.
    """
    if call.legal_basis.strip():
        return call
    if call.kind == WhistleKind.EMERGENCY:
        lead = (case.suggestion.get("lead") or {}).get("organisation_id")
        basis = listed_basis(case) if lead and lead == call.lead_id else ""
        return replace(call, legal_basis=basis or _("危及生命财产安全，应急先行处置"))
    raise Refused(
        _("%(kind)s必须填写权责清单依据：写明清单条目或法规条款。")
        % {"kind": WhistleKind(call.kind).label},
        code="required",
        field="legal_basis",
    )


def check_checkin(call: Call) -> None:
    """Refused where the 报到时限 set for this whistle lies beyond reason.

    It is counted like that of its kind, in working time or without a break; at least
    15 minutes, at most twice the limit of its kind. That of an 应急哨 can only be
    shortened.
    """
    if call.checkin is None:
        return
    usual = checkins.checkin_limit_of(call.kind)
    kind = WhistleKind(call.kind).label
    if _continuous(usual) != _continuous(call.checkin):
        asked = _("分钟") if _continuous(usual) else _("工作时或工作日")
        raise Refused(
            _("%(kind)s的报到时限按%(unit)s计，请改选单位。")
            % {"kind": kind, "unit": asked},
            code="unit",
            field="checkin_n",
        )
    times = 1 if call.kind == WhistleKind.EMERGENCY else CHECKIN_MOST_TIMES
    most = Limit(usual.n * times, usual.unit)
    if not CHECKIN_LEAST_MINUTES <= _minutes(call.checkin) <= _minutes(most):
        raise Refused(
            _("%(kind)s的报到时限最短 %(least)d 分钟，最长 %(most)s。")
            % {"kind": kind, "least": CHECKIN_LEAST_MINUTES, "most": most.spoken},
            code="bounds",
            field="checkin_n",
        )


def minutes_limit(minutes: Decimal) -> Limit:
    """Minutes without a break as a limit; rounded so that it is whole minutes again."""
    hours = (minutes / 60).quantize(Decimal("0.01"))
    return Limit(hours, Unit.URGENT_HOUR)


def _continuous(limit: Limit) -> bool:
    return limit.unit in calendar.CONTINUOUS


def _minutes(limit: Limit) -> int:
    return calendar.limit_minutes(limit.n, limit.unit)
