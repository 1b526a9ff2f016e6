"""Reads of mediations; one is seen with its case and in no other way."""

from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Q

from duties.querysets.tasks import OVERSEERS

if TYPE_CHECKING:
    from parties.acting import Actor


class MediationQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """With the confidential case it belongs to (DOMAIN F6)."""
        seen = apps.get_model("cases.Case").objects.visible_to(actor)
        return self.filter(case__in=seen.values("pk"))

    def counted_for(self, actor: "Actor") -> Self:
        """Those that figures may count: of the own area, else what is visible."""
        if actor.role in OVERSEERS and actor.area_code:
            return self.filter(case__placement_code__startswith=actor.area_code)
        return self.visible_to(actor)

    def by_level(self) -> dict[int, dict[str, int]]:
        """level -> total, agreed (solved there), open, failed; of all in the set."""
        rows: Any = (
            self.order_by()
            .values("level")
            .annotate(
                total=Count("pk"),
                agreed=Count("pk", filter=Q(outcome="agreed")),
                open=Count("pk", filter=Q(outcome__in=("open", "reached"))),
                failed=Count("pk", filter=Q(outcome__in=("failed", "stopped"))),
            )
        )
        return {row["level"]: row for row in rows}

    def with_names(self) -> Self:
        return (
            self.select_related("case__category", "case__community", "template")
            .prefetch_related("parties")
            .annotate(sittings=Count("sessions"))
            .order_by("-id")
        )


class AgreementPhotoQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        seen = apps.get_model("duties.Mediation").objects.visible_to(actor)
        return self.filter(mediation__in=seen.values("pk"))
