"""Reads of visit records and their photos."""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from parties.acting import Actor


class VisitQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """With the receiver they were made for."""
        receivers = apps.get_model("duties.TaskReceiver").objects.visible_to(actor)
        return self.filter(receiver__in=receivers.values("pk"))

    def newest(self) -> Self:
        return (
            self.select_related("target", "visitor", "case__category")
            .prefetch_related("photos")
            .order_by("-id")
        )


class VisitPhotoQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        records = apps.get_model("duties.VisitRecord").objects.visible_to(actor)
        return self.filter(record__in=records.values("pk"))
