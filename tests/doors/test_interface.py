"""The interface as people read it, and the clients of the demo to try it with."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import reverse

from cases.models import Case, Category
from doors import demo
from doors.models import Alarm, ApiClient, ApiKey
from doors.views.document import document, operations
from governance import clock
from tests.cases.conftest import MONDAY_9, SPOT

INTERFACE = reverse("interface")


@pytest.fixture
def read(client, world, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    world.hire("admin", "system_admin", "street", "990101001")
    client.force_login(world.postings["admin"].user)

    def page(address, **query):
        answer = client.get(address, query)
        assert answer.status_code == 200
        return answer.content.decode()

    return page


def test_every_operation_of_the_document_is_listed(read):
    written = yaml.safe_load(
        (Path(settings.BASE_DIR) / "docs" / "openapi.yaml").read_text()
    )
    named = {
        one["operationId"]
        for methods in written["paths"].values()
        for one in methods.values()
    }
    content = read(INTERFACE)
    linked = re.findall(rf'href="{INTERFACE}(\w+)/"', content)
    assert set(linked) == named == set(operations())
    assert len(linked) == len(named)
    assert document() is document()


def test_words_narrow_the_list(read):
    content = read(INTERFACE, q="POST 走访")
    assert reverse("interface_operation", args=["record_visit"]) in content
    assert reverse("interface_operation", args=["list_visits"]) not in content
    assert "没有符合条件的接口" in read(INTERFACE, q="没有这样的接口")


def test_an_operation_says_what_to_send_and_what_is_answered(read):
    content = read(reverse("interface_operation", args=["draft_task"]))
    assert "/api/v1/tasks/draft/" in content
    for word in ("addressees", "燃气软管完好", "Idempotency-Key", "duties", "429"):
        assert word in content, word
    assert 'data-depth="1"' in content


def test_an_operation_shows_all_its_examples(read):
    content = read(reverse("interface_operation", args=["take_action"]))
    for word in ("吹哨", "legal_basis", "社区接报自办", "有人先办了一步"):
        assert word in content, word


def test_every_operation_can_be_read(read):
    for name, operation in operations().items():
        content = read(reverse("interface_operation", args=[name]))
        assert operation.path in content, name
        assert "onclick" not in content, name


def test_one_that_there_is_not(client, world, read):
    missing = client.get(reverse("interface_operation", args=["nothing"]))
    assert missing.status_code == 404
    client.logout()
    assert client.get(INTERFACE).status_code == 302


def test_it_is_found_from_the_list_of_clients(admin_client):
    content = admin_client.get(reverse("admin:doors_apiclient_changelist"))
    assert f'href="{INTERFACE}"' in content.content.decode()


def covers(world, monkeypatch):
    """What the demo's catalogue has: a component with the condition of its alarms."""
    monkeypatch.setattr(demo, "COMMUNITY", "990101001001")
    cover = world.categories["cover"]
    Category.objects.filter(pk=cover.pk).update(kind="component", code5="01003")
    cover.conditions.all().delete()
    return cover.conditions.create(text="井盖移位", limit_n=2, limit_unit="URGENT_HOUR")


def test_the_clients_of_the_demo(client, world, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    condition = covers(world, monkeypatch)
    for _twice in range(2):
        demo.open_doors(MONDAY_9)
    assert ApiClient.objects.count() == ApiKey.objects.count() == 2
    below, filed = Alarm.objects.order_by("pk")
    assert (below.unfiled, below.case) == ("below", None)
    case = Case.objects.get()
    assert filed.case == case and case.condition == condition
    alarm = {
        "device": "JG-0009", "alarm_id": "1", "kind": "manhole", "lng": SPOT[0],
        "lat": SPOT[1], "reading": {"倾角": "40°"},
    }  # fmt: skip
    headers = {"X-Api-Key": demo.DEVICES.text}
    sent = client.post(
        reverse("api_alarms"), alarm, "application/json", headers=headers
    )
    assert sent.status_code == 201, sent.text
    other = {"X-Api-Key": demo.CITIZENS.text}
    wrong = client.post(reverse("api_alarms"), alarm, "application/json", headers=other)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "scope")


def test_the_keys_of_the_demo_are_shown_there_and_nowhere_else(
    read, world, monkeypatch, settings
):
    covers(world, monkeypatch)
    assert demo.DEVICES.text not in read(INTERFACE)
    demo.open_doors(MONDAY_9)
    assert demo.DEVICES.text in read(INTERFACE)
    ApiKey.objects.filter(prefix=demo.CITIZENS.prefix).update(revoked_at=MONDAY_9)
    assert demo.CITIZENS.text not in read(INTERFACE)
    settings.PRODUCTION = True
    assert demo.DEVICES.text not in read(INTERFACE)
