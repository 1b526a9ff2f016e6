"""Reads of incidents: who sees one, who has signed, which grids have not reported."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Left

from grids.codes import CODE_LENGTH, Level

if TYPE_CHECKING:
    from parties.acting import Actor


class IncidentQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """With the task that carries it down."""
        tasks = apps.get_model("duties.Task").objects.visible_to(actor)
        return self.filter(task__in=tasks.values("pk"))

    def running(self, at: datetime) -> Self:
        return self.filter(closed_at=None, expires_at__gt=at)

    def newest(self) -> Self:
        return self.select_related("command", "task").order_by("-id")


def in_grids(task_id: int) -> Any:
    """The receivers who owe reports: grids, and persons who work in them."""
    found = apps.get_model("duties.TaskReceiver").objects.filter(task=task_id)
    return found.filter(Q(area__level__gte=Level.GRID) | Q(person__isnull=False))


def unreported(incident: Any, due_at: datetime) -> Any:
    """The grids without a report in the round that is due then, by code."""
    made = apps.get_model("duties.SituationReport").objects.filter(
        incident=incident, receiver=OuterRef("pk"), due_at=due_at
    )
    found = in_grids(incident.task_id).filter(~Exists(made))
    return found.with_names().order_by("area__code", "id")


def sign_in_by_street(incident: Any, actor: "Actor") -> list[dict[str, Any]]:
    """code, expected, signed of each street, itself and all below it, in scope."""
    receivers = apps.get_model("duties.TaskReceiver").objects.visible_to(actor)
    found: Any = (
        receivers.filter(task=incident.task_id)
        .annotate(code=Coalesce("area__code", "parent__area__code"))
        .annotate(street=Left("code", CODE_LENGTH[Level.STREET]))
        .filter(code__regex=rf"^.{{{CODE_LENGTH[Level.STREET]},}}$")
        .order_by("street")
        .values("street")
        .annotate(
            expected=Count("pk", distinct=True),
            signed=Count("pk", filter=Q(signed_at__isnull=False), distinct=True),
        )
    )
    return list(found)
