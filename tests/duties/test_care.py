"""Care targets: registered with a basis, masked, opened with a reason, emptied."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from duties import actions
from duties.models import CareTarget
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.duties.conftest import GRID_A, GRID_B, Duties

SECRETS = ("王秀英", "13812345678", "301")


def form(duties: Duties, **more: Any) -> dict[str, Any]:
    return {
        "grid": duties.world.areas[GRID_A].pk, "name": "王秀英",
        "telephone": "13812345678", "building": "幸福里 3 栋", "room": "301",
        "services": ["living_alone"], "legal_basis": "consent",
        "consent_date": "2026-10-01", "worker": duties.world.user_id("grid_a"),
        "every_days": "7", "next_visit_date": "2026-11-24",
        "review_date": "2027-10-01", **more,
    }  # fmt: skip


def test_the_community_registers_and_the_columns_are_sealed(duties: Duties) -> None:
    client = duties.client("acceptor")
    assert client.get(reverse("care_register")).status_code == 200
    answer = client.post(reverse("care_register"), form(duties))
    target = CareTarget.objects.get()
    assert answer.url == reverse("care_target", args=[target.pk])
    for sealed, clear in (
        (target.name, "王秀英"), (target.telephone, "13812345678"),
        (target.room, "301"),
    ):  # fmt: skip
        assert clear not in sealed and crypto.unseal(sealed) == clear
    event = Event.objects.get(chain=target.chain)
    assert event.action == "duties.register_care_target"
    assert not any(secret in str(event.detail) for secret in SECRETS[:2])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"consent_date": ""}, "请填写本人或监护人同意的日期"),
        ({"legal_basis": "statutory", "consent_date": ""}, "请写明法定职责的依据"),
        ({"consent_date": "2026-12-01"}, "同意日期不能晚于今天"),
        ({"review_date": "2026-11-23"}, "复核日期要晚于今天"),
        ({"telephone": "abc"}, "电话号码不正确"),
        ({"services": []}, "请选择服务类别"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(
    duties: Duties, given: dict[str, Any], sentence: str
) -> None:
    client = duties.client("acceptor")
    answer = client.post(reverse("care_register"), form(duties, **given))
    content = answer.content.decode()
    assert answer.status_code == 422 and sentence in content
    assert "幸福里 3 栋" in content
    assert not CareTarget.objects.exists() and not Event.objects.filter(
        action="duties.register_care_target"
    )


def test_a_worker_of_another_grid_does_not_answer_for_it(duties: Duties) -> None:
    other = duties.world.user_id("grid_b")
    answer = duties.client("acceptor").post(
        reverse("care_register"), form(duties, worker=other)
    )
    assert answer.status_code == 422
    assert "要是这个网格的网格员" in answer.content.decode()


def test_only_the_community_registers(duties: Duties) -> None:
    answer = duties.client("dispatcher").get(reverse("care_register"))
    assert answer.status_code == 422
    assert "关爱服务对象由社区登记" in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        ("grid_a", True), ("acceptor", True), ("dispatcher", True),
        ("grid_b", False), ("other_dispatcher", False), ("urban", False),
        ("district", False), ("assessor", False),
    ],
)  # fmt: skip
def test_the_scope_is_as_narrow_as_the_work(
    duties: Duties, name: str, sees: bool
) -> None:
    target = duties.target()
    client = duties.client(name)
    listed = client.get(reverse("care_targets")).content.decode()
    assert ("王**" in listed) == sees
    status = 200 if sees else 404
    for route in ("care_target", "care_contact"):
        url = reverse(route, args=[target.pk])
        assert client.get(url).status_code == status
    answer = client.post(url, {"reason": "上门"})
    assert answer.status_code == status
    assert Event.objects.filter(action="duties.reveal_care_target").exists() == sees


@pytest.mark.parametrize("name", ["grid_a", "acceptor", "dispatcher"])
def test_pages_show_masked_values_only(duties: Duties, name: str) -> None:
    target = duties.target()
    client = duties.client(name)
    for url in (
        reverse("care_targets"),
        reverse("care_targets") + "?service=living_alone",
        reverse("care_target", args=[target.pk]),
        reverse("care_contact", args=[target.pk]),
    ):
        content = client.get(url).content.decode()
        assert "138****5678" in content
        assert not any(f">{secret}<" in content for secret in SECRETS)
        assert "王秀英" not in content and "13812345678" not in content
    for query in ("?service=child", "?page=7", f"?page={'9' * 18}"):
        empty = client.get(reverse("care_targets") + query).content.decode()
        assert "138****5678" not in empty
    first = client.get(reverse("care_targets") + f"?page={'9' * 30}").content.decode()
    assert "138****5678" in first


def test_the_piece_for_htmx_opens_in_place(duties: Duties) -> None:
    target = duties.target()
    client = duties.client("grid_a")
    url = reverse("care_contact", args=[target.pk])
    headers = {"HX-Request": "true"}
    piece = client.get(url, headers=headers).content.decode()
    assert "<html" not in piece and "查看用途" in piece
    opened = client.post(url, {"reason": "电话问候"}, headers=headers)
    assert "13812345678" in opened.content.decode()


def test_a_review_moves_the_date_and_leaves_one_event(duties: Duties) -> None:
    target = duties.target(review_date=date(2026, 12, 1))
    client = duties.client("acceptor")
    url = reverse("care_step", args=[target.pk, "review"])
    assert client.post(url, {"review_date": "2026-11-01"}).status_code == 422
    assert client.post(url, {"review_date": "2027-12-01"}).status_code == 302
    target.refresh_from_db()
    assert target.review_date == date(2027, 12, 1)
    assert Event.objects.filter(action="duties.review_care_target").count() == 1


def test_ending_empties_what_was_sealed(duties: Duties) -> None:
    target = duties.target()
    client = duties.client("acceptor")
    url = reverse("care_step", args=[target.pk, "end"])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "本人撤回同意"}).status_code == 302
    target.refresh_from_db()
    assert (target.name, target.telephone, target.room) == ("", "", "")
    assert (
        "已退出服务"
        in client.get(reverse("care_target", args=[target.pk])).content.decode()
    )
    with pytest.raises(Refused, match="联系方式已清除"):
        actions.reveal_care_target(
            target_id=target.pk, reason="x", actor=duties.actor("acceptor"), at=MONDAY_9
        )


def test_grid_workers_neither_review_nor_end(duties: Duties) -> None:
    target = duties.target()
    answer = duties.client("grid_a").post(
        reverse("care_step", args=[target.pk, "end"]), {"reason": "搬走"}
    )
    assert answer.status_code == 422
    assert "由所在社区管理" in answer.content.decode()
    target.refresh_from_db()
    assert target.ended_at is None


def test_the_list_costs_the_same_however_long(
    duties: Duties, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        duties.target(GRID_A if number % 2 else GRID_B, room=f"10{number}")
    client = duties.client("acceptor")
    with django_assert_max_num_queries(7):
        client.get(reverse("care_targets"))
