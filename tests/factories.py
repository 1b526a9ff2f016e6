"""Factories build rows; what a case or a posting went through is made by actions."""

from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from grids.codes import CODE_LENGTH, Level, parent_code
from grids.models import Area
from parties.models import Organisation, Post, Posting, User
from parties.roles import AREA_LEVEL, Role

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "Wangge-test-2026"


def area_of(code: str) -> Area:
    """The area with this code, made with everything above it when missing."""
    level = next(one for one in Level if CODE_LENGTH[one] == len(code))
    above = parent_code(code, level)
    return Area.objects.get_or_create(
        code=code,
        defaults={
            "level": level,
            "name": f"{level.label}{code[-3:]}",
            "parent": area_of(above) if above else None,
            "valid_from": date(2020, 1, 1),
        },
    )[0]


class OrganisationFactory(DjangoModelFactory):
    """`jurisdictions=[area, …]` are the areas it answers for."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"测试单位{n}")
    kind = Organisation.Kind.DEPARTMENT
    level = Level.DISTRICT

    @factory.post_generation
    def jurisdictions(self, create: bool, areas: list[Area] | None, **_: Any) -> None:
        if create and areas:
            self.jurisdictions.set(areas)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    name = factory.Sequence(lambda n: f"人员{n}")

    @factory.post_generation
    def password(self, create: bool, given: str | None, **_: Any) -> None:
        """Hashing is slow: an account has a password only when one is given."""
        if create and given:
            self.set_password(given)
            self.save(update_fields=["password"])


class PostFactory(DjangoModelFactory):
    """A post of `role`; `area` is by default made for roles that need one."""

    class Meta:
        model = Post

    role = Role.GRID_WORKER
    organisation = factory.SubFactory(OrganisationFactory)
    name = factory.LazyAttribute(lambda post: str(Role(post.role).label))

    @factory.lazy_attribute
    def area(self) -> Area | None:
        level = AREA_LEVEL.get(self.role)
        return area_of("990101001001001001"[: CODE_LENGTH[level]]) if level else None


class PostingFactory(DjangoModelFactory):
    """`PostingFactory(post__role=…, post__area=…)`: in force since long ago."""

    class Meta:
        model = Posting

    user = factory.SubFactory(UserFactory)
    post = factory.SubFactory(PostFactory)
    starts_at = LONG_AGO
