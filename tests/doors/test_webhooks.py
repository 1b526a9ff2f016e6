"""A client subscribes to the steps of the cases that its post sees."""

import json
from typing import Any

import pytest
from django.urls import reverse

from doors import actions
from doors.models import ApiClient
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


def test_it_stops_with_the_last_client_of_its_post(
    call: Any, client_of: Any, file_case: Any, world: Any
) -> None:
    channel = Channel.objects.get(pk=opened(call).json()["id"])
    admin = world.hire("管理员", "system_admin", "street", "990101001")
    first = ApiClient.objects.get()
    second = client_of("dispatcher")
    second.posting = first.posting
    actions.save_client(client=second, actor=admin, at=MONDAY_9)
    for client, goes_on in ((first, True), (second, False)):
        client.is_active = False
        actions.save_client(client=client, actor=admin, at=MONDAY_9)
        channel.refresh_from_db()
        assert channel.enabled is goes_on
    file_case()
    assert not Delivery.objects.exists()


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
