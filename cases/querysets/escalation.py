"""Reads of 三级预警 and of the 督办 board."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import F, Q

from governance.prepared import Prepared, any_of

if TYPE_CHECKING:
    from parties.acting import Actor


class EscalationQuerySet(models.QuerySet["models.Model"]):
    def in_force(self) -> Self:
        """Of open cases: for a clock only while it is not stopped, without one only in
        the round in which it was raised."""
        of_this_round = Q(clock=None, round=F("case__reopened_count"))
        standing = of_this_round | Q(clock__isnull=False, clock__stopped_at=None)
        return self.filter(standing, case__underway=True)

    def highest_of(self, cases: Iterable[Any]) -> dict[int, Any]:
        """The highest level in force of each case; one query for all."""
        rows = _HIGHEST.objects(cases=[case.pk for case in cases])
        return {row.case_id: row for row in rows}


_HIGHEST = Prepared(
    lambda: (
        apps.get_model("cases.Escalation")
        .objects.in_force()
        .filter(any_of("case", "cases"))
        .order_by("case", "level", "at", "pk")
    ),
    "id", "case_id", "level", "trigger",
)  # fmt: skip


class SupervisionOrderQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """Orders of the cases in scope, and those to the reader's own unit about cases
        that are not confidential."""
        seen = apps.get_model("cases.Case").objects.visible_to(actor)
        own = Q(organisation_id=actor.organisation_id or 0, case__confidential=False)
        return self.filter(Q(case__in=seen.values("pk")) | own)

    def awaiting_reply(self) -> Self:
        return self.filter(status__in=["issued", "returned"])

    def unanswered_at(self, at: datetime) -> Self:
        return self.awaiting_reply().filter(due_at__lt=at)

    def by_status(self) -> dict[str, int]:
        counted = self.order_by().values("status").annotate(n=models.Count("pk"))
        return {row["status"]: row["n"] for row in counted}

    def with_names(self) -> Self:
        return self.select_related(
            "case__category", "organisation", "district", "escalation",
            "issued_by", "replied_by", "reviewed_by",
        )  # fmt: skip

    def in_order(self) -> Self:
        """Those that wait for somebody first, by deadline; the answered ones after."""
        waits = models.Case(
            models.When(status__in=["issued", "returned"], then=0),
            models.When(status="answered", then=1),
            default=2,
        )
        return self.order_by(waits, "due_at", "pk")
