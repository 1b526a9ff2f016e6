"""Reads of who agreed to what, and of what people ask about their data."""

from typing import Any, Self

from django.db import models


class ConsentQuerySet(models.QuerySet[Any]):
    def of_filing(self, phone_id: int | None) -> Self:
        """Given by this telephone for what it filed itself, not for what it follows."""
        return self.filter(phone=phone_id).exclude(purpose__in=("follow", "area"))


class DataRequestQuerySet(models.QuerySet[Any]):
    def awaited(self) -> Any:
        """The ids of the cases whose name and number are deleted once they are over."""
        each = models.Func(
            "waiting", function="unnest", output_field=models.BigIntegerField()
        )
        return self.filter(kind="delete").values_list(each, flat=True)
