"""Pages of signing in and acting; AXES counts in the database of the test."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from governance.models import Event
from parties import actions
from parties.acting import Actor
from parties.models import Notification, Posting
from parties.roles import Role
from tests.factories import PASSWORD, PostFactory, PostingFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGES = [
    "notification_settings",
    "notifications_latest",
    "password_change",
    "delegations",
    "notifications",
    "notifications_bell",
]


def enter(client, posting):
    client.force_login(posting.user)
    return client


def sign_in(client, username="acceptor", password=PASSWORD, **more):
    return client.post(
        reverse("login"), {"username": username, "password": password, **more}
    )


@pytest.fixture
def with_password(acceptor):
    acceptor.user.set_password(PASSWORD)
    acceptor.user.save()
    return acceptor


# --- signing in ---------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_anonymous_people_are_sent_to_sign_in(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


def test_the_login_page_is_public_and_in_chinese(client):
    response = client.get(reverse("login"))
    assert response.status_code == 200
    assert "登录" in response.text
    assert "hx-headers:inherited=" in response.text


def test_signing_in_goes_home_and_is_journalled(client, with_password):
    response = sign_in(client)
    assert response.url == reverse("home")
    event = Event.objects.get(chain=f"user:{with_password.user_id}")
    assert (event.action, event.detail) == ("parties.sign_in", {"way": "password"})
    assert event.actor["ip"] == "127.0.0.1"


def test_signing_in_goes_on_to_where_one_wanted_but_stays_on_the_site(
    client, with_password
):
    assert sign_in(client, next="/notifications/").url == "/notifications/"
    client.logout()
    assert sign_in(client, next="https://example.com/").url == reverse("home")


def test_a_wrong_password_is_told_and_keeps_the_username(client, with_password):
    response = sign_in(client, password="wrong")
    assert response.status_code == 422
    assert "账号或密码不正确" in response.text
    assert 'value="acceptor"' in response.text
    assert "wrong" not in response.text


def test_nothing_given_is_told_at_the_fields(client):
    response = client.post(reverse("login"), {})
    assert "请输入账号。" in response.text
    assert "请输入密码。" in response.text


def test_five_failures_lock_the_account_and_say_until_when(client, with_password):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = sign_in(client, password="wrong")
    assert response.status_code == 429
    assert "30 分钟后" in response.text
    assert sign_in(client).status_code == 429


def test_another_account_is_not_locked_with_it(client, with_password):
    UserFactory(username="other", password=PASSWORD)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, password="wrong")
    assert sign_in(client, username="other").status_code == 302


def test_a_signed_in_person_does_not_see_the_login_page(client, acceptor):
    assert enter(client, acceptor).get(reverse("login")).url == reverse("home")


def test_a_piece_asked_for_after_the_session_sends_the_whole_page_to_sign_in(client):
    response = client.get(
        reverse("login"),
        headers={
            "hx-request": "true",
            "hx-current-url": "http://testserver/desk/?queue=open&only=urgent",
        },
    )
    there = "/desk/%3Fqueue%3Dopen%26only%3Durgent"
    assert response["HX-Redirect"] == f"{reverse('login')}?next={there}"


def test_signing_out_takes_a_post(client, acceptor):
    enter(client, acceptor)
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).url == reverse("login")
    assert client.get(reverse("notifications")).status_code == 302


# --- one-click sign-in --------------------------------------------------------------


def demo_user():
    return PostingFactory(user__username="wanggeyuan-jia", user__name="网格员甲").user


def test_one_click_signs_in_a_demo_account(client):
    user = demo_user()
    assert "网格员甲" in client.get(reverse("login")).text
    response = client.post(reverse("demo_login"), {"username": user.username})
    assert response.url == reverse("home")
    assert Event.objects.get(chain=f"user:{user.pk}").detail == {"way": "demo"}


def test_one_click_signs_in_no_other_account(client, acceptor):
    response = client.post(reverse("demo_login"), {"username": "acceptor"})
    assert response.status_code == 404


def test_one_click_is_refused_in_production_even_if_called(client, settings):
    user = demo_user()
    settings.PRODUCTION = True
    response = client.post(reverse("demo_login"), {"username": user.username})
    assert response.status_code == 403
    assert "网格员甲" not in client.get(reverse("login")).text


def test_production_has_no_address_for_one_click():
    secrets = {
        "WANGGE_ENV": "production",
        "WANGGE_SECRET_KEY": "s" * 60,
        "WANGGE_FIELD_KEY": "f" * 40,
        "WANGGE_HOSTS": "wangge.example",
        "WANGGE_STATE": str(settings.STATE_DIR),
        "WANGGE_DB_HOST": "localhost",
        "WANGGE_DB_PASSWORD": "x",
        "WANGGE_REDIS_URL": "redis://localhost",
        "DJANGO_SETTINGS_MODULE": "governance.settings",
    }
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WANGGE_")}
    code = (
        "import django; django.setup(); from parties.urls import urlpatterns;"
        "print(' '.join(one.name for one in urlpatterns))"
    )
    names = subprocess.run(
        [sys.executable, "-c", code],
        env=kept | secrets,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "login" in names
    assert "demo_login" not in names


# --- home and posts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (Role.GRID_WORKER, "phone_home"),
        (Role.STREET_DISPATCHER, "desk_queue"),
        (Role.DEPARTMENT_LIAISON, "inbox"),
    ],
)
def test_home_is_the_surface_of_the_role(client, monkeypatch, role, name):
    monkeypatch.setattr("parties.http.address", lambda wanted: f"/to/{wanted}/")
    enter(client, PostingFactory(post__role=role))
    assert client.get(reverse("home")).url == f"/to/{name}/"


def test_home_of_administrators_is_the_administration(client):
    posting = PostingFactory(post__role=Role.SYSTEM_ADMIN, user__is_staff=True)
    assert enter(client, posting).get(reverse("home")).url == reverse("admin:index")


def test_home_without_a_post_is_the_messages(client):
    client.force_login(UserFactory())
    response = client.get(reverse("home"), follow=True)
    assert response.status_code == 200
    assert "暂无岗位" in response.text


def test_the_switcher_changes_who_acts(client, acceptor):
    second = PostingFactory(
        user=acceptor.user, post=PostFactory(role=Role.GRID_LEADER, name="网格长")
    )
    enter(client, acceptor)
    assert "切换岗位" in client.get(reverse("notifications")).text
    client.post(reverse("switch_posting"), {"posting": second.pk})
    response = client.get(reverse("notifications"))
    assert response.context["actor"]().role == "grid_leader"
    assert "phone.html" in [one.name for one in response.templates]


def test_somebody_elses_posting_cannot_be_taken(client, acceptor, stranger):
    enter(client, acceptor)
    response = client.post(reverse("switch_posting"), {"posting": stranger.pk})
    assert response.status_code == 404
    actor = client.get(reverse("notifications")).context["actor"]()
    assert actor.posting_id == acceptor.pk


def test_an_expired_posting_is_neither_taken_nor_kept(client, acceptor):
    second = PostingFactory(user=acceptor.user)
    enter(client, acceptor)
    client.post(reverse("switch_posting"), {"posting": second.pk})
    Posting.objects.filter(pk=second.pk).update(ends_at=timezone.now())
    actor = client.get(reverse("notifications")).context["actor"]()
    assert actor.posting_id == acceptor.pk
    response = client.post(reverse("switch_posting"), {"posting": second.pk})
    assert response.status_code == 404


# --- passwords ----------------------------------------------------------------------


def change(client, old=PASSWORD, new="Xin-mima-2026", again="Xin-mima-2026"):
    data = {"old": old, "new": new, "again": again}
    return client.post(reverse("password_change"), data)


def test_a_person_changes_the_password_and_stays_signed_in(client, with_password):
    enter(client, with_password)
    assert change(client).url == reverse("home")
    assert client.get(reverse("notifications")).status_code == 200
    with_password.user.refresh_from_db()
    assert with_password.user.check_password("Xin-mima-2026")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"old": "wrong"}, "当前密码不正确"),
        ({"again": "another"}, "两次输入的新密码不一致"),
        ({"new": "12345678", "again": "12345678"}, "密码"),
        ({"new": PASSWORD, "again": PASSWORD}, "新密码不能与当前密码相同"),
    ],
)
def test_a_bad_new_password_is_told(client, with_password, given, told):
    response = change(enter(client, with_password), **given)
    assert response.status_code == 422
    assert told in response.text
    assert not Event.objects.exists()


def test_a_first_password_must_be_changed_before_anything_else(client, with_password):
    with_password.user.must_change_password = True
    with_password.user.save()
    assert sign_in(client).url == reverse("password_change")
    assert client.get(reverse("home")).url == reverse("password_change")
    response = client.get(reverse("delegations"))
    assert response.status_code == 422
    assert "请先修改初始密码" in response.text
    change(client)
    assert client.get(reverse("delegations")).status_code == 200


# --- delegation ---------------------------------------------------------------------


def moments(hours=48):
    now = timezone.localtime()
    form = "%Y-%m-%dT%H:%M"
    return {
        "starts_at": now.strftime(form),
        "ends_at": (now + timedelta(hours=hours)).strftime(form),
    }


def test_a_person_delegates_and_takes_back(client, acceptor, colleague):
    enter(client, acceptor)
    data = {"user": colleague.user_id, "reason": "年休假", **moments()}
    response = client.post(reverse("delegations"), data, follow=True)
    assert "已授权社区承办人代办" in response.text
    assert "提前收回" in response.text
    given = Posting.objects.get(delegated_from=acceptor)
    client.post(reverse("end_delegation", args=[given.pk]))
    given.refresh_from_db()
    assert given.ends_at <= timezone.now()


def test_a_refused_delegation_keeps_what_was_typed(client, acceptor, colleague):
    data = {"user": colleague.user_id, "reason": "去外地培训", **moments(hours=-1)}
    response = enter(client, acceptor).post(reverse("delegations"), data)
    assert response.status_code == 422
    assert "结束时间应晚于开始时间" in response.text
    assert "去外地培训" in response.text


def test_a_stranger_is_not_offered_nor_accepted(client, acceptor, stranger):
    data = {"user": stranger.user_id, "reason": "年休假", **moments()}
    response = enter(client, acceptor).post(reverse("delegations"), data)
    assert response.status_code == 422
    assert not Posting.objects.filter(delegated_from=acceptor).exists()


def test_other_peoples_delegations_are_not_found(client, acceptor, colleague, stranger):
    now = timezone.now()
    given = actions.delegate(
        posting_id=acceptor.pk,
        user_id=colleague.user_id,
        starts_at=now,
        ends_at=now + timedelta(days=1),
        reason="病假",
        actor=Actor.of(acceptor),
        at=now,
    )
    enter(client, stranger)
    response = client.post(reverse("end_delegation", args=[given.pk]))
    assert response.status_code == 404


def test_the_colleague_sees_on_whose_behalf_and_cannot_pass_it_on(
    client, acceptor, colleague
):
    now = timezone.now()
    given = actions.delegate(
        posting_id=acceptor.pk,
        user_id=colleague.user_id,
        starts_at=now,
        ends_at=now + timedelta(days=1),
        reason="病假",
        actor=Actor.of(acceptor),
        at=now,
    )
    enter(client, colleague)
    client.post(reverse("switch_posting"), {"posting": given.pk})
    response = client.get(reverse("delegations"))
    assert "代办的岗位不能再授权" in response.text
    assert response.context["actor"]().on_behalf_of == "社区受理员"


# --- messages -----------------------------------------------------------------------


def tell(posting, count=1, **more):
    for number in range(count):
        actions.notify(
            user_ids=[posting.user_id],
            kind="todo",
            title=f"待办{number}",
            key=f"n{number}",
            at=timezone.now(),
            **more,
        )


def test_people_see_their_own_messages_only(client, acceptor, stranger):
    tell(acceptor)
    assert "待办0" in enter(client, acceptor).get(reverse("notifications")).text
    response = enter(client, stranger).get(reverse("notifications"))
    assert "待办0" not in response.text
    assert "还没有消息" in response.text


def test_opening_a_message_marks_it_read_and_leads_on(client, acceptor):
    tell(acceptor, url="/desk/cases/17/")
    message = Notification.objects.get()
    enter(client, acceptor)
    response = client.post(reverse("notification_open", args=[message.pk]))
    assert response.url == "/desk/cases/17/"
    message.refresh_from_db()
    assert message.read_at


@pytest.mark.parametrize("url", ["", "https://example.com/", "//example.com/"])
def test_a_message_never_leads_off_the_site(client, acceptor, url):
    tell(acceptor, url=url)
    message = Notification.objects.get()
    enter(client, acceptor)
    response = client.post(reverse("notification_open", args=[message.pk]))
    assert response.url == reverse("notifications")


def test_somebody_elses_message_is_not_found(client, acceptor, stranger):
    tell(acceptor)
    message = Notification.objects.get()
    enter(client, stranger)
    response = client.post(reverse("notification_open", args=[message.pk]))
    assert response.status_code == 404
    message.refresh_from_db()
    assert message.read_at is None


def test_all_are_marked_read_at_once(client, acceptor):
    tell(acceptor, count=3)
    enter(client, acceptor)
    client.post(reverse("notifications_read"))
    assert not Notification.objects.unread().exists()
    response = client.get(reverse("notifications"), {"unread": "1"})
    assert "没有未读消息" in response.text


def test_older_messages_come_as_a_piece_without_gap_or_repeat(client, acceptor):
    tell(acceptor, count=45)
    enter(client, acceptor)
    seen, url = [], reverse("notifications")
    while url:
        response = client.get(url, headers={"hx-request": "true"})
        assert "<html" not in response.text
        seen += [message.pk for message in response.context["notifications"]]
        older = response.context["older_url"]
        url = older and reverse("notifications") + older
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 45


def test_the_bell_counts_the_unread(client, acceptor):
    tell(acceptor, count=2)
    enter(client, acceptor)
    assert ">2<" in client.get(reverse("notifications_bell")).text
    assert ">2<" in client.get(reverse("notifications_bell"), {"tab": "1"}).text


def test_the_bell_rings_for_an_urgent_message_until_it_is_read(client, acceptor):
    tell(acceptor)
    enter(client, acceptor)
    assert "data-alarm" not in client.get(reverse("notifications_bell")).text
    actions.notify(
        user_ids=[acceptor.user_id], kind="notice", title="紧急", key="urgent",
        urgent=True, at=timezone.now(),
    )  # fmt: skip
    message = Notification.objects.get(title="紧急")
    bell = client.get(reverse("notifications_bell")).text
    assert f'data-alarm="{message.pk}"' in bell
    assert "js/alarm.js" in client.get(reverse("notifications")).text
    actions.mark_read(user_id=acceptor.user_id, ids=[message.pk], at=timezone.now())
    assert "data-alarm" not in client.get(reverse("notifications_bell")).text


def test_the_bell_asks_the_database_little(client, acceptor, django_assert_num_queries):
    enter(client, acceptor)
    with django_assert_num_queries(3):  # session, account, count
        client.get(reverse("notifications_bell"))


def test_the_panel_shows_the_newest_and_marks_them_read(client, acceptor):
    tell(acceptor, count=10)
    enter(client, acceptor)
    panel = client.get(reverse("notifications_latest")).text
    own = Notification.objects.visible_to(acceptor.user_id)
    newest, oldest = own[0], own[9]
    assert reverse("notification_open", args=[newest.pk]) in panel
    assert reverse("notification_open", args=[oldest.pk]) not in panel
    htmx = {"HX-Request": "true"}
    for odd in ("9" * 30, "9" * 5000, "x"):
        client.post(reverse("notifications_read"), {"id": odd}, headers=htmx)
    one = client.post(reverse("notifications_read"), {"id": newest.pk}, headers=htmx)
    assert own.unread().count() == 9
    assert "全部标为已读" in one.text
    rest = client.post(reverse("notifications_read"), headers=htmx)
    assert not own.unread().exists()
    assert "全部标为已读" not in rest.text
    assert client.post(reverse("notifications_read")).url == reverse("notifications")


def test_nobody_marks_the_messages_of_others(client, acceptor, stranger):
    tell(acceptor)
    enter(client, stranger)
    message = Notification.objects.get()
    client.post(reverse("notifications_read"), {"id": message.pk})
    assert Notification.objects.unread().count() == 1
    assert message.title not in client.get(reverse("notifications_latest")).text


def test_the_line_of_an_urgent_message_is_in_the_flow_of_the_page(client, acceptor):
    enter(client, acceptor)
    page = client.get(reverse("notifications")).text
    assert 'id="urgent"' in page
    assert page.index('id="urgent"') < page.index('id="content"')
