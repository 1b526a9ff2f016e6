"""Reads of imports and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import QuerySet

from parties.roles import TABLE_KEEPERS

if TYPE_CHECKING:
    from parties.acting import Actor


class ImportQuerySet(QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """A person's own, in a post that keeps tables: files hold personal data."""
        if actor.role not in TABLE_KEEPERS:
            return self.none()
        return self.filter(user=actor.user_id).order_by("-pk")


class ExportQuerySet(QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Only what the person asked for in this very post."""
        return self.filter(user=actor.user_id, posting=actor.posting_id).order_by("-pk")
