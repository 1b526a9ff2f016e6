"""Reads of places with a QR code."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from parties.acting import Actor


class PlaceQuerySet(models.QuerySet[Any]):
    def in_use(self) -> Self:
        return self.filter(ended_at=None)

    def visible_to(self, actor: "Actor") -> Self:
        """Posts of an area have those of their area and below."""
        if not actor.area_code:
            return self.none()
        return self.filter(area__code__startswith=actor.area_code)
