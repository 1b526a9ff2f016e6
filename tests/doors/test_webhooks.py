"""A client subscribes to the steps of the cases that its post sees."""

import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from doors import actions
from doors.models import ApiClient, Subscription
from governance.models import Event
from parties.models import Channel, Delivery
from tests.cases.conftest import MONDAY_9

WEBHOOKS = reverse("api_webhooks")


@pytest.fixture(autouse=True)
def nine_o_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)


@pytest.fixture
def call(client: Any, key_of: Any) -> Any:
    keys: dict[str, str] = {}

    def call(method: str, address: str, post: str = "acceptor", **body: Any) -> Any:
        if post not in keys:
            keys[post] = key_of(post, scopes=["messages"])[1]
        return getattr(client, method)(
            address,
            data=json.dumps(body) if body else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {keys[post]}"},
        )

    return call


def opened(call: Any, name: str = "acceptor", **more: Any) -> Any:
    body = {"name": f"{name}的订阅", "url": "https://other.example.cn/hook", **more}
    return call("post", WEBHOOKS, name, **body)


def test_steps_within_the_scope_of_the_post_are_written(
    call: Any, file_case: Any
) -> None:
    got = opened(call)
    assert got.status_code == 201, got.text
    assert got.json()["secret"].startswith("whsec_")
    other = opened(call, "fire").json()["id"]
    file_case()
    letters = Delivery.objects.filter(channel=got.json()["id"])
    assert [one.data["type"] for one in letters] == ["case.report"]
    assert not Delivery.objects.filter(channel=other).exists()


def test_only_the_kinds_that_were_named(call: Any, file_case: Any) -> None:
    opened(call, kinds=["case.whistle"])
    file_case()
    assert not Delivery.objects.exists()


def test_a_post_sees_its_own_and_never_the_secret_again(call: Any) -> None:
    made = opened(call).json()
    listed = call("get", WEBHOOKS)
    assert [one["id"] for one in listed.json()] == [made["id"]]
    assert made["secret"] not in listed.text
    assert call("get", WEBHOOKS, "fire").json() == []


def test_it_is_stopped_by_its_owner_alone(call: Any, file_case: Any) -> None:
    made = opened(call).json()
    address = reverse("api_webhook", args=[made["id"]])
    assert call("delete", address, "fire").status_code == 404
    assert call("delete", address).json()["enabled"] is False
    file_case()
    assert not Delivery.objects.exists()


def test_each_of_two_clients_of_one_post_has_its_own(
    call: Any, client_of: Any, file_case: Any, client: Any, world: Any
) -> None:
    made = opened(call).json()
    second = client_of("acceptor", name="第二个系统")
    admin = world.hire("管理员", "system_admin", "street", "990101001")
    _key, text = actions.issue_key(client_id=second.pk, actor=admin, at=MONDAY_9)
    other = {"X-Api-Key": text}
    assert client.get(WEBHOOKS, headers=other).json() == []
    address = reverse("api_webhook", args=[made["id"]])
    wish = {"name": "别人的", "url": "https://third.example.cn/", "kinds": []}
    for method, body in (("get", None), ("put", wish), ("delete", None)):
        given = {"data": json.dumps(body)} if body else {}
        answer = getattr(client, method)(
            address, content_type="application/json", headers=other, **given
        )
        assert answer.status_code == 404, method
    for name in ("api_webhook_test", "api_webhook_resume"):
        there = reverse(name, args=[made["id"]])
        assert client.post(there, headers=other).status_code == 404, name
    body = {"name": "第二个订阅", "url": "https://third.example.cn/"}
    own = client.post(WEBHOOKS, body, "application/json", headers=other).json()
    file_case()
    for one in (made, own):
        assert Delivery.objects.filter(channel=one["id"]).count() == 1
    second.is_active = False
    actions.save_client(client=second, actor=admin, at=MONDAY_9)
    enabled = dict(Channel.objects.values_list("pk", "enabled"))
    assert enabled == {made["id"]: True, own["id"]: False}


def test_what_a_person_opened_is_no_clients(call: Any, client: Any, world: Any) -> None:
    client.force_login(world.postings["acceptor"].user)
    body = {"name": "我的", "url": "https://other.example.cn/hook"}
    mine = client.post(WEBHOOKS, body, "application/json").json()
    made = opened(call).json()
    assert [one["id"] for one in client.get(WEBHOOKS).json()] == [mine["id"]]
    client.logout()
    assert [one["id"] for one in call("get", WEBHOOKS).json()] == [made["id"]]
    assert Subscription.objects.get().channel_id == made["id"]


def test_it_is_changed_stopped_and_resumed(call: Any, file_case: Any) -> None:
    made = opened(call).json()
    address = reverse("api_webhook", args=[made["id"]])
    key = Channel.objects.get().open_secrets()
    wish = {"name": "改名", "url": "https://new.example.cn/", "kinds": ["case.report"]}
    wrong = call("put", address, **{**wish, "url": "ftp://x"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "url")
    changed = call("put", address, **wish).json()
    assert (changed["url"], changed["kinds"]) == (wish["url"], wish["kinds"])
    assert Channel.objects.get().open_secrets() == key
    assert call("delete", address).json()["enabled"] is False
    shut = call("post", reverse("api_webhook_test", args=[made["id"]]))
    assert (shut.status_code, shut.json()["code"]) == (422, "disabled")
    again = call("post", reverse("api_webhook_resume", args=[made["id"]]))
    assert again.json()["enabled"] is True
    file_case()
    assert Delivery.objects.count() == 1
    verbs = Event.objects.filter(action="parties.change_channel")
    assert verbs.count() == 3


def test_what_did_not_arrive_is_tried_again_or_dropped(call: Any) -> None:
    made = opened(call).json()
    sent = call("post", reverse("api_webhook_test", args=[made["id"]])).json()
    assert "测试消息" in sent[0]["title"]
    letters = reverse("api_deliveries", args=[made["id"]])
    assert [one["state"] for one in call("get", letters).json()["results"]] == [
        "waiting"
    ]
    args = [made["id"], sent[0]["id"]]
    retried = call("post", reverse("api_delivery_retry", args=args))
    assert retried.json()["state"] == "waiting"
    drop = reverse("api_delivery_drop", args=args)
    assert call("post", drop, reason=" ").status_code == 400
    assert call("post", drop, reason="对方已停用").json()["state"] == "dropped"
    over = call("post", drop, reason="对方已停用")
    assert (over.status_code, over.json()["code"]) == (422, "settled")


def test_it_stops_when_its_client_acts_as_another_post(call: Any, world: Any) -> None:
    channel = Channel.objects.get(pk=opened(call).json()["id"])
    admin = world.hire("管理员", "system_admin", "street", "990101001")
    client = ApiClient.objects.get()
    actions.save_client(client=client, actor=admin, at=MONDAY_9)
    channel.refresh_from_db()
    assert channel.enabled
    client.posting = world.postings["fire"]
    actions.save_client(client=client, actor=admin, at=MONDAY_9)
    channel.refresh_from_db()
    assert not channel.enabled


@pytest.mark.parametrize(
    ("more", "field"),
    [({"kinds": ["case.nothing"]}, "kinds"), ({"url": "ftp://x"}, "url")],
)
def test_a_wrong_wish_is_refused(call: Any, more: dict[str, Any], field: str) -> None:
    got = opened(call, **more)
    assert (got.status_code, got.json()["field"]) == (422, field)
    assert not Channel.objects.exists()


def test_what_was_opened_before_belongs_to_the_oldest_active_client(
    world: Any, client_of: Any
) -> None:
    post = world.postings["acceptor"]
    shut, first = client_of("acceptor", name="停用的"), client_of("acceptor")
    client_of("acceptor", name="后来的")
    ApiClient.objects.filter(pk=shut.pk).update(is_active=False)
    given = {"kind": "webhook", "reserved": True}
    own = Channel.objects.create(name="早先的", posting=post, **given)
    Channel.objects.create(name="工单来源的", **given)
    Channel.objects.create(name="没有客户端的", posting=world.postings["fire"], **given)
    migration = import_module("doors.migrations.0011_webhooks_known_to_be_of_a_client")
    for _twice in range(2):
        migration.forwards(apps, None)
    assert Subscription.objects.get().channel == own
    assert Subscription.objects.get().client == first


def test_the_administrator_sees_the_webhooks_of_a_client(
    call: Any, admin_client: Any
) -> None:
    opened(call)
    client = ApiClient.objects.get()
    page = reverse("admin:doors_apiclient_change", args=[client.pk])
    none = '<div class="readonly">—</div>'
    content = admin_client.get(page).content.decode()
    assert "acceptor的订阅" in content and none not in content
    Subscription.objects.all().delete()
    assert none in admin_client.get(page).content.decode()


def test_so_many_at_once_and_no_more(
    call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doors.actions.subscribing.MOST_WEBHOOKS", 2)
    wish = {"url": "https://other.example.cn/hook"}
    made = [call("post", WEBHOOKS, **wish, name=name) for name in ("甲", "乙", "丙")]
    first, second = (one.json()["id"] for one in made[:2])
    refused = made[2]
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many")
    assert "最多 2 个" in refused.json()["message"]
    assert call("delete", reverse("api_webhook", args=[first])).status_code == 200
    third = call("post", WEBHOOKS, **wish, name="丙").json()["id"]
    assert {one["id"] for one in call("get", WEBHOOKS).json()} == {first, second, third}
    for stopped, status in ((first, 422), (second, 200)):
        again = call("post", reverse("api_webhook_resume", args=[stopped]))
        assert again.status_code == status
    assert Channel.objects.filter(enabled=True).count() == 2
