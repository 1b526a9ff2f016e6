"""Work orders of a 12345-like system: in, again, changed, held, and told back."""

import json
from typing import Any

import pytest
from django.urls import reverse

from cases import actions as cases
from cases.models import Case
from doors import actions
from doors.models import (
    AreaMapping,
    BridgeSource,
    CategoryMapping,
    WorkOrder,
)
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Delivery, Notification
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT, World
from tests.parties.channel_road import catch_up
from tests.parties.receiver import receiving

ORDERS = reverse("api_work_orders")


@pytest.fixture(autouse=True)
def nine_o_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)


@pytest.fixture
def hotline(world: World, key_of: Any) -> tuple[BridgeSource, str]:
    """The source `12345` with its key; code A01 is the first category here."""
    world.hire("坐席", "hotline_agent", "district", "990101")
    key, text = key_of("坐席", scopes=["bridge"])
    source = BridgeSource(
        code="12345", name="12345 热线", client=key.client, desk=world.orgs["street"]
    )
    actions.save_source(source=source, actor=Actor.system(), at=MONDAY_9)
    category = next(iter(world.categories.values()))
    CategoryMapping.objects.create(
        source=source, external_code="A01", category=category
    )
    AreaMapping.objects.create(
        source=source, external_code="幸福", area=world.areas[COMMUNITY]
    )
    return source, text


@pytest.fixture
def send(client: Any, hotline: tuple[BridgeSource, str]) -> Any:
    def send(**more: Any) -> Any:
        body = {
            "source": "12345", "external_id": "SZ-7", "category": "A01",
            "description": "三家水果摊摆上人行道，行人只能走车道。",
            "address": "和平路 12 号", "lng": SPOT[0], "lat": SPOT[1],
            "complainant_name": "王某某", "complainant_contact": "13812341234", **more,
        }  # fmt: skip
        return client.post(
            ORDERS,
            data=json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {hotline[1]}"},
        )

    return send


def test_an_order_becomes_a_case_of_the_hotline(send: Any, world: World) -> None:
    got = send()
    assert got.status_code == 201, got.text
    case = Case.objects.get()
    assert got.json()["case"] == case.case_no
    assert got.json()["status"] == "received"
    assert (case.source, case.external_no) == ("hotline", "SZ-7")
    assert case.origin_label == "12345 热线"
    assert case.has_complainant
    order = WorkOrder.objects.get()
    assert order.case == case
    events = Event.objects.filter(chain=order.chain)
    assert [one.action for one in events] == ["doors.receive_order"]
    assert "13812341234" not in json.dumps(order.contents.get().body)


def test_the_same_again_is_the_same_answer_and_changes_nothing(send: Any) -> None:
    first, events = send(), Event.objects.count()
    again = send()
    assert (again.status_code, again.json()) == (200, first.json())
    assert Event.objects.count() == events
    assert Case.objects.count() == WorkOrder.objects.count() == 1


def test_the_number_is_unique_only_within_its_source(
    send: Any, hotline: Any, world: World
) -> None:
    other = BridgeSource(
        code="mayor", name="市长信箱", client=hotline[0].client,
        desk=world.orgs["street"],
    )  # fmt: skip
    actions.save_source(source=other, actor=Actor.system(), at=MONDAY_9)
    send()
    assert send(source="mayor").status_code == 201
    assert WorkOrder.objects.filter(external_id="SZ-7").count() == 2


def test_other_content_is_noted_on_the_open_case(send: Any) -> None:
    send()
    case = Case.objects.get()
    got = send(description="现在有五家了，还占了盲道，请尽快处理。")
    assert got.status_code == 200
    last = Event.objects.filter(chain=case.chain).latest("seq")
    assert last.action == "cases.note_incoming"
    assert "现在有五家了" in last.detail["opinion"]
    case.refresh_from_db()
    assert "五家" not in case.description
    # The first version once more, late: known, and nothing happens.
    events = Event.objects.count()
    assert send().status_code == 200
    assert Event.objects.count() == events


def test_a_new_telephone_number_does_not_stand_in_the_journal(send: Any) -> None:
    send()
    send(complainant_contact="13900000000")
    last = Event.objects.filter(action="cases.note_incoming").get()
    assert "联系方式有变" in last.detail["opinion"]
    assert "13900000000" not in json.dumps(last.detail)


def test_other_content_for_what_is_over_is_kept_and_refused(
    send: Any, world: World
) -> None:
    send()
    case = Case.objects.get()
    cases.reject(
        case_id=case.pk, reason="not_ours", opinion="不属受理范围",
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    for _twice in range(2):
        got = send(description="请继续办理这个问题，还没有解决。")
        assert got.status_code == 409
        assert got.json()["code"] == "settled"
    assert send().status_code == 200
    kept = WorkOrder.objects.get().contents.order_by("number")
    assert [one.outcome for one in kept] == ["first", "refused"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"category": "Z99", "category_name": "新类别"}, "unknown_category"),
        ({"lng": None, "lat": None, "area": "别处"}, "unknown_area"),
        ({"description": "太短"}, "short"),
        ({"address": ""}, "required"),
    ],
)
def test_what_is_not_understood_waits_for_the_desk(
    send: Any, world: World, more: dict[str, Any], code: str
) -> None:
    got = send(**more)
    assert got.status_code == 201
    assert (got.json()["status"], got.json()["problem_code"]) == ("held", code)
    assert got.json()["case"] is None
    assert not Case.objects.exists()
    told = Notification.objects.filter(subject=WorkOrder.objects.get().chain)
    assert world.user_id("dispatcher") in told.values_list("user", flat=True)


def test_a_held_order_is_filed_when_better_content_comes(send: Any) -> None:
    send(category="Z99")
    got = send()
    assert (got.status_code, got.json()["status"]) == (200, "received")
    assert Case.objects.get().external_no == "SZ-7"


def test_without_a_position_the_area_table_says_where(send: Any, world: World) -> None:
    got = send(lng=None, lat=None, area="幸福")
    assert got.json()["status"] == "received"
    assert Case.objects.get().community == world.areas[COMMUNITY]


def decided(world: World, **more: Any) -> actions.Decision:
    given = {
        "category_id": next(iter(world.categories.values())).pk,
        "description": "三家水果摊摆上人行道，行人只能走车道。",
        "address": "和平路 12 号", "community_code": COMMUNITY, **more,
    }  # fmt: skip
    return actions.Decision(**given)


def test_the_desk_files_it_and_remembers_the_category(send: Any, world: World) -> None:
    send(category="Z99")
    order = WorkOrder.objects.get()
    actions.file_order(
        order_id=order.pk, decision=decided(world, remember=True),
        actor=world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    order.refresh_from_db()
    case = order.case
    assert case is not None
    assert (order.status, order.problem) == ("received", "")
    filed = Event.objects.filter(chain=case.chain).earliest("seq")
    assert filed.actor["name"] == world.actor("dispatcher").name
    assert filed.actor["on_behalf_of"] == "坐席"
    assert case.reporter_id == world.user_id("坐席")
    assert send(external_id="SZ-8", category="Z99").json()["status"] == "received"


def test_only_the_desk_of_the_source_decides(send: Any, world: World) -> None:
    send(category="Z99")
    order, events = WorkOrder.objects.get(), Event.objects.count()
    for name in ("acceptor", "grid_a", "fire"):
        with pytest.raises(Refused) as refused:
            actions.file_order(
                order_id=order.pk, decision=decided(world), actor=world.actor(name),
                at=MONDAY_9,
            )  # fmt: skip
        assert refused.value.code == "role"
    assert Event.objects.count() == events


def test_an_order_goes_back_with_a_reason_once(
    send: Any, world: World, hotline: Any
) -> None:
    send(category="Z99")
    order, desk = WorkOrder.objects.get(), world.actor("dispatcher")
    given: dict[str, Any] = {"order_id": order.pk, "actor": desk, "at": MONDAY_9}
    with pytest.raises(Refused) as refused:
        actions.return_order(reason=" ", **given)
    assert refused.value.field == "reason"
    actions.return_order(reason="属外市，请转该市办理。", **given)
    order.refresh_from_db()
    assert order.status == "returned"
    with pytest.raises(Refused) as refused:
        actions.return_order(reason="再退一次", **given)
    assert refused.value.code == "settled"
    assert send(category="Z98").status_code == 409


def test_the_source_is_told_each_status_once_in_order_and_signed(
    send: Any, world: World, hotline: Any, turn: Any, settings: Any
) -> None:
    settings.CHANNEL_NETWORKS = ["127.0.0.0/8"]
    with receiving() as receiver:
        secret = actions.save_source(
            source=hotline[0], callback_url=receiver.url, actor=Actor.system(),
            at=MONDAY_9,
        )  # fmt: skip
        assert secret.startswith("whsec_")
        send()
        case = Case.objects.get()
        cases.reject(
            case_id=case.pk, reason="not_ours", opinion="属铁路部门管理",
            actor=world.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
        for _twice in range(2):
            actions.write_back(case_id=case.pk, at=MONDAY_9)
        catch_up(MONDAY_9)
        sent = [json.loads(one.body) for one in receiver.got]
        assert [one["type"] for one in sent] == [
            "work_order.received", "work_order.rejected",
        ]  # fmt: skip
        last = sent[-1]["data"]
        assert last["reason"] == "属铁路部门管理"
        assert (last["source"], last["external_id"]) == ("12345", "SZ-7")
        assert last["case"] == case.case_no
        assert all("webhook-signature" in one.headers for one in receiver.got)


def test_the_job_of_a_step_tells_the_source(
    send: Any, world: World, hotline: Any, turn: Any
) -> None:
    actions.save_source(
        source=hotline[0], callback_url="https://other.example.cn/",
        actor=Actor.system(), at=MONDAY_9,
    )  # fmt: skip
    Delivery.objects.all().delete()
    send()
    actions.write_back(case_id=Case.objects.get().pk, at=MONDAY_9)
    assert [one.data["status"] for one in Delivery.objects.all()] == ["received"]


def test_another_key_reaches_neither_source_nor_order(
    send: Any, client: Any, key_of: Any, hotline: Any
) -> None:
    send()
    _key, other = key_of("acceptor", scopes=["bridge"])
    _key, narrow = key_of("dispatcher", scopes=["cases:read"])
    address = reverse("api_work_order", args=["12345", "SZ-7"])

    def read(text: str) -> int:
        headers = {"Authorization": f"Bearer {text}"}
        return int(client.get(address, headers=headers).status_code)

    assert read(hotline[1]) == 200
    assert read(other) == 422
    assert read(narrow) == 403
    assert client.get(address).status_code == 401


def test_a_source_that_is_switched_off_takes_nothing(send: Any, hotline: Any) -> None:
    hotline[0].is_active = False
    actions.save_source(source=hotline[0], actor=Actor.system(), at=MONDAY_9)
    got = send()
    assert (got.status_code, got.json()["code"]) == (422, "unknown_source")
    assert not WorkOrder.objects.exists()


BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_the_desk_files_it_on_its_page(send: Any, world: World, client: Any) -> None:
    send(category="Z99", category_name="新类别")
    order = WorkOrder.objects.get()
    client.force_login(world.postings["dispatcher"].user, backend=BACKEND)
    listed = client.get(reverse("bridge_orders"), {"status": "held", "q": "SZ-7"})
    assert "没有对照" in listed.text
    page = client.get(reverse("bridge_order", args=[order.pk]))
    assert "138****1234" in page.text
    assert "13812341234" not in page.text
    given = {"address": "和平路 12 号", "description": "三家水果摊摆上人行道，请处理。"}
    address = reverse("bridge_file", args=[order.pk])
    wrong = client.post(address, given)
    assert wrong.status_code == 422
    assert "三家水果摊摆上人行道，请处理。" in wrong.text
    category = next(iter(world.categories.values())).pk
    assert client.post(address, {**given, "category": category}).status_code == 302
    order.refresh_from_db()
    assert order.case is not None
    page = client.get(reverse("bridge_order", args=[order.pk]))
    assert order.case.display_no in page.text


def test_the_desk_returns_it_on_its_page(send: Any, world: World, client: Any) -> None:
    send(category="Z99")
    order = WorkOrder.objects.get()
    client.force_login(world.postings["dispatcher"].user, backend=BACKEND)
    address = reverse("bridge_return", args=[order.pk])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "属外市"}).status_code == 302
    order.refresh_from_db()
    assert order.status == "returned"


def test_the_pages_are_for_the_desk_and_administrators(
    send: Any, world: World, client: Any
) -> None:
    send(category="Z99")
    listed = reverse("bridge_orders")
    page = reverse("bridge_order", args=[WorkOrder.objects.get().pk])
    assert client.get(listed).status_code == client.get(page).status_code == 302
    world.hire("管理员", "system_admin", "street", "990101001")
    for name, found in (
        ("管理员", (200, 200)), ("dispatcher", (200, 200)),
        ("director", (200, 404)), ("grid_a", (404, 404)), ("fire", (404, 404)),
    ):  # fmt: skip
        client.force_login(world.postings[name].user, backend=BACKEND)
        got = client.get(listed).status_code, client.get(page).status_code
        assert got == found, name
