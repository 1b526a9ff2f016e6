"""Keys, scopes and limits, as every door has them."""

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse
from rest_framework.exceptions import AuthenticationFailed, Throttled

from doors import actions, http
from doors.models import ApiClient, ApiKey, Scope
from governance import clock
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9

SYSTEM = Actor.system()


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


def cases(client, text, **more):
    headers = {"Authorization": f"Bearer {text}"}
    return client.get(reverse("api_cases"), headers=headers, **more)


def test_a_key_opens_what_its_post_sees(client, file_case, key_of):
    case = file_case()
    _key, text = key_of("acceptor")
    assert [one["id"] for one in cases(client, text).json()["results"]] == [case.pk]
    in_own_header = client.get(reverse("api_cases"), headers={"X-Api-Key": text})
    assert in_own_header.status_code == 200
    _key, elsewhere = key_of("other_dispatcher")
    assert cases(client, elsewhere).json()["results"] == []


def test_only_a_hash_is_kept(key_of):
    key, text = key_of()
    assert text.startswith(f"wg_{key.prefix}_")
    assert text not in str(ApiKey.objects.values().get())
    assert text not in str(list(Event.objects.values("detail")))
    event = Event.objects.get(action="doors.issue_key")
    assert event.detail["key"] == key.prefix


def test_without_a_key_or_with_a_wrong_one_it_is_401(client, key_of):
    _key, text = key_of()
    for wrong in ("", "x", "wg_abcdefgh_secret", text[:-1] + "~", "wg_密钥_x"):
        answer = cases(client, wrong.encode().decode("latin-1"))
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_revoked_key_is_403_at_once(client, key_of):
    key, text = key_of()
    assert cases(client, text).status_code == 200
    actions.revoke_key(key_id=key.pk, actor=SYSTEM, at=MONDAY_9)
    assert cases(client, text).status_code == 403
    with pytest.raises(Refused, match="已经吊销"):
        actions.revoke_key(key_id=key.pk, actor=SYSTEM, at=MONDAY_9)


def test_a_key_ends_and_a_client_can_be_shut(client, key_of, monkeypatch):
    _key, text = key_of()
    ApiClient.objects.update(is_active=False)
    assert cases(client, text).status_code == 403
    ApiClient.objects.update(is_active=True)
    ApiKey.objects.update(expires_at=MONDAY_9 + timedelta(days=1))
    assert cases(client, text).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(days=1))
    assert cases(client, text).status_code == 403


def test_a_client_needs_the_scope(client, key_of):
    _key, text = key_of(scopes=[Scope.MASTER_READ])
    answer = cases(client, text)
    assert answer.status_code == 403
    assert "cases:read" in answer.content.decode()


def test_a_posting_that_is_over_acts_no_more(client, world, key_of):
    _key, text = key_of("acceptor")
    posting = world.postings["acceptor"]
    posting.ends_at = MONDAY_9
    posting.save()
    assert cases(client, text).json()["code"] == "no_posting"
    _key, without = key_of(None)
    assert cases(client, without).json()["code"] == "no_posting"


def test_too_many_requests_are_429_until_the_minute_ends(client, key_of, monkeypatch):
    _key, text = key_of(per_minute=2)
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(seconds=15))
    assert [cases(client, text).status_code for _n in range(3)] == [200, 200, 429]
    assert cases(client, text)["Retry-After"] == "45"
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(seconds=90))
    assert cases(client, text).status_code == 200
    assert ApiKey.objects.get().last_used_at == MONDAY_9 + timedelta(seconds=90)


def test_other_kinds_of_doors_ask_the_same(key_of):
    key, text = key_of(per_minute=1)
    by_query = RequestFactory().get("/", {"api_key": text})
    assert http.given_key(by_query) == text
    assert http.given_key(RequestFactory().post("/"), {"api_key": text}) == text
    assert http.given_key(RequestFactory().get("/")) == ""
    assert http.keyed(text, MONDAY_9) == key
    for unknown in ("wg_abcdefgh_x", "wg_" + "\0" * 8 + "_x"):
        with pytest.raises(AuthenticationFailed):
            http.keyed(unknown, MONDAY_9)
    http.throttled(key, MONDAY_9)
    with pytest.raises(Throttled) as too_often:
        http.throttled(key, MONDAY_9)
    assert too_often.value.wait == 60


def test_only_an_administrator_makes_clients_and_keys(world, client_of):
    client, stranger = client_of(), world.actor("dispatcher")
    for act in (
        lambda: actions.save_client(client=client, actor=stranger, at=MONDAY_9),
        lambda: actions.issue_key(client_id=client.pk, actor=stranger, at=MONDAY_9),
    ):
        with pytest.raises(Refused, match="只有系统管理员"):
            act()
    assert not Event.objects.filter(action="doors.issue_key").exists()


def test_the_administration_shows_a_key_once_and_revokes_it(admin_client, client_of):
    client = client_of()
    add = reverse("admin:doors_apikey_add")
    given = {"client": client.pk, "note": "联调"}
    past = {**given, "expires_at_0": "2020-01-01", "expires_at_1": "00:00"}
    assert "有效期应晚于现在" in admin_client.post(add, past).content.decode()
    made = admin_client.post(add, given)
    key = ApiKey.objects.get()
    assert f"wg_{key.prefix}_" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    changelist = reverse("admin:doors_apikey_changelist")
    assert f"wg_{key.prefix}_…" in admin_client.get(changelist).content.decode()
    assert key.revoked_at is None
    chosen = {"action": "revoke", "_selected_action": [key.pk]}
    admin_client.post(changelist, chosen)
    key.refresh_from_db()
    assert key.revoked_at == MONDAY_9


def test_the_administration_keeps_clients(admin_client, world):
    given = {
        "name": "城市大脑", "organisation": world.orgs["street"].pk, "contact": "李工",
        "posting": world.postings["acceptor"].pk, "scopes": ["cases:read"],
        "per_minute": 60, "is_active": "on",
    }  # fmt: skip
    page = reverse("admin:doors_apiclient_add")
    # a refusal names a scope by its code, so the code stands beside the words
    assert "查询案件（cases:read）" in admin_client.get(page).content.decode()
    answer = admin_client.post(page, given)
    assert answer.status_code == 302
    client = ApiClient.objects.get()
    assert client.scopes == ["cases:read"]
    assert Event.objects.filter(chain=f"api_client:{client.pk}").count() == 1
