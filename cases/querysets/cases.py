"""Every read of cases that has a name."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.contrib.gis.geos import Polygon
from django.db import models
from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce

from cases.querysets import duplicates, searching
from cases.querysets.duplicates import Alike, Matter
from cases.querysets.scope import among, seen_by
from cases.workflow import OPEN_STATES, State

if TYPE_CHECKING:
    from cases.models.case import Case
    from parties.acting import Actor

ALL_OPEN = frozenset(OPEN_STATES)
SAME_POINT = 50
RECURRING = timedelta(days=30)


class CaseQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """The one scope: lists, single objects, maps and the API start here.

        Area roles see what was placed in their area and what their own unit was called
        to; units see what they were called to or hold; field workers see their grid,
        what they filed or joined with ＋1 and what they were sent to. Who filed
        or joined one sees the one it was merged into. A confidential case is for those
        let in alone (`cases.querysets.confidential`); it asks nothing more of ordinary
        ones.
        """
        return self if actor.is_system else self.filter(seen_by(actor))

    def of_ids(self, ids: list[int]) -> Self:
        """Those of a list that was made for who asks, in one array."""
        return self.filter(among(ids))

    def open(self) -> Self:
        return self.filter(underway=True)

    def inside(self, box: tuple[float, float, float, float]) -> Self:
        """Those located within west, south, east, north (degrees)."""
        return self.filter(point__bboverlaps=Polygon.from_bbox(box))

    def in_state(self, *states: str) -> Self:
        """Of open states that is said beside, for the indexes of open cases."""
        if not ALL_OPEN.issuperset(states):
            return self.filter(state__in=states)
        found = self.open()
        return found if len(states) == len(ALL_OPEN) else found.filter(state__in=states)

    def overdue(self, at: datetime) -> Self:
        return self.open().filter(due_at__lt=at)

    def by_state(self, at: datetime) -> dict[str, tuple[int, int]]:
        """How many open cases each state has, and how many of them are overdue."""
        counted = (
            self.open()
            .order_by()
            .values_list("state")
            .annotate(n=Count("pk"), late=Count("pk", filter=Q(due_at__lt=at)))
        )
        return {state: (n, late) for state, n, late in counted}

    def search(self, text: str) -> Self:
        """Every word (of five) in number, category, unit, address or description.

        Words of two characters and more are answered by indexes
        (`cases.querysets.searching`).
        """
        found = self
        for word in text.split()[: searching.WORDS]:
            found = found.filter(searching.matching(word))
        return found

    def at_address(self, address: str) -> Self:
        return self.filter(searching.at_address(address))

    def by_urgency(self, *, walk: bool = False) -> Self:
        """Urgent first, then what is due first; what stands still comes last.

        `walk` goes along the index over all open cases, which is for those who see a
        great part of them; otherwise what is seen is collected and sorted.
        """
        due = models.F("due_at").asc(nulls_last=True)
        never = Value(datetime.max.replace(tzinfo=UTC))
        return self.order_by(
            "-urgent", due if walk else Coalesce("due_at", never), "id"
        )

    def with_names(self, *places: str) -> Self:
        """What a list row shows, without a query for each row; `places` are the levels
        it names, all without one.

        Small queries: to plan their joins would take longer than to run them.
        """
        return self.prefetch_related(
            "category",
            *(places or ("grid", "community", "street")),
            "holder_org",
            "holder_user",
        )

    def candidates_for(self, matter: Matter) -> Self:
        """What may be the same matter as far as place, category and time go."""
        limits = apps.get_model("cases.DuplicateRule").objects.limits()
        return duplicates.candidates(self, matter, limits)

    def alike(self, matter: Matter) -> list[Alike]:
        """Likely duplicates with the reasons, at most five, the likeliest first
        (DOMAIN C.7); three queries, however many cases there are."""
        limits = apps.get_model("cases.DuplicateRule").objects.limits()
        near = duplicates.candidates(self, matter, limits).select_related("category")
        found = list(near[: duplicates.COMPARED])
        return duplicates.ranked(found, matter, limits)[: duplicates.SHOWN]

    def recurrences_of(self, case: "Case") -> Self:
        """复发: within 50 m, of the same 小类, closed in the 30 days before this case
        was filed; the last closed first (DOMAIN C.7)."""
        if case.point is None:
            return self.none()
        at = case.reported_at
        near = duplicates.within(self, case.point, SAME_POINT)
        return (
            near.filter(
                category=case.category_id,
                confidential=False,
                state__in=(State.CLOSED, State.ARCHIVED),
                closed_at__range=(at - RECURRING, at),
            )
            .exclude(pk=case.pk or 0)
            .order_by("-closed_at", "-id")
        )

    def todo_of(self, actor: "Actor") -> Self:
        """What waits for this person: in hand, or at the desk of the role."""
        desk = DESK_STATES.get(actor.role, ())
        mine = Q(holder_user_id__in=actor.hands)
        if desk:
            mine |= Q(state__in=desk, holder_user=None)
        return self.visible_to(actor).open().filter(mine)


DESK_STATES: dict[str, tuple[str, ...]] = {
    "community_acceptor": (
        State.REPORTED, State.SELF_REVIEW, State.COMMUNITY_HANDLING,
    ),
    "community_leader": (State.FEEDBACK_REVIEW,),
    "community_handler": (State.COMMUNITY_HANDLING,),
    "street_acceptor": (State.FEEDBACK_REVIEW, State.CHECKING, State.RATING),
    "street_dispatcher": (State.STREET_PENDING, State.STREET_HANDLING),
    "street_shift_head": (State.STREET_PENDING,),
    "street_leader": (State.STREET_PENDING, State.DISPUTED, State.RATING),
    "district_command": (State.DISTRICT_COORD,),
    "district_director": (State.DISTRICT_COORD,),
    "city_command": (State.CITY_COORD,),
    "street_handler": (State.STREET_HANDLING,),
    "department_liaison": (State.WHISTLED, State.JOINT_HANDLING),
    "department_handler": (State.WHISTLED, State.JOINT_HANDLING),
}  # fmt: skip
