"""A community with two colleagues, a stranger next door, and an administrator."""

from datetime import UTC, datetime

import pytest

from parties.acting import Actor
from parties.models import Organisation, Posting
from parties.roles import Role
from tests.factories import (
    OrganisationFactory,
    PostFactory,
    PostingFactory,
    UserFactory,
)

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def committee(db) -> Organisation:
    return OrganisationFactory(name="幸福社区居民委员会", kind="community", level=4)


@pytest.fixture
def acceptor(committee) -> Posting:
    """The owner of a posting."""
    return PostingFactory(
        user__username="acceptor",
        user__name="社区受理员",
        post__role=Role.COMMUNITY_ACCEPTOR,
        post__organisation=committee,
        is_primary=True,
    )


@pytest.fixture
def colleague(committee) -> Posting:
    return PostingFactory(
        user__username="colleague",
        user__name="社区承办人",
        post__role=Role.COMMUNITY_HANDLER,
        post__organisation=committee,
    )


@pytest.fixture
def stranger(db) -> Posting:
    return PostingFactory(
        user__username="stranger",
        post__role=Role.DEPARTMENT_LIAISON,
        post__organisation__name="区城管局",
    )


@pytest.fixture
def administrator(db) -> Actor:
    posting = PostingFactory(
        user=UserFactory(username="root", is_staff=True, is_superuser=True),
        post=PostFactory(role=Role.SYSTEM_ADMIN),
    )
    return Actor.of(posting)
