"""What was called to a unit: 待报到 … 异议中, 已反馈, 待审申请, 全部."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from cases.querysets.cases import CaseQuerySet
from cases.querysets.desk import AFTER_FEEDBACK
from cases.querysets.requests import awaiting
from cases.querysets.scope import among
from cases.workflow import State

if TYPE_CHECKING:
    from parties.acting import Actor

BEING_HANDLED = (State.WHISTLED, State.JOINT_HANDLING, State.STREET_HANDLING)


@dataclass(frozen=True)
class Box:
    name: str
    label: Any


BOXES = (
    Box("pending", _("待报到")),
    Box("handling", _("处置中")),
    Box("support", _("待协办")),
    Box("disputed", _("异议中")),
    Box("fed_back", _("已反馈")),
    Box("review", _("待审申请")),
    Box("all", _("全部")),
)
BY_NAME = {box.name: box for box in BOXES}


def _line(actor: "Actor", **narrowed: Any) -> Q:
    """A line of the unit in a whistle that was blown."""
    lines = apps.get_model("cases.WhistleAssignment").objects.filter(
        organisation=actor.organisation_id or 0, whistle__status="blown", **narrowed
    )
    return among(lines.values("case"))


def _condition(name: str, actor: "Actor") -> Q:
    present = ("checked_in", "on_site")
    if name == "pending":
        return _line(actor, status="pending") & Q(underway=True)
    if name == "handling":
        return Q(holder_org_id=actor.organisation_id, state__in=BEING_HANDLED) & ~_line(
            actor, status="pending"
        )
    if name == "support":
        return _line(actor, role="support", status__in=present) & Q(underway=True)
    if name == "disputed":
        return _line(actor, status="return_requested") & Q(underway=True)
    if name == "fed_back":
        return Q(state__in=AFTER_FEEDBACK)
    if name == "review":
        return awaiting(actor)
    return Q()


def in_box(cases: CaseQuerySet, name: str, actor: "Actor") -> CaseQuerySet:
    return cases.filter(_condition(name, actor))


@dataclass(frozen=True)
class Tally:
    """Of the open cases: the ids that wait in each box (全部 is not counted), and of
    which streets and categories there are any."""

    ids: dict[str, list[int]]
    streets: list[int]
    categories: list[int]

    @property
    def figures(self) -> dict[str, int]:
        return {name: len(ids) for name, ids in self.ids.items()}


def tally(cases: CaseQuerySet, actor: "Actor") -> Tally:
    """One query over open cases."""
    waiting = {
        box.name: ArrayAgg("pk", filter=_condition(box.name, actor))
        for box in BOXES
        if box.name != "all"
    }
    found = cases.open().order_by().aggregate(
        **waiting,
        streets=ArrayAgg("street", distinct=True),
        categories=ArrayAgg("category", distinct=True),
    )  # fmt: skip
    return Tally(
        {name: found[name] or [] for name in waiting},
        found["streets"] or [],
        found["categories"] or [],
    )


def with_own_lines(cases: CaseQuerySet, actor: "Actor") -> CaseQuerySet:
    """With the unit's lines, newest first, as `own_lines`, each with its whistle."""
    lines = apps.get_model("cases.WhistleAssignment").objects
    return cases.prefetch_related(
        Prefetch(
            "assignments",
            lines.filter(organisation=actor.organisation_id, whistle__status="blown")
            .select_related("whistle")
            .order_by("-pk"),
            to_attr="own_lines",
        )
    )
