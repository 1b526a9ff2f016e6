"""静默时段: what can wait is told in the morning, once; what is urgent at once."""

from datetime import time
from typing import Any

import pytest

from cases import actions
from cases.actions.quiet import set_quiet_hours, told_at
from cases.models import ClockAlert, Escalation, QuietHours
from governance.errors import Refused
from governance.models import Event, Job
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import World, at
from tests.cases.road import Road
from tests.cases.test_alerts import emergency
from tests.factories import PostingFactory

NIGHT = QuietHours(starts=time(21), ends=time(8))
NOON = QuietHours(starts=time(12), ends=time(14))


@pytest.mark.parametrize(
    ("hours", "moment", "told"),
    [
        (NIGHT, "2026-11-23 20:59", "2026-11-23 20:59"),
        (NIGHT, "2026-11-23 21:00", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 00:30", "2026-11-24 08:00"),
        (NIGHT, "2026-11-24 08:00", "2026-11-24 08:00"),
        (NOON, "2026-11-23 13:59", "2026-11-23 14:00"),
        (NOON, "2026-11-23 14:00", "2026-11-23 14:00"),
        (QuietHours(enabled=False, starts=time(21), ends=time(8)),
         "2026-11-24 00:30", "2026-11-24 00:30"),
    ],
)  # fmt: skip
def test_the_night_ends_in_the_morning(
    hours: QuietHours, moment: str, told: str
) -> None:
    assert told_at(at(moment), hours) == at(told)


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    """HANDLE of a lane: one natural day from 22:00, so that it ends at night."""
    condition = world.categories["lane"].conditions.get()
    condition.limit_n, condition.limit_unit = 1, "NATURAL_DAY"
    condition.save()
    return Road(world, file_case, photos, at("2026-11-23 22:00"))


def overdue() -> Any:
    return Notification.objects.filter(title__contains="处置已超时")


def test_an_alert_at_night_is_recorded_at_once_and_told_in_the_morning(
    road: Road, turn: Any
) -> None:
    case = road.joint()
    turn(at("2026-11-24 23:00"))
    assert ClockAlert.objects.get(
        clock__case=case, clock__stage="HANDLE", percent=100
    ).at == at("2026-11-24 22:00")
    assert Escalation.objects.filter(trigger="overdue", clock__stage="HANDLE").exists()
    assert not overdue().exists()
    turn(at("2026-11-25 07:59"))
    assert not overdue().exists()
    turn(at("2026-11-25 08:00"))
    names = sorted(overdue().values_list("user__name", flat=True))
    assert names == ["dispatcher", "fire", "street_leader"]


def test_the_waiting_message_is_neither_doubled_nor_lost(road: Road, turn: Any) -> None:
    road.joint()
    turn(at("2026-11-24 23:00"))
    waiting = Job.objects.filter(
        task="cases.tasks.tell_alert", args__title__startswith="处置已超时"
    )
    assert waiting.count() == 1
    # nobody rang all day: the relay was dead
    turn(at("2026-11-25 17:00"))
    assert overdue().count() == 3
    waiting.update(done_at=None)
    turn(at("2026-11-25 17:01"))
    assert overdue().count() == 3


def test_what_was_handed_in_at_night_is_not_told_as_overdue(
    road: Road, turn: Any
) -> None:
    case = road.joint()
    turn(at("2026-11-24 23:00"))
    waiting = Job.objects.filter(
        task="cases.tasks.tell_alert", args__title__startswith="处置已超时"
    )
    assert waiting.get().done_at is None
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="通道已清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=at("2026-11-24 23:30"),
    )  # fmt: skip
    turn(at("2026-11-25 08:00"))
    assert waiting.get().done_at is not None
    assert not overdue().exists()


def test_timers_that_were_not_rung_are_all_caught_up(road: Road, turn: Any) -> None:
    road.at = at("2026-11-23 09:00")
    case = road.joint()
    turn(at("2026-11-24 12:00"))
    percents = ClockAlert.objects.filter(clock__case=case, clock__stage="HANDLE")
    assert sorted(percents.values_list("percent", flat=True)) == [50, 80, 100]
    assert overdue().count() == 3


def test_emergencies_are_told_at_any_hour(
    world: World, file_case: Any, turn: Any
) -> None:
    emergency(world, file_case, turn, at("2026-11-22 22:38"))
    turn(at("2026-11-22 23:08"))
    told = Notification.objects.filter(title__contains="报到已超时")
    assert told.filter(created_at=at("2026-11-22 23:08")).exists()


def test_what_a_person_does_is_told_at_once(road: Road) -> None:
    case = road.joint()
    actions.urge(
        case_id=case.pk, opinion="请今晚办结", actor=road.world.actor("dispatcher"),
        at=at("2026-11-23 22:30"),
    )  # fmt: skip
    assert Notification.objects.filter(title__contains="催办").count() == 2


def test_the_administrator_sets_the_hours_and_nobody_else(world: World) -> None:
    given = {
        "enabled": True,
        "starts": time(22),
        "ends": time(7),
        "at": at("2026-11-23 09:00"),
    }
    with pytest.raises(Refused, match="系统管理员"):
        set_quiet_hours(**given, actor=world.actor("district"))
    assert not Event.objects.filter(action="cases.set_quiet_hours").exists()
    set_quiet_hours(**given, actor=Actor.system())
    set_quiet_hours(**{**given, "ends": time(6)}, actor=Actor.system())
    assert QuietHours.objects.get().ends == time(6)
    assert Event.objects.filter(action="cases.set_quiet_hours").count() == 2
    with pytest.raises(Refused, match="同一时刻"):
        set_quiet_hours(**{**given, "ends": time(22)}, actor=Actor.system())


def test_the_admin_page_sets_them(client: Any, world: World) -> None:
    posting = PostingFactory(
        post__role="system_admin", user__is_staff=True, user__is_superuser=True
    )
    client.force_login(posting.user)
    url = "/admin/cases/quiethours/add/"
    assert client.get(url).status_code == 200
    same = client.post(url, {"enabled": "on", "starts": "22:00", "ends": "22:00"})
    assert "同一时刻" in same.content.decode()
    done = client.post(url, {"enabled": "on", "starts": "22:00", "ends": "07:00"})
    assert done.status_code == 302
    assert str(QuietHours.objects.get()) == "22:00–07:00"
    assert client.get(url).status_code == 403
