"""三员分立 (DOMAIN E.6): accounts and posts are the security administrator's alone;
the system administrator stands in while that post is vacant."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance import clock
from governance.errors import Refused
from governance.models import Event
from parties import actions
from parties.acting import Actor
from parties.models import Address, Organisation, Post, Posting, User
from parties.roles import Role
from tests.factories import (
    PASSWORD,
    PostFactory,
    PostingFactory,
    UserFactory,
    area_of,
)
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db
FIRST = "Dangqian-2026"
DAY = timedelta(days=1)


@pytest.fixture
def officer(db: None) -> Posting:
    return PostingFactory(
        user__username="anquan", user__name="安全管理员", post__role=Role.SECURITY_ADMIN
    )


@pytest.fixture
def desk(officer: Posting) -> Client:
    client = Client()
    client.force_login(officer.user)
    return client


def verbs(user: User) -> list[str]:
    found = Event.objects.filter(chain=f"user:{user.pk}").order_by("seq")
    return [one.action for one in found]


def does(who: Actor, acceptor: Posting) -> dict[str, Any]:
    """Everything that is the security administrator's, as calls."""
    given: dict[str, Any] = {"actor": who, "at": AT}
    person = {"user_id": acceptor.user_id, **given}
    return {
        "open_account": lambda: actions.open_account(
            username="xinren", name="新人", password=FIRST, **given
        ),
        "close_account": lambda: actions.close_account(reason="调离", **person),
        "reopen_account": lambda: actions.reopen_account(reason="返岗", **person),
        "end_sessions": lambda: actions.end_sessions(**person),
        "change_password": lambda: actions.change_password(password=FIRST, **person),
        "unlock": lambda: actions.unlock(**person),
        "open_post": lambda: actions.open_post(
            role=Role.DEPARTMENT_LIAISON, area_id=None, name="",
            organisation_id=acceptor.post.organisation_id, **given,
        ),
        "appoint": lambda: actions.appoint(
            post_id=PostFactory(role=Role.DEPARTMENT_LIAISON).pk, **person
        ),
        "end_posting": lambda: actions.end_posting(posting_id=acceptor.pk, **given),
        "register_phone": lambda: actions.register_phone(phone="13800000000", **person),
    }  # fmt: skip


EVERYTHING = (
    "open_account", "close_account", "reopen_account", "end_sessions",
    "change_password", "unlock", "open_post", "appoint", "end_posting",
    "register_phone",
)  # fmt: skip


@pytest.mark.parametrize("name", EVERYTHING)
@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN, Role.STREET_DISPATCHER]
)
def test_nobody_else_keeps_accounts_while_the_post_is_filled(
    officer: Posting, acceptor: Posting, name: str, role: str
) -> None:
    other = Actor.of(PostingFactory(post__role=role))
    call = does(other, acceptor)[name]
    with pytest.raises(Refused) as caught:
        call()
    assert caught.value.code == "forbidden"
    assert not Event.objects.exists()


@pytest.mark.parametrize("name", [one for one in EVERYTHING if one != "reopen_account"])
def test_the_security_administrator_does_each_with_one_event(
    officer: Posting, acceptor: Posting, name: str
) -> None:
    does(Actor.of(officer), acceptor)[name]()
    event = Event.objects.get()
    assert event.actor["role"] == "security_admin"
    assert FIRST not in str(event.detail)


@pytest.mark.parametrize("name", ["open_account", "appoint", "end_posting"])
def test_the_system_administrator_stands_in_while_the_post_is_vacant(
    administrator: Actor, acceptor: Posting, name: str
) -> None:
    former = PostingFactory(post__role=Role.SECURITY_ADMIN, ends_at=AT - DAY)
    assert former.ends_at < AT
    does(administrator, acceptor)[name]()
    assert Event.objects.get().actor["role"] == "system_admin"


def test_units_stay_the_system_administrators(
    officer: Posting, administrator: Actor
) -> None:
    unit = Organisation(name="新单位", kind="department", level=2)
    with pytest.raises(Refused, match="只有系统管理员"):
        actions.keep(record=unit, changed={}, actor=Actor.of(officer), at=AT)
    actions.keep(record=unit, changed={"name": None}, actor=administrator, at=AT)
    assert Organisation.objects.filter(name="新单位").exists()


def test_nobody_appoints_or_closes_themselves(officer: Posting) -> None:
    who = Actor.of(officer)
    post = PostFactory(role=Role.STREET_LEADER)
    with pytest.raises(Refused, match="另一名安全管理员"):
        actions.appoint(user_id=officer.user_id, post_id=post.pk, actor=who, at=AT)
    with pytest.raises(Refused, match="不能停用自己"):
        actions.close_account(user_id=officer.user_id, reason="试", actor=who, at=AT)
    assert not Event.objects.exists()


def test_nobody_takes_the_post_of_another_by_a_delegation(
    officer: Posting, acceptor: Posting
) -> None:
    PostingFactory(user=officer.user, post__organisation=acceptor.post.organisation)
    with pytest.raises(Refused, match="另一名安全管理员"):
        actions.delegate(
            posting_id=acceptor.pk, user_id=officer.user_id, starts_at=AT,
            ends_at=AT + DAY, reason="代办", actor=Actor.of(officer), at=AT,
        )  # fmt: skip
    assert not Event.objects.exists()


def test_who_stands_in_takes_no_post_either(administrator: Actor) -> None:
    post = PostFactory(role=Role.DEPARTMENT_LIAISON)
    with pytest.raises(Refused, match="另一名安全管理员"):
        actions.appoint(
            user_id=administrator.user_id or 0, post_id=post.pk,
            actor=administrator, at=AT,
        )  # fmt: skip
    assert not Event.objects.exists()


def test_the_first_superuser_takes_the_first_post(db: None) -> None:
    first = User.objects.create_superuser("first", PASSWORD, name="首任管理员")
    client, post = Client(), PostFactory(role=Role.SYSTEM_ADMIN)
    client.force_login(first)
    given = {"user": first.pk, "post": post.pk, "starts_at_0": "2026-11-01",
             "starts_at_1": "09:00", "reason": "首任"}  # fmt: skip
    client.post(reverse("admin:parties_posting_add"), given)
    assert Posting.objects.get(user=first).post == post


def test_closing_and_opening_again_need_a_reason_and_the_other_state(
    officer: Posting, acceptor: Posting
) -> None:
    given = {"user_id": acceptor.user_id, "actor": Actor.of(officer), "at": AT}
    for action, reason, code in (
        (actions.close_account, " ", "required"),
        (actions.reopen_account, "返岗", "active"),
    ):
        with pytest.raises(Refused) as caught:
            action(reason=reason, **given)
        assert caught.value.code == code
    actions.close_account(reason="调离", **given)
    with pytest.raises(Refused, match="已经停用"):
        actions.close_account(reason="调离", **given)
    actions.reopen_account(reason="返岗", **given)
    assert verbs(acceptor.user) == ["parties.close_account", "parties.reopen_account"]


def test_a_table_closes_an_account_as_the_page_does(
    officer: Posting, acceptor: Posting
) -> None:
    """What was signed in before stays out when the account is opened again."""
    browser, who = Client(), Actor.of(officer)
    browser.force_login(acceptor.user)
    user = User.objects.get(pk=acceptor.user_id)
    for active in (False, True):
        user.is_active = active
        before = {"is_active": not active}
        actions.keep(record=user, changed=before, actor=who, at=AT)
        assert browser.get(reverse("notifications")).status_code == 302
    own = officer.user
    own.is_active = False
    with pytest.raises(Refused, match="不能停用自己"):
        actions.keep(record=own, changed={"is_active": True}, actor=who, at=AT)


def test_only_what_changed_is_saved(officer: Posting, acceptor: Posting) -> None:
    """A page that was open for a while brings back no old password, no old session."""
    page, who = User.objects.get(pk=acceptor.user_id), Actor.of(officer)
    person = {"user_id": page.pk, "actor": who, "at": AT}
    actions.change_password(password=FIRST, **person)
    actions.end_sessions(**person)
    page.name = "新名"
    actions.keep(record=page, changed={"name": "社区受理员"}, actor=who, at=AT)
    kept = User.objects.get(pk=page.pk)
    assert (kept.name, kept.session_round) == ("新名", 2)
    assert kept.check_password(FIRST)


def test_ending_sessions_ends_those_of_every_browser_but_no_other_account(
    officer: Posting, acceptor: Posting, colleague: Posting
) -> None:
    browsers = [Client(), Client()]
    for one in browsers:
        one.force_login(acceptor.user)
    beside = Client()
    beside.force_login(colleague.user)
    actions.end_sessions(user_id=acceptor.user_id, actor=Actor.of(officer), at=AT)
    page = reverse("notifications")
    assert [one.get(page).status_code for one in browsers] == [302, 302]
    assert beside.get(page).status_code == 200
    acceptor.user.refresh_from_db()
    browsers[0].force_login(acceptor.user)
    assert browsers[0].get(page).status_code == 200


@pytest.mark.parametrize("deed", ["end_sessions", "close_account", "change_password"])
def test_a_lost_phone_is_told_nothing_more(
    officer: Posting, acceptor: Posting, colleague: Posting, deed: str
) -> None:
    for number, one in enumerate((acceptor, colleague)):
        Address.objects.create(
            user=one.user, kind="push", value="x", digest=str(number), created_at=AT
        )
    Address.objects.create(
        user=acceptor.user, kind="phone", value="x", digest="2", created_at=AT
    )
    given = {
        "close_account": {"reason": "手机丢失"},
        "change_password": {"password": FIRST},
    }
    about = {"user_id": acceptor.user_id, "actor": Actor.of(officer), "at": AT}
    getattr(actions, deed)(**about, **given.get(deed, {}))
    assert sorted(Address.objects.values_list("user", "kind")) == sorted(
        [(acceptor.user_id, "phone"), (colleague.user_id, "push")]
    )


def test_who_is_made_system_administrator_needs_no_other_switch(
    officer: Posting, acceptor: Posting
) -> None:
    post = PostFactory(role=Role.SYSTEM_ADMIN)
    appointed = actions.appoint(
        user_id=acceptor.user_id, post_id=post.pk, is_primary=True,
        actor=Actor.of(officer), at=AT,
    )  # fmt: skip
    client = Client()
    client.force_login(User.objects.get(pk=acceptor.user_id))
    client.post(reverse("switch_posting"), {"posting": appointed.pk})
    assert client.get(reverse("admin:index")).status_code == 200
    client.post(reverse("switch_posting"), {"posting": acceptor.pk})
    assert client.get(reverse("admin:index")).status_code == 302
    Posting.objects.filter(user=acceptor.user_id).update(ends_at=clock.now() - DAY)
    assert client.get(reverse("admin:index")).status_code == 302


def test_the_administration_shows_accounts_and_changes_none(
    officer: Posting, acceptor: Posting, administrator: Actor
) -> None:
    client = Client()
    client.force_login(User.objects.get(username="root"))
    change = reverse("admin:parties_user_change", args=[acceptor.user_id])
    assert client.get(change).status_code == 200
    assert client.post(change, {"name": "别人"}).status_code == 403
    for model in ("user", "post", "posting"):
        assert client.get(reverse(f"admin:parties_{model}_add")).status_code == 403
    data = {"action": "end", "_selected_action": [acceptor.pk]}
    client.post(reverse("admin:parties_posting_changelist"), data)
    acceptor.refresh_from_db()
    assert acceptor.ends_at is None
    assert client.get(reverse("admin:parties_organisation_add")).status_code == 200


# --- the pages ------------------------------------------------------------------------

PAGES = ("security", "account_new", "security_posts", "post_new", "security_lockouts",
         "security_check")  # fmt: skip


def pages(acceptor: Posting) -> list[str]:
    person = [acceptor.user_id]
    return [
        *(reverse(name) for name in PAGES),
        reverse("account", args=person),
        reverse("account_appoint", args=person),
        reverse("account_step", args=[*person, "close"]),
        reverse("posting_end", args=[acceptor.pk]),
    ]


@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN, Role.DISTRICT_DIRECTOR]
)
def test_the_pages_are_not_there_for_others(
    officer: Posting, acceptor: Posting, role: str
) -> None:
    client = Client()
    for path in pages(acceptor):
        assert client.get(path).url.startswith(reverse("login"))
    client.force_login(PostingFactory(post__role=role).user)
    assert {client.get(path).status_code for path in pages(acceptor)} == {404}
    home = client.get(reverse("notifications")).text
    assert f'href="{reverse("security")}"' not in home


def test_the_pages_open_and_are_led_to(desk: Client, acceptor: Posting) -> None:
    assert desk.get(reverse("home")).url == reverse("security")
    assert {desk.get(path).status_code for path in pages(acceptor)} == {200}
    page = desk.get(reverse("security")).text
    assert f'href="{reverse("security_check")}"' in page
    assert reverse("admin:index") not in page


def test_who_stands_in_is_led_to_them(administrator: Actor, acceptor: Posting) -> None:
    client = Client()
    client.force_login(User.objects.get(username="root"))
    assert client.get(reverse("security")).status_code == 200
    page = client.get(reverse("notifications")).text
    assert f'href="{reverse("security")}"' in page


def test_accounts_are_found_by_name_unit_and_state(
    desk: Client, acceptor: Posting, stranger: Posting
) -> None:
    closed = UserFactory(username="tingyong", name="停用的人", is_active=False)
    fresh = UserFactory(username="xinren", must_change_password=True)

    def shown(query: str) -> set[str]:
        return {one.username for one in desk.get(f"/security/?{query}").context["rows"]}

    assert shown("q=幸福社区") == {"acceptor"}
    assert shown("q=accep") == {"acceptor"}
    assert shown("q=找不到") == set()
    assert shown("tab=closed") == {closed.username}
    assert shown("tab=fresh") == {fresh.username}
    assert shown("tab=postless") == {fresh.username}
    assert {"acceptor", "stranger"} <= shown("tab=unheard-of")


@pytest.mark.parametrize("name", ["security", "security_posts"])
def test_a_page_far_beyond_the_last_is_empty(desk: Client, name: str) -> None:
    assert not desk.get(reverse(name), {"page": "9" * 18}).context["rows"]


def test_the_list_asks_as_much_for_many_accounts(
    desk: Client, django_assert_max_num_queries: Any
) -> None:
    for _number in range(12):
        PostingFactory()
    with django_assert_max_num_queries(14):
        desk.get(reverse("security"))


def test_an_account_is_opened_and_given_a_post(desk: Client) -> None:
    given = {"username": "xinren", "name": "新人", "password": FIRST, "again": FIRST}
    answer = desk.post(reverse("account_new"), {**given, "again": "x"})
    assert answer.status_code == 422
    assert 'value="xinren"' in answer.text
    assert "两次输入的密码不一致" in answer.text
    user_url = desk.post(reverse("account_new"), given).url
    user = User.objects.get(username="xinren")
    assert user_url == reverse("account", args=[user.pk])
    assert user.must_change_password
    again = desk.post(reverse("account_new"), given)
    assert again.status_code == 422
    assert "已经有人使用" in again.text

    post = PostFactory(
        role=Role.DEPARTMENT_LIAISON, organisation__name="区水务局", name="联络员"
    )
    page = reverse("account_appoint", args=[user.pk])
    assert "没有这样的岗位" in desk.get(f"{page}?q=没有的局").text
    asked = f"{page}?q=水务 联络"
    assert "区水务局 · 联络员" in desk.get(asked).text
    sent = {"post": post.pk, "starts_at": "2026-11-01T09:00"}
    answer = desk.post(asked, sent)
    assert answer.status_code == 422
    assert "请写明事由" in answer.text
    assert desk.post(asked, {**sent, "reason": "新任"}).url == user_url
    assert Posting.objects.get(user=user).post == post
    assert "区水务局 · 联络员" in desk.get(user_url).text


def test_a_refused_appointment_is_told_at_its_field(
    desk: Client, officer: Posting
) -> None:
    auditor = PostingFactory(post__role=Role.AUDIT_ADMIN)
    post = PostFactory(role=Role.SYSTEM_ADMIN, organisation__name="市中心")
    page = reverse("account_appoint", args=[auditor.user_id])
    sent = {"post": post.pk, "starts_at": "2026-11-01T09:00", "reason": "兼任"}
    answer = desk.post(f"{page}?q=市中心", sent)
    assert answer.status_code == 422
    assert "应由不同的人担任" in answer.text
    assert 'value="兼任"' in answer.text


def test_a_post_is_opened_once_and_at_its_level(
    desk: Client, committee: Organisation
) -> None:
    area_of("990101001001")
    page, given = reverse("post_new"), {
        "role": Role.COMMUNITY_ACCEPTOR, "organisation": committee.name,
        "area": "990101", "name": "受理岗",
    }  # fmt: skip
    wrong = desk.post(page, given)
    assert wrong.status_code == 422
    assert "管理范围应选社区" in wrong.text
    for field, value, said in (
        ("organisation", "没有的单位", "没有这个单位"),
        ("area", "990199", "没有这个编码"),
    ):
        assert said in desk.post(page, {**given, field: value}).text
    given["area"] = "990101001001"
    assert desk.post(page, given).url == reverse("security_posts")
    post = Post.objects.get(name="受理岗")
    assert Event.objects.get(chain=f"post:{post.pk}").action == "parties.create"
    again = desk.post(page, given)
    assert again.status_code == 422
    assert "已经有同样的岗位" in again.text
    assert "受理岗" in desk.get(f"{reverse('security_posts')}?q=受理").text


def test_a_post_without_a_name_is_called_as_its_role_in_chinese(
    desk: Client, committee: Organisation
) -> None:
    given = {"role": Role.DEPARTMENT_LIAISON, "organisation": committee.name}
    desk.post(reverse("post_new"), given, headers={"Accept-Language": "en"})
    assert Post.objects.get(organisation=committee).name == "部门联络员"


def test_the_account_page_ends_unlocks_closes_and_opens(
    desk: Client, acceptor: Posting
) -> None:
    user = acceptor.user
    user.set_password(PASSWORD)
    user.save()
    other = Client()
    for _number in range(6):
        other.post(reverse("login"), {"username": "acceptor", "password": "wrong"})
    known = reverse("account", args=[user.pk])
    assert "登录锁定" in desk.get(known).text
    assert "acceptor" in desk.get("/security/?tab=locked").text
    lockouts = desk.get(reverse("security_lockouts")).text
    assert known in lockouts

    def step(name: str, **given: str) -> Any:
        return desk.post(reverse("account_step", args=[user.pk, name]), given)

    assert step("unlock").url == known
    right = {"username": "acceptor", "password": PASSWORD}
    assert other.post(reverse("login"), right).status_code == 302
    assert step("end-sessions").url == known
    assert other.get(reverse("notifications")).status_code == 302
    assert step("close").status_code == 422
    assert step("close", reason="调离").url == known
    assert other.post(reverse("login"), right).status_code == 422
    assert "已停用" in desk.get(known).text
    assert step("reopen", reason="返岗").url == known
    assert step("password", password=FIRST, again=FIRST).url == known
    user.refresh_from_db()
    assert user.check_password(FIRST)
    assert user.must_change_password
    assert step("burn").status_code == 404
    ending = reverse("posting_end", args=[acceptor.pk])
    assert desk.post(ending).status_code == 422
    assert desk.post(ending, {"reason": "调离"}).url == known
    acceptor.refresh_from_db()
    assert acceptor.ends_at is not None
    answer = desk.post(ending, {"reason": "调离"})
    assert answer.status_code == 422
    assert "已经结束" in answer.text


def test_locked_names_come_first_and_are_read_by_the_page(
    desk: Client, acceptor: Posting, django_assert_max_num_queries: Any
) -> None:
    """However many names somebody tries."""
    attempts = apps.get_model("axes.AccessAttempt").objects
    now, given = timezone.now(), {"ip_address": "10.1.2.3", "user_agent": ""}
    attempts.bulk_create(
        attempts.model(
            username=f"nobody-{n}", failures_since_start=1, attempt_time=now, **given
        )
        for n in range(60)
    )
    for agent in ("a", "b"):  # of one name and address all count together
        attempts.create(
            username="acceptor", ip_address="10.1.2.3", user_agent=agent,
            failures_since_start=3, attempt_time=now - timedelta(minutes=5),
        )  # fmt: skip
    with django_assert_max_num_queries(14):
        page = desk.get(reverse("security_lockouts"))
    rows = page.context["rows"]
    assert (rows[0]["username"], rows[0]["failures"]) == ("acceptor", 6)
    assert [one["locked"] for one in rows] == [True] + [False] * 49
    assert "只列出最近的 50 条" in page.text
    shown = desk.get("/security/?tab=locked").context
    assert [one.username for one in shown["rows"]] == ["acceptor"]
    assert shown["locked"] == {"acceptor"}
    attempts.update(attempt_time=now - timedelta(hours=1))
    assert not desk.get("/security/?tab=locked").context["rows"]


def test_ones_own_password_is_changed_where_the_old_one_is_asked_for(
    desk: Client, officer: Posting
) -> None:
    page = reverse("account_step", args=[officer.user_id, "password"])
    given = {"password": FIRST, "again": FIRST}
    assert desk.post(page, given).url == reverse("password_change")
    officer.user.refresh_from_db()
    assert not officer.user.check_password(FIRST)


def test_the_self_check_names_what_is_not_as_it_should_be(
    desk: Client, settings: Any
) -> None:
    settings.ANCHOR_FILE = ""
    settings.AXES_FAILURE_LIMIT = 9
    page = desk.get(reverse("security_check"))
    found = {
        one.name: one for _heading, lines in page.context["groups"] for one in lines
    }
    assert not found["登录失败锁定"].sound
    assert not found["锚点另存"].sound
    assert not found["审计管理员"].sound
    assert found["审计管理员"].state == "空缺"
    assert found["安全管理员"].sound
    assert f"有 {page.context['faults']} 项需要处理" in page.text
    settings.AXES_FAILURE_LIMIT = 5
    PostingFactory(post__role=Role.AUDIT_ADMIN)
    again = desk.get(reverse("security_check"))
    assert again.context["faults"] == page.context["faults"] - 2


def test_the_self_check_counts_who_never_signed_in(
    desk: Client, acceptor: Posting, stranger: Posting
) -> None:
    long_ago = clock.now() - 100 * DAY
    User.objects.filter(pk=acceptor.user_id).update(created_at=long_ago)
    User.objects.filter(pk=stranger.user_id).update(last_login=long_ago)
    page = desk.get(reverse("security_check"))
    lines = [one for _heading, group in page.context["groups"] for one in group]
    unused = next(one for one in lines if one.name == "90 天没有登录的账号")
    assert unused.state == "2 个"


def test_the_people_tables_are_the_security_administrators(
    desk: Client, officer: Posting, administrator: Actor
) -> None:
    system = Client()
    system.force_login(User.objects.get(username="root"))
    for code, ours, theirs in (("people", 200, 404), ("areas", 404, 200)):
        for name in ("import_upload", "import_template", "export"):
            page = reverse(name, args=[code])
            assert desk.get(page).status_code == ours
            assert system.get(page).status_code == theirs
    kinds = [one.code for one in desk.get(reverse("tables")).context["kinds"]]
    assert kinds == ["people", "forces"]
