"""Reads of what people keep for their own work with cases."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from parties.acting import Actor

# A page asks every 4 seconds; who has not asked for so long has gone.
GONE = timedelta(seconds=15)
LIVELY = timedelta(hours=12)


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


class FormDraftQuerySet(models.QuerySet["models.Model"]):
    def of(self, user_id: int | None, case_id: int) -> Self:
        return self.filter(user=user_id or 0, case=case_id)

    def by_others(self, user_id: int | None, case_id: int, at: datetime) -> Self:
        """Of today: what lies about for longer is nobody's intention any more."""
        found = self.filter(case=case_id, saved_at__gt=at - LIVELY)
        return found.exclude(user=user_id or 0).select_related("user").order_by("pk")


class CaseViewerQuerySet(models.QuerySet["models.Model"]):
    def others(self, user_id: int | None, case_id: int, at: datetime) -> Self:
        """Who looks at it now besides this person."""
        found = self.filter(case=case_id, seen_at__gt=at - GONE)
        return found.exclude(user=user_id or 0).select_related("user").order_by("pk")
