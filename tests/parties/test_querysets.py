from datetime import timedelta

import pytest

from parties.acting import Actor
from parties.models import Organisation, Posting, User
from parties.roles import Role
from tests.factories import OrganisationFactory, PostingFactory, area_of
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db


def test_a_period_includes_its_start_and_excludes_its_end(acceptor):
    acceptor.starts_at, acceptor.ends_at = AT, AT + timedelta(hours=1)
    acceptor.save()
    second = timedelta(seconds=1)
    assert not Posting.objects.current(AT - second).exists()
    assert Posting.objects.current(AT).exists()
    assert Posting.objects.current(acceptor.ends_at - second).exists()
    assert not Posting.objects.current(acceptor.ends_at).exists()


def test_an_inactive_account_holds_nothing(acceptor):
    User.objects.filter(pk=acceptor.user_id).update(is_active=False)
    assert not Posting.objects.current(AT).exists()


def test_holders_are_found_by_role_and_place(acceptor):
    community = area_of("990101001001")
    next_door = area_of("990101001002")
    PostingFactory(post__role=Role.COMMUNITY_ACCEPTOR, post__area=next_door)
    found = Posting.objects.current(AT).holding(Role.COMMUNITY_ACCEPTOR)
    assert list(found.at(community)) == [acceptor]
    assert found.at(community).user_ids() == [acceptor.user_id]


def test_role_above_reaches_below_but_not_beside():
    street = PostingFactory(
        post__role=Role.STREET_DISPATCHER, post__area=area_of("990101001")
    )
    assert street in Posting.objects.over(area_of("990101001001001"))
    assert street in Posting.objects.over(area_of("990101001"))
    assert street not in Posting.objects.over(area_of("990101002001001"))
    assert street not in Posting.objects.over(area_of("990101"))


def test_a_jurisdiction_covers_what_lies_below_it():
    east, west = area_of("990101"), area_of("990102")
    department = OrganisationFactory(can_be_whistled=True, jurisdictions=[east])
    OrganisationFactory(can_be_whistled=True, jurisdictions=[west])
    OrganisationFactory(can_be_whistled=True)
    OrganisationFactory(jurisdictions=[east])
    whistleable = Organisation.objects.whistleable()
    grid = area_of("990101001001001")
    assert list(whistleable.with_jurisdiction(grid)) == [department]
    assert list(whistleable.with_jurisdiction(east)) == [department]
    assert not whistleable.with_jurisdiction(area_of("9901")).exists()


def test_two_jurisdictions_over_one_place_count_once():
    areas = [area_of("9901"), area_of("990101")]
    OrganisationFactory(jurisdictions=areas)
    found = Organisation.objects.with_jurisdiction(area_of("990101001"))
    assert found.count() == 1


def test_a_closed_organisation_is_not_whistled():
    OrganisationFactory(can_be_whistled=True, is_active=False)
    assert not Organisation.objects.whistleable().exists()


def test_colleagues_are_those_appointed_to_the_same_organisation(
    acceptor, colleague, stranger
):
    assert list(User.objects.colleagues_of(acceptor, AT)) == [colleague.user]


def test_postings_of_a_person_with_all_an_actor_needs_take_one_query(
    acceptor, django_assert_num_queries
):
    with django_assert_num_queries(1):
        own = Posting.objects.of_user(acceptor.user_id).current(AT).with_post()
        [Actor.of(posting).snapshot() for posting in own]
