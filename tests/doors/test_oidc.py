"""Signing in by OpenID Connect against a provider that runs: who is bound gets in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from joserfc.jwk import OctKey, RSAKey

from doors import actions
from doors.models import ExternalIdentity, IdentityProvider
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import User
from tests.cases.conftest import MONDAY_9, World
from tests.doors.provider import CLIENT, SECRET, Provider, providing

NOW = int(MONDAY_9.timestamp())
LEAVE, BACK = reverse("oidc_leave", args=["gov"]), reverse("oidc_back", args=["gov"])


@pytest.fixture(autouse=True)
def nine_o_clock(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    settings.CHANNEL_NETWORKS = ["127.0.0.0/8"]


@pytest.fixture
def there(db: None) -> Iterator[Provider]:
    with providing(NOW) as provider:
        row = IdentityProvider(
            code="gov", name="省统一身份认证", issuer=provider.issuer, client_id=CLIENT
        )
        actions.save_provider(
            provider=row, secret=SECRET, actor=Actor.system(), at=MONDAY_9
        )
        yield provider


@pytest.fixture
def bound(world: World, there: Provider) -> User:
    """The acceptor, who is `u-1` at the provider."""
    identity = ExternalIdentity(
        provider=IdentityProvider.objects.get(), subject="u-1", name="张三"
    )
    user = world.postings["acceptor"].user
    actions.bind_identity(
        identity=identity, user_id=user.pk, actor=Actor.system(), at=MONDAY_9
    )
    return user


def gone(client: Any, **query: Any) -> str:
    got = client.get(LEAVE, query)
    assert got.status_code == 302, got.text
    return str(got["Location"])


def come_back(client: Any, there: Provider, subject: str = "u-1", **more: Any) -> Any:
    code, state = there.consents(gone(client), subject, "张三")
    return client.get(BACK, {"code": code, "state": state, **more})


def signed_in(client: Any) -> bool:
    return "_auth_user_id" in client.session


def test_who_is_bound_gets_in_and_it_is_journalled(
    client: Any, there: Provider, bound: User
) -> None:
    assert "用省统一身份认证登录" in client.get(reverse("login")).text
    got = come_back(client, there)
    assert got.status_code == 302
    assert client.session["_auth_user_id"] == str(bound.pk)
    event = Event.objects.filter(action="parties.sign_in").get()
    assert event.detail["way"] == "oidc:gov"
    assert there.faults == []


def test_one_gets_to_the_page_that_was_asked_for(
    client: Any, there: Provider, bound: User
) -> None:
    wanted = reverse("notifications")
    code, state = there.consents(gone(client, next=wanted), "u-1", "张三")
    assert client.get(BACK, {"code": code, "state": state})["Location"] == wanted
    client.logout()
    away = gone(client, next="https://evil.example/")
    code, state = there.consents(away, "u-1", "张三")
    assert client.get(BACK, {"code": code, "state": state})["Location"] == "/"


def test_who_is_not_bound_is_told_whom_to_ask_and_no_account_is_made(
    client: Any, there: Provider, world: World
) -> None:
    people = User.objects.count()
    got = come_back(client, there, subject="u-9")
    assert got.status_code == 403
    assert "u-9" in got.text
    assert "系统管理员" in got.text
    assert not signed_in(client)
    assert User.objects.count() == people
    waiting = ExternalIdentity.objects.get()
    assert (waiting.user, waiting.name) == (None, "张三")
    actions.bind_identity(
        identity=waiting, user_id=world.postings["fire"].user_id,
        actor=Actor.system(), at=MONDAY_9,
    )  # fmt: skip
    come_back(client, there, subject="u-9")
    assert signed_in(client)


def test_of_a_name_what_cannot_be_kept_is_left_out(
    client: Any, there: Provider, bound: User
) -> None:
    there.changed = {"name": "张\0三"}
    come_back(client, there)
    assert signed_in(client)
    assert ExternalIdentity.objects.get().name == "张三"


def test_only_an_administrator_binds(there: Provider, world: World) -> None:
    identity = ExternalIdentity(
        provider=IdentityProvider.objects.get(), subject="u-2", name=""
    )
    with pytest.raises(Refused) as refused:
        actions.bind_identity(
            identity=identity, user_id=world.user_id("acceptor"),
            actor=world.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "forbidden"
    assert not ExternalIdentity.objects.exists()
    assert not Event.objects.filter(action="doors.bind_identity").exists()


def test_a_disabled_account_stays_out(
    client: Any, there: Provider, bound: User
) -> None:
    User.objects.filter(pk=bound.pk).update(is_active=False)
    assert come_back(client, there).status_code == 403
    assert not signed_in(client)


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "another"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": NOW - 3600, "iat": NOW - 7200},
        {"iat": NOW + 3600},
        {"sub": ""},
        {"sub": 7},
        {"sub": "u-1\0"},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_not_believed(
    client: Any, there: Provider, bound: User, changed: dict[str, Any]
) -> None:
    there.changed = changed
    got = come_back(client, there)
    assert got["Location"] == reverse("login")
    assert not signed_in(client)
    assert "核验没有通过" in client.get(reverse("login")).text


def test_a_token_signed_by_another_key_is_not_believed(
    client: Any, there: Provider, bound: User
) -> None:
    there.signing = RSAKey.generate_key(2048, {"kid": "one"})
    come_back(client, there)
    assert not signed_in(client)


def test_a_token_signed_with_our_own_secret_is_not_believed(
    client: Any, there: Provider, bound: User
) -> None:
    there.algorithm, there.signing = "HS256", OctKey.import_key(SECRET.encode() * 4)  # type: ignore[assignment]
    come_back(client, there)
    assert not signed_in(client)


def test_a_changed_key_of_the_provider_needs_nobody(
    client: Any, there: Provider, bound: User
) -> None:
    come_back(client, there)
    client.logout()
    there.key = RSAKey.generate_key(2048, {"kid": "one"})
    come_back(client, there)
    assert signed_in(client)


def test_state_is_asked_for_and_used_up(
    client: Any, there: Provider, bound: User
) -> None:
    code, state = there.consents(gone(client), "u-1", "张三")
    assert client.get(BACK, {"code": code, "state": "别的"})["Location"] == "/login/"
    assert client.get(BACK, {"code": code, "state": state})["Location"] == "/login/"
    assert not signed_in(client)


def test_who_never_left_does_not_come_back(
    client: Any, there: Provider, bound: User
) -> None:
    client.get(BACK, {"code": "code-0", "state": "x"})
    assert not signed_in(client)


def test_an_answer_that_says_no_or_another_issuer_is_refused(
    client: Any, there: Provider, bound: User
) -> None:
    _code, state = there.consents(gone(client), "u-1", "张三")
    client.get(BACK, {"error": "access_denied", "state": state})
    assert "没有同意登录" in client.get(reverse("login")).text
    come_back(client, there, iss="http://127.0.0.1:1")
    assert not signed_in(client)


def test_a_provider_that_is_down_is_said_and_passwords_still_work(
    client: Any, there: Provider, bound: User
) -> None:
    IdentityProvider.objects.update(issuer="http://127.0.0.1:1")
    assert client.get(LEAVE)["Location"] == reverse("login")
    assert "连不上" in client.get(reverse("login")).text


def test_a_provider_that_is_off_is_not_there(client: Any, there: Provider) -> None:
    IdentityProvider.objects.update(is_active=False)
    assert client.get(LEAVE).status_code == 404
    assert "省统一身份认证" not in client.get(reverse("login")).text


def test_the_secret_is_sealed_and_stays_when_left_empty(there: Provider) -> None:
    row = IdentityProvider.objects.get()
    assert SECRET not in row.secret
    actions.save_provider(provider=row, actor=Actor.system(), at=MONDAY_9)
    assert IdentityProvider.objects.get().open_secret() == SECRET
    assert SECRET not in str(list(Event.objects.values_list("detail", flat=True)))
