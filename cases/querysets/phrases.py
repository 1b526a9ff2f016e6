"""Reads of 常用语 and templates."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from parties.roles import Role

if TYPE_CHECKING:
    from cases.models import Case
    from parties.acting import Actor


def _offered(actor: "Actor") -> Q:
    """Of no other unit than the actor's."""
    return Q(organisation=None) | Q(organisation_id=actor.organisation_id)


class PhraseQuerySet(models.QuerySet["models.Model"]):
    def visible_to(self, actor: "Actor") -> Self:
        """One's own, the unit's, and those for everybody; the administrator looks
        after the templates of all units."""
        templates = Q(owner=None)
        if actor.role != Role.SYSTEM_ADMIN:
            templates &= _offered(actor)
        return self.filter(Q(owner_id=actor.user_id or 0) | templates)

    def selectable(self, actor: "Actor", case: "Case") -> Self:
        """What may be put into a form of the case now: one's own and what was approved
        for its category and state, the closest first."""
        found = self.visible_to(actor).filter(
            _offered(actor),
            Q(owner__isnull=False) | Q(status="approved"),
            Q(category=None) | Q(category=case.category_id),
            Q(state="") | Q(state=case.state),
        )
        return found.order_by(
            models.F("category").asc(nulls_last=True),
            "-state",
            models.F("owner").asc(nulls_last=True),
            models.F("organisation").asc(nulls_last=True),
            "title",
            "pk",
        )
