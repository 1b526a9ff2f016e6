"""Reads of organisations, accounts, postings and notifications that have a name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from grids.codes import Level, prefix

if TYPE_CHECKING:
    from grids.models import Area
    from parties import models


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

    def bell(self) -> dict[str, int]:
        """How many are unread (`n`), and the id of the newest urgent one (or 0)."""
        newest = Coalesce(Max("pk", filter=Q(urgent=True)), 0)
        return self.unread().order_by().aggregate(n=Count("pk"), urgent=newest)
