"""Reads of telephone numbers of residents."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q


class PhoneQuerySet(models.QuerySet[Any]):
    def forgettable(self, before: datetime) -> Self:
        """Never proven, behind nothing, and asked for no code since."""
        return self.filter(
            Q(code_expires_at=None) | Q(code_expires_at__lt=before),
            Q(locked_until=None) | Q(locked_until__lt=before),
            verified_at=None,
            created_at__lt=before,
            consents=None,
            follows=None,
            area_follows=None,
            data_requests=None,
        )
