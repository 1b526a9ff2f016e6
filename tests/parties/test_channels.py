"""Setting up channels, trying them, and looking after what did not arrive."""

from datetime import time
from typing import Any

import pytest
from django.urls import reverse

from governance import crypto
from governance.errors import Refused
from governance.models import Event, Job
from parties import actions
from parties.acting import Actor
from parties.models import Channel, Delivery, Posting, User
from parties.roles import Role
from tests.factories import PostFactory, PostingFactory
from tests.parties.channel_road import SECRET, a_channel, a_webhook, tell, work
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db
URL = "https://receiver.example.cn/"
FORM = {
    "name": "街道指挥群", "enabled": "on", "url": URL, "secret": SECRET,
    "importances": ["urgent", "alert"], "role": "", "organisation": "", "person": "",
    "quiet_starts": "", "quiet_ends": "",
}  # fmt: skip


def plan(**more: Any) -> actions.Plan:
    given = {
        "name": "业务系统", "importances": ["urgent"], "options": {"url": URL},
        "secrets": {"secret": SECRET}, **more,
    }  # fmt: skip
    return actions.Plan(**given)


def events_of(channel: Channel) -> list[str]:
    found = Event.objects.filter(chain=channel.chain).order_by("seq")
    return list(found.values_list("action", flat=True))


@pytest.fixture
def head(committee: Any) -> Posting:
    """The community's leader, who looks after its channels."""
    post = PostFactory(role=Role.COMMUNITY_LEADER, organisation=committee)
    return PostingFactory(user__username="head", post=post)


@pytest.fixture
def stuck(acceptor: Any, committee: Any, settings: Any) -> Delivery:
    """A letter of the community's that nobody took: its receiver lies inside."""
    settings.CHANNEL_NETWORKS = []
    a_webhook("https://10.0.0.7/", AT, name="社区群", organisation_id=committee.pk)
    tell([acceptor.user_id], "a", AT)
    work(AT)
    found = Delivery.objects.get()
    assert found.state == "stuck"
    return found


# --- setting up -------------------------------------------------------------------
def test_a_channel_is_opened_and_journalled_without_its_secret(
    administrator: Actor,
) -> None:
    channel = actions.open_channel(
        kind="webhook", plan=plan(), actor=administrator, at=AT
    )
    event = Event.objects.get(chain=channel.chain)
    assert event.action == "parties.open_channel"
    assert event.detail["after"]["options"] == {"url": URL}
    assert SECRET not in str(event.detail)


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"importances": []}, "importances", "至少选择一类"),
        ({"quiet_starts": time(21)}, "quiet_ends", "一起填"),
        (
            {"quiet_starts": time(8), "quiet_ends": time(8)}, "quiet_ends",
            "同一时刻",
        ),
        ({"options": {}}, "url", "请填写接收网址"),
        ({"secrets": {}}, "secret", "请填写签名密钥"),
        ({"options": {"url": "nowhere"}}, "url", "从 https:// 开始"),
        ({"name": "已有"}, "name", "同名渠道"),
    ],
)  # fmt: skip
def test_a_channel_that_cannot_work_is_refused_at_its_field(
    administrator: Actor, more: dict[str, Any], field: str, words: str
) -> None:
    a_webhook(URL, AT, name="已有")
    with pytest.raises(Refused, match=words) as caught:
        actions.open_channel(
            kind="webhook", plan=plan(**more), actor=administrator, at=AT
        )
    assert caught.value.field == field
    assert Channel.objects.count() == Event.objects.count() == 1


def test_only_administrators_set_up_channels(acceptor: Any, head: Any) -> None:
    channel = a_webhook(URL, AT)
    for posting in (acceptor, head):
        actor = Actor.of(posting)
        with pytest.raises(Refused, match="系统管理员"):
            actions.open_channel(kind="webhook", plan=plan(), actor=actor, at=AT)
        with pytest.raises(Refused, match="系统管理员"):
            actions.change_channel(
                channel_id=channel.pk, plan=plan(), actor=actor, at=AT
            )
    assert events_of(channel) == ["parties.open_channel"]


def test_what_this_instance_lacks_cannot_be_opened(
    administrator: Actor, settings: Any
) -> None:
    settings.MAIL_CONFIGURED = False
    for kind, words in (("email", "邮件服务器"), ("pigeon", "没有这种渠道")):
        with pytest.raises(Refused, match=words):
            actions.open_channel(kind=kind, plan=plan(), actor=administrator, at=AT)


def test_a_secret_left_empty_stays_and_a_new_one_is_taken(
    administrator: Actor,
) -> None:
    channel = a_webhook(URL, AT)
    other = SECRET.replace("QUJD", "REVG")
    for secrets, expected in (({"secret": ""}, SECRET), ({"secret": other}, other)):
        actions.change_channel(
            channel_id=channel.pk, plan=plan(secrets=secrets), actor=administrator,
            at=AT,
        )  # fmt: skip
        channel.refresh_from_db()
        assert channel.given()["secret"] == expected
    last = Event.objects.filter(chain=channel.chain).order_by("-seq")[0]
    assert last.detail["secrets_changed"] == ["secret"]
    assert other not in str(last.detail)


# --- trying -----------------------------------------------------------------------
def test_a_test_message_is_a_letter_of_its_own_each_time(administrator: Actor) -> None:
    channel = a_webhook(URL, AT)
    for _ in range(2):
        actions.send_test(channel_id=channel.pk, actor=administrator, at=AT)
    assert Delivery.objects.filter(title__startswith="测试消息").count() == 2
    assert events_of(channel)[1:] == ["parties.test_channel"] * 2
    assert Job.objects.filter(subject=channel.chain, done_at=None).count() == 2


def test_a_personal_test_goes_to_oneself(administrator: Actor) -> None:
    channel = a_channel("email", AT, options={"sender": ""})
    with pytest.raises(Refused, match="登记接收地址"):
        actions.send_test(channel_id=channel.pk, actor=administrator, at=AT)
    assert events_of(channel) == ["parties.open_channel"]


def test_a_channel_that_is_off_is_not_tried(administrator: Actor) -> None:
    channel = a_webhook(URL, AT, enabled=False)
    with pytest.raises(Refused, match="没有启用"):
        actions.send_test(channel_id=channel.pk, actor=administrator, at=AT)


# --- what did not arrive ----------------------------------------------------------
def test_the_head_of_the_unit_retries_and_drops(stuck: Delivery, head: Any) -> None:
    actor = Actor.of(head)
    actions.retry_delivery(delivery_id=stuck.pk, actor=actor, at=AT)
    stuck.refresh_from_db()
    assert stuck.state == "waiting"
    work(AT)
    with pytest.raises(Refused, match="为什么放弃") as caught:
        actions.drop_delivery(delivery_id=stuck.pk, reason=" ", actor=actor, at=AT)
    assert caught.value.field == "reason"
    actions.drop_delivery(delivery_id=stuck.pk, reason="已打电话", actor=actor, at=AT)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.attempts) == ("dropped", 2)
    assert events_of(stuck.channel)[1:] == [
        "parties.retry_delivery",
        "parties.drop_delivery",
    ]
    last = Event.objects.filter(chain=stuck.channel.chain).order_by("-seq")[0]
    assert last.detail["reason"] == "已打电话"
    assert "内部地址" in last.detail["error"]


def test_what_is_settled_stays_so(stuck: Delivery, administrator: Actor) -> None:
    actions.drop_delivery(
        delivery_id=stuck.pk, reason="过时", actor=administrator, at=AT
    )
    before = Event.objects.count()
    with pytest.raises(Refused, match="已放弃，不用再处理"):
        actions.retry_delivery(delivery_id=stuck.pk, actor=administrator, at=AT)
    assert Event.objects.count() == before


def test_others_have_no_business_with_it(
    stuck: Delivery, acceptor: Any, stranger: Any
) -> None:
    elsewhere = PostingFactory(post__role=Role.DEPARTMENT_LEADER)
    before = Event.objects.count()
    for posting in (acceptor, stranger, elsewhere):
        with pytest.raises(Refused, match="负责人"):
            actions.retry_delivery(delivery_id=stuck.pk, actor=Actor.of(posting), at=AT)
    assert Event.objects.count() == before


# --- the pages --------------------------------------------------------------------
def addresses(delivery: Delivery) -> list[str]:
    return [
        reverse("channels"),
        reverse("channel", args=[delivery.channel_id]),
        reverse("delivery", args=[delivery.pk]),
    ]


def test_the_pages_are_for_administrators_and_heads_of_the_unit(
    client: Any, stuck: Delivery, head: Any, acceptor: Any, administrator: Actor
) -> None:
    elsewhere = PostingFactory(post__role=Role.DEPARTMENT_LEADER)
    expected = {
        head.user_id: [200, 200, 200], administrator.user_id: [200, 200, 200],
        acceptor.user_id: [404, 404, 404], elsewhere.user_id: [200, 404, 404],
    }  # fmt: skip
    for user_id, statuses in expected.items():
        client.force_login(_user(user_id))
        found = [client.get(url).status_code for url in addresses(stuck)]
        assert found == statuses


def test_only_who_may_see_them_is_led_to_them(
    client: Any, administrator: Actor, head: Any, acceptor: Any
) -> None:
    auditor = PostingFactory(post__role=Role.AUDIT_ADMIN)
    expected = {
        administrator.user_id: 2, head.user_id: 1, acceptor.user_id: 0,
        auditor.user_id: 0,
    }  # fmt: skip
    link = f'href="{reverse("channels")}"'
    for user_id, links in expected.items():
        client.force_login(_user(user_id))
        assert client.get(reverse("notifications")).text.count(link) == links


def test_anonymous_people_are_sent_to_sign_in(client: Any, stuck: Delivery) -> None:
    for url in addresses(stuck):
        assert client.get(url).url.startswith(reverse("login"))


def test_the_list_says_what_did_not_arrive_and_why(
    client: Any, stuck: Delivery, head: Any
) -> None:
    client.force_login(head.user)
    text = client.get(reverse("channels")).text
    assert "消息 a" in text
    assert "内部地址" in text
    assert "1 条待处理" in text
    assert reverse("delivery_retry", args=[stuck.pk]) in text
    assert "新建渠道" not in text


def test_the_page_retries_and_drops(client: Any, stuck: Delivery, head: Any) -> None:
    client.force_login(head.user)
    answer = client.post(reverse("delivery_retry", args=[stuck.pk]), follow=True)
    assert "已安排立即重试" in answer.text
    work(AT.replace(year=2027))
    url = reverse("delivery_drop", args=[stuck.pk])
    refused = client.post(url, {"reason": ""})
    assert refused.status_code == 422
    assert "请写明为什么放弃" in refused.text
    long = "长" * 201
    assert long in client.post(url, {"reason": long}).text
    assert client.post(url, {"reason": "已打电话"}).url == reverse("channels")
    assert Delivery.objects.get().state == "dropped"
    again = client.post(url, {"reason": "再来"})
    assert again.status_code == 422
    assert "不用再处理" in again.text


def test_the_page_opens_a_channel(client: Any, administrator: Actor) -> None:
    client.force_login(_user(administrator.user_id))
    url = reverse("channel_new", args=["webhook"])
    page = client.get(url)
    assert page.status_code == 200
    assert "whsec_" in page.text  # made up, to be handed on
    wrong = client.post(url, {**FORM, "importances": []})
    assert wrong.status_code == 422
    assert "至少选择一类" in wrong.text
    assert "街道指挥群" in wrong.text
    nobody = client.post(url, {**FORM, "person": "nobody"})
    assert "没有这个账号" in nobody.text
    done = client.post(url, {**FORM, "person": "root", "case_events": "on"})
    channel = Channel.objects.get()
    assert done.url == reverse("channel", args=[channel.pk])
    assert channel.person_id == administrator.user_id
    assert channel.case_events
    page = client.get(done.url)
    assert SECRET not in page.text
    assert "发送测试消息" in page.text


def test_the_page_changes_a_channel_and_shows_no_secret(
    client: Any, administrator: Actor
) -> None:
    client.force_login(_user(administrator.user_id))
    channel = a_webhook(URL, AT, name="旧名")
    url = reverse("channel_change", args=[channel.pk])
    page = client.get(url)
    assert "旧名" in page.text
    assert SECRET not in page.text
    assert "留空则不变" in page.text
    other = a_webhook(URL, AT, name="别的")
    taken = client.post(url, {**FORM, "name": other.name, "secret": ""})
    assert taken.status_code == 422
    assert "同名渠道" in taken.text
    assert client.post(url, {**FORM, "secret": ""}).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.given()["secret"]) == ("街道指挥群", SECRET)


def test_a_channel_for_phones_may_serve_complainants_alone(
    client: Any, administrator: Actor
) -> None:
    client.force_login(_user(administrator.user_id))
    assert (
        "给诉求人发短信"
        not in client.get(reverse("channel_new", args=["webhook"])).text
    )
    url = reverse("channel_new", args=["console_sms"])
    given = {"name": "短信", "enabled": "on", "complainants": "on", "role": ""}
    done = client.post(url, given)
    channel = Channel.objects.get()
    assert (channel.complainants, channel.importances) == (True, [])
    actions.text(
        to="13800001234", key="a", subject="case:1", title="已收到", body="码{code}",
        url="", sealed={"{code}": crypto.seal("123456")}, at=AT,
    )  # fmt: skip
    page = client.get(done.url).text
    assert "138****1234" in page
    detail = client.get(reverse("delivery", args=[Delivery.objects.get().pk])).text
    assert "13800001234" not in page + detail
    assert "123456" not in page + detail
    assert "码******" in detail and "{code}" not in detail


def test_only_administrators_see_the_forms(client: Any, head: Any) -> None:
    client.force_login(head.user)
    channel = a_webhook(URL, AT, organisation_id=head.post.organisation_id)
    for url in (
        reverse("channel_new", args=["webhook"]),
        reverse("channel_change", args=[channel.pk]),
    ):
        assert client.get(url).status_code == 403
    client.force_login(_user(PostingFactory(post__role="system_admin").user_id))
    assert client.get(reverse("channel_new", args=["pigeon"])).status_code == 404


def test_the_page_sends_a_test(client: Any, head: Any) -> None:
    client.force_login(head.user)
    channel = a_webhook(URL, AT, organisation_id=head.post.organisation_id)
    url = reverse("channel_test", args=[channel.pk])
    assert "已排队" in client.post(url, follow=True).text
    piece = client.get(
        reverse("channel", args=[channel.pk]), headers={"HX-Request": "true"}
    )
    assert "测试消息" in piece.text
    assert "<html" not in piece.text
    Channel.objects.update(enabled=False)
    assert "没有启用" in client.post(url, follow=True).text


def test_the_list_costs_the_same_for_many_letters(
    client: Any, head: Any, stuck: Delivery, django_assert_max_num_queries: Any
) -> None:
    client.force_login(head.user)
    for number in range(30):
        tell([head.user_id], f"{number}", AT, subject=f"case:{number}")
    work(AT)
    with django_assert_max_num_queries(14):
        client.get(reverse("channels"))


def _user(user_id: int | None) -> Any:
    return User.objects.get(pk=user_id)
