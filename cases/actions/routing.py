"""Celery's part: who gets the case next, decided from data (DESIGN §3).

Runs as a Job after a case enters a routed state. The rule that matched is written
into the journal. Where nobody is found the next level up gets the case and the gap is
listed for the administrator.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.actions.calls import Call, Called, listed_basis
from cases.actions.guarding import send_guard
from cases.actions.reception import raise_to_street
from cases.actions.step import aside, locked
from cases.actions.whistling import whistle
from cases.models import Case, ResponsibilityItem, RoutingGap, Whistle
from cases.querysets import candidates
from cases.workflow import State, WhistleKind
from governance.errors import Refused
from parties.acting import Actor
from parties.models import Posting

SUPPORTS = 5


@transaction.atomic
def route(*, case_id: int, state: str, at: datetime) -> None:
    """Route the case if it still stands in the `state` that asked for it."""
    case = locked(case_id)
    if case.state != state:
        return
    if case.state == State.REPORTED:
        _route_reported(case, at)
    elif case.state == State.STREET_PENDING:
        _route_pending(case, at)


def _route_reported(case: Case, at: datetime) -> None:
    system = Actor.system()
    if case.urgent:
        raise_to_street(
            case_id=case.pk,
            opinion=_("紧急案件，直报街道；社区同时知会。"),
            actor=system,
            at=at,
            rule="urgent",
        )
        send_guard(case_id=case.pk, at=at)
        return
    if not _on_duty(case, at, case.community_id, "community_acceptor"):
        _list_gap(case, case.community_id, _("社区受理岗"), at)
        raise_to_street(
            case_id=case.pk,
            opinion=_("%(area)s没有在岗的受理员，自动上呈街道。")
            % {"area": case.community.name},
            actor=system,
            at=at,
            rule="no_community_desk",
        )
        return
    suggest(case, at)
    _noted(case, "community_desk", at)


def _route_pending(case: Case, at: datetime) -> None:
    suggest(case, at)
    rule = "responsibility_list" if case.suggestion.get("lead") else "no_rule"
    if not _on_duty(case, at, case.street_id, "street_dispatcher", "street_shift_head"):
        _list_gap(case, case.street_id, _("街道派遣员"), at)
        rule = "no_street_desk"
    _noted(case, rule, at)
    lead = case.suggestion.get("lead")
    if lead and lead["organisation_id"] and _goes_by_itself(case):
        try:
            _dispatch(case, lead, at)
        except Refused as refused:
            _list_gap(case, case.street_id, str(refused), at)


def _goes_by_itself(case: Case) -> bool:
    """自动派遣 is for the first, ordinary dispatch: an urgent case is judged by the
    street's duty within minutes, and what comes back from a department or from the
    district (T31, T47) is judged anew by a person (DOMAIN C.3)."""
    was_called = case.whistles.filter(status=Whistle.Status.BLOWN).exists()
    return case.category.auto_dispatch and not case.urgent and not was_called


def _noted(case: Case, rule: str, at: datetime) -> None:
    """Which rule matched, and what it suggests. Beside the way of the case: whoever
    opened it meanwhile loses nothing by it."""
    aside(
        case,
        "route",
        actor=Actor.system(),
        at=at,
        detail={"rule": rule, "suggestion": case.suggestion},
        changed=["suggestion"],
    )


def _dispatch(case: Case, lead: dict[str, Any], at: datetime) -> None:
    """自动派遣: the category says that the list's lead is whistled without a person.

    Raises Refused, having changed nothing, where the whistle needs a person after all.
    """
    whistle(
        case_id=case.pk,
        call=Call(
            kind=WhistleKind.ROUTINE,
            called=(Called(lead["organisation_id"], "lead", case.description[:200]),),
            condition_id=case.suggestion.get("condition_id"),
            legal_basis=listed_basis(case),
        ),
        actor=Actor.system(),
        at=at,
        rule="auto_dispatch",
    )


def suggest(case: Case, at: datetime) -> None:
    """Fill `case.suggestion` from the responsibility list; with the line that matched.

    The most specific line wins: of the condition before of the category, of the deeper
    area before the wider one.
    """
    areas = (case.city, case.district, case.street, case.community, case.grid)
    items = list(
        ResponsibilityItem.objects.matching(
            case.category,
            case.condition,
            [area.code for area in areas if area is not None],
            timezone.localtime(at).date(),
        )
    )
    leads = [one for one in items if one.role == ResponsibilityItem.Role.LEAD]
    leading = {one.organisation_id for one in leads[:1]}
    supports = [
        one
        for one in items
        if one.role == ResponsibilityItem.Role.SUPPORT
        and one.organisation_id not in leading
    ]
    condition = case.condition_id or _only_condition(case)
    case.suggestion = {
        "lead": _line(leads[0]) if leads else None,
        "supports": [_line(one) for one in supports[:SUPPORTS]],
        "condition_id": condition,
        "contacts": [] if leads else _contacts(case, at),
    }


def _contacts(case: Case, at: datetime) -> list[dict[str, Any]]:
    """包联部门, named where the responsibility list has no line (DOMAIN A.2, S3-10)."""
    return [
        {
            "organisation_id": one.organisation_id,
            "organisation": one.organisation.name,
            "area": one.area.name,
        }
        for one in candidates.contact_departments(case, at)
    ]


def _only_condition(case: Case) -> int | None:
    found = list(
        case.category.conditions.filter(is_active=True, is_unparsed=False)
        .order_by("order")
        .values_list("pk", flat=True)[:2]
    )
    return found[0] if len(found) == 1 else None


def _line(item: ResponsibilityItem) -> dict[str, Any]:
    return {
        "item_id": item.pk,
        "organisation_id": item.organisation_id,
        "organisation": item.organisation.name if item.organisation else "",
        "level": item.level,
        "area": item.area.name,
        "legal_basis": item.legal_basis,
    }


def _on_duty(case: Case, at: datetime, area_id: int, *roles: str) -> bool:
    return (
        Posting.objects.current(at).holding(*roles).filter(post__area=area_id).exists()
    )


def _list_gap(case: Case, area_id: int, missing: str, at: datetime) -> None:
    RoutingGap.objects.create(case=case, area_id=area_id, missing=missing[:100], at=at)
