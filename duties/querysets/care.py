"""Reads of care targets that have a name; the scope is kept as narrow as the work."""

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models

from duties.workflow import COMMUNITY, FIELD, STREET

if TYPE_CHECKING:
    from parties.acting import Actor


class CareTargetQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Grid, community and street of the place; no department and nobody above."""
        if actor.role in FIELD:
            return self.filter(grid_id=actor.area_id)
        if actor.role in (*COMMUNITY, *STREET) and actor.area_code:
            return self.filter(grid__code__startswith=actor.area_code)
        return self.none()

    def served(self) -> Self:
        """Those whose service goes on."""
        return self.filter(ended_at=None)

    def in_area(self, code: str) -> Self:
        return self.filter(grid__code__startswith=code)

    def of_service(self, service: str) -> Self:
        return self.filter(services__contains=[service]) if service else self

    def due(self, day: date) -> Self:
        return self.filter(next_visit_date__lte=day)

    def by_next_visit(self) -> Self:
        return self.select_related("grid", "worker").order_by("next_visit_date", "id")
