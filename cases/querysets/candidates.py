"""Whom and what a form may offer for a case; the actions check it again."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q, QuerySet

from parties.models import Organisation, Posting
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
