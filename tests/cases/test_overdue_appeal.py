"""超期申诉: two people review; the fact stays, the counting does not (B.5)."""

from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from cases import actions
from cases.models import Case, CaseClock, OverdueAppeal
from cases.offers import offers
from cases.querysets import desk
from cases.workflow import RequestStatus, Stage, State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, piece, signed_in

R = RequestStatus
LATE = at("2026-11-23 11:30")
OVER = at("2026-12-01 09:00")
EXEMPT = "不计超时（申诉通过）"


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: LATE)
    return Road(world, file_case, photos)


def closed(road: Road, when: datetime = LATE) -> Case:
    """Handled by the fire brigade, fed back at `when`, and closed."""
    case = road.joint()
    road.at = when
    road.joint = lambda **more: case  # type: ignore[method-assign]
    return road.closed()


def appeal(road: Road, case: Case, by: str = "fire", reason: str = "停电") -> Any:
    return actions.appeal_overdue(
        case_id=case.pk, reason=reason, actor=road.world.actor(by), at=LATE
    )


def review(
    road: Road,
    case: Case,
    by: str,
    decision: str = "approve",
    when: datetime = LATE,
    opinion: str = "属实",
) -> OverdueAppeal:
    return actions.review_appeal(
        case_id=case.pk, decision=decision, opinion=opinion,
        actor=road.world.actor(by), at=when,
    )  # fmt: skip


def handle(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, stage=Stage.HANDLE, superseded=False)


def names(road: Road, case: Case, by: str) -> list[str]:
    return [one.name for one in offers(again(case), road.world.actor(by), LATE)]


def refused(call: Any, *words: str, field: str | None = None) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).endswith("。")
    assert caught.value.field == field
    assert Event.objects.count() == before


def test_granted_twice_the_delay_does_not_count_and_stays_a_fact(road) -> None:
    case = closed(road)
    assert handle(case).is_overdue and not handle(case).exempt
    before = Event.objects.count()
    assert appeal(road, case).status == again(case).appeal_review == R.STREET_REVIEW
    assert review(road, case, "dispatcher").status == R.DISTRICT_REVIEW
    assert not handle(case).exempt
    assert review(road, case, "district").status == R.APPROVED
    assert Event.objects.count() == before + 3
    clock = handle(case)
    assert clock.exempt and clock.is_overdue and clock.overtime_minutes == 30
    assert again(case).state == State.CLOSED and again(case).appeal_review == ""
    granted = Event.objects.filter(chain=case.chain).latest("seq")
    assert granted.detail["exempt"] is True


@pytest.mark.parametrize("reviewers", [["shift_head"], ["dispatcher", "district"]])
def test_refused_at_either_desk_it_counts(road, reviewers) -> None:
    case = closed(road)
    appeal(road, case)
    for name in reviewers[:-1]:
        review(road, case, name)
    assert review(road, case, reviewers[-1], "reject").status == R.REJECTED
    assert not handle(case).exempt
    refused(lambda: appeal(road, case), "每案只能申诉一次")
    assert "appeal_overdue" not in names(road, case, "fire")


def test_each_desk_in_its_turn_and_by_another_person(road) -> None:
    case = closed(road)
    refused(lambda: review(road, case, "dispatcher"), "没有待审核的超期申诉")
    appeal(road, case)
    refused(lambda: review(road, case, "district"), "待街道审核")
    refused(lambda: review(road, case, "other_dispatcher"), "不由您的岗位")
    review(road, case, "dispatcher")
    refused(lambda: review(road, case, "shift_head"), "待区级审核")
    OverdueAppeal.objects.update(asked_by=road.world.user_id("district"))
    refused(lambda: review(road, case, "district"), "请由他人办理")
    assert "review_appeal" not in names(road, case, "district")


def test_only_the_handling_department_and_only_when_it_was_late(road) -> None:
    case = closed(road)
    for name in ("urban", "dispatcher", "acceptor", "street_handler", "district"):
        refused(lambda name=name: appeal(road, case, name), "办理本案的单位")
    assert "appeal_overdue" in names(road, case, "fire")
    refused(lambda: appeal(road, case, reason=" "), "客观原因", field="reason")
    CaseClock.objects.filter(pk=handle(case).pk).update(is_overdue=False)
    refused(lambda: appeal(road, case), "没有超期")


def test_the_street_s_own_office_appeals_for_what_it_took_over(road) -> None:
    """Whoever handled it, though another unit had it in hand first (T28, T19)."""
    case = road.pending()
    station = road.world.orgs["station"]
    Case.objects.filter(pk=case.pk).update(first_handler_org=road.world.orgs["fire"])
    actions.handle_at_street(
        case_id=case.pk, organisation_id=station.pk, opinion="",
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    handler, road.at = road.world.actor("street_handler"), OVER
    actions.submit_result(
        case_id=case.pk, result="solved", measures="已清空",
        photos=road.photos(handler, "after"), actor=handler, at=OVER,
    )  # fmt: skip
    road.fed_back = lambda **more: again(case)  # type: ignore[method-assign]
    case = road.closed()
    assert handle(case).organisation == station and handle(case).is_overdue
    refused(lambda: appeal(road, case), "办理本案的单位")
    assert appeal(road, case, "street_handler").status == R.STREET_REVIEW


def test_not_before_closing_and_not_after_archiving(road, turn) -> None:
    refused(lambda: appeal(road, road.joint()), "结案以后、归档以前")
    case = closed(road)
    turn(OVER)
    assert again(case).state == State.ARCHIVED
    refused(lambda: appeal(road, case), "结案以后、归档以前")


def test_archiving_waits_for_the_appeal_and_follows_its_decision(road, turn) -> None:
    case = closed(road)
    appeal(road, case)
    turn(OVER)
    assert again(case).state == State.CLOSED
    refused(
        lambda: actions.archive(case_id=case.pk, actor=Actor.system(), at=OVER),
        "超期申诉还在审核",
    )
    review(road, case, "dispatcher", when=OVER)
    turn(OVER)
    assert again(case).state == State.CLOSED
    review(road, case, "district", when=OVER)
    turn(OVER)
    assert again(case).state == State.ARCHIVED


def test_decided_within_the_window_it_is_archived_at_its_end(road, turn) -> None:
    case = closed(road)
    appeal(road, case)
    review(road, case, "dispatcher", "reject")
    turn(LATE)
    assert again(case).state == State.CLOSED
    turn(OVER)
    assert again(case).state == State.ARCHIVED
    assert Event.objects.filter(action="cases.archive").count() == 1


def test_the_reviewer_finds_it_among_what_waits_though_it_is_closed(road) -> None:
    case = closed(road)
    mine = desk.BY_NAME["mine"]

    def waits(name: str) -> tuple[bool, int]:
        actor = road.world.actor(name)
        visible = Case.objects.visible_to(actor)
        found = case in desk.in_queue(visible, mine, actor)
        return found, desk.tally(visible, actor).figures["mine"]

    assert waits("dispatcher") == (False, 0)
    appeal(road, case)
    assert waits("dispatcher") == waits("shift_head") == (True, 1)
    assert waits("district") == (False, 0)
    assert waits("street_acceptor") == waits("other_dispatcher") == (False, 0)
    review(road, case, "dispatcher")
    assert waits("dispatcher") == (False, 0)
    assert waits("district") == (True, 1)


def test_pages_appeal_review_and_show_that_it_does_not_count(road) -> None:
    case = closed(road)
    fire, dispatcher, district = (
        signed_in(road.world, who) for who in ("fire", "dispatcher", "district")
    )
    url = f"/cases/{case.pk}/appeal_overdue/"
    assert "每案只能申诉一次" in piece(fire, url).content.decode()
    empty = piece(fire, url, reason="")
    assert empty.status_code == 422
    piece(fire, url, reason="园区停电两小时", version=again(case).version)
    url = f"/cases/{case.pk}/review_appeal/"
    for client in (dispatcher, district):
        assert "园区停电两小时" in piece(client, url).content.decode()
        kept = piece(client, url, opinion="情况属实", version=again(case).version)
        assert kept.status_code == 422 and "情况属实" in kept.content.decode()
        piece(
            client, url, decision="approve", opinion="属实",
            version=again(case).version,
        )  # fmt: skip
    shown = fire.get(f"/cases/{case.pk}/").content.decode()
    assert EXEMPT in shown and "已超时" in shown
    assert EXEMPT in fire.get("/inbox/?box=all").content.decode()
    listed = dispatcher.get("/desk/?queue=closed").content.decode()
    assert case.display_no in listed and EXEMPT in listed
    assert MONDAY_9 < LATE
