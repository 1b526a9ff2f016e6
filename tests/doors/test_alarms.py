"""Alarms of devices become cases in the right grid, each once."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases.models import Case, FilingCondition, Support
from doors.models import Alarm, AlarmRule, Device, Scope
from governance import clock
from governance.models import Event
from tests.cases.conftest import MONDAY_9, SPOT


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)


@pytest.fixture
def send(client, world, key_of):
    AlarmRule.objects.create(
        kind="manhole", name="井盖位移", category=world.categories["stall"],
        window_minutes=60,
    )  # fmt: skip
    _key, text = key_of(None, scopes=[Scope.ALARMS_WRITE])

    def alarm(alarm_id, **more):
        body = {
            "device": "MH-1", "alarm_id": alarm_id, "kind": "manhole",
            "lng": SPOT[0], "lat": SPOT[1], "reading": {"倾角": "31°"}, **more,
        }  # fmt: skip
        return client.post(
            reverse("api_alarms"), body, "application/json", headers={"X-Api-Key": text}
        )

    return alarm


def test_an_alarm_becomes_a_case_in_its_grid(send):
    first = send("a1")
    assert first.status_code == 201, first.json()
    case = Case.objects.get()
    assert case.source == Case.Source.DEVICE
    assert case.placement_code == "990101001001001"
    assert "31°" in case.description
    again = send("a1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert Alarm.objects.count() == Case.objects.count() == 1
    other = send("a1", reading={"倾角": "2°"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_repeated_alarms_join_the_open_case_within_the_window(send, monkeypatch):
    case = send("a1").json()["case"]
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(minutes=59))
    words = "倾" * 300
    second = send("a2", description=words, address="和平路 12 号").json()
    assert (second["case"], second["is_joined"]) == (case, True)
    assert words in Support.objects.get().note
    event = Event.objects.filter(action="doors.take_alarm").latest("pk")
    assert event.detail["address"] == "和平路 12 号"
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(minutes=200))
    third = send("a3").json()
    assert third["case"] != case
    assert not third["is_joined"]


def test_what_cannot_be_a_case_is_refused_and_leaves_nothing(send):
    for wrong, field in (
        ({"kind": "nothing"}, "kind"),
        ({"lng": None}, "lng"),
    ):
        answer = send("a1", **wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert "“感知设备”里登记安装位置" in answer.json()["message"]
    assert not Device.objects.exists()
    assert not Case.objects.exists()


def test_a_device_whose_place_was_entered_needs_to_say_none(send, admin_client):
    send("a1")
    device = Device.objects.get()
    page = reverse("admin:doors_device_change", args=[device.pk])
    given = {"client": device.client_id, "code": "MH-1", "is_active": "on"}
    half = admin_client.post(page, {**given, "lng": SPOT[0]})
    assert "经度和纬度要一起填写" in half.content.decode()
    nowhere = admin_client.post(page, {**given, "lng": 999, "lat": 0})
    assert "坐标不正确" in nowhere.content.decode()
    place = {"lng": SPOT[0], "lat": SPOT[1], "crs": "cgcs2000"}
    assert admin_client.post(page, {**given, **place}).status_code == 302
    device.refresh_from_db()
    assert (device.point.x, device.point.y) == SPOT
    assert f'value="{SPOT[0]}"' in admin_client.get(page).content.decode()
    Case.objects.update(confidential=True)  # so that the next joins none
    second = send("a2", lng=None, lat=None)
    assert second.status_code == 201, second.json()
    case = Case.objects.get(pk=second.json()["case"])
    assert case.placement_code == "990101001001001"


def test_people_do_not_send_alarms(client, world):
    client.force_login(world.postings["acceptor"].user)
    answer = client.post(reverse("api_alarms"), {}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "key_required")


def rule(**more):
    AlarmRule.objects.update(**more)
    return AlarmRule.objects.get()


def test_a_rule_carries_the_condition_of_the_case(send):
    condition = AlarmRule.objects.get().category.conditions.get()
    rule(condition=condition)
    case = Case.objects.get(pk=send("a1").json()["case"])
    assert case.condition == condition
    condition.is_active = False
    condition.save()
    Case.objects.update(confidential=True)  # so that the next joins none
    other = Case.objects.get(pk=send("a2").json()["case"])
    assert other.condition is None


@pytest.mark.parametrize(
    ("reading", "unfiled"),
    [
        ({"倾角": "14.9°"}, "below"),
        ({"倾角": "-20"}, "below"),
        ({"倾角": "15"}, ""),
        ({"倾角": "约 31 度"}, ""),
        ({"倾角": "约−2 度"}, "below"),
        ({"倾角": "探头A-31"}, ""),
        ({"倾角": "1,250"}, ""),
        ({"倾角": "2e3"}, ""),
        ({"倾角": "3 号探头 31°"}, ""),
        ({"倾角": "0" * 100}, "below"),
        ({"水位": "2"}, ""),
        ({"倾角": "很大"}, ""),
    ],
)
def test_below_the_threshold_it_is_only_kept(send, reading, unfiled):
    rule(measure="倾角", at_least=15)
    answer = send("a1", reading=reading)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["unfiled"] == unfiled
    assert (answer.json()["case"] is None) == bool(unfiled)
    assert Case.objects.count() == (0 if unfiled else 1)
    assert Alarm.objects.count() == 1
    again = send("a1", reading=reading)
    assert (again.status_code, again.json()) == (200, answer.json())


def test_after_a_case_is_closed_the_device_is_quiet_for_a_while(send, monkeypatch):
    rule(quiet_minutes=120)
    case = Case.objects.get(pk=send("a1").json()["case"])
    Case.objects.filter(pk=case.pk).update(
        underway=False, state="CLOSED", closed_at=MONDAY_9
    )
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(minutes=119))
    quiet = send("a2").json()
    assert (quiet["case"], quiet["unfiled"]) == (None, "quiet")
    assert send("b1", device="MH-2").json()["case"]
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9 + timedelta(minutes=121))
    assert send("a3").json()["case"] not in (None, case.pk)
    told = Event.objects.filter(action="doors.take_alarm").order_by("pk")
    assert [one.detail["unfiled"] for one in told] == ["", "quiet", "", ""]


def test_the_form_of_a_rule(admin_client, world):
    stall, other = world.categories["stall"], world.categories["cover"]
    page = reverse("admin:doors_alarmrule_add")
    given = {
        "kind": "tilt", "name": "倾斜", "category": stall.pk, "window_minutes": 60,
        "quiet_minutes": 30, "is_active": "on", "at_least": "15.5",
    }  # fmt: skip
    strange = other.conditions.first() or FilingCondition.objects.create(
        category=other, text="另一小类的条件", limit_n=1, limit_unit="WORK_DAY"
    )
    wrong = admin_client.post(page, {**given, "condition": strange.pk})
    content = wrong.content.decode()
    assert "不属于所选的小类" in content and "按哪个读数判断，例如" in content
    assert not AlarmRule.objects.exists()
    own = stall.conditions.get()
    good = {**given, "condition": own.pk, "measure": "倾角"}
    assert admin_client.post(page, good).status_code == 302
    made = AlarmRule.objects.get()
    assert (made.condition, float(made.at_least)) == (own, 15.5)
    assert Event.objects.filter(action="doors.save_alarmrule").count() == 1
