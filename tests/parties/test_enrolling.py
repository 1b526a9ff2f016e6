"""Many new accounts at once leave what one by one would leave."""

from datetime import UTC, datetime

import pytest

from governance.crypto import unseal
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.actions import Newcomer, appoint, enroll, keep, register_phone
from parties.models import Address, Posting, User
from parties.roles import Role
from tests.factories import PostFactory, PostingFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 27, 9, tzinfo=UTC)
LATER = datetime(2027, 11, 27, 9, tzinfo=UTC)


@pytest.fixture
def administrator():
    return Actor.of(PostingFactory(post__role=Role.SYSTEM_ADMIN))


@pytest.fixture
def post():
    return PostFactory(role=Role.DEPARTMENT_LIAISON)


def told(chain):
    """What the journal has of it, without the keys that differ."""
    rows = Event.objects.filter(chain=chain).order_by("seq")
    return [(one.seq, one.action, one.detail) for one in rows]


def test_they_have_account_phone_and_post(administrator, post):
    newcomers = [
        Newcomer(username="jia", name="甲", phone="13800000001", post_id=post.pk,
                 ends_at=LATER, is_primary=True, reason="治安"),
        Newcomer(username="yi", name="乙", is_active=False, password="Wangge-2026-yi"),
    ]  # fmt: skip
    (jia_id, posting_id), (yi_id, none) = enroll(
        newcomers=newcomers, actor=administrator, at=AT
    )
    jia, yi = User.objects.get(pk=jia_id), User.objects.get(pk=yi_id)
    assert (jia.username, jia.must_change_password) == ("jia", True)
    assert not jia.has_usable_password()
    assert yi.check_password("Wangge-2026-yi")
    assert not yi.is_active
    assert unseal(Address.objects.get(user=jia).value) == "13800000001"
    posting = Posting.objects.get(pk=posting_id)
    assert (posting.user, posting.post, posting.starts_at) == (jia, post, AT)
    assert (posting.ends_at, posting.is_primary) == (LATER, True)
    assert none is None


def test_the_journal_says_the_same_as_of_each_by_itself(administrator, post):
    """Same verbs, same details, chained the same way."""
    newcomer = Newcomer(username="jia", name="甲", phone="13800000001", post_id=post.pk)
    ((together, in_post),) = enroll(newcomers=[newcomer], actor=administrator, at=AT)
    alone = User(username="yi", name="乙", must_change_password=True)
    before = {"username": None, "name": None, "is_active": None}
    keep(record=alone, changed=before, actor=administrator, at=AT)
    register_phone(user_id=alone.pk, phone="13800000002", actor=administrator, at=AT)
    posting = appoint(user_id=alone.pk, post_id=post.pk, actor=administrator, at=AT)

    def same(rows, *names):
        text = str(rows)
        for one, other in names:
            text = text.replace(repr(one), repr(other))
        return text

    first, second = told(f"user:{together}"), told(f"user:{alone.pk}")
    assert same(first, ("jia", "yi"), ("甲", "乙")) == str(second)
    first, second = told(f"posting:{in_post}"), told(f"posting:{posting.pk}")
    assert same(first, (together, alone.pk)) == str(second)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"phone": "12"}, "11 位"),
        ({"is_active": False}, "停用"),
        ({"starts_at": LATER, "ends_at": AT}, "晚于开始"),
        ({"ends_at": AT}, "晚于开始"),
    ],
)
def test_one_who_does_not_fit_keeps_all_out(administrator, post, more, word):
    newcomers = [
        Newcomer(username="jia", name="甲"),
        Newcomer(**{"username": "yi", "name": "乙", "post_id": post.pk} | more),
    ]
    with pytest.raises(Refused, match=word):
        enroll(newcomers=newcomers, actor=administrator, at=AT)
    assert not User.objects.filter(username__in=["jia", "yi"]).exists()
    assert not Event.objects.filter(action="parties.create").exists()


@pytest.mark.parametrize("role", [Role.SECURITY_ADMIN, Role.GRID_WORKER])
def test_administrators_and_posts_without_their_area_are_refused(administrator, role):
    """三员分立 is judged one by one; a grid worker's post needs a grid."""
    post = PostFactory(role=role, area=None)
    with pytest.raises(Refused):
        enroll(
            newcomers=[Newcomer(username="jia", name="甲", post_id=post.pk)],
            actor=administrator,
            at=AT,
        )
    assert not User.objects.filter(username="jia").exists()


def test_only_who_keeps_accounts_enrolls():
    other = Actor.of(PostingFactory(post__role=Role.AUDIT_ADMIN))
    with pytest.raises(Refused, match="安全管理员"):
        enroll(newcomers=[Newcomer(username="jia", name="甲")], actor=other, at=AT)
    assert not User.objects.filter(username="jia").exists()
