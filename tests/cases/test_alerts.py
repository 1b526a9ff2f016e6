"""Clocks alert once, stand still while paused, and end what they ought to end."""

from datetime import timedelta
from typing import Any

import pytest

from cases import actions
from cases.models import Case, CaseClock, ClockAlert
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at, spot


def told(case: Case, stage: str) -> list[int]:
    alerts = ClockAlert.objects.filter(clock__case=case, clock__stage=stage)
    return sorted(alerts.values_list("percent", flat=True))


def emergency(world: Any, file_case: Any, turn: Any, when: Any) -> Case:
    """F2: an open manhole on a Sunday night; the shift head blows at 22:38."""
    case = file_case("cover", when=at("2026-11-22 22:30"))
    turn(at("2026-11-22 22:30"))
    actions.whistle(
        case_id=case.pk,
        call=actions.Call(
            kind="emergency",
            called=(actions.Called(world.orgs["urban"].pk, "lead", "围护补盖"),),
            condition_id=world.categories["cover"].conditions.get().pk,
            risk="行人可能坠落",
        ),
        actor=world.actor("shift_head"),
        at=when,
    )
    return Case.objects.get(pk=case.pk)


def test_emergency_whistle_runs_through_the_night(
    world: Any, file_case: Any, turn: Any
) -> None:
    case = emergency(world, file_case, turn, at("2026-11-22 22:38"))
    handle = CaseClock.objects.get(case=case, stage="HANDLE")
    checkin = CaseClock.objects.get(case=case, stage="CHECKIN")
    assert handle.due_at == at("2026-11-23 00:38")
    assert checkin.due_at == at("2026-11-22 23:08")
    blown = case.whistles.get()
    assert blown.confirmed_at is None
    actions.confirm_whistle(
        case_id=case.pk, whistle_id=blown.pk, actor=world.actor("street_leader"),
        at=at("2026-11-22 23:30"),
    )  # fmt: skip
    blown.refresh_from_db()
    assert blown.confirmed_by_id == world.user_id("street_leader")


def test_absent_department_is_flagged_and_the_state_stays(
    world: Any, file_case: Any, turn: Any
) -> None:
    case = emergency(world, file_case, turn, at("2026-11-22 22:38"))
    turn(at("2026-11-22 23:08"))
    assert case.assignments.get().checkin_overdue
    assert Case.objects.get(pk=case.pk).state == State.WHISTLED
    for name in ("urban_leader", "street_leader", "district"):
        mine = Notification.objects.filter(user=world.user_id(name))
        assert mine.filter(title__contains="报到已超时").count() == 1, name


def test_half_time_is_told_once_and_a_stopped_clock_tells_nothing_more(
    world: Any, file_case: Any, turn: Any, photos: Any
) -> None:
    case = emergency(world, file_case, turn, at("2026-11-22 22:38"))
    lead = world.actor("urban")
    actions.check_in(
        case_id=case.pk, mode="on_site", position=spot(), remark="", actor=lead,
        at=at("2026-11-22 23:00"),
    )  # fmt: skip
    turn(at("2026-11-22 23:39"))
    assert told(case, "HANDLE") == [50]
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已补盖", override="",
        photos=photos(lead, "after", when=at("2026-11-22 23:40")), actor=lead,
        at=at("2026-11-22 23:40"),
    )  # fmt: skip
    turn(at("2026-11-23 03:00"))
    assert told(case, "HANDLE") == [50]


def test_paused_clock_alerts_by_used_time_not_by_the_wall(
    world: Any, file_case: Any, turn: Any, photos: Any
) -> None:
    case = file_case()
    turn(at("2026-11-23 09:30"))
    actions.send_to_verify(
        case_id=case.pk, worker_id=world.user_id("grid_a"), requirement="看",
        missing="地址不清", actor=world.actor("acceptor"), at=at("2026-11-23 09:40"),
    )  # fmt: skip
    turn(at("2026-11-23 11:30"))
    assert told(case, "ACCEPT") == []
    worker = world.actor("grid_a")
    actions.submit_verification(
        case_id=case.pk, result="true", remark="", position=spot(),
        photos=photos(worker, "verify"), actor=worker, at=at("2026-11-23 11:30"),
    )  # fmt: skip
    turn(at("2026-11-23 11:49"))
    assert told(case, "ACCEPT") == []
    turn(at("2026-11-23 11:50"))
    assert told(case, "ACCEPT") == [50]
    turn(at("2026-11-23 14:50"))
    assert told(case, "ACCEPT") == [50, 80, 100]
    assert Case.objects.get(pk=case.pk).state == State.STREET_PENDING


def test_replayed_timers_tell_nobody_twice(
    world: Any, file_case: Any, turn: Any
) -> None:
    case = file_case()
    turn(at("2026-11-23 10:00"))
    clock = CaseClock.objects.get(case=case, stage="ACCEPT")
    before = Notification.objects.count()
    for _ in range(3):
        actions.watch_clock(clock_id=clock.pk, percent=50, at=at("2026-11-23 10:01"))
    assert Notification.objects.count() == before
    assert told(case, "ACCEPT") == [50]


def test_unanswered_rating_closes_and_is_not_satisfaction(
    world: Any, file_case: Any, turn: Any, photos: Any
) -> None:
    case = file_case(complainant_name="居民", complainant_contact="13800001234")
    worker = world.actor("grid_a")
    actions.self_resolve(case_id=case.pk, actor=worker, at=MONDAY_9)
    done = {"case_id": case.pk, "measures": "劝离", "actor": worker, "at": MONDAY_9}
    with pytest.raises(Refused, match="处置后"):
        actions.finish_self(**done, photos=None)
    actions.finish_self(**done, photos=photos(worker, "after"))
    actions.approve_self(
        case_id=case.pk, opinion="同意", actor=world.actor("acceptor"), at=MONDAY_9
    )
    assert Case.objects.get(pk=case.pk).state == State.RATING
    turn(MONDAY_9 + timedelta(days=5))
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.last_score) == (State.CLOSED, "")


def test_support_that_was_not_waited_for_is_called_off(
    world: Any, file_case: Any, turn: Any, photos: Any
) -> None:
    case = file_case("cover")
    turn(MONDAY_9)
    called = (
        actions.Called(world.orgs["urban"].pk, "lead", "补盖"),
        actions.Called(world.orgs["fire"].pk, "support", "照明"),
    )
    drafted = actions.whistle(
        case_id=case.pk,
        call=actions.Call(
            kind="routine", called=called, legal_basis="条例第五条",
            condition_id=world.categories["cover"].conditions.get().pk,
        ),
        actor=world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    actions.sign_whistle(
        case_id=case.pk, whistle_id=drafted.pk, actor=world.actor("street_leader"),
        at=MONDAY_9,
    )  # fmt: skip
    lead = world.actor("urban")
    actions.check_in(
        case_id=case.pk, mode="online", position=None, remark="", actor=lead,
        at=MONDAY_9,
    )  # fmt: skip
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已补盖", override="照明不再需要",
        photos=photos(lead, "after"), actor=lead, at=MONDAY_9,
    )  # fmt: skip
    assert case.assignments.get(role="support").status == "cancelled"
    running = CaseClock.objects.filter(case=case, running_since__isnull=False)
    assert list(running.values_list("stage", flat=True)) == ["REVIEW"]
    last = Event.objects.filter(chain=case.chain).order_by("-seq").first()
    assert last.detail["given"]["override"] == "照明不再需要"


def told_of(case: Case, title: str) -> set[str]:
    found = Notification.objects.filter(subject=case.chain, title__contains=title)
    return set(found.values_list("user__name", flat=True))


def test_community_without_a_handler_and_its_reviewer_are_told(
    world: Any, file_case: Any, turn: Any, photos: Any
) -> None:
    case = file_case("lane")
    turn(MONDAY_9)
    said = {"case_id": case.pk, "opinion": "属社区事项", "at": MONDAY_9}
    actions.raise_to_street(**said, actor=world.actor("acceptor"))
    condition = world.categories["lane"].conditions.get().pk
    actions.send_down(
        **said, list_item="第三条", condition_id=condition,
        actor=world.actor("dispatcher"),
    )  # fmt: skip
    turn(at("2026-11-23 10:00"))
    assert told_of(case, "处置时限已用 50%") == {"acceptor", "community_handler"}
    handler = world.actor("community_handler")
    actions.submit_result(
        case_id=case.pk, result="solved", measures="已清空",
        photos=photos(handler, "after"), actor=handler, at=at("2026-11-23 10:30"),
    )  # fmt: skip
    turn(at("2026-11-23 14:30"))
    assert told_of(case, "审核时限已用 50%") == {"community_leader"}
    actions.return_result(
        case_id=case.pk, opinion="缺照片", actor=world.actor("community_leader"),
        at=at("2026-11-23 14:31"),
    )  # fmt: skip
    turn(at("2026-11-23 14:31"))
    assert told_of(case, "审核退回") == {"acceptor", "community_handler"}


def test_own_work_waiting_for_review_reminds_the_community_desk(
    world: Any, file_case: Any, turn: Any, photos: Any
) -> None:
    case = file_case()
    worker = world.actor("grid_a")
    actions.self_resolve(case_id=case.pk, actor=worker, at=MONDAY_9)
    actions.finish_self(
        case_id=case.pk, measures="劝离", photos=photos(worker, "after"),
        actor=worker, at=MONDAY_9,
    )  # fmt: skip
    turn(at("2026-11-23 11:00"))
    assert told_of(case, "审核时限已用 50%") == {"acceptor"}
