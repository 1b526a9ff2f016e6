"""The administration's forms of bridges and of signing in by another system."""

from typing import Any

import pytest
from django.urls import reverse

from doors import actions
from doors.models import (
    ApiClient,
    AreaMapping,
    BridgeSource,
    CategoryMapping,
    ExternalIdentity,
    IdentityProvider,
)
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Channel, Delivery
from tests.cases.conftest import COMMUNITY, MONDAY_9, World
from tests.cases.road import signed_in

SOURCES = reverse("admin:doors_bridgesource_add")
PROVIDERS = reverse("admin:doors_identityprovider_add")
IDENTITIES = reverse("admin:doors_externalidentity_add")


def rows(name: str, *given: dict[str, Any]) -> dict[str, Any]:
    """A table below the form, as the browser sends it."""
    sent: dict[str, Any] = {
        f"{name}-TOTAL_FORMS": len(given), f"{name}-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, row in enumerate(given):
        sent |= {f"{name}-{number}-{field}": value for field, value in row.items()}
    return sent


@pytest.fixture
def source(world: World, client_of: Any) -> dict[str, Any]:
    """What an administrator fills in for a source with one line in each table."""
    return {
        "code": "12345",
        "name": "12345 热线",
        "client": client_of("dispatcher").pk,
        "desk": world.orgs["street"].pk,
        "is_active": "on",
        "callback_url": "https://hotline.example.cn/status",
        **rows(
            "categories",
            {"external_code": "A01", "category": world.categories["lane"].pk},
        ),
        **rows("areas", {"external_code": "X", "area": world.areas[COMMUNITY].pk}),
    }


def test_a_source_is_made_with_its_tables_and_its_secret_is_shown_once(
    admin_client: Any, source: dict[str, Any], world: World
) -> None:
    shown = admin_client.post(SOURCES, source, follow=True)
    made = BridgeSource.objects.get()
    assert made.channel is not None
    secret = made.channel.open_secrets()["secret"]
    assert secret in shown.text
    assert CategoryMapping.objects.get().category == world.categories["lane"]
    assert AreaMapping.objects.get().area == world.areas[COMMUNITY]
    page = reverse("admin:doors_bridgesource_change", args=[made.pk])
    again = admin_client.get(page)
    assert again.status_code == 200
    assert secret not in again.text
    event = Event.objects.get(action="doors.save_source")
    assert secret not in str(event.detail)
    assert event.detail["after"]["code"] == "12345"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"callback_url": "hotline.example.cn"}, "从 https:// 开始填写"),
        ({"callback_url": "https://a:b@hotline.example.cn/"}, "不要写用户名和密码"),
        ({"code": "热线"}, "errorlist"),
        ({"desk": ""}, "必填"),
        ({"categories-0-category": ""}, "必填"),
    ],
)
def test_what_is_wrong_with_a_source_is_said_and_nothing_is_lost(
    admin_client: Any, source: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    shown = admin_client.post(SOURCES, {**source, **change})
    assert shown.status_code in (200, 422)
    assert sentence in shown.text
    assert 'value="12345 热线"' in shown.text
    assert not BridgeSource.objects.exists()
    assert not Event.objects.filter(action="doors.save_source").exists()


def test_a_source_is_changed_and_never_deleted(
    admin_client: Any, source: dict[str, Any]
) -> None:
    admin_client.post(SOURCES, {**source, "callback_url": ""})
    made = BridgeSource.objects.get()
    assert made.channel is None
    page = reverse("admin:doors_bridgesource_change", args=[made.pk])
    mapping = CategoryMapping.objects.get()
    changed = {
        **source, "is_active": "", "callback_url": "",
        **rows("categories"), **rows("areas"),
        "categories-TOTAL_FORMS": 1, "categories-INITIAL_FORMS": 1,
        "categories-0-id": mapping.pk, "categories-0-source": made.pk,
        "categories-0-external_code": "B02",
        "categories-0-category": mapping.category_id,
    }  # fmt: skip
    assert admin_client.post(page, changed).status_code == 302
    made.refresh_from_db()
    mapping.refresh_from_db()
    assert (made.is_active, mapping.external_code) == (False, "B02")
    last = Event.objects.filter(action="doors.save_source").latest("pk")
    assert last.detail["before"]["is_active"] is True
    gone = reverse("admin:doors_bridgesource_delete", args=[made.pk])
    assert admin_client.post(gone, {"post": "yes"}).status_code == 403
    listed = admin_client.get(reverse("admin:doors_bridgesource_changelist"))
    assert "12345 热线" in listed.text


PROVIDER = {
    "code": "gov", "name": "省统一身份认证", "issuer": "https://id.example.cn",
    "client_id": "wangge", "scopes": "openid profile", "is_active": "on",
    "new_secret": "very-secret",
}  # fmt: skip


def test_a_provider_is_made_and_its_secret_is_never_shown(admin_client: Any) -> None:
    assert admin_client.post(PROVIDERS, PROVIDER).status_code == 302
    made = IdentityProvider.objects.get()
    assert made.open_secret() == "very-secret"
    assert "very-secret" not in made.secret
    page = reverse("admin:doors_identityprovider_change", args=[made.pk])
    assert "very-secret" not in admin_client.get(page).text
    event = Event.objects.get(action="doors.save_provider")
    assert event.detail["secret_changed"] is True
    assert "very-secret" not in str(event.detail)
    kept = {**PROVIDER, "new_secret": "", "client_id": "wangge-2"}
    assert admin_client.post(page, kept).status_code == 302
    made.refresh_from_db()
    assert (made.client_id, made.open_secret()) == ("wangge-2", "very-secret")
    gone = reverse("admin:doors_identityprovider_delete", args=[made.pk])
    assert admin_client.post(gone, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"issuer": "ftp://id.example.cn"}, "wangge"), ({"client_id": ""}, "gov")],
)
def test_what_is_wrong_with_a_provider_is_said(
    admin_client: Any, change: dict[str, str], kept: str
) -> None:
    shown = admin_client.post(PROVIDERS, {**PROVIDER, **change})
    assert "errorlist" in shown.text
    assert f'value="{kept}"' in shown.text
    assert not IdentityProvider.objects.exists()


@pytest.fixture
def provider(db: None) -> IdentityProvider:
    row = IdentityProvider(
        code="gov", name="省统一身份认证", issuer="https://id.example.cn", client_id="w"
    )
    actions.save_provider(provider=row, actor=Actor.system(), at=MONDAY_9)
    return row


def test_who_came_is_bound_and_unbound(
    admin_client: Any, provider: IdentityProvider, world: World
) -> None:
    came = actions.arrive(provider=provider, subject="u-1", name="张三", at=MONDAY_9)
    waiting = reverse("admin:doors_externalidentity_changelist")
    assert "u-1" in admin_client.get(waiting, {"user__isempty": "1"}).text
    page = reverse("admin:doors_externalidentity_change", args=[came.pk])
    user = world.postings["acceptor"].user
    for chosen, bound in ((user.pk, user), ("", None)):
        assert admin_client.post(page, {"user": chosen}).status_code == 302
        came.refresh_from_db()
        assert came.user == bound
        assert came.subject == "u-1"
    found = Event.objects.filter(action="doors.bind_identity").order_by("pk")
    assert [(one.detail["before"], one.detail["after"]) for one in found] == [
        (None, user.pk), (user.pk, None),
    ]  # fmt: skip


def test_somebody_is_bound_beforehand_and_once(
    admin_client: Any, provider: IdentityProvider, world: World
) -> None:
    user = world.postings["acceptor"].user
    given = {"provider": provider.pk, "subject": "u-7", "user": user.pk}
    assert admin_client.post(IDENTITIES, given).status_code == 302
    assert ExternalIdentity.objects.get().user == user
    again = admin_client.post(IDENTITIES, given)
    assert "errorlist" in again.text
    assert ExternalIdentity.objects.count() == 1


@pytest.mark.parametrize("address", [SOURCES, PROVIDERS, IDENTITIES])
def test_nobody_else_gets_to_these_forms(
    client: Any, world: World, address: str
) -> None:
    assert client.get(address).status_code == 302
    got = signed_in(world, "dispatcher").get(address)
    assert got.status_code in (302, 403)
    assert "errorlist" not in got.text
    with pytest.raises(Refused):
        actions.save_provider(
            provider=IdentityProvider(code="x", name="x"), actor=world.actor("fire"),
            at=MONDAY_9,
        )  # fmt: skip
    assert not IdentityProvider.objects.exists()


def test_a_push_is_opened_for_a_client_and_its_secret_shown_once(
    admin_client: Any, world: World, file_case: Any
) -> None:
    """The subscription that a client can open by itself, made by an administrator."""
    given = {
        "name": "数据平台", "organisation": world.orgs["street"].pk,
        "contact": "张工 13800000000", "posting": world.postings["acceptor"].pk,
        "scopes": ["messages"], "per_minute": 120, "is_active": "on",
        "push_url": "https://data.example.cn/hook",
    }  # fmt: skip
    add = reverse("admin:doors_apiclient_add")
    for change, sentence in (
        ({"posting": ""}, "请先指定任职"),
        ({"push_url": "data.example.cn"}, "从 https:// 开始填写"),
    ):
        shown = admin_client.post(add, {**given, **change})
        assert sentence in shown.text
        assert not Channel.objects.exists()
    shown = admin_client.post(add, given, follow=True)
    channel = Channel.objects.get()
    assert channel.open_secrets()["secret"] in shown.text
    assert (channel.posting, channel.reserved) == (world.postings["acceptor"], True)
    file_case()
    assert Delivery.objects.get(channel=channel).data["type"] == "case.report"
    page = reverse("admin:doors_apiclient_change", args=[ApiClient.objects.get().pk])
    again = admin_client.post(page, given)
    assert "已有推送" in again.text
    assert admin_client.post(page, {**given, "push_url": ""}).status_code == 302
    assert Channel.objects.count() == 1
    world.hire("管理员", "system_admin", "street", "990101001")
    listed = signed_in(world, "管理员").get(reverse("channels"))
    assert "数据平台 推送" in listed.text
