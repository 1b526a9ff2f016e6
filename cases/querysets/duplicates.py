"""Likely duplicates of a matter (DOMAIN C.7): candidates by SQL, ranked by words.

Place, category and time narrow first, by index; the words of the few that are left are
compared in Python (`cases.likeness`). docs/duplicates.md says how well that works.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, radians
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db import models
from django.db.models import F, Q

from cases.likeness import Comparison, Limits, duplicate_score, likeness, marks
from cases.workflow import State
from grids.querysets.locating import METRES_PER_DEGREE

if TYPE_CHECKING:
    from cases.models import Case, Category

SHOWN = 5
COMPARED = 50
ENDED = (
    State.DRAFT, State.ARCHIVED, State.REJECTED, State.MERGED, State.TRANSFERRED,
    State.VOIDED,
)  # fmt: skip
NOWHERE = models.Value(None, output_field=models.FloatField(null=True))
Cases = TypeVar("Cases", bound="models.QuerySet[Any]")


@dataclass(frozen=True)
class Matter:
    """What is looked for: filed already (`case_id`) or about to be.

    `point` is SRID 4490; without one the community and the words must do.
    """

    category: "Category"
    text: str
    at: datetime
    community_id: int
    point: Point | None = None
    case_id: int | None = None

    @classmethod
    def of(cls, case: "Case") -> "Matter":
        return cls(
            category=case.category,
            text=wording(case.address, case.description),
            at=case.reported_at,
            community_id=case.community_id,
            point=case.point,
            case_id=case.pk,
        )


@dataclass(frozen=True)
class Alike:
    """A likely duplicate; `by_words` when the words alone would name it."""

    case: "Case"
    pair: Comparison
    score: float
    by_words: bool


class DuplicateRuleQuerySet(models.QuerySet[Any]):
    def limits(self) -> Limits:
        """The tenant's limits, or the defaults of DOMAIN C.7."""
        row = self.order_by("pk").first()
        return row.limits if row is not None else Limits()


def wording(address: str, description: str) -> str:
    return f"{address} {description}"


def candidates(cases: Cases, matter: Matter, limits: Limits) -> Cases:
    """The cases that may be the same matter, whatever their words; the nearest first.

    Annotated with `distance` (a Distance, None without a point). A confidential case
    is never among them.
    """
    window = timedelta(days=limits.days)
    here = Q(community=matter.community_id)
    if matter.point is None:
        found = cases.annotate(distance=NOWHERE)
    else:
        here = Q(here, point=None) | _around(matter.point, limits.far_m)
        found = _measured(cases, matter.point)
        found = found.filter(Q(point=None) | Q(distance__lte=D(m=limits.far_m)))
    return (
        found.filter(
            here,
            confidential=False,
            category__in=_kinds(matter.category),
            reported_at__range=(matter.at - window, matter.at + window),
        )
        .exclude(state__in=ENDED)
        .exclude(pk=matter.case_id or 0)
        .order_by(F("distance").asc(nulls_last=True), "-reported_at", "id")
    )


def within(cases: Cases, point: Point, metres: float) -> Cases:
    """Those at most so far from a point, annotated with `distance`."""
    found = _measured(cases.filter(_around(point, metres)), point)
    return found.filter(distance__lte=D(m=metres))


def _measured(cases: Cases, point: Point) -> Cases:
    return cases.annotate(distance=Distance("point", point, spheroid=False))


def _around(point: Point, metres: float) -> Q:
    """At least so far in every direction; the spatial index knows degrees only."""
    degrees = metres / (METRES_PER_DEGREE * max(cos(radians(point.y)), 0.01))
    return Q(point__dwithin=(point, degrees))


def ranked(found: Iterable[Any], matter: Matter, limits: Limits) -> list[Alike]:
    """Those that are likely the same matter, the likeliest first."""
    told = marks(matter.text)
    rows = []
    for case in found:
        pair = Comparison(
            likeness=likeness(told, marks(wording(case.address, case.description))),
            metres=None if case.distance is None else case.distance.m,
            gap=abs(matter.at - case.reported_at),
            same_category=case.category_id == matter.category.pk,
        )
        score = duplicate_score(pair, limits)
        if score > 0:
            rows.append(Alike(case, pair, score, pair.likeness >= limits.likeness))
    return sorted(rows, key=lambda row: (-row.score, row.case.pk))


def _kinds(category: "Category") -> list[int]:
    known = apps.get_model("cases.Category").objects.confused_with(category)
    return list(known.values_list("pk", flat=True))
