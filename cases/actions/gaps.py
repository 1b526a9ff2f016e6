"""Whose it was, and what nobody answers for: 责任认定 and 职责空白 (DOMAIN C.3)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.actions.step import locked, note, require
from cases.models import (
    Case,
    ResponsibilityFinding,
    ResponsibilityGap,
    ResponsibilityItem,
    Whistle,
)
from cases.workflow import State, WhistleKind
from governance import events
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Organisation

FINDERS = ("street_leader", "district_command")
SETTLERS = ("street_leader", "district_command", "district_director")


def check_may_find(case: Case, actor: Actor, at: datetime) -> None:
    """Refused unless it is closed, was called by an emergency whistle, and nobody
    found yet whose it was."""
    if actor.role not in FINDERS or not actor.acts_in(case.placement_code):
        raise Refused(_("责任认定由街道值班领导或区指挥中心作出。"), code="role")
    blown = case.whistles.filter(
        kind=WhistleKind.EMERGENCY, status=Whistle.Status.BLOWN
    )
    found = ResponsibilityFinding.objects.filter(case=case)
    if case.state != State.CLOSED or not blown.exists() or found.exists():
        raise Refused(
            _("只有结案未归档、尚未认定的应急哨案件可以作责任认定。"), code="state"
        )


@transaction.atomic
def find_responsibility(
    *,
    case_id: int,
    organisation_id: int,
    legal_basis: str,
    opinion: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> ResponsibilityFinding:
    """责任认定 after an emergency that was handled first; moves the statistics only."""
    case = locked(case_id, version)
    check_may_find(case, actor, at)
    unit = Organisation.objects.active().filter(pk=organisation_id).first()
    if unit is None:
        raise Refused(_("请选择责任单位。"), code="required", field="organisation")
    require(
        {"legal_basis": legal_basis, "opinion": opinion},
        {
            "legal_basis": _("请写明法规依据，引用到条款。"),
            "opinion": _("请写明认定意见。"),
        },
    )
    finding = ResponsibilityFinding.objects.create(
        case=case,
        organisation=unit,
        legal_basis=legal_basis,
        opinion=opinion,
        found_by_id=actor.user_id,
        found_at=at,
    )
    note(
        case,
        "find_responsibility",
        actor=actor,
        at=at,
        detail={
            "organisation": unit.name,
            "law": legal_basis,
            "opinion": opinion,
        },
        tell=("departments",),
    )
    return finding


@transaction.atomic
def settle_gap(
    *, gap_id: int, item_id: int | None, actor: Actor, at: datetime
) -> ResponsibilityGap:
    """The 权责清单 names somebody now: tie the gap to the line that settles it."""
    gap = (
        ResponsibilityGap.objects.select_for_update(of=("self",))
        .select_related("area", "category")
        .get(pk=gap_id)
    )
    if actor.role not in SETTLERS or not actor.acts_in(gap.area.code):
        raise Refused(_("职责空白由街道值班领导或区指挥中心销号。"), code="role")
    if gap.settled_by_id is not None:
        raise Refused(_("这项职责空白已经销号。"), code="state")
    item = (
        ResponsibilityItem.objects.select_related("area", "organisation")
        .filter(pk=item_id or 0, category=gap.category_id, valid_to=None)
        .first()
    )
    if item is None or not gap.area.code.startswith(item.area.code):
        raise Refused(
            _(
                "请选择权责清单中这一小类、适用于本区域的现行条目；还没有的，请先修订清单。"
            ),
            code="required",
            field="item",
        )
    gap.settled_by, gap.settled_at = item, at
    gap.save(update_fields=["settled_by", "settled_at"])
    events.record(
        chain=gap.chain,
        action="cases.settle_gap",
        actor=actor,
        at=at,
        detail={
            "case": gap.case_id,
            "category": gap.category.name,
            "item": item.pk,
            "who": item.who,
        },
    )
    return gap
