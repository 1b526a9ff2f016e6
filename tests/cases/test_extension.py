"""延期: who may ask, who reviews, what it adds, and when it is too late (B.5, C.3)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases import actions
from cases.models import Case, CaseClock, Extension, FilingCondition
from cases.offers import offers
from cases.querysets import desk, inbox
from cases.querysets.journal import with_journal
from cases.replay import differences, replay
from cases.workflow import OPEN_STATES, RequestStatus, Stage, State
from governance import calendar
from governance.errors import Refused
from governance.models import CalendarYear, Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, piece, signed_in

R = RequestStatus


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def ask(road: Road, case: Case, by: str = "fire", when: Any = MONDAY_9) -> Extension:
    return actions.request_extension(
        case_id=case.pk, reason="配件未到", actor=road.world.actor(by), at=when
    )


def review(
    road: Road, case: Case, by: str, decision: str = "approve", when: Any = MONDAY_9
) -> Extension:
    return actions.review_extension(
        case_id=case.pk, decision=decision, opinion="情况属实",
        actor=road.world.actor(by), at=when,
    )  # fmt: skip


def handle(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, stage=Stage.HANDLE, superseded=False)


def names(road: Road, case: Case, by: str, when: Any = MONDAY_9) -> list[str]:
    return [one.name for one in offers(again(case), road.world.actor(by), when)]


def count() -> int:
    return Event.objects.count()


def refused(call: Any, *words: str, field: str | None = None) -> None:
    """It refuses with these words and leaves nothing."""
    before = count()
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).endswith("。")
    assert caught.value.field == field
    assert count() == before


def test_approval_adds_one_original_limit_to_the_deadline(road) -> None:
    FilingCondition.objects.update(limit_n=Decimal(8))
    case = road.joint()
    assert handle(case).due_at == at("2026-11-24 09:00")
    ask(road, case)
    before = count()
    done = review(road, case, "dispatcher")
    assert count() == before + 1
    assert (done.status, done.due_after) == (R.APPROVED, at("2026-11-25 09:00"))
    clock = handle(case)
    assert clock.due_at == again(case).due_at == at("2026-11-25 09:00")
    assert (clock.limit_n, clock.base_n) == (16, 8)
    assert again(case).state == State.JOINT_HANDLING


def test_a_second_extension_adds_the_original_limit_again_the_third_is_refused(
    road,
) -> None:
    case = road.joint()
    for _time in range(2):
        ask(road, case)
        review(road, case, "dispatcher", "reject")
        ask(road, case)
        review(road, case, "dispatcher")
    assert handle(case).due_at == at("2026-11-23 17:00")  # 11:00 + 2 + 2 work hours
    refused(lambda: ask(road, case), "已批准延期 2 次")
    assert "request_extension" not in names(road, case, "fire")


def test_another_filing_condition_keeps_what_was_extended(road) -> None:
    """2 and 2 工作时 become 4 and 4 (C.3, extra rules); the journal says the same."""
    case = road.joint()
    ask(road, case)
    review(road, case, "dispatcher")
    longer = FilingCondition.objects.create(
        category=case.category, text="需要清障的", limit_n=4, limit_unit="WORK_HOUR"
    )
    actions.correct_case(
        case_id=case.pk,
        correction=actions.Correction(condition_id=longer.pk),
        opinion="现场需要清障",
        actor=road.world.actor("dispatcher"),
        at=MONDAY_9,
    )
    clock = handle(case)
    assert (clock.base_n, clock.limit_n) == (4, 8)
    assert clock.due_at == at("2026-11-24 09:00")
    [(found, facts)] = with_journal(Case.objects.filter(pk=case.pk))
    replayed = replay(facts, calendar.load(MONDAY_9))
    assert replayed[clock.pk].due_at == clock.due_at
    assert not list(differences(found.clock_rows, replayed))


def test_a_refused_request_changes_no_deadline_and_may_be_made_again(road) -> None:
    case = road.joint()
    due = handle(case).due_at
    ask(road, case)
    done = review(road, case, "dispatcher", "reject")
    assert done.status == R.REJECTED and done.decided_at == MONDAY_9
    assert handle(case).due_at == due
    assert "request_extension" in names(road, case, "fire")


def test_after_the_deadline_asking_is_refused(road) -> None:
    case = road.joint()
    due = handle(case).due_at
    late = due + timedelta(minutes=1)
    assert "request_extension" in names(road, case, "fire", due)
    assert "request_extension" not in names(road, case, "fire", late)
    refused(lambda: ask(road, case, when=late), "已超过处置时限")


def test_a_request_made_in_time_may_be_granted_later_from_the_old_deadline(
    road,
) -> None:
    case = road.joint()
    ask(road, case)
    late = at("2026-11-23 11:30")
    assert review(road, case, "dispatcher", when=late).due_after == at(
        "2026-11-23 15:00"
    )


def test_a_handler_s_asking_goes_to_the_unit_first_then_to_the_street(road) -> None:
    road.world.hire("fire_handler", "department_handler", "fire", "990101")
    road.world.hire("fire_leader", "department_leader", "fire", "990101")
    case = road.joint()
    assert ask(road, case, "fire_handler").status == R.UNIT_REVIEW
    assert "review_extension" in names(road, case, "fire_leader")
    assert "review_extension" not in names(road, case, "dispatcher")
    refused(lambda: review(road, case, "dispatcher"), "待单位初审")
    refused(lambda: review(road, case, "urban"), "不由您的岗位办理")
    box = inbox.in_box(Case.objects.all(), "review", road.world.actor("fire_leader"))
    assert list(box) == [case]
    assert review(road, case, "fire_leader").status == R.STREET_REVIEW
    assert review(road, case, "dispatcher").status == R.APPROVED


def test_a_community_s_own_case_is_reviewed_by_its_leader_first(road) -> None:
    case = road.reported("stall")
    world = road.world
    actions.accept(
        case_id=case.pk,
        handler_id=world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
        actor=world.actor("acceptor"),
        at=MONDAY_9,
    )
    assert ask(road, case, "community_handler").status == R.UNIT_REVIEW
    waiting = Case.objects.filter(desk.waiting(world.actor("community_leader")))
    assert list(waiting) == [case]
    assert review(road, case, "community_leader").status == R.STREET_REVIEW
    assert review(road, case, "dispatcher").status == R.APPROVED


def test_beyond_three_original_limits_the_district_decides(road) -> None:
    case = road.joint()
    CaseClock.objects.filter(pk=handle(case).pk).update(limit_n=Decimal(6))
    ask(road, case)
    assert review(road, case, "dispatcher").status == R.DISTRICT_REVIEW
    refused(lambda: review(road, case, "dispatcher"), "待区级审核")
    assert handle(case).limit_n == 6
    assert review(road, case, "district").status == R.APPROVED
    assert handle(case).limit_n == 8


def test_whoever_asked_or_reviewed_does_not_review_again(road) -> None:
    world = road.world
    case = road.joint()
    ask(road, case)
    also = world.hire("both", "street_dispatcher", "street", "990101001")
    Extension.objects.update(asked_by=also.user_id)
    refused(lambda: review(road, case, "both"), "请由他人办理")
    assert "review_extension" not in names(road, case, "both")
    assert "review_extension" in names(road, case, "dispatcher")


def test_only_the_handling_party_asks(road) -> None:
    case = road.joint("urban")
    for name in ("urban", "dispatcher", "acceptor", "district", "grid_a", "assessor"):
        refused(lambda name=name: ask(road, case, name), "承办单位申请")
        assert "request_extension" not in names(road, case, name)


@pytest.mark.parametrize("stage", ["reported", "pending", "whistled", "fed_back"])
def test_only_a_case_being_handled_is_extended(road, stage) -> None:
    refused(lambda: ask(road, getattr(road, stage)()), "只有处置中的案件")


def test_an_emergency_is_not_extended(road) -> None:
    case = road.joint()
    case.whistles.update(kind="emergency")
    refused(lambda: ask(road, case), "应急案件不能延期")
    case.whistles.update(kind="enforcement")
    Case.objects.filter(pk=case.pk).update(urgent=True)
    refused(lambda: ask(road, case), "应急案件不能延期")


def test_one_request_at_a_time_even_past_the_action(road) -> None:
    case = road.joint()
    extension = ask(road, case)
    refused(lambda: ask(road, case), "已有一份延期申请")
    extension.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        extension.save(force_insert=True)


def test_reason_and_opinion_are_asked_for_at_their_fields(road) -> None:
    case = road.joint()
    fire, dispatcher = road.world.actor("fire"), road.world.actor("dispatcher")
    common = {"case_id": case.pk, "at": MONDAY_9}
    refused(
        lambda: actions.request_extension(**common, reason=" ", actor=fire),
        "理由", field="reason",
    )  # fmt: skip
    ask(road, case)
    for given, field in (
        ({"decision": "approve", "opinion": ""}, "opinion"),
        ({"decision": "", "opinion": "同意"}, "decision"),
    ):
        refused(
            lambda given=given: actions.review_extension(
                **common, **given, actor=dispatcher
            ),
            field=field,
        )


def test_without_the_calendar_it_can_still_be_read_and_refused(road) -> None:
    case = road.joint()
    ask(road, case)
    client = signed_in(road.world, "dispatcher")
    CalendarYear.objects.all().delete()
    url = reverse("case_action", args=[case.pk, "review_extension"])
    page = client.get(url)
    assert page.status_code == 200
    assert "未导入2026年放假安排" in page.content.decode()
    review(road, case, "dispatcher", "reject")
    assert Extension.objects.get().status == R.REJECTED


def test_the_asker_alone_withdraws(road) -> None:
    case = road.joint()
    ask(road, case)
    common = {"case_id": case.pk, "at": MONDAY_9}
    call = actions.withdraw_extension
    refused(lambda: call(**common, actor=road.world.actor("dispatcher")), "只有申请人")
    before = count()
    done = call(**common, actor=road.world.actor("fire"))
    assert done.status == R.CANCELLED and count() == before + 1
    assert "request_extension" in names(road, case, "fire")
    refused(lambda: call(**common, actor=road.world.actor("fire")), "没有待审核")
    refused(lambda: review(road, case, "dispatcher"), "没有待审核")


def test_a_request_falls_when_the_case_is_fed_back(road) -> None:
    case = road.joint()
    ask(road, case)
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="清理", override="",
        photos=road.photos(lead, "after"), actor=lead, at=MONDAY_9,
    )  # fmt: skip
    assert Extension.objects.get().status == R.CANCELLED
    assert again(case).extension_review == ""
    refused(lambda: review(road, case, "dispatcher"), "没有待审核")


def test_the_reviewer_finds_it_among_what_waits_and_is_told(road, turn) -> None:
    case = road.joint()
    dispatcher = road.world.actor("dispatcher")
    mine = desk.BY_NAME["mine"]
    visible = Case.objects.visible_to(dispatcher)
    assert case not in desk.in_queue(visible, mine, dispatcher)
    ask(road, case)
    assert case in desk.in_queue(visible, mine, dispatcher)
    figures = desk.tally(Case.objects.visible_to(dispatcher), dispatcher).figures
    assert figures["mine"] == 1
    turn(MONDAY_9)
    told = Notification.objects.filter(title__startswith="延期申请待审核")
    assert {one.user_id for one in told} == {dispatcher.user_id}
    review(road, case, "dispatcher")
    turn(MONDAY_9)
    told = Notification.objects.filter(title__startswith="延期申请有新进展")
    assert {one.user_id for one in told} == {road.world.user_id("fire")}


def test_an_extended_clock_is_reminded_again_at_its_new_shares(road, turn) -> None:
    case = road.joint()  # HANDLE: 2 work hours from 09:00
    turn(at("2026-11-23 10:40"))
    ask(road, case, when=at("2026-11-23 10:45"))
    review(road, case, "dispatcher", when=at("2026-11-23 10:50"))
    turn(at("2026-11-23 14:30"))  # 3.5 of 4 hours
    told = handle(case).alerts.order_by("at", "percent")
    assert [(one.percent, one.limit_n) for one in told] == [
        (50, 2), (80, 2), (50, 4), (80, 4),
    ]  # fmt: skip


def test_the_pages_ask_show_the_new_deadline_and_keep_what_was_typed(road) -> None:
    case = road.joint()
    fire, dispatcher = (signed_in(road.world, who) for who in ("fire", "dispatcher"))
    url = f"/cases/{case.pk}/request_extension/"
    assert "增加一个原时限" in piece(fire, url).content.decode()
    empty = piece(fire, url, reason="", version=again(case).version)
    assert empty.status_code == 422 and "请填写" in empty.content.decode()
    sent = piece(fire, url, reason="配件未到", version=again(case).version)
    assert sent.headers["HX-Redirect"] == f"/cases/{case.pk}/"

    url = f"/cases/{case.pk}/review_extension/"
    asked = piece(dispatcher, url).content.decode()
    assert "批准后时限为 2026-11-23 15:00。" in asked and "配件未到" in asked
    stale = piece(dispatcher, url, decision="approve", opinion="情况属实", version=0)
    assert stale.status_code == 422 and "情况属实" in stale.content.decode()
    version = again(case).version
    piece(dispatcher, url, decision="approve", opinion="情况属实", version=version)
    shown = dispatcher.get(f"/cases/{case.pk}/").content.decode()
    for word in ("延期 / 挂账 / 申诉", "已批准", "配件未到", "审核延期", "批准后时限"):
        assert word in shown
    again_asked = dispatcher.get(url)
    assert again_asked.status_code == 422
    assert "没有待审核的延期申请" in again_asked.content.decode()
    assert case.state in OPEN_STATES


def test_the_api_names_what_may_be_asked(road) -> None:
    case = road.joint()
    client = signed_in(road.world, "fire")
    found = client.get(f"/api/v1/cases/{case.pk}/").json()["allowed_actions"]
    named = {one["action"]: one["label"] for one in found}
    assert named["request_extension"] == "申请延期"
