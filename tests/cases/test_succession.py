"""Who comes after whom: units and their clocks, doers and checkers, drafts, replies."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases import actions
from cases.models import Case, Escalation, SupportDraft, Urging
from cases.offers import offers
from cases.querysets import invariants
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification, Posting
from tests.cases.conftest import MONDAY_9, World, at
from tests.cases.road import again, piece, signed_in
from tests.cases.ruling_road import RulingRoad
from tests.factories import PostingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def road(world: World, file_case: Any, photos: Any, monkeypatch: Any) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return RulingRoad(world, file_case, photos)


def also(world: World, person: str, post: str) -> Actor:
    """The person of one post, acting in another."""
    both = PostingFactory(
        user=world.postings[person].user, post=world.postings[post].post
    )
    return Actor.of(Posting.objects.with_post().get(pk=both.pk))


# --- a new unit gets the full limit, the same goes on (C.4, rule 5) ----------------
def send_down(road: RulingRoad, case: Case, when: Any) -> Case:
    actions.send_down(
        case_id=case.pk, opinion="属社区清单", list_item="第三条", at=when,
        condition_id=case.category.conditions.get().pk,
        actor=road.world.actor("dispatcher"),
    )  # fmt: skip
    return again(case)


def test_the_community_does_not_go_on_with_the_departments_time(
    road: RulingRoad,
) -> None:
    case = road.joint()
    road.at = at("2026-11-23 10:00")
    case = road.escalate(case)
    old = case.clocks.get(stage="HANDLE", superseded=False)
    assert old.consumed_minutes == 60
    actions.send_back_to_street(
        case_id=case.pk, opinion="属社区事项", at=road.at,
        actor=road.world.actor("district"),
    )  # fmt: skip
    case = send_down(road, case, at("2026-11-23 11:00"))
    fresh = case.clocks.get(stage="HANDLE", superseded=False)
    assert fresh.pk != old.pk and fresh.started_at == at("2026-11-23 11:00")
    assert fresh.organisation == case.holder_org and fresh.consumed_minutes == 0
    old.refresh_from_db()
    assert old.superseded and old.stopped_at == at("2026-11-23 11:00")


def test_the_community_goes_on_with_its_own_time(road: RulingRoad) -> None:
    case = road.reported()
    actions.accept(
        case_id=case.pk, at=MONDAY_9, actor=road.world.actor("acceptor"),
        handler_id=road.world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
    )  # fmt: skip
    actions.raise_to_street(
        case_id=case.pk, opinion="超出社区权限", at=at("2026-11-23 10:00"),
        actor=road.world.actor("acceptor"),
    )  # fmt: skip
    case = send_down(road, case, at("2026-11-23 15:00"))
    handle = case.clocks.get(stage="HANDLE")
    assert handle.consumed_minutes == 60
    assert handle.running_since == at("2026-11-23 15:00")


# --- reopened: a new round, and its own people (T47) -------------------------------
def reopened(road: RulingRoad, case: Case) -> Case:
    head = road.world.actor("shift_head")
    actions.reopen(
        case_id=case.pk, opinion="又堵上了", photos=road.photos(head, "reopen"),
        actor=head, at=MONDAY_9,
    )  # fmt: skip
    return again(case)


def test_nobody_of_the_first_round_has_the_second_in_hand(
    road: RulingRoad, turn: Any
) -> None:
    case = road.closed()
    turn(MONDAY_9)
    case = reopened(road, case)
    assert (case.lead_org_id, case.doer_id) == (None, None)
    assert case.first_handler_org == road.world.orgs["fire"]
    assert case.doers == [road.world.user_id("fire")]
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=case.chain, title__startswith="重开")
    assert road.world.user_id("fire") in told.values_list("user", flat=True)
    content = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "主办单位</dt>" not in content.content.decode()


def test_doers_of_both_rounds_are_kept_apart(road: RulingRoad) -> None:
    case = reopened(road, road.closed())
    actions.handle_at_street(
        case_id=case.pk, organisation_id=road.world.orgs["station"].pk, opinion="",
        condition_id=case.category.conditions.get().pk, at=MONDAY_9,
        actor=road.world.actor("dispatcher"),
    )  # fmt: skip
    station = road.world.actor("street_handler")
    actions.submit_result(
        case_id=case.pk, result="solved", measures="已清理", at=MONDAY_9,
        photos=road.photos(station, "after"), actor=station,
    )  # fmt: skip
    before = Event.objects.count()
    for person in ("fire", "street_handler"):
        with pytest.raises(Refused, match="由他人办理"):
            actions.return_result(
                case_id=case.pk, opinion="照片不清", at=MONDAY_9,
                actor=also(road.world, person, "street_acceptor"),
            )  # fmt: skip
        also(road.world, person, "grid_b")
        with pytest.raises(Refused, match="核查人不能是处置人") as refused:
            actions.send_to_check(
                case_id=case.pk, worker_id=road.world.user_id(person),
                requirement="看一看", at=MONDAY_9,
                actor=road.world.actor("street_acceptor"),
            )  # fmt: skip
        assert refused.value.field == "worker"
    assert Event.objects.count() == before
    url = reverse("case_action", args=[case.pk, "send_to_check"])
    form = piece(signed_in(road.world, "street_acceptor"), url).content.decode()
    assert f'value="{road.world.user_id("grid_b")}"' in form
    assert f'value="{road.world.user_id("fire")}"' not in form


def test_a_support_that_did_its_part_neither_reviews_nor_checks(
    road: RulingRoad,
) -> None:
    case = road.check_in(road.joint("urban"), "urban")
    actions.finish_support(
        case_id=case.pk, opinion="已配合", photos=None, at=MONDAY_9,
        actor=road.world.actor("urban"),
    )  # fmt: skip
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=MONDAY_9,
    )  # fmt: skip
    assert set(again(case).doers) == {
        road.world.user_id("urban"), road.world.user_id("fire"),
    }  # fmt: skip
    with pytest.raises(Refused, match="由他人办理"):
        actions.return_result(
            case_id=case.pk, opinion="不全", at=MONDAY_9,
            actor=also(road.world, "urban", "street_acceptor"),
        )  # fmt: skip


# --- 增派协办 that waits for its signature -----------------------------------------
def drafted(road: RulingRoad, case: Case) -> SupportDraft:
    draft = actions.add_support(
        case_id=case.pk, organisation_id=road.world.orgs["property"].pk,
        task="断电配合", actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    assert isinstance(draft, SupportDraft)
    return draft


def test_a_draft_lapses_when_the_lead_has_fed_back(road: RulingRoad) -> None:
    case = road.joint()
    draft = drafted(road, case)
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=MONDAY_9,
    )  # fmt: skip
    actions.return_result(
        case_id=case.pk, opinion="补充照片", at=MONDAY_9,
        actor=road.world.actor("street_acceptor"),
    )  # fmt: skip
    draft.refresh_from_db()
    assert draft.status == "lapsed"
    leader = road.world.actor("street_leader")
    with pytest.raises(Refused, match="已经签发或退回"):
        actions.sign_support(
            case_id=case.pk, draft_id=draft.pk, actor=leader, at=MONDAY_9
        )
    assert isinstance(drafted(road, case), SupportDraft)  # and may be asked for anew


def test_a_draft_waits_while_the_case_stands_still(road: RulingRoad) -> None:
    case = road.check_in(road.blown("urban"), "urban")
    draft = drafted(road, case)
    case = road.dispute(case, "urban")
    draft.refresh_from_db()
    assert draft.status == "draft"
    leader = road.world.actor("street_leader")
    assert "sign_support" not in [one.name for one in offers(case, leader, MONDAY_9)]
    actions.uphold(case_id=case.pk, ruling="异议不成立", actor=leader, at=MONDAY_9)
    actions.sign_support(case_id=case.pk, draft_id=draft.pk, actor=leader, at=MONDAY_9)
    assert case.assignments.filter(organisation=draft.organisation).exists()


def test_a_draft_falls_with_the_whistle(road: RulingRoad) -> None:
    case = road.check_in(road.blown("urban"), "urban")
    draft = drafted(road, case)
    road.reassign(road.dispute(case, "urban"), "housing")
    draft.refresh_from_db()
    assert draft.status == "lapsed"


# --- 不满意 is answered by somebody, within a limit --------------------------------
def dissatisfied(road: RulingRoad) -> Case:
    case = road.rating()
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="又堵了",
        channel="portal", actor=Actor.resident("张三"), at=MONDAY_9,
    )  # fmt: skip
    return again(case)


def test_the_street_has_a_day_to_answer_a_first_dissatisfaction(
    road: RulingRoad,
) -> None:
    case = dissatisfied(road)
    assert case.holder_org == road.world.orgs["street"]
    clock = case.clocks.get(stage="CALL_BACK")
    assert clock.due_at == case.due_at == at("2026-11-24 09:00")
    assert clock.organisation == road.world.orgs["street"]
    assert case.clocks.get(stage="RATING_WINDOW").stopped_at == MONDAY_9
    found = invariants.check(at=MONDAY_9, grace=timedelta(minutes=1))
    assert not [one.invariant.name for one in found if not one.holds]


def test_nobody_who_answers_is_hurried_and_then_the_next_level(
    road: RulingRoad, turn: Any
) -> None:
    case = dissatisfied(road)
    turn(at("2026-11-24 08:30"))  # past 80 %
    told = Notification.objects.filter(subject=case.chain, kind="alert")
    assert road.world.user_id("street_acceptor") in told.values_list("user", flat=True)
    turn(at("2026-11-24 09:00"))
    urging = Urging.objects.get(case=case, escalation__clock__stage="CALL_BACK")
    assert urging.organisation == road.world.orgs["street"]
    overdue = told.filter(title__contains="不满意回访已超时")
    assert road.world.user_id("street_leader") in overdue.values_list("user", flat=True)
    turn(at("2026-11-24 17:00"))  # half the limit over
    assert case.supervision_orders.filter(
        organisation=road.world.orgs["street"]
    ).exists()
    assert case.escalations.filter(level=Escalation.Level.RED).exists()
    assert again(case).state == State.RATING
    found = invariants.check(at=at("2026-11-24 17:00"), grace=timedelta(minutes=1))
    assert not [one.invariant.name for one in found if not one.holds]


def test_the_rework_ends_it_and_the_next_rating_has_its_own_window(
    road: RulingRoad,
) -> None:
    case = dissatisfied(road)
    actions.rework_after_rating(
        case_id=case.pk, opinion="重新清理", call_back="确实又堵", at=MONDAY_9,
        actor=road.world.actor("street_acceptor"),
    )  # fmt: skip
    clock = case.clocks.get(stage="CALL_BACK")
    assert clock.stopped_at == MONDAY_9 and not clock.is_overdue
    assert again(case).state == State.JOINT_HANDLING


# --- 补签 of what is archived ------------------------------------------------------
def test_an_archived_case_takes_no_late_signature(road: RulingRoad) -> None:
    case = road.pending()
    actions.whistle(
        case_id=case.pk, call=road.asked("urban", kind="emergency", risk="井口敞开"),
        actor=road.world.actor("shift_head"), at=MONDAY_9,
    )  # fmt: skip
    whistle = case.whistles.get()
    Case.objects.filter(pk=case.pk).update(state=State.ARCHIVED)
    before = Event.objects.filter(chain=case.chain).count()
    leader = road.world.actor("street_leader")
    with pytest.raises(Refused, match="归档后只读") as refused:
        actions.confirm_whistle(
            case_id=case.pk, whistle_id=whistle.pk, actor=leader, at=MONDAY_9
        )
    assert "补充说明" in str(refused.value)
    assert Event.objects.filter(chain=case.chain).count() == before
    whistle.refresh_from_db()
    assert whistle.confirmed_at is None
    names = [one.name for one in offers(again(case), leader, MONDAY_9)]
    assert "confirm_whistle" not in names


# --- another condition on the way gives its own limit (C.3, extra rules) -----------
def accepted_after_the_grid(road: RulingRoad) -> Case:
    """The grid had it for an hour, then the community files it by a condition."""
    case, worker = road.reported("stall"), road.world.actor("grid_a")
    actions.self_resolve(case_id=case.pk, at=MONDAY_9, actor=worker)
    actions.hand_up(
        case_id=case.pk, opinion="劝不走", at=at("2026-11-23 10:00"), actor=worker
    )
    actions.accept(
        case_id=case.pk, at=at("2026-11-23 11:00"),
        actor=road.world.actor("acceptor"),
        handler_id=road.world.user_id("community_handler"),
        condition_id=case.category.conditions.get().pk,
    )  # fmt: skip
    return again(case)


def test_what_the_grid_hands_up_gets_the_limit_of_the_condition(
    road: RulingRoad,
) -> None:
    """One of four working hours is used, not one of five working days."""
    case = accepted_after_the_grid(road)
    handle = case.clocks.get(stage="HANDLE")
    assert (handle.base_n, handle.limit_unit) == (4, "WORK_HOUR")
    assert handle.consumed_minutes == 60
    assert handle.due_at == at("2026-11-23 16:00")
    assert case.due_at == handle.due_at
    call_command("recompute_deadlines")


def test_what_is_sent_down_under_another_condition_gets_its_limit(
    road: RulingRoad,
) -> None:
    case = accepted_after_the_grid(road)
    longer = case.category.conditions.create(
        text="成片占道的", limit_n=2, limit_unit="WORK_DAY", order=2
    )
    actions.raise_to_street(
        case_id=case.pk, opinion="成片占道", at=at("2026-11-23 14:00"),
        actor=road.world.actor("acceptor"),
    )  # fmt: skip
    actions.send_down(
        case_id=case.pk, opinion="属社区清单", list_item="第三条",
        at=at("2026-11-23 15:00"), condition_id=longer.pk,
        actor=road.world.actor("dispatcher"),
    )  # fmt: skip
    handle = case.clocks.get(stage="HANDLE")
    assert (handle.base_n, handle.limit_unit) == (2, "WORK_DAY")
    assert handle.consumed_minutes == 120  # 9–10 and 11–12 o'clock
    assert handle.due_at == at("2026-11-25 11:00")
    call_command("recompute_deadlines")


def test_the_grid_does_not_get_its_time_anew_by_handing_up(road: RulingRoad) -> None:
    case, worker = road.reported("stall"), road.world.actor("grid_a")
    actions.self_resolve(case_id=case.pk, at=MONDAY_9, actor=worker)
    actions.hand_up(
        case_id=case.pk, opinion="劝不走", at=at("2026-11-23 11:00"), actor=worker
    )
    actions.self_resolve(case_id=case.pk, at=at("2026-11-23 11:00"), actor=worker)
    handle = case.clocks.get(stage="HANDLE")
    assert handle.consumed_minutes == 120
    assert handle.running_since == at("2026-11-23 11:00")
