"""Reads of admitted items that have a name."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from duties.workflow import COMMAND, IN_FORCE, AdmissionState
from parties.querysets import upwards
from parties.roles import ADMIN_ROLES

if TYPE_CHECKING:
    from parties.acting import Actor

KNOWN_TO_ALL = (*IN_FORCE, AdmissionState.WITHDRAWN)


class AdmissionQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """What is published everybody inside sees; the rest its applicant and command.

        The list is public inside the house: a grid worker may see what may be asked.
        """
        if not actor.role or actor.is_resident or actor.role in ADMIN_ROLES:
            return self.none()
        seen = Q(state__in=KNOWN_TO_ALL) | Q(applicant_id=actor.organisation_id)
        if actor.role in COMMAND and actor.area_code:
            seen |= Q(area__code__startswith=actor.area_code)
        return self.filter(seen)

    def waiting_for(self, actor: "Actor") -> Self:
        """Applications that the command centre has to decide on or publish."""
        if actor.role not in COMMAND or not actor.area_code:
            return self.none()
        waiting = (AdmissionState.APPLIED, AdmissionState.APPROVED)
        return self.filter(state__in=waiting, area__code__startswith=actor.area_code)

    def in_force(self, day: date) -> Self:
        """Published and within its period."""
        return self.filter(
            Q(ends_date=None) | Q(ends_date__gte=day),
            state__in=IN_FORCE,
            starts_date__lte=day,
        )

    def covering(self, codes: Iterable[str]) -> Self:
        """Those whose area is or lies above every one of these areas."""
        found = self
        for code in set(codes):
            found = found.filter(area__code__in=upwards(code))
        return found

    def with_names(self) -> Self:
        return self.select_related("area", "applicant", "applied_by", "reviewed_by")
