"""What a list is narrowed to: several of each kind at once, written in the address."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cases.querysets.cases import CaseQuerySet
from cases.querysets.scope import UNIT_ROLES
from cases.workflow import State, WhistleKind
from governance import calendar
from governance.numbers import number_of
from parties.models import Posting

if TYPE_CHECKING:
    from parties.acting import Actor

LAMPS: dict[str, Any] = {
    "red": _("红灯（已超时）"),
    "yellow": _("黄灯（已用八成）"),
    "blue": _("蓝灯（已用一半）"),
    "green": _("绿灯（时间充裕）"),
    "paused": _("停表"),
}
WHOSE: dict[str, Any] = {
    "mine": _("在我手里"),
    "free": _("无人认领"),
    "colleagues": _("在同事手里"),
    "absent": _("我代办的（同事不在岗）"),
}
MOST = 50


class Given(Protocol):
    """A QueryDict, as far as this module knows."""

    def getlist(self, key: str) -> list[str]: ...


@dataclass(frozen=True)
class Narrowing:
    """Of each kind any of the values; of different kinds all. Empty asks for nothing.

    `state`, `kind` (of whistle), `lamp`, `area` (codes), `category` (ids), `whose`, and
    `outside`: came outside working hours (`1`).
    """

    state: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    lamp: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    whose: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @classmethod
    def of(cls, given: Given) -> "Narrowing":
        """What is known of the values in an address; the rest of it is left out."""
        known: dict[str, Any] = {
            "state": State.values, "kind": WhistleKind.values, "lamp": LAMPS,
            "whose": WHOSE, "outside": ("1",),
        }  # fmt: skip

        def clean(name: str) -> tuple[str, ...]:
            values = dict.fromkeys(given.getlist(name)[:MOST])
            if name in known:
                return tuple(one for one in values if one in known[name])
            return tuple(one for one in values if number_of(one) is not None)

        return cls(**{one.name: clean(one.name) for one in fields(cls)})

    def pairs(self) -> list[tuple[str, str]]:
        """For an address, in a fixed order."""
        return [(one.name, v) for one in fields(self) for v in getattr(self, one.name)]

    @property
    def n(self) -> int:
        return len(self.pairs())

    def __str__(self) -> str:
        return urlencode(self.pairs())


def narrowed(
    cases: CaseQuerySet, asked: Narrowing, actor: "Actor", at: datetime
) -> CaseQuerySet:
    if asked.state:
        cases = cases.in_state(*asked.state)
    if asked.kind:
        cases = cases.filter(_whistled_as(asked.kind, actor))
    if asked.lamp:
        cases = cases.filter(_any(_LAMPS[lamp](at) for lamp in asked.lamp))
    if asked.area:
        cases = cases.filter(_any(Q(placement_code__startswith=a) for a in asked.area))
    if asked.category:
        cases = cases.filter(category__in=asked.category)
    if asked.whose:
        cases = cases.filter(_any(_held(one, actor, at) for one in asked.whose))
    if asked.outside:
        cases = cases.filter(pk__in=_from_outside_hours(cases, actor))
    return cases


def _any(conditions: Iterable[Q]) -> Q:
    found = Q()
    for one in conditions:
        found |= one
    return found


def _whistled_as(kinds: Iterable[str], actor: "Actor") -> Q:
    """Called by a whistle of this kind; for a unit the one that called it."""
    lines = apps.get_model("cases.WhistleAssignment").objects.filter(
        case=OuterRef("pk"), whistle__status="blown", whistle__kind__in=list(kinds)
    )
    if actor.role in UNIT_ROLES:
        lines = lines.filter(organisation=actor.organisation_id)
    return Q(Exists(lines))


def _in_time(at: datetime, **used: int) -> Q:
    """How much of the limit is used its alarms have noted on the case."""
    return Q(underway=True, due_at__gte=at, **used) & ~Q(state=State.SUSPENDED)


_LAMPS: dict[str, Any] = {
    "red": lambda at: Q(underway=True, due_at__lt=at),
    "yellow": lambda at: _in_time(at, used_percent__gte=80),
    "blue": lambda at: _in_time(at, used_percent__gte=50, used_percent__lt=80),
    "green": lambda at: _in_time(at, used_percent__lt=50),
    "paused": lambda at: Q(underway=True, due_at=None) | Q(state=State.SUSPENDED),
}


def _held(whose: str, actor: "Actor", at: datetime) -> Q:
    if whose == "mine":
        return Q(holder_user_id=actor.user_id)
    if whose == "free":
        return Q(holder_user=None)
    if whose == "absent":
        return Q(holder_user_id__in=absent_for(actor, at))
    others = Q(holder_org_id=actor.organisation_id, holder_user__isnull=False)
    return others & ~Q(holder_user_id=actor.user_id)


def absent_for(actor: "Actor", at: datetime) -> list[int]:
    """The colleagues whose posts this person fills in for now."""
    taken = Posting.objects.current(at).filter(
        user=actor.user_id, delegated_from__isnull=False
    )
    return list(taken.values_list("delegated_from__user", flat=True).distinct())


def _from_outside_hours(cases: CaseQuerySet, actor: "Actor") -> list[int]:
    """Of the open ones; the moments are compared with the calendar outside SQL."""
    came = dict(cases.open().order_by().values_list("pk", "reported_at"))
    lines = apps.get_model("cases.WhistleAssignment").objects.filter(
        case__in=list(came),
        organisation=actor.organisation_id,
        whistle__status="blown",
        whistle__blown_at__isnull=False,
    )
    came.update(lines.order_by("whistle__blown_at").values_list(
        "case", "whistle__blown_at"
    ))  # fmt: skip
    outside = calendar.outside_hours(came.values())
    return [pk for pk, moment in came.items() if moment in outside]
