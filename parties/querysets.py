"""Reads of organisations, accounts, postings, notifications and channels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.base_user import BaseUserManager
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from governance.prepared import Prepared, any_of, given
from grids.codes import Level, prefix
from parties.roles import UNIT_HEADS, Role

if TYPE_CHECKING:
    from grids.models import Area
    from parties import models
    from parties.acting import Actor


def upwards(code: str) -> list[str]:
    """An area code and every code that the area can lie below."""
    return [above for level in Level if (above := prefix(code, level))]


class OrganisationQuerySet(QuerySet["models.Organisation"]):
    def active(self) -> OrganisationQuerySet:
        return self.filter(is_active=True)

    def whistleable(self) -> OrganisationQuerySet:
        return self.filter(is_active=True, can_be_whistled=True)

    def answering_for(self, area_ids: list[int]) -> OrganisationQuerySet:
        """The bodies that answer for these areas themselves: 社区, 街道, 指挥中心.

        An office of such a body sits in the same area and is not the body.
        """
        kinds = ["community", "street_office", "command_centre"]
        return (
            self.active()
            .filter(area__in=area_ids, kind__in=kinds)
            .exclude(parent__area=F("area"))
            .order_by("-pk")
        )

    def with_jurisdiction(self, area: Area) -> OrganisationQuerySet:
        """Those with a jurisdiction that is `area` or lies above it."""
        return self.filter(jurisdictions__code__in=upwards(area.code)).distinct()

    def with_jurisdiction_within(self, area: Area) -> OrganisationQuerySet:
        """Those with a jurisdiction that is `area`, or lies above or below it."""
        return self.filter(
            Q(jurisdictions__code__in=upwards(area.code))
            | Q(jurisdictions__code__startswith=area.code)
        ).distinct()

    def in_another_street(self, street: Area) -> OrganisationQuerySet:
        """Those with a jurisdiction in a street other than this one, or below it.

        Those of the wider district that do not reach here are none of them.
        """
        elsewhere = self.filter(jurisdictions__level__gte=Level.STREET)
        return elsewhere.exclude(jurisdictions__code__startswith=street.code).distinct()


class ContactDepartmentQuerySet(QuerySet["models.ContactDepartment"]):
    def of(self, area_codes: Iterable[str], day: date) -> ContactDepartmentQuerySet:
        """In force for one of these areas on that day, the smaller area first."""
        return (
            self.filter(
                Q(ends_date=None) | Q(ends_date__gt=day),
                area__code__in=list(area_codes),
                starts_date__lte=day,
                organisation__is_active=True,
            )
            .select_related("organisation", "area")
            .order_by("-area__level", "organisation__name", "pk")
        )


class UserQuerySet(QuerySet["models.User"]):
    def colleagues_of(self, posting: models.Posting, at: datetime) -> UserQuerySet:
        """Active users who hold a posting of their own in the same organisation."""
        return (
            self.filter(
                Q(postings__ends_at=None) | Q(postings__ends_at__gt=at),
                postings__post__organisation=posting.post.organisation_id,
                postings__starts_at__lte=at,
                postings__delegated_from=None,
                is_active=True,
            )
            .exclude(pk=posting.user_id)
            .distinct()
            .order_by("name", "pk")
        )

    def search(self, text: str) -> UserQuerySet:
        """By account, name, or the unit of a posting."""
        held = apps.get_model("parties.Posting").objects.filter(
            user=OuterRef("pk"), post__organisation__name__icontains=text
        )
        named = Q(username__icontains=text) | Q(name__icontains=text)
        return self.filter(named | Exists(held))

    def postless(self, at: datetime) -> UserQuerySet:
        """Active, and in no post now."""
        held = apps.get_model("parties.Posting").objects.current(at)
        return self.filter(~Exists(held.filter(user=OuterRef("pk"))), is_active=True)

    def with_postings(self, at: datetime) -> UserQuerySet:
        """Each with `in_force`, its postings of now, in one more query."""
        held = apps.get_model("parties.Posting").objects.current(at).with_post()
        rows = held.order_by("-is_primary", "pk")
        return self.prefetch_related(Prefetch("postings", rows, to_attr="in_force"))


def failed_sign_ins(*, since: datetime, limit: int) -> QuerySet[Any, dict[str, Any]]:
    """Whose sign-ins failed, from where, how often and when last; `locked` with as many
    as `limit`. These first, the newest on top."""
    kept = apps.get_model("axes.AccessAttempt").objects.filter(attempt_time__gte=since)
    return (
        kept.values("username", "ip_address")
        .annotate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        .annotate(locked=Q(failures__gte=limit))
        .order_by("-locked", "-last", "username")
    )


class PostQuerySet(QuerySet["models.Post"]):
    def search(self, text: str) -> PostQuerySet:
        """By name, unit, area or its code; every word must be found."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(organisation__name__icontains=word)
                | Q(area__name__icontains=word)
                | Q(area__code__startswith=word)
            )
        return found.select_related("organisation", "area").order_by(
            "organisation__name", "name", "pk"
        )

    def with_holders(self, at: datetime) -> PostQuerySet:
        """Each with `held`, its postings of now, in one more query."""
        rows = apps.get_model("parties.Posting").objects.current(at)
        rows = rows.select_related("user").order_by("user__name", "pk")
        return self.prefetch_related(Prefetch("postings", rows, to_attr="held"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(
        self, username: str, password: str | None = None, **fields: Any
    ) -> models.User:
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, password: str | None = None, **fields: Any
    ) -> models.User:
        fields.update(is_staff=True, is_superuser=True)
        fields.setdefault("name", username)
        return self.create_user(username, password, **fields)


class PostingQuerySet(QuerySet["models.Posting"]):
    def current(self, at: datetime) -> PostingQuerySet:
        """In force at `at`: from its start (included) to its end (excluded)."""
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at, user__is_active=True
        )

    def overlapping(
        self, starts_at: datetime, ends_at: datetime | None
    ) -> PostingQuerySet:
        found = self.filter(Q(ends_at=None) | Q(ends_at__gt=starts_at)).exclude(
            ends_at=F("starts_at")
        )
        return found.filter(starts_at__lt=ends_at) if ends_at else found

    def holding(self, *roles: str) -> PostingQuerySet:
        return self.filter(post__role__in=roles)

    def at(self, area: Area) -> PostingQuerySet:
        """Of posts whose scope is exactly this area."""
        return self.filter(post__area=area)

    def over(self, area: Area) -> PostingQuerySet:
        """Of posts whose scope is this area or lies above it."""
        return self.filter(post__area__code__in=upwards(area.code))

    def of_organisation(self, organisation_id: int) -> PostingQuerySet:
        return self.filter(post__organisation=organisation_id)

    def of_user(self, user_id: int | None) -> PostingQuerySet:
        """A person's own, primary first."""
        return self.filter(user=user_id).order_by("-is_primary", "starts_at", "pk")

    def held_by(self, user_id: int | None, at: datetime) -> list[Any]:
        """A person's own that are in force, with all that an Actor is made of; read at
        every request, so the few are put in order here."""
        found = self.filter(user=user_id).current(at).with_post()
        return sorted(
            found, key=lambda one: (not one.is_primary, one.starts_at, one.pk)
        )

    def not_over(self, at: datetime) -> PostingQuerySet:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at))

    def given_by(self, user_id: int, at: datetime) -> PostingQuerySet:
        """Delegations of a person's posts to others that have not ended."""
        given = self.not_over(at).filter(delegated_from__user=user_id)
        return given.order_by("starts_at", "pk")

    def taken_by(self, user_id: int, at: datetime) -> PostingQuerySet:
        """Delegations to a person that have not ended."""
        taken = self.not_over(at).filter(user=user_id, delegated_from__isnull=False)
        return taken.order_by("starts_at", "pk")

    def stand_ins(self, organisation_id: int | None, at: datetime) -> PostingQuerySet:
        """Delegations in force of a unit's posts: who is absent, and who fills in."""
        found = self.current(at).filter(
            post__organisation=organisation_id or 0, delegated_from__isnull=False
        )
        return found.with_post().order_by("ends_at", "pk")

    def delegations_of(self, user_id: int, at: datetime) -> PostingQuerySet:
        """Both: what this person may end."""
        return self.not_over(at).filter(
            Q(delegated_from__user=user_id) | Q(user=user_id),
            delegated_from__isnull=False,
        )

    def with_post(self) -> PostingQuerySet:
        """All that an Actor is made of, in one query."""
        return self.select_related(
            "user", "post__organisation", "post__area", "delegated_from__user"
        )

    def user_ids(self) -> list[int]:
        return list(self.order_by("user").values_list("user", flat=True).distinct())


class NotificationQuerySet(QuerySet["models.Notification"]):
    def visible_to(self, user_id: int) -> NotificationQuerySet:
        """A person's own and nobody else's, newest first."""
        return self.filter(user=user_id).order_by("-pk")

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)

    def bell_of(self, user_id: int) -> dict[str, int]:
        """How many of a person's are unread (`n`), and the id of the newest urgent one
        (`urgent`, or 0)."""
        rows = _BELL.rows(user=user_id)
        n, urgent = rows[0] if rows else (0, 0)
        return {"n": n, "urgent": urgent}

    def unread_among(self, subjects: Iterable[str], user_id: int) -> set[str]:
        """Of these matters, those that a person has unread messages of."""
        rows = _UNREAD_AMONG.rows(user=user_id, subjects=list(subjects))
        return {subject for (subject,) in rows}


_BELL = Prepared(
    lambda: (
        apps.get_model("parties.Notification")
        .objects.filter(user=given("user"), read_at=None)
        .values("user")
        .annotate(
            n=Count("pk"), urgent=Coalesce(Max("pk", filter=Q(urgent=True)), 0)
        )
        .order_by()
    ),
    "n", "urgent",
)  # fmt: skip
_UNREAD_AMONG = Prepared(
    lambda: (
        apps.get_model("parties.Notification")
        .objects.filter(any_of("subject", "subjects"), user=given("user"), read_at=None)
        .order_by()
    ),
    "subject",
)


class ChannelQuerySet(QuerySet["models.Channel"]):
    def visible_to(self, actor: Actor) -> ChannelQuerySet:
        """All for the administrator, those of their own unit for its head; and what a
        post subscribed to for itself."""
        if actor.role == Role.SYSTEM_ADMIN:
            return self
        own = Q(posting=actor.posting_id, posting__isnull=False)
        if actor.role in UNIT_HEADS and actor.organisation_id:
            own |= Q(organisation=actor.organisation_id)
        return self.filter(own)

    def carrying(self, importance: str) -> ChannelQuerySet:
        return self.filter(enabled=True, importances__contains=[importance])

    def wanting(self, kind: str) -> ChannelQuerySet:
        """Those that get the steps of cases, this kind among them."""
        return self.filter(
            Q(event_kinds=[]) | Q(event_kinds__contains=[kind]),
            enabled=True,
            case_events=True,
        )

    def of_posts(self) -> ChannelQuerySet:
        """Those by which a post follows the cases that it sees."""
        return self.filter(enabled=True, case_events=True, posting__isnull=False)

    def with_names(self) -> ChannelQuerySet:
        return self.select_related(
            "organisation", "person", "posting__post__organisation"
        )

    def with_counts(self) -> ChannelQuerySet:
        """`stuck` need a person, `failing` are tried again, `last_sent_at`."""
        deliveries: Any = self.model._meta.get_field("deliveries").related_model
        own = deliveries.objects.filter(channel=OuterRef("pk"))
        return self.annotate(
            stuck=_how_many(own.filter(state="stuck")),
            failing=_how_many(own.filter(state="waiting", attempts__gt=0)),
            last_sent_at=Subquery(
                own.filter(state="sent").order_by("-pk").values("sent_at")[:1]
            ),
        ).order_by("-enabled", "name")


def _how_many(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("channel").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


class DeliveryQuerySet(QuerySet["models.Delivery"]):
    def visible_to(self, actor: Actor) -> DeliveryQuerySet:
        """Of the channels that the actor looks after."""
        channels: Any = self.model._meta.get_field("channel").related_model
        return self.filter(channel__in=channels.objects.visible_to(actor))

    def undelivered(self) -> DeliveryQuerySet:
        """What did not go as it should: a person's first, then what is tried again."""
        wrong = Q(state="stuck") | Q(state="waiting", attempts__gt=0)
        order = Case(When(state="stuck", then=0), default=1)
        return (
            self.filter(wrong)
            .select_related("channel", "user")
            .order_by(order, "next_try_at", "pk")
        )

    def due(self, *, strict: bool, at: datetime) -> DeliveryQuerySet:
        """Whose turn it is, urgent ones first; nothing overtakes in its own lane.

        What sleeps through quiet hours holds nobody up; with `strict`, what is stuck
        does.
        """
        holding = ["waiting", "sending", *(["stuck"] if strict else [])]
        earlier = (
            self.model.objects.filter(
                channel=OuterRef("channel"),
                lane=OuterRef("lane"),
                pk__lt=OuterRef("pk"),
                state__in=holding,
            )
            .exclude(attempts=0, next_try_at__gt=at)
            .order_by()
        )
        return self.filter(
            ~Exists(earlier), state="waiting", next_try_at__lte=at
        ).order_by(Case(When(importance="urgent", then=0), default=1), "pk")

    def wakes_at(self, at: datetime) -> datetime | None:
        """When the next one comes due that is not due yet."""
        later = self.filter(state="waiting", next_try_at__gt=at)
        found: datetime | None = later.aggregate(first=Min("next_try_at"))["first"]
        return found

    def tried_since(self, moment: datetime) -> DeliveryQuerySet:
        return self.filter(last_try_at__gt=moment).order_by("last_try_at")
