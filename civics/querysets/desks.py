"""Reads of the units that answer for personal data."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from cases.models import Case


class DataDeskQuerySet(models.QuerySet[Any]):
    def in_force(self) -> Self:
        return self.filter(ended_at=None)

    def of_case(self, case: "Case") -> Any:
        """The one whose district the case lies in; None where there is none."""
        found = self.in_force().select_related("organisation")
        areas = (case.district_id, case.city_id)
        return found.filter(area__in=areas).order_by("-area__level").first()
