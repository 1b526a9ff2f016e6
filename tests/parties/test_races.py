"""Two people at once, on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from governance.errors import Refused
from governance.models import Event
from parties import actions
from parties.acting import Actor
from parties.models import Notification, Post, Posting, User
from parties.roles import Role
from tests.factories import OrganisationFactory, PostFactory, UserFactory
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(action, times=4):
    """Run it in threads that start together; what each returned or was refused."""
    together = Barrier(times)

    def one(_):
        try:
            together.wait(timeout=20)
            return action()
        except Refused as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_one_post_is_given_to_a_person_once(administrator):
    user, post = UserFactory(), PostFactory()
    results = at_once(
        lambda: actions.appoint(
            user_id=user.pk,
            post_id=post.pk,
            ends_at=AT + timedelta(days=9),
            actor=administrator,
            at=AT,
        )
    )
    assert results.count("held_already") == 3
    assert Posting.objects.filter(user=user).count() == 1


def test_one_delegation_is_given_once(acceptor, colleague):
    results = at_once(
        lambda: actions.delegate(
            posting_id=acceptor.pk,
            user_id=colleague.user_id,
            starts_at=AT,
            ends_at=AT + timedelta(days=1),
            reason="病假",
            actor=Actor.of(acceptor),
            at=AT,
        )
    )
    assert results.count("held_already") == 3
    assert Posting.objects.filter(delegated_from=acceptor).count() == 1
    assert Event.objects.filter(action="parties.delegate").count() == 1


def test_one_account_name_is_given_once(administrator):
    results = at_once(
        lambda: actions.open_account(
            username="xinren", name="新人", password="Dangqian-2026",
            actor=administrator, at=AT,
        )
    )  # fmt: skip
    assert results.count("username_taken") == 3
    assert User.objects.filter(username="xinren").count() == 1
    assert Event.objects.filter(action="parties.create").count() == 1


def test_one_post_is_opened_once(administrator):
    unit = OrganisationFactory()
    results = at_once(
        lambda: actions.open_post(
            role=Role.DEPARTMENT_LIAISON, organisation_id=unit.pk, area_id=None,
            name="", actor=administrator, at=AT,
        )
    )  # fmt: skip
    assert results.count("there") == 3
    assert Post.objects.filter(organisation=unit).count() == 1
    assert Event.objects.filter(action="parties.create").count() == 1


def test_one_key_is_one_message(acceptor):
    at_once(
        lambda: actions.notify(
            user_ids=[acceptor.user_id], kind="todo", title="待办", key="k", at=AT
        )
    )
    assert Notification.objects.count() == 1
