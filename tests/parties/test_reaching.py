"""Where people want to be reached, and by which channel for what."""

import json
from typing import Any

import pytest
from django.urls import reverse

from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties import actions
from parties.acting import Actor
from parties.channels import web_push
from parties.models import Address, Preference
from parties.roles import Role
from tests.parties.channel_road import a_channel, a_webhook
from tests.parties.conftest import AT
from tests.parties.test_channel_kinds import KEYS

pytestmark = pytest.mark.django_db


def a_subscription(number: int = 1) -> str:
    return json.dumps({"endpoint": f"https://push.example.net/{number}", "keys": KEYS})


def chosen(actor: Actor, **more: Any) -> None:
    given = {"email": "", "phone": "", "wishes": {}, **more}
    assert actor.user_id is not None
    actions.set_preferences(user_id=actor.user_id, actor=actor, at=AT, **given)


def events() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def actor(acceptor: Any) -> Actor:
    return Actor.of(acceptor)


def test_addresses_are_sealed_and_kept_out_of_the_journal(actor: Actor) -> None:
    chosen(actor, email=" a@example.cn ", phone="+86 138-0000-0000")
    kept = {one.kind: crypto.unseal(one.value) for one in Address.objects.all()}
    assert kept == {"email": "a@example.cn", "phone": "13800000000"}
    assert "example" not in Address.objects.get(kind="email").value
    event = Event.objects.get()
    assert event.detail["addresses"] == ["email", "phone"]
    assert "1380000" not in str(event.detail)
    chosen(actor, email="b@example.cn", phone="13800000000")
    assert crypto.unseal(Address.objects.get(kind="email").value) == "b@example.cn"
    assert Event.objects.latest("pk").detail["addresses"] == ["email"]
    chosen(actor)
    assert not Address.objects.exists()


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"email": "nobody"}, "email", "邮箱地址不完整"),
        ({"phone": "123"}, "phone", "11 位数字"),
        ({"phone": "23800000000"}, "phone", "1 开头"),
    ],
)
def test_what_is_no_address_is_refused(
    actor: Actor, given: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as caught:
        chosen(actor, **given)
    assert caught.value.field == field
    assert not Event.objects.exists()
    assert not Address.objects.exists()


def test_wishes_are_kept_for_channels_that_serve_one(
    actor: Actor, settings: Any
) -> None:
    mine = a_channel("email", AT, options={"sender": ""}, name="邮件")
    other = a_channel(
        "email", AT, options={"sender": ""}, name="他人", role=Role.CITY_COMMAND
    )
    group = a_webhook("https://a.example.cn/", AT)
    off = a_channel("email", AT, options={"sender": ""}, name="停用", enabled=False)
    assert actor.user_id is not None
    assert actions.channels_for(actor.user_id, AT) == [mine]
    every = [mine, other, group, off]
    chosen(actor, wishes={one.pk: ["urgent", "nonsense"] for one in every})
    kept = Preference.objects.get()
    assert (kept.channel, kept.importances) == (mine, ["urgent"])
    settings.MAIL_CONFIGURED = False
    assert actions.channels_for(actor.user_id, AT) == []


def test_a_browser_is_subscribed_once(actor: Actor, colleague: Any) -> None:
    given = {"user_id": actor.user_id, "actor": actor, "at": AT, "label": "Chrome"}
    first = actions.subscribe(subscription=a_subscription(), **given)
    assert actions.subscribe(subscription=a_subscription(), **given) == first
    assert events() == ["parties.subscribe"]
    with pytest.raises(Refused, match="推送地址不完整"):
        actions.subscribe(subscription="{}", **given)
    # the phone changes hands: whoever signs in at it next is told, nobody else
    other = Actor.of(colleague)
    actions.subscribe(
        subscription=a_subscription(), user_id=colleague.user_id, actor=other, at=AT,
        label="",
    )  # fmt: skip
    assert Address.objects.get().user_id == colleague.user_id


def test_there_is_an_end_to_devices(actor: Actor) -> None:
    given = {"user_id": actor.user_id, "actor": actor, "at": AT, "label": ""}
    for number in range(10):
        actions.subscribe(subscription=a_subscription(number), **given)
    with pytest.raises(Refused, match="最多登记 10 台"):
        actions.subscribe(subscription=a_subscription(11), **given)
    assert Event.objects.count() == 10


def test_only_ones_own_device_is_forgotten(actor: Actor, colleague: Any) -> None:
    device = actions.subscribe(
        user_id=actor.user_id, subscription=a_subscription(), label="Chrome",
        actor=actor, at=AT,
    )  # fmt: skip
    with pytest.raises(Refused, match="本人的设备"):
        actions.forget_device(address_id=device.pk, actor=Actor.of(colleague), at=AT)
    actions.forget_device(address_id=device.pk, actor=actor, at=AT)
    assert not Address.objects.exists()
    assert events() == ["parties.subscribe", "parties.forget_device"]


def test_the_page_keeps_what_was_chosen(client: Any, acceptor: Any) -> None:
    client.force_login(acceptor.user)
    url = reverse("notification_settings")
    assert "还没有为您开通" in client.get(url).text
    channel = a_channel(
        "email", AT, options={"sender": ""}, importances=["urgent", "alert"]
    )
    page = client.get(url).text
    assert channel.name in page
    assert "知会" not in page  # the channel does not carry it
    for_others = a_channel("console_sms", AT, complainants=True, importances=[])
    assert for_others.name not in client.get(url).text
    field = f"channel{channel.pk}"
    wrong = client.post(url, {"email": "nobody", "phone": "", field: ["alert"]})
    assert wrong.status_code == 422
    assert "邮箱地址不完整" in wrong.text
    assert "nobody" in wrong.text
    done = client.post(url, {"email": "a@example.cn", "phone": "", field: ["alert"]})
    assert done.url == url
    assert Preference.objects.get().importances == ["alert"]
    assert "a@example.cn" in client.get(url).text


def test_the_page_adds_and_forgets_this_browser(
    client: Any, acceptor: Any, stranger: Any, settings: Any
) -> None:
    settings.VAPID_KEY = web_push.new_key()
    a_channel("web_push", AT)
    client.force_login(acceptor.user)
    url = reverse("notification_settings")
    assert f'data-key="{web_push.public_key()}"' in client.get(url).text
    add = reverse("device_add")
    assert "推送地址不完整" in client.post(add, {"subscription": ""}, follow=True).text
    given = {"subscription": a_subscription(), "label": "Chrome · Linux"}
    assert "Chrome · Linux" in client.post(add, given, follow=True).text
    forget = reverse("device_forget", args=[Address.objects.get().pk])
    client.force_login(stranger.user)
    assert client.post(forget).status_code == 404
    client.force_login(acceptor.user)
    assert client.post(forget).url == url
    assert not Address.objects.exists()
