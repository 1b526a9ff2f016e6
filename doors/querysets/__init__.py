"""Reads of clients and keys, and the one statement that counts their requests."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Q, QuerySet

from cases.models import Case
from parties.models import Channel
from parties.querysets import ChannelQuerySet
from parties.roles import Role, surface_of

if TYPE_CHECKING:
    from doors import models
    from parties.acting import Actor

# Who says in which community of a street or district an address in words lies.
PLACERS = (
    Role.STREET_ACCEPTOR, Role.STREET_DISPATCHER, Role.STREET_SHIFT_HEAD,
    Role.DISTRICT_COMMAND,
)  # fmt: skip


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


class WorkOrderQuerySet(QuerySet["models.WorkOrder"]):
    def visible_to(self, actor: Actor) -> WorkOrderQuerySet:
        """All for the administrator; those of sources whose desk is one's unit, and
        those whose case one sees. Of a confidential case only the latter."""
        plain = Q(case=None) | Q(case__confidential=False)
        if actor.role == Role.SYSTEM_ADMIN:
            return self.filter(plain)
        seen = Case.objects.visible_to(actor).filter(work_order__isnull=False)
        desk = Q(source__desk=actor.organisation_id, source__desk__isnull=False)
        if actor.organisation_id is None or not keeps_desk(actor.role):
            return self.filter(case__in=seen.order_by().values("pk"))
        return self.filter(desk & plain | Q(case__in=seen.order_by().values("pk")))

    def with_names(self) -> WorkOrderQuerySet:
        return self.select_related("source__desk", "source__channel", "case__category")


def keeps_desk(role: str) -> bool:
    """Whether a role takes in what comes from outside: those of the desks."""
    return surface_of(role) == "desk"


class Open311RequestQuerySet(QuerySet["models.Open311Request"]):
    def unplaced(self) -> Open311RequestQuerySet:
        """Whose address in words nobody has placed yet; the oldest first."""
        return self.filter(case=None).order_by("received_at", "id")

    def visible_to(self, actor: Actor) -> Open311RequestQuerySet:
        """What waits for a place: all for the administrator, and for the desks of a
        street or district what lies there. What was filed is seen as its case."""
        if actor.role == Role.SYSTEM_ADMIN:
            return self.unplaced()
        if actor.role not in PLACERS or not actor.area_code:
            return self.none()
        return self.unplaced().filter(area__code__startswith=actor.area_code)


def webhooks_of(client_id: int | None, posting_id: int | None) -> ChannelQuerySet:
    """What a client subscribed to as this post; without a client, what the person in
    this post opened in the own name."""
    return Channel.objects.filter(
        reserved=True, posting=posting_id, subscription__client=client_id
    )


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


def count_stranger(who: str, minute: datetime) -> int:
    """The same for a network address (its fingerprint); minutes that are over go, save
    those that somebody else counts in just now: nobody waits for another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH swept AS ("
            " DELETE FROM doors_addressuse WHERE who IN ("
            " SELECT who FROM doors_addressuse"
            " WHERE minute < %(minute)s AND who <> %(who)s FOR UPDATE SKIP LOCKED)"
            ") INSERT INTO doors_addressuse AS use (who, minute, used)"
            " VALUES (%(who)s, %(minute)s, 1) ON CONFLICT (who) DO UPDATE SET"
            " used = CASE WHEN use.minute = EXCLUDED.minute THEN use.used + 1 ELSE 1"
            " END, minute = EXCLUDED.minute RETURNING used",
            {"who": who, "minute": minute},
        )
        return int(cursor.fetchone()[0])
