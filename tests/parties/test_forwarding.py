"""Which messages leave the house, by which channel and to whom."""

from typing import Any

import pytest

from governance import crypto
from governance.models import Job
from parties.models import Address, Delivery, Importance, Notification, Preference
from parties.roles import Role
from tests.parties.channel_road import SECRET, a_channel, a_webhook, tell
from tests.parties.conftest import AT

pytestmark = pytest.mark.django_db
URL = "https://receiver.example.cn/"


def an_address(user: Any, kind: str = "email", value: str = "a@example.cn") -> Address:
    return Address.objects.create(
        user=user, kind=kind, value=crypto.seal(value), digest=value, created_at=AT
    )


def titles() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("title", flat=True))


def test_without_channels_only_the_bell_rings(acceptor: Any) -> None:
    tell([acceptor.user_id], "a", AT)
    assert Notification.objects.count() == 1
    assert not Delivery.objects.exists()
    assert not Job.objects.exists()


def test_a_group_is_told_once_however_many_of_it_are_told(
    acceptor: Any, colleague: Any
) -> None:
    a_webhook(URL, AT)
    tell([acceptor.user_id, colleague.user_id], "a", AT)
    tell([acceptor.user_id, colleague.user_id], "a", AT)
    assert Notification.objects.count() == 2
    delivery = Delivery.objects.get()
    assert (delivery.user_id, delivery.lane, delivery.subject) == (
        None, "case:1", "case:1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "kind", "expected"),
    [
        ({"urgent": True}, "notice", Importance.URGENT),
        ({}, "alert", Importance.ALERT),
        ({}, "todo", Importance.TODO),
        ({}, "notice", Importance.NOTICE),
        ({}, "system", Importance.NOTICE),
    ],
)
def test_a_channel_carries_what_it_was_set_up_for(
    acceptor: Any, given: dict[str, bool], kind: str, expected: Importance
) -> None:
    for one in Importance:
        a_webhook(URL, AT, name=one, importances=[one])
    tell([acceptor.user_id], "a", AT, kind=kind, **given)
    assert Delivery.objects.get().channel.name == expected


def test_a_channel_serves_a_unit_a_role_or_a_person(
    acceptor: Any, colleague: Any, stranger: Any, committee: Any
) -> None:
    a_webhook(URL, AT, name="单位", organisation_id=committee.pk)
    a_webhook(URL, AT, name="角色", role=Role.COMMUNITY_ACCEPTOR)
    a_webhook(
        URL, AT, name="两者", organisation_id=committee.pk, role=Role.DEPARTMENT_LIAISON
    )
    a_webhook(URL, AT, name="本人", person_id=stranger.user_id)

    def told(posting: Any, key: str) -> set[str]:
        tell([posting.user_id], key, AT)
        found = Delivery.objects.filter(key__startswith=f"{key}@")
        return set(found.values_list("channel__name", flat=True))

    assert told(acceptor, "a") == {"单位", "角色"}
    assert told(colleague, "b") == {"单位"}
    assert told(stranger, "c") == {"本人"}


def test_who_left_the_unit_is_no_longer_of_it(acceptor: Any, committee: Any) -> None:
    a_webhook(URL, AT, organisation_id=committee.pk)
    acceptor.ends_at = AT
    acceptor.save()
    tell([acceptor.user_id], "a", AT)
    assert not Delivery.objects.exists()


def test_a_personal_channel_writes_to_each_ones_own_address(
    acceptor: Any, colleague: Any, stranger: Any
) -> None:
    a_channel("email", AT, options={"sender": ""})
    an_address(acceptor.user)
    an_address(colleague.user, value="b@example.cn")
    an_address(stranger.user, kind="phone", value="13800000000")
    tell([acceptor.user_id, colleague.user_id, stranger.user_id], "a", AT)
    found = Delivery.objects.order_by("pk")
    assert {one.user_id for one in found} == {acceptor.user_id, colleague.user_id}
    assert len({one.lane for one in found}) == 2


def test_a_person_chooses_what_comes_by_a_channel(acceptor: Any) -> None:
    channel = a_channel("email", AT, options={"sender": ""})
    an_address(acceptor.user)
    Preference.objects.create(
        user=acceptor.user, channel=channel, importances=[Importance.URGENT]
    )
    tell([acceptor.user_id], "a", AT)
    tell([acceptor.user_id], "b", AT, urgent=True)
    assert titles() == ["消息 b"]
    assert Notification.objects.count() == 2


def test_of_a_confidential_case_nothing_is_said_outside(acceptor: Any) -> None:
    a_webhook(URL, AT)
    a_channel("email", AT, options={"sender": ""})
    an_address(acceptor.user)
    tell([acceptor.user_id], "a", AT, body="幸福路 1 号", confidential=True)
    delivery = Delivery.objects.get()
    assert delivery.channel.kind == "email"
    assert delivery.title == "您有一条保密案件的消息，请登录后查看。"
    assert delivery.body == ""
    assert Notification.objects.get().body == "幸福路 1 号"


def test_message_and_letters_are_written_together_or_not_at_all(
    acceptor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_webhook(URL, AT)

    def fail(**_: Any) -> None:
        raise RuntimeError("no more room")

    monkeypatch.setattr("governance.events.enqueue", fail)
    with pytest.raises(RuntimeError, match="no more room"):
        tell([acceptor.user_id], "a", AT)
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_one_query_is_the_price_where_there_are_no_channels(
    acceptor: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(4):  # savepoint, insert, channels, release
        tell([acceptor.user_id], "a", AT)


def test_the_secret_is_sealed(acceptor: Any) -> None:
    channel = a_webhook(URL, AT)
    channel.refresh_from_db()
    assert SECRET not in channel.secrets
    assert channel.given() == {"url": URL, "secret": SECRET}
