"""Reads of who follows what."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F


class FollowQuerySet(models.QuerySet[Any]):
    def running(self) -> Self:
        return self.filter(ended_at=None)

    def with_news(self) -> Self:
        """Those whose case stands elsewhere than they were told last."""
        return self.running().exclude(told_state=F("case__state"))


class AreaFollowQuerySet(models.QuerySet[Any]):
    def running(self) -> Self:
        return self.filter(ended_at=None)

    def due(self, before: datetime) -> Self:
        """Those who were told nothing since then."""
        return self.running().filter(told_at__lte=before)
