"""Reads of who agreed to what."""

from typing import Any, Self

from django.db import models


class ConsentQuerySet(models.QuerySet[Any]):
    def of_filing(self, phone_id: int | None) -> Self:
        """Given by this telephone for what it filed itself, not for what it follows."""
        return self.filter(phone=phone_id).exclude(purpose__in=("follow", "area"))
