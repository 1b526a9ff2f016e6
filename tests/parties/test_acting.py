import pytest

from parties.acting import Actor, signed
from parties.roles import ADMIN_ROLES, AREA_LEVEL, Role, surface_of
from tests.factories import PostingFactory

pytestmark = pytest.mark.django_db


def test_an_actor_carries_person_post_and_place(acceptor):
    actor = Actor.of(acceptor, ip="10.0.0.1")
    assert actor.snapshot() == {
        "user_id": acceptor.user_id,
        "name": "社区受理员",
        "role": "community_acceptor",
        "posting_id": acceptor.pk,
        "post_name": "社区受理岗",
        "organisation_id": acceptor.post.organisation_id,
        "organisation_name": "幸福社区居民委员会",
        "area_id": acceptor.post.area_id,
        "area_code": "990101001001",
        "area_level": 4,
        "ip": "10.0.0.1",
        "on_behalf_of": "",
        "on_behalf_of_id": None,
        "via": "",
    }


def test_a_post_acts_in_its_area_and_below(acceptor):
    actor = Actor.of(acceptor)
    assert actor.acts_in("990101001001")
    assert actor.acts_in("990101001001002")
    assert not actor.acts_in("990101001002")
    assert not actor.acts_in("990101001")


def test_a_post_without_an_area_acts_in_none(stranger):
    assert not Actor.of(stranger).acts_in("990101")


def test_system_and_resident_are_nobodys_accounts():
    assert Actor.system().is_system
    assert not Actor.system().acts_in("990101")
    assert Actor.resident("").name == "居民"
    assert Actor.resident("王*", ip="1.2.3.4").snapshot()["ip"] == "1.2.3.4"
    assert not Actor.resident().is_system


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("和平街道办事处", "派遣岗", "张三"), "和平街道办事处·派遣岗·张三"),
        (("城管局", "联络员", "区城管局联络员"), "区城管局联络员"),
        (("和平街道办事处", "值班领导", "值班领导"), "和平街道办事处·值班领导"),
        (("", None, "张三"), "张三"),
    ],
)
def test_a_signature_says_nothing_twice(names, said):
    assert signed(*names) == said


def test_every_role_has_a_surface():
    assert {surface_of(role) for role in Role} == {"phone", "desk", "inbox", "admin"}
    assert {role for role in Role if surface_of(role) == "admin"} == ADMIN_ROLES


@pytest.mark.parametrize("role", sorted(AREA_LEVEL))
def test_roles_bound_to_an_area_are_placed_at_its_level(role):
    posting = PostingFactory(post__role=role)
    assert posting.post.area.level == AREA_LEVEL[role]
