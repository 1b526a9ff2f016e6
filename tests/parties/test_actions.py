from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from governance.errors import Refused
from governance.models import Event
from parties import actions
from parties.acting import Actor
from parties.models import Notification, Organisation, Post, Posting, User
from parties.roles import OVERSEER_ROLES, Role
from tests.factories import (
    OrganisationFactory,
    PostFactory,
    PostingFactory,
    UserFactory,
    area_of,
)
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refused(code, action, **arguments):
    """The action is refused with this code and leaves no event."""
    before = Event.objects.count()
    with pytest.raises(Refused) as caught:
        action(**arguments)
    assert caught.value.code == code
    assert Event.objects.count() == before


def give(posting, user, *, days=(0, 3), reason="年休假", actor=None):
    return actions.delegate(
        posting_id=posting.pk,
        user_id=user.pk,
        starts_at=AT + days[0] * DAY,
        ends_at=AT + days[1] * DAY,
        reason=reason,
        actor=actor or Actor.of(posting),
        at=AT,
    )


# --- appointing and ending ----------------------------------------------------------


def test_appointing_puts_a_person_in_a_post_and_leaves_one_event(administrator):
    user, post = UserFactory(), PostFactory()
    posting = actions.appoint(
        user_id=user.pk, post_id=post.pk, actor=administrator, at=AT
    )
    assert list(Posting.objects.of_user(user.pk).current(AT)) == [posting]
    event = Event.objects.get(chain=f"posting:{posting.pk}")
    assert event.action == "parties.appoint"
    assert event.detail["user"] == user.pk
    assert event.actor["role"] == "system_admin"


def test_only_a_system_administrator_appoints(acceptor):
    refused(
        "forbidden",
        actions.appoint,
        user_id=UserFactory().pk,
        post_id=PostFactory().pk,
        actor=Actor.of(acceptor),
        at=AT,
    )


def test_the_same_post_is_not_given_twice_at_one_time(administrator, acceptor):
    refused(
        "held_already",
        actions.appoint,
        user_id=acceptor.user_id,
        post_id=acceptor.post_id,
        actor=administrator,
        at=AT,
    )


def test_a_post_may_be_given_again_after_it_ended(administrator, acceptor):
    actions.end_posting(posting_id=acceptor.pk, actor=administrator, at=AT)
    again = actions.appoint(
        user_id=acceptor.user_id, post_id=acceptor.post_id, actor=administrator, at=AT
    )
    assert again.starts_at == AT


def test_an_inactive_account_is_not_appointed(administrator):
    refused(
        "inactive",
        actions.appoint,
        user_id=UserFactory(is_active=False).pk,
        post_id=PostFactory().pk,
        actor=administrator,
        at=AT,
    )


def test_a_period_must_run_forward(administrator):
    refused(
        "period",
        actions.appoint,
        user_id=UserFactory().pk,
        post_id=PostFactory().pk,
        ends_at=AT,
        actor=administrator,
        at=AT,
    )


def test_the_three_administrators_are_three_people(administrator):
    audit = PostFactory(role=Role.AUDIT_ADMIN)
    refused(
        "separation",
        actions.appoint,
        user_id=PostingFactory(post__role=Role.SYSTEM_ADMIN).user_id,
        post_id=audit.pk,
        actor=administrator,
        at=AT,
    )
    actions.appoint(
        user_id=UserFactory().pk, post_id=audit.pk, actor=administrator, at=AT
    )


def test_a_new_primary_posting_takes_the_place_of_the_old(administrator, acceptor):
    posting = actions.appoint(
        user_id=acceptor.user_id,
        post_id=PostFactory().pk,
        is_primary=True,
        actor=administrator,
        at=AT,
    )
    own = Posting.objects.of_user(acceptor.user_id)
    assert own.first() == posting
    assert own.filter(is_primary=True).count() == 1


def test_a_role_bound_to_an_area_needs_one_of_its_level(administrator):
    street = PostFactory(role=Role.GRID_WORKER, area=area_of("990101001"))
    refused(
        "area_level",
        actions.appoint,
        user_id=UserFactory().pk,
        post_id=street.pk,
        actor=administrator,
        at=AT,
    )


@pytest.mark.parametrize("role", sorted(OVERSEER_ROLES))
def test_who_looks_after_others_needs_an_area_of_any_level(administrator, role):
    """Without one nothing at all would be seen (`cases.querysets.scope`)."""
    user = UserFactory()
    given = {"user_id": user.pk, "actor": administrator, "at": AT}
    nowhere = PostFactory(role=role, area=None)
    refused("area_level", actions.appoint, post_id=nowhere.pk, **given)
    assert not user.postings.exists()
    somewhere = PostFactory(role=role, area=area_of("990101"))
    assert actions.appoint(post_id=somewhere.pk, **given).user == user


def test_ending_a_posting_ends_its_delegations(administrator, acceptor, colleague):
    delegation = give(acceptor, colleague.user)
    later = AT + timedelta(hours=1)
    actions.end_posting(posting_id=acceptor.pk, actor=administrator, at=later)
    delegation.refresh_from_db()
    assert delegation.ends_at == later
    assert not Posting.objects.of_user(acceptor.user_id).current(later).exists()


def test_a_posting_is_ended_once(administrator, acceptor):
    actions.end_posting(posting_id=acceptor.pk, actor=administrator, at=AT)
    refused(
        "ended",
        actions.end_posting,
        posting_id=acceptor.pk,
        actor=administrator,
        at=AT,
    )


def test_only_an_administrator_ends_a_posting(acceptor):
    refused(
        "forbidden",
        actions.end_posting,
        posting_id=acceptor.pk,
        actor=Actor.of(acceptor),
        at=AT,
    )


# --- delegating ---------------------------------------------------------------------


def test_a_colleague_acts_on_behalf_during_the_period_only(acceptor, colleague):
    delegation = give(acceptor, colleague.user, days=(1, 3))
    theirs = Posting.objects.of_user(colleague.user_id)
    assert delegation not in theirs.current(AT + DAY - timedelta(seconds=1))
    assert delegation in theirs.current(AT + DAY)
    assert delegation not in theirs.current(AT + 3 * DAY)
    actor = Actor.of(Posting.objects.with_post().get(pk=delegation.pk))
    assert actor.on_behalf_of == "社区受理员"
    assert actor.role == Role.COMMUNITY_ACCEPTOR


def test_delegating_leaves_one_event_and_tells_the_colleague(acceptor, colleague):
    delegation = give(acceptor, colleague.user)
    event = Event.objects.get(chain=f"posting:{delegation.pk}")
    assert (event.action, event.detail["delegated_from"]) == (
        "parties.delegate",
        acceptor.pk,
    )
    message = Notification.objects.get(user=colleague.user)
    assert message.title == "社区受理员 授权您代办：社区受理岗"


def test_a_delegated_posting_is_not_delegated_further(acceptor, colleague, committee):
    delegation = give(acceptor, colleague.user)
    third = PostingFactory(post__organisation=committee).user
    with pytest.raises(Refused) as caught:
        give(delegation, third, days=(0, 1))
    assert caught.value.code == "delegated_further"


def test_somebody_elses_posting_is_not_delegated(acceptor, colleague):
    with pytest.raises(Refused) as caught:
        give(acceptor, colleague.user, actor=Actor.of(colleague))
    assert caught.value.code == "forbidden"


def test_only_colleagues_in_office_take_over(acceptor, stranger, colleague):
    with pytest.raises(Refused) as caught:
        give(acceptor, stranger.user)
    assert caught.value.code == "not_a_colleague"
    Posting.objects.filter(pk=colleague.pk).update(ends_at=AT)
    with pytest.raises(Refused):
        give(acceptor, colleague.user)


@pytest.mark.parametrize("days", [(-1, 1), (0, 11)])
def test_a_delegation_lies_inside_the_posting(acceptor, colleague, days):
    acceptor.starts_at, acceptor.ends_at = AT, AT + 10 * DAY
    acceptor.save()
    with pytest.raises(Refused) as caught:
        give(acceptor, colleague.user, days=days)
    assert caught.value.code == "period"


@pytest.mark.parametrize("days", [(2, 2), (3, 1), (-3, -1), (-1, 0)])
def test_a_delegation_ends_after_it_starts_and_after_now(acceptor, colleague, days):
    with pytest.raises(Refused) as caught:
        give(acceptor, colleague.user, days=days)
    assert (caught.value.code, caught.value.field) == ("period", "ends_at")


def test_a_delegation_needs_a_reason(acceptor, colleague):
    with pytest.raises(Refused) as caught:
        give(acceptor, colleague.user, reason="  ")
    assert caught.value.field == "reason"


def test_the_same_delegation_twice_is_refused(acceptor, colleague):
    give(acceptor, colleague.user)
    with pytest.raises(Refused) as caught:
        give(acceptor, colleague.user, days=(1, 2))
    assert caught.value.code == "held_already"


@pytest.mark.parametrize("who", ["acceptor", "colleague"])
def test_giver_and_taker_end_a_delegation_early(who, request, acceptor, colleague):
    delegation = give(acceptor, colleague.user)
    actor = Actor.of(request.getfixturevalue(who))
    later = AT + timedelta(hours=1)
    ended = actions.end_delegation(posting_id=delegation.pk, actor=actor, at=later)
    assert ended.ends_at == later
    assert Event.objects.filter(action="parties.end_delegation").count() == 1


def test_a_delegation_taken_back_before_it_began_never_was(acceptor, colleague):
    delegation = give(acceptor, colleague.user, days=(2, 3))
    actions.end_delegation(
        posting_id=delegation.pk, actor=Actor.of(acceptor), at=AT + DAY
    )
    theirs = Posting.objects.of_user(colleague.user_id)
    assert delegation not in theirs.current(AT + 2 * DAY)
    give(acceptor, colleague.user, days=(2, 3))


def test_a_third_person_does_not_end_a_delegation(acceptor, colleague, stranger):
    delegation = give(acceptor, colleague.user)
    refused(
        "forbidden",
        actions.end_delegation,
        posting_id=delegation.pk,
        actor=Actor.of(stranger),
        at=AT,
    )


def test_an_appointment_is_not_a_delegation_to_end(acceptor):
    refused(
        "not_a_delegation",
        actions.end_delegation,
        posting_id=acceptor.pk,
        actor=Actor.of(acceptor),
        at=AT,
    )


# --- accounts -----------------------------------------------------------------------


def test_a_new_password_is_journalled_but_not_written_down(acceptor):
    actions.change_password(
        user_id=acceptor.user_id,
        password="Xin-mima-2026",
        actor=Actor.of(acceptor),
        at=AT,
    )
    acceptor.user.refresh_from_db()
    assert acceptor.user.check_password("Xin-mima-2026")
    event = Event.objects.get(chain=f"user:{acceptor.user_id}")
    assert event.action == "parties.change_password"
    assert "Xin-mima" not in str(event.detail)


def test_a_password_set_by_an_administrator_must_be_changed(administrator, acceptor):
    user = actions.change_password(
        user_id=acceptor.user_id, password="Chushi-2026", actor=administrator, at=AT
    )
    assert user.must_change_password


def test_nobody_changes_another_persons_password(acceptor, stranger):
    refused(
        "forbidden",
        actions.change_password,
        user_id=acceptor.user_id,
        password="Xin-mima-2026",
        actor=Actor.of(stranger),
        at=AT,
    )


def test_master_data_is_kept_with_before_and_after(administrator):
    organisation = OrganisationFactory(name="旧名")
    organisation.name = "新名"
    actions.keep(
        record=organisation, changed={"name": "旧名"}, actor=administrator, at=AT
    )
    assert Organisation.objects.get(pk=organisation.pk).name == "新名"
    event = Event.objects.get(chain=f"organisation:{organisation.pk}")
    assert event.action == "parties.change"
    assert event.detail == {"before": {"name": "旧名"}, "after": {"name": "新名"}}


def test_keeping_something_new_is_its_creation(administrator):
    organisation = OrganisationFactory()
    post = Post(role=Role.HOTLINE_AGENT, organisation=organisation, name="热线坐席")
    actions.keep(record=post, changed={}, actor=administrator, at=AT)
    assert Event.objects.get(chain=f"post:{post.pk}").action == "parties.create"


def test_only_an_administrator_keeps_master_data(acceptor):
    organisation = OrganisationFactory()
    refused(
        "forbidden",
        actions.keep,
        record=organisation,
        changed={},
        actor=Actor.of(acceptor),
        at=AT,
    )


# --- messages -----------------------------------------------------------------------


def test_notifying_twice_with_one_key_writes_once(acceptor, colleague):
    people = [acceptor.user_id, colleague.user_id, acceptor.user_id]
    for title in ("待核查", "又一次"):
        actions.notify(user_ids=people, kind="todo", title=title, key="case:1", at=AT)
    assert Notification.objects.count() == 2
    assert set(Notification.objects.values_list("title", flat=True)) == {"待核查"}


def test_marking_read_touches_only_ones_own_unread(acceptor, colleague):
    people = [acceptor.user_id, colleague.user_id]
    for key in ("a", "b"):
        actions.notify(user_ids=people, kind="todo", title="待办", key=key, at=AT)
    theirs = Notification.objects.visible_to(colleague.user_id).first()
    assert actions.mark_read(user_id=acceptor.user_id, ids=[theirs.pk], at=AT) == 0
    assert actions.mark_read(user_id=acceptor.user_id, at=AT) == 2
    assert actions.mark_read(user_id=acceptor.user_id, at=AT) == 0
    assert Notification.objects.visible_to(colleague.user_id).unread().count() == 2


# --- what the database itself refuses -----------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_at": AT - 4000 * DAY},
        {"source": "delegation"},
        {"source": "leave", "ends_at": AT},
    ],
)
def test_the_database_refuses_impossible_postings(wrong, acceptor):
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.filter(pk=acceptor.pk).update(**wrong)


def test_a_username_is_one_persons(acceptor):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("acceptor", name="另一人")
