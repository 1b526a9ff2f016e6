"""Areas by level, period and subtree."""

import json
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.contrib.gis.db.models import Extent
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Point
from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from grids.codes import Level
from grids.querysets import locating

if TYPE_CHECKING:
    from grids.models import Area

FACTS = ("code", "name", "level", "kind", "households")


class AreaQuerySet(models.QuerySet["Area"]):
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

    def with_current(self) -> Self:
        """Joined with the current boundary as `current`; nulls where there is none."""
        current = FilteredRelation(
            "boundaries", condition=Q(boundaries__valid_to__isnull=True)
        )
        return self.annotate(current=current)

    def drawn(self) -> Self:
        """Areas that have a current boundary."""
        return self.with_current().filter(current__isnull=False)

    def extent(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north of the current boundaries."""
        found = self.with_current().aggregate(extent=Extent("current__geometry"))
        return found["extent"]

    def listed(self) -> models.QuerySet:
        """For pickers: code, name, level and whether a boundary is drawn, by code."""
        drawn = self.model.objects.drawn().filter(pk=OuterRef("pk"))
        rows = self.annotate(drawn=Exists(drawn)).order_by("code")
        return rows.values("code", "name", "level", "drawn")

    def shapes(self) -> models.QuerySet:
        """Facts and current boundary of those that are drawn, by code; for export."""
        rows = self.drawn().order_by("code")
        return rows.values_list(
            "code", "name", "level", "parent__code", "households",
            "current__area_m2", "current__version", "current__geometry",
        )  # fmt: skip

    def feature(self) -> dict[str, Any] | None:
        """The one area as a GeoJSON Feature with its current boundary; one query."""
        found = (
            self.with_current()
            .annotate(
                shape=AsGeoJSON("current__geometry", precision=7),
                point=AsGeoJSON("centre", precision=7),
                parent_code=F("parent__code"),
                area_m2=F("current__area_m2"),
                version=F("current__version"),
            )
            .values("shape", "point", "parent_code", "area_m2", "version", *FACTS)
            .first()
        )
        if found is None:
            return None
        about: dict[str, Any] = dict(found)
        shape, point = about.pop("shape"), about.pop("point")
        about["level_name"] = Level(about["level"]).label
        about["centre"] = json.loads(point)["coordinates"] if point else None
        return {
            "type": "Feature",
            "id": about["code"],
            "properties": about,
            "geometry": json.loads(shape) if shape else None,
        }

    def locate(self, point: Point, level: Level = Level.GRID) -> locating.Located:
        """The area of `level` at a point (SRID 4490); see `locating.locate`."""
        return locating.locate(self, point, level)
