"""Reads of joint meetings and of what nobody answers for."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q

if TYPE_CHECKING:
    from cases.models import Case, JointMeeting
    from parties.acting import Actor

DISTRICT_ROLES = ("district_command", "district_director")
MEETING_READERS = (
    *DISTRICT_ROLES, "city_command", "street_leader", "street_shift_head",
    "street_dispatcher", "inspector", "assessor",
)  # fmt: skip
GAP_READERS = MEETING_READERS


class JointMeetingQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: "Actor") -> Self:
        """The district's own and the city see all; a street what concerns its cases."""
        if actor.role not in MEETING_READERS or not actor.area_code:
            return self.none()
        above = Q(district__code__startswith=actor.area_code)
        own = Q(
            items__case__placement_code__startswith=actor.area_code,
            items__taken_off_at=None,
        )
        return self.filter(above | own).distinct()

    def with_agenda_size(self) -> Self:
        on_agenda = Q(items__taken_off_at=None)
        return self.select_related("district").annotate(
            size=Count("items", filter=on_agenda, distinct=True)
        )

    def latest_first(self) -> Self:
        return self.order_by("-held_at", "-pk")


def agenda(meeting: "JointMeeting") -> "models.QuerySet[Any]":
    """What stands on it, in order, each with the case and its names."""
    return (
        meeting.items.filter(taken_off_at=None)
        .select_related("case__category", "case__street", "case__holder_org")
        .order_by("order")
    )


def awaiting_meeting(cases: "models.QuerySet[Case]", code: str) -> Any:
    """Cases in 区级协调 of a district that stand on no agenda."""
    items = apps.get_model("cases.AgendaItem").objects
    standing = items.filter(case=OuterRef("pk"), taken_off_at=None, is_concluded=False)
    return (
        cases.filter(state="DISTRICT_COORD", placement_code__startswith=code)
        .exclude(Exists(standing))
        .select_related("category", "street")
        .order_by("-pk")
    )


class ResponsibilityGapQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: "Actor") -> Self:
        """Of the reader's area; of confidential cases only to those let in."""
        if actor.role not in GAP_READERS or not actor.area_code:
            return self.none()
        seen = apps.get_model("cases.Case").objects.visible_to(actor)
        readable = Q(case__confidential=False) | Q(case__in=seen.values("pk"))
        return self.filter(readable, area__code__startswith=actor.area_code)

    def open_first(self) -> Self:
        return self.select_related(
            "case", "category", "area", "settled_by__organisation"
        ).order_by(F("settled_at").asc(nulls_first=True), "-at", "-pk")


class RoutingGapQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: "Actor") -> Self:
        """Of the reader's area, as far as the case itself may be seen."""
        if actor.role not in GAP_READERS or not actor.area_code:
            return self.none()
        seen = apps.get_model("cases.Case").objects.visible_to(actor)
        return self.filter(
            case__in=seen.values("pk"), area__code__startswith=actor.area_code
        )
