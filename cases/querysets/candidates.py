"""Whom and what a form may offer for a case; the actions check it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.querysets.scope import AREA_ROLES, FIELD_ROLES, UNIT_ROLES
from cases.workflow import Stage
from parties.acting import Actor
from parties.models import ContactDepartment, Organisation, Posting
from parties.querysets import upwards

if TYPE_CHECKING:
    from cases.models import Case, FilingCondition
    from grids.models import Area

FIELD = ("grid_worker", "grid_leader")
COMMUNITY = ("community_handler", "community_acceptor", "grid_worker")


def field_workers(case: "Case", at: datetime) -> list[Posting]:
    """Grid workers of the case's street, those of its own grid and community first."""
    found = list(
        Posting.objects.current(at)
        .holding(*FIELD)
        .with_post()
        .filter(post__area__code__startswith=case.street.code)
        .order_by("post__area__code", "user__name", "pk")
    )
    community = case.community.code

    def distance(posting: Posting) -> tuple[bool, bool]:
        area = posting.post.area
        code = area.code if area else ""
        return code != case.placement_code, not code.startswith(community)

    return sorted(found, key=distance)


def community_handlers(case: "Case", at: datetime) -> list[Posting]:
    """Who may take a case in hand at the community, its handlers first."""
    found = (
        Posting.objects.current(at)
        .holding(*COMMUNITY)
        .with_post()
        .filter(post__area__code__startswith=case.community.code)
    )
    return sorted(found, key=lambda one: (COMMUNITY.index(one.post.role), one.pk))


def street_offices(case: "Case") -> QuerySet[Organisation]:
    """The street's own offices and stations, and the street office itself."""
    return (
        Organisation.objects.active()
        .filter(area=case.street_id)
        .exclude(kind__in=["enterprise", "property", "owners", "social", "institution"])
        .order_by("kind", "name", "pk")
    )


def competent_organisations(
    case: "Case", reach: "Area | None" = None
) -> list[Organisation]:
    """Everybody who may be whistled for this street, the nearest level first.

    With `reach` everybody who may be called from anywhere in that area.
    """
    found = Organisation.objects.whistleable()
    return list(
        (
            found.with_jurisdiction_within(reach)
            if reach
            else found.with_jurisdiction(case.street)
        ).order_by("-level", "kind", "name", "pk")
    )


def lines_of_the_list(category_id: int, area_code: str) -> Any:
    """Lines of the 权责清单 in force for a category that hold in an area."""
    return (
        apps.get_model("cases.ResponsibilityItem")
        .objects.filter(
            category=category_id, valid_to=None, area__code__in=upwards(area_code)
        )
        .select_related("organisation", "area")
        .order_by("role", "pk")
    )


def contact_departments(case: "Case", at: datetime) -> list[ContactDepartment]:
    """包联部门 of the case's community and street, the community's first."""
    codes = (case.community.code, case.street.code)
    return list(ContactDepartment.objects.of(codes, timezone.localtime(at).date()))


@dataclass(frozen=True)
class Workload:
    """Lines of a unit that wait for it now, and how many of them are overdue."""

    open: int = 0
    overdue: int = 0


def workloads(organisation_ids: Iterable[int], at: datetime) -> dict[int, Workload]:
    """What each unit was called to and has not finished; one query for all."""
    assignments = apps.get_model("cases.WhistleAssignment").objects
    clocks = apps.get_model("cases.CaseClock").objects.filter(
        running_since__isnull=False, due_at__lt=at, superseded=False
    )
    late = Exists(clocks.filter(assignment=OuterRef("pk"))) | (
        Q(role="lead")
        & Exists(clocks.filter(case=OuterRef("case"), stage=Stage.HANDLE))
    )
    rows = (
        assignments.filter(
            organisation__in=list(organisation_ids),
            whistle__status="blown",
            case__underway=True,
        )
        .filter(status__in=["pending", "checked_in", "on_site", "return_requested"])
        .order_by()
        .values("organisation")
        .annotate(n=Count("pk"), late=Count("pk", filter=late))
    )
    return {row["organisation"]: Workload(row["n"], row["late"]) for row in rows}


def filing_conditions(case: "Case") -> "QuerySet[FilingCondition]":
    """Those with a limit that is settled."""
    return case.category.conditions.filter(is_active=True, is_unparsed=False).order_by(
        "order", "pk"
    )


def possible_members(case: "Case", at: datetime) -> "QuerySet[Posting]":
    """Whom a confidential case may let in: posted in its street, or in a unit there."""
    street = case.street.code
    here = Q(post__area__code__startswith=street)
    here |= Q(post__organisation__area__code__startswith=street)
    competent = Organisation.objects.active().with_jurisdiction(case.street)
    here |= Q(post__organisation__in=competent.values("pk"))
    found = Posting.objects.current(at).with_post().filter(here)
    return found.order_by("user__name", "pk")


AREA_READERS = (*AREA_ROLES, *FIELD_ROLES)


def readers(case: "Case", at: datetime) -> list[Posting]:
    """Postings of those who have to do with the case and may see it, one a person.

    Its area's desks up to the city, the units called or holding it, and who filed it,
    has it in hand, did it or was let in.
    """
    units = {case.holder_org_id, case.first_handler_org_id, *case.called_ids} - {None}
    areas = {case.city_id, case.district_id, case.street_id, case.community_id}
    if case.grid_id is not None:
        areas.add(case.grid_id)
    members = case.members.filter(removed_at=None).values_list("user", flat=True)
    people = {case.reporter_id, case.holder_user_id, case.doer_id, *members}
    named = (
        Q(post__area__in=areas, post__role__in=AREA_READERS)
        | Q(post__organisation__in=units, post__role__in=UNIT_ROLES)
        | Q(user__in=people - {None})
    )
    found = Posting.objects.current(at).with_post().filter(named)
    seen: dict[int, Posting] = {}
    for one in found.order_by("user__name", "delegated_from", "pk"):
        if one.user_id in seen:
            continue
        # In ordinary cases desks and units may by their post; the others are asked.
        of_desk = one.post.role in AREA_ROLES and one.post.area_id in areas
        of_unit = one.post.role in UNIT_ROLES and one.post.organisation_id in units
        by_post = (of_desk or of_unit) and not case.confidential
        if by_post or _may_read(one, case):
            seen[one.user_id] = one
    return list(seen.values())


def _may_read(posting: Posting, case: "Case") -> bool:
    cases = apps.get_model("cases.Case").objects
    return bool(cases.visible_to(Actor.of(posting)).filter(pk=case.pk).exists())
