"""捆绑考核: what each unit bears of the faults of a period (DOMAIN C.9)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import Min

from cases.querysets.kpi_facts import FOREVER, Rows
from cases.workflow import shared_out

Bounds = dict[tuple[int, int], datetime]


def borne(faults: dict[str, Rows]) -> dict[int, dict[str, Decimal]]:
    """Of the rounds under each name, what each organisation bears.

    The units are those of the last whistle of the round. One statement for each name
    and four for all, however many faults there are.
    """
    rounds = {name: list(rows.select_related("case")) for name, rows in faults.items()}
    cases = {one.case_id: one.case for found in rounds.values() for one in found}
    lines, begun = _lines(cases), _begun(cases)
    streets = _streets(cases.values())
    percents = apps.get_model("cases.BundledShares").objects.percents()
    shares: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for name, found in rounds.items():
        for one in found:
            lead, supports = _called(one, lines[one.case_id], begun)
            street = streets.get(one.case_id)
            for unit, share in shared_out(lead, supports, street, percents).items():
                shares[unit][name] += share
    return shares


def _lines(cases: Iterable[int]) -> dict[int, list[Any]]:
    """The called units of each case, those of the newest whistle first."""
    rows = (
        apps.get_model("cases.WhistleAssignment")
        .objects.filter(case__in=list(cases), whistle__status="blown")
        .select_related("whistle")
        .order_by("-whistle__blown_at", "-whistle", "pk")
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.case_id].append(row)
    return found


def _begun(cases: Iterable[int]) -> Bounds:
    rows = (
        apps.get_model("cases.CaseClock")
        .objects.filter(case__in=list(cases))
        .order_by()
        .values_list("case", "round")
        .annotate(begun=Min("started_at"))
    )
    return {(case, number): begun for case, number, begun in rows}


def _streets(cases: Iterable[Any]) -> dict[int, int]:
    """Who answers for the street of each case, or the next one up that exists."""
    ways = {one.pk: (one.street_id, one.district_id, one.city_id) for one in cases}
    bodies = apps.get_model("parties.Organisation").objects
    wanted = {area for way in ways.values() for area in way}
    units = dict(bodies.answering_for(list(wanted)).values_list("area", "pk"))
    return {
        case: next(units[area] for area in way if area in units)
        for case, way in ways.items()
        if any(area in units for area in way)
    }


def _called(one: Any, lines: list[Any], begun: Bounds) -> tuple[int, list[int]]:
    """Lead and supports of the round; without a whistle whoever had it in hand.

    Reopening calls off what was left of an earlier round, which does not change who
    bore its faults.
    """
    key = (one.case_id, one.round)
    until = begun.get((one.case_id, one.round + 1), FOREVER)
    own = [line for line in lines if begun[key] <= line.whistle.blown_at < until]
    last = [line for line in own if line.whistle_id == own[0].whistle_id]
    if one.round == one.case.reopened_count:
        last = [line for line in last if line.status != "cancelled"]
    leads = [line.organisation_id for line in last if line.role == "lead"]
    supports = [line.organisation_id for line in last if line.role == "support"]
    # A fault is the lead's, and shared, only where the whistle's lead had the clock.
    if leads[:1] != [one.organisation_id]:
        return one.organisation_id, []
    return leads[0], supports
