"""Areas by level, period and subtree."""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Self

from django.contrib.gis.geos import Point
from django.db import models
from django.db.models import Q

from grids.codes import Level
from grids.querysets import locating

if TYPE_CHECKING:
    from grids.models import Area


class AreaQuerySet(models.QuerySet):
    def active(self, at: date) -> Self:
        return self.filter(valid_from__lte=at).filter(
            Q(valid_to=None) | Q(valid_to__gt=at)
        )

    def at_level(self, level: Level) -> Self:
        return self.filter(level=level)

    def within(self, codes: Iterable[str]) -> Self:
        """The areas with these codes and everything below them; nothing for none."""
        reach = Q(pk__in=[])
        for code in codes:
            reach |= Q(code__startswith=code)
        return self.filter(reach)

    def below(self, area: "Area") -> Self:
        """The descendants of `area`, not itself."""
        return self.within([area.code]).exclude(pk=area.pk)

    def drawn(self) -> Self:
        """Areas that have a current boundary."""
        return self.filter(boundaries__valid_to=None, boundaries__isnull=False)

    def locate(self, point: Point, level: Level = Level.GRID) -> locating.Located:
        """The area of `level` at a point (SRID 4490); see `locating.locate`."""
        return locating.locate(self, point, level)
