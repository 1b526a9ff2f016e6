import pytest

from governance.errors import Refused
from governance.models import Event
from grids.codes import Level
from grids.models import Area
from parties import demo
from parties.models import ContactDepartment, Organisation, Post, Posting, User
from parties.roles import OVERSEER_ROLES, Role
from tests.factories import area_of
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db

GRIDS = [
    f"{district}{street}{community}{grid}"
    for district in ("990101", "990102")
    for street in ("001", "002")
    for community in ("001", "002")
    for grid in ("001", "002", "701")
]
NAMES = {
    "9901": "示例市",
    "990101": "城东区",
    "990102": "城西区",
    "990101001": "和平街道",
    "990101002": "光明街道",
    "990101001001": "幸福社区",
}


@pytest.fixture
def places():
    for code in (*GRIDS, "990101001001001001"):
        area_of(code)
    for area in Area.objects.filter(level__lt=Level.GRID):
        area.name = NAMES.get(area.code, f"{area.code}{area.get_level_display()}")
        area.save()


@pytest.fixture
def people(places):
    demo.build(at=AT)


def test_every_account_on_the_cards_exists_with_its_name(people):
    names = dict(User.objects.values_list("username", "name"))
    for login in demo.demo_logins():
        assert names[login.username] == login.name
    assert User.objects.get(username="wanggeyuan-jia").check_password(demo.PASSWORD)


def test_every_community_has_a_contact_department_once(people):
    demo.build(at=AT)
    found = ContactDepartment.objects.select_related("organisation", "area")
    assert len({one.area_id for one in found}) == len(found) == 8
    for one in found:
        assert one.organisation.can_be_whistled
        assert one.area.code.startswith(one.organisation.area.code)


def test_every_account_is_in_office(people):
    assert not User.objects.exclude(
        pk__in=Posting.objects.current(AT).values("user")
    ).exists()


def test_every_place_has_its_people(people):
    at_each = {
        Level.GRID: [Role.GRID_WORKER],
        Level.COMMUNITY: [
            Role.COMMUNITY_ACCEPTOR,
            Role.COMMUNITY_LEADER,
            Role.COMMUNITY_HANDLER,
        ],
        Level.STREET: [
            Role.STREET_ACCEPTOR,
            Role.STREET_DISPATCHER,
            Role.STREET_SHIFT_HEAD,
            Role.STREET_LEADER,
            Role.STREET_HANDLER,
        ],
        Level.DISTRICT: [Role.DISTRICT_COMMAND, Role.DISTRICT_DIRECTOR],
        Level.CITY: [Role.CITY_COMMAND],
    }
    for level, roles in at_each.items():
        for area in Area.objects.at_level(level):
            for role in roles:
                assert Posting.objects.current(AT).holding(role).at(area).count() == 1


def test_every_role_is_played(people):
    assert set(Post.objects.values_list("role", flat=True)) == set(Role.values)


def test_who_looks_after_others_does_so_in_the_city(people):
    posts = Post.objects.filter(role__in=OVERSEER_ROLES).select_related("area")
    assert {post.area.code for post in posts} == {"9901"}
    assert len(posts) == len(OVERSEER_ROLES)


def test_a_city_built_before_a_post_changed_is_built_again(people):
    """The account keeps its one primary posting and has the new post beside it."""
    inspector = Posting.objects.get(user__username="duchayuan")
    Post.objects.filter(pk=inspector.post_id).update(area=None)
    demo.build(at=AT)
    own = Posting.objects.filter(user=inspector.user)
    assert [one.is_primary for one in own.order_by("pk")] == [True, False]


def test_both_districts_have_their_own_departments(people):
    for district, name in (("990101", "城东区"), ("990102", "城西区")):
        grid = area_of(f"{district}001001001")
        found = Organisation.objects.whistleable().with_jurisdiction(grid)
        assert found.filter(name=f"{name}城市管理局").exists()
        others = {"城东区", "城西区"} - {name}
        assert not found.filter(name__startswith=others.pop()).exists()


def test_whoever_may_be_whistled_has_a_liaison_and_a_handler(people):
    for organisation in Organisation.objects.whistleable():
        postings = Posting.objects.current(AT).of_organisation(organisation.pk)
        assert postings.holding(Role.DEPARTMENT_LIAISON).exists()
        assert postings.holding(Role.DEPARTMENT_HANDLER).exists()


def test_usernames_are_plain_pinyin(people):
    for username in User.objects.values_list("username", flat=True):
        assert username.replace("-", "").isalnum()
        assert username.isascii()


def test_building_again_changes_nothing(people):
    def figures():
        return [
            model.objects.count()
            for model in (Organisation, User, Post, Posting, Event)
        ]

    before = figures()
    assert before[-1] == 2  # the people, and a channel
    demo.build(at=AT)
    assert figures() == before


def test_building_asks_little_of_the_database(places, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        demo.build(at=AT)


def test_it_cannot_be_built_in_production(places, settings):
    settings.PRODUCTION = True
    with pytest.raises(Refused):
        demo.build(at=AT)
    assert not User.objects.exists()


def test_a_quarrel_finds_who_mediates_in_it(people):
    """DOMAIN F6: mediator, police and adviser, and the 司法所 of each street."""
    for name in ("人民调解员", "片区民警", "社区法律顾问"):
        (posting,) = Posting.objects.current(AT).filter(user__name=name)
        assert posting.post.role == Role.GRID_FORCE
        assert posting.post.organisation.area.code == "990101001001"
    for street in Area.objects.at_level(Level.STREET):
        found = Organisation.objects.whistleable().with_jurisdiction(street)
        office = found.get(name=f"{street.name}司法所")
        assert office.area == street
