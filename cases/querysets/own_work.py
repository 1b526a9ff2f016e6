"""Reads of what people keep for their own work with cases."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from parties.acting import Actor


class SavedViewQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """One's own, and those the unit shares; one's own first, in one's own order."""
        mine = Q(owner_id=actor.user_id)
        shared = Q(is_shared=True, organisation_id=actor.organisation_id)
        return (
            self.filter(mine | shared)
            .select_related("owner")
            .annotate(is_mine=models.ExpressionWrapper(mine, models.BooleanField()))
            .order_by("-is_mine", "place", "pk")
        )
