"""Reads of clients and keys, and the one statement that counts their requests."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from doors import models


class ApiClientQuerySet(QuerySet["models.ApiClient"]):
    def with_posting(self) -> ApiClientQuerySet:
        """All that an Actor is made of, in one query."""
        return self.select_related(
            "organisation",
            "posting__user",
            "posting__post__organisation",
            "posting__post__area",
            "posting__delegated_from__user",
        )


class ApiKeyQuerySet(QuerySet["models.ApiKey"]):
    def with_client(self) -> ApiKeyQuerySet:
        """The client and all that its Actor is made of, in one query."""
        return self.select_related(
            "client__organisation",
            "client__posting__user",
            "client__posting__post__organisation",
            "client__posting__post__area",
            "client__posting__delegated_from__user",
        )

    def named(self, prefix: str) -> models.ApiKey | None:
        return self.with_client().filter(prefix=prefix).first()

    def unused_since(self, moment: datetime) -> ApiKeyQuerySet:
        return self.filter(Q(last_used_at=None) | Q(last_used_at__lt=moment))


def count_request(client_id: int, minute: datetime) -> int:
    """Adds one to what the client asked in this minute and says how many it is now.

    One statement, so that many processes count together.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO doors_apiuse AS use (client_id, minute, used)"
            " VALUES (%s, %s, 1) ON CONFLICT (client_id) DO UPDATE SET"
            " used = CASE WHEN use.minute = EXCLUDED.minute THEN use.used + 1 ELSE 1"
            " END, minute = EXCLUDED.minute RETURNING used",
            [client_id, minute],
        )
        return int(cursor.fetchone()[0])
