"""Reads of the marks that streets gave to the units they whistled."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Avg, Count, F

from cases.workflow import BUNDLED_SHARES

if TYPE_CHECKING:
    from parties.acting import Actor


class BundledSharesQuerySet(models.QuerySet[Any]):
    def percents(self) -> dict[str, int]:
        """Those of the tenant, or the defaults of DOMAIN C.9."""
        own = self.first()
        return own.percents if own is not None else BUNDLED_SHARES


class UnitScoreQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Of the cases this person may see."""
        cases = apps.get_model("cases.Case").objects.visible_to(actor)
        return self.filter(assignment__case__in=cases)

    def of_period(self, begin: datetime, end: datetime) -> Self:
        """Of cases closed from `begin` (included) to `end` (excluded)."""
        return self.filter(
            assignment__case__closed_at__gte=begin, assignment__case__closed_at__lt=end
        )

    def by_organisation(self) -> Any:
        """organisation, name, n and mean of each, the best first."""
        return (
            self.order_by()
            .values(
                organisation=F("assignment__organisation"),
                name=F("assignment__organisation__name"),
            )
            .annotate(n=Count("pk"), mean=Avg("score"))
            .order_by("-mean", "-n", "name")
        )
