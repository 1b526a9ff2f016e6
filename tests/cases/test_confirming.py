"""补签: the leader confirms an emergency whistle within two hours, or it is flagged."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from cases import actions
from cases.actions.stage_limits import set_stage_limit
from cases.models import StageLimit
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


@pytest.fixture
def case(road):
    """With an emergency whistle that the shift head blew."""
    return blown(road, "shift_head")


def blown(road, who):
    case = road.pending()
    actions.whistle(
        case_id=case.pk, call=road.call(kind="emergency", risk="起火时车辆进不来"),
        actor=road.world.actor(who), at=MONDAY_9,
    )  # fmt: skip
    return again(case)


def confirm(road, case, at, who="street_leader"):
    return actions.confirm_whistle(
        case_id=case.pk, whistle_id=case.whistles.get().pk,
        actor=road.world.actor(who), at=at,
    )  # fmt: skip


def test_confirmed_in_time_is_recorded_and_nothing_is_flagged(road, case, turn) -> None:
    whistle = case.whistles.get()
    assert whistle.confirm_due_at == MONDAY_9 + timedelta(hours=2)
    assert whistle.confirmed_in_time is None
    whistle = confirm(road, case, MONDAY_9 + timedelta(minutes=119))
    assert whistle.confirmed_in_time is True
    last = Event.objects.filter(chain=case.chain).latest("seq")
    assert last.detail["confirmed_in_time"] is True
    turn(MONDAY_9 + timedelta(hours=3))
    whistle.refresh_from_db()
    assert not whistle.confirm_overdue
    done = Event.objects.filter(chain=case.chain, action="cases.overdue_confirmation")
    assert not done.exists()


def test_not_confirmed_is_flagged_and_told_once(road, case, turn) -> None:
    state = case.state
    turn(MONDAY_9 + timedelta(minutes=119))
    assert not case.whistles.get().confirm_overdue
    turn(MONDAY_9 + timedelta(minutes=120))
    whistle = case.whistles.get()
    assert whistle.confirm_overdue
    assert again(case).state == state
    for who in ("street_leader", "district"):
        told = Notification.objects.filter(user=road.world.user_id(who))
        assert told.filter(title__startswith="应急哨超时未补签").count() == 1, who
    given = {"case_id": case.pk, "whistle_id": whistle.pk}
    actions.watch_confirmation(at=MONDAY_9 + timedelta(hours=3), **given)
    done = Event.objects.filter(chain=case.chain, action="cases.overdue_confirmation")
    assert done.count() == 1
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "超时未补签" in shown.text


def test_confirmed_too_late_stays_late(road, case, turn) -> None:
    turn(MONDAY_9 + timedelta(hours=2))
    whistle = confirm(road, case, MONDAY_9 + timedelta(hours=4))
    assert whistle.confirmed_in_time is False
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "补签超时" in shown.text


def test_it_waits_in_the_leaders_queue_until_confirmed(road, case) -> None:
    leader = signed_in(road.world, "street_leader")
    address = reverse("desk_queue")
    assert case.display_no in leader.get(address).text
    assert case.display_no not in signed_in(road.world, "shift_head").get(address).text
    form = piece(leader, reverse("case_action", args=[case.pk, "confirm_whistle"]))
    assert "应急哨" in form.text
    given = {"whistle_id": case.whistles.get().pk}
    piece(leader, reverse("case_action", args=[case.pk, "confirm_whistle"]), **given)
    assert case.whistles.get().confirmed_at == MONDAY_9
    assert case.display_no not in leader.get(address).text


def test_what_the_leader_blows_needs_no_confirmation(road) -> None:
    whistle = blown(road, "street_leader").whistles.get()
    assert (whistle.confirm_due_at, whistle.confirmed_in_time) == (None, None)


def test_others_do_not_confirm(road, case) -> None:
    with pytest.raises(Refused, match="值班领导补签"):
        confirm(road, case, MONDAY_9, "shift_head")


def set_limit(stage: str, n: str, kind: str = "") -> StageLimit:
    return set_stage_limit(
        stage=stage, kind=kind, urgent=False, n=Decimal(n), unit="URGENT_HOUR",
        actor=Actor.system(), at=MONDAY_9,
    )  # fmt: skip


def test_the_limits_are_the_citys_own(road) -> None:
    set_limit("CONFIRM", "1")
    set_limit("CHECKIN", "0.25", "emergency")
    case = blown(road, "shift_head")
    whistle = case.whistles.get()
    assert whistle.confirm_due_at == MONDAY_9 + timedelta(hours=1)
    due = case.assignments.get().checkin_due_at
    assert due == MONDAY_9 + timedelta(minutes=15)
    compose = reverse("whistle_compose", args=[road.pending().pk])
    shown = signed_in(road.world, "dispatcher").get(compose).text
    assert "15 分钟内报到" in shown


@pytest.mark.parametrize(("stage", "kind"), [("CHECKIN", ""), ("REVIEW", "routine")])
def test_only_check_in_is_limited_by_kind(db, stage, kind) -> None:
    with pytest.raises(Refused) as refused:
        set_limit(stage, "1", kind)
    assert refused.value.field == "kind"
    assert not StageLimit.objects.exists()
