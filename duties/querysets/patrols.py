"""Reads of patrols and of the cases found on them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from duties.querysets.tasks import OVERSEERS
from duties.workflow import FIELD

if TYPE_CHECKING:
    from parties.acting import Actor


class PatrolQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """The own ones; for those who oversee an area all of its grids."""
        mine = Q(user_id=actor.user_id)
        if actor.role in FIELD:
            return self.filter(mine)
        if actor.role in OVERSEERS and actor.area_code:
            return self.filter(mine | Q(grid__code__startswith=actor.area_code))
        return self.none()

    def running(self) -> Self:
        return self.filter(ended_at=None)

    def newest(self) -> Self:
        return self.select_related("user", "grid").order_by("-started_at", "-id")

    def with_found(self, at: datetime) -> Self:
        """Annotated with `found`: how many cases its worker found meanwhile."""
        until = Coalesce(OuterRef("ended_at"), Value(at))
        cases = apps.get_model("cases.Case").objects.filter(
            reporter=OuterRef("user"),
            found_at__gte=OuterRef("started_at"),
            found_at__lte=until,
        )
        per_patrol = cases.order_by().values("reporter").annotate(n=Count("pk"))
        return self.annotate(found=Coalesce(Subquery(per_patrol.values("n")), 0))


def found_on(patrol: Any, at: datetime) -> Any:
    """The cases its worker found between start and end, in that order."""
    return (
        apps.get_model("cases.Case")
        .objects.filter(
            reporter_id=patrol.user_id,
            found_at__gte=patrol.started_at,
            found_at__lte=patrol.ended_at or at,
        )
        .with_names()
        .order_by("found_at", "id")
    )
