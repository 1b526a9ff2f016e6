"""How often one may ask: with a key by its client, without one by the address."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from doors.actions import clients
from doors.models import AddressUse, ApiUse
from tests.cases.conftest import MONDAY_9
from tests.doors.open311.conftest import BASE, Door


@pytest.fixture(autouse=True)
def two_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "STRANGERS_PER_MINUTE", 2)


def ask(address: str = "10.0.0.1", path: str = "services.json", **query: Any) -> Any:
    return Client().get(f"{BASE}/{path}", query, REMOTE_ADDR=address)


def test_reading_without_a_key_is_limited_by_address(door: Door) -> None:
    assert [ask().status_code for _n in range(3)] == [200, 200, 429]
    refused = ask()
    assert refused.json()[0]["code"] == 429
    assert "秒后再试" in refused.json()[0]["description"]
    assert refused["Retry-After"] == "60"
    assert ask(path="requests.xml").content.startswith(b"<?xml")
    assert ask("10.0.0.2").status_code == 200


def test_a_minute_later_it_goes_on_and_what_is_over_is_swept(
    door: Door, now: Any
) -> None:
    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2"):
        ask(address)
    now(MONDAY_9 + timedelta(minutes=1))
    assert ask().status_code == 200
    row = AddressUse.objects.get()
    assert row.used == 1
    assert "10.0.0" not in row.who


def test_a_whole_ipv6_network_is_one_caller(door: Door) -> None:
    found = [ask(f"2001:db8::{n}").status_code for n in (1, 2, 3)]
    assert found == [200, 200, 429]
    assert ask("2001:db8:0:1::1").status_code == 200


def test_with_a_key_the_limit_of_the_client_counts(door: Door) -> None:
    door.client.per_minute = 3
    door.client.save(update_fields=["per_minute"])
    found = [ask(api_key=door.key).status_code for _n in range(4)]
    assert found == [200, 200, 200, 429]
    assert not AddressUse.objects.exists()
    assert ApiUse.objects.get().used == 4


def test_a_wrong_key_is_counted_by_address(door: Door, world: Any) -> None:
    for status in (403, 403, 429):
        door.post("requests.json", status, api_key="wrong")
    for _n in range(3):
        assert ask(api_key="wrong", address="10.0.0.9").status_code in (200, 429)
    assert not ApiUse.objects.exists()
