"""On every case page: why it is here, who must do what by when, and what otherwise."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from cases import actions
from cases.actions import clocks
from cases.explain import explain, explain_to_resident, moment
from cases.models import Case, CaseClock, ClockAlert
from cases.workflow import (
    BESIDE,
    CONSEQUENCES,
    OPEN_STATES,
    RUNNING,
    WINDOWS,
    Action,
    Stage,
    State,
)
from governance.events import record
from governance.models import Event
from parties.acting import Actor
from parties.roles import Role
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import Road, again, signed_in

CODES = re.compile(r"[A-Z]{3,}_?|[a-z]+_[a-z]+|None|%\(|“”|（）|、、|，，|。。|：。")


@pytest.fixture
def road(world: Any, file_case: Any, photos: Any, monkeypatch: Any) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    for posting in world.postings.values():
        posting.user.name = "张三"
        posting.user.save()
        posting.post.name = Role(posting.post.role).label
        posting.post.save()
    return Road(world, file_case, photos)


def act(
    road: Road, action: Callable[..., Any], case: Case, by: str, **given: Any
) -> Case:
    action(case_id=case.pk, actor=road.world.actor(by), at=road.at, **given)
    return again(case)


def self_handling(road: Road) -> Case:
    return act(road, actions.self_resolve, road.reported("stall"), "grid_a")


def verifying(road: Road) -> Case:
    return act(
        road, actions.send_to_verify, road.reported(), "acceptor",
        worker_id=road.world.user_id("grid_b"), requirement="看是否属实",
        missing="地址不清",
    )  # fmt: skip


def community(road: Road) -> Case:
    return act(
        road, actions.accept, road.reported("stall"), "acceptor",
        handler_id=road.world.user_id("community_handler"),
        condition_id=road.world.categories["stall"].conditions.get().pk,
    )  # fmt: skip


def rejected(road: Road) -> Case:
    return act(
        road, actions.reject, road.reported(), "acceptor",
        reason="not_ours", opinion="不属本平台受理范围",
    )  # fmt: skip


def rating(road: Road, **more: Any) -> Case:
    case = road.checked(
        complainant_name="李先生", complainant_contact="13800001234", **more
    )
    return act(
        road, actions.confirm_check, case, "street_acceptor", opinion="同意",
        closing_met=True,
    )  # fmt: skip


BUILT: dict[str, Callable[[Road], Case]] = {
    State.REPORTED: Road.reported,
    State.VERIFYING: verifying,
    State.SELF_HANDLING: self_handling,
    State.COMMUNITY_HANDLING: community,
    State.STREET_PENDING: Road.pending,
    State.WHISTLED: Road.whistled,
    State.JOINT_HANDLING: Road.joint,
    State.FEEDBACK_REVIEW: Road.fed_back,
    State.CHECKING: Road.checking,
    State.RATING: rating,
    State.CLOSED: Road.closed,
}


def put(road: Road, state: str) -> Case:
    """A case in a state, by the journal and the clock that runs there."""
    case = road.joint()
    operations = [("stop", Stage.HANDLE)]
    operations += [("start", stage) for stage in RUNNING.get(State(state), ())
                   if stage not in (Stage.CHECKIN, Stage.SUSPEND_UNTIL)]  # fmt: skip
    before, case.state = case.state, state
    ticking = clocks.apply(case=case, operations=operations, at=road.at)
    if state == State.SUSPENDED:
        clocks.start_until(
            case=case, stage=Stage.SUSPEND_UNTIL, at=road.at, ticking=ticking,
            until=road.at + timedelta(days=30),
        )  # fmt: skip
    if state == State.MERGED:
        case.master = road.reported()
    desk = "district" if state in (State.DISTRICT_COORD, State.CITY_COORD) else "street"
    case.holder_org, case.holder_user = road.world.orgs[desk], None
    case.save()
    record(
        chain=case.chain, action="cases.update", actor=Actor.system(), at=road.at,
        detail={"transition": "", "from": before, "to": state},
    )  # fmt: skip
    return again(case)


@pytest.mark.parametrize("state", [one for one in State if one != State.DRAFT])
def test_every_state_is_explained(road: Road, state: State) -> None:
    case = BUILT[state](road) if state in BUILT else put(road, state)
    assert case.state == state
    said = explain(case, road.at)
    assert said.why.startswith("本案") and f"“{state.label}”" in said.why
    assert said.now.endswith("。") and not CODES.search(str(said)), str(said)
    clock = CaseClock.objects.filter(
        case=case, stopped_at=None, running_since__isnull=False, due_at__isnull=False
    ).exclude(stage__in=BESIDE).order_by("due_at")  # fmt: skip
    if state in OPEN_STATES:
        assert moment(clock[0].due_at, road.at) in said.now
        assert "须在" in said.now or "以前，" in said.now
        people = [case.holder_org.name, "诉求人", *Role.labels]
        assert any(str(name) in said.now for name in people)
    elif clock:
        assert moment(clock[0].due_at, road.at) in said.now


def test_urgent_case_names_the_rule_the_desk_and_the_end(road: Road, turn: Any) -> None:
    road.at = at("2026-11-22 22:30")
    case = road.reported("cover")
    turn(road.at)
    said = explain(again(case), road.at)
    assert said.why == (
        "本案因“紧急案件直报街道，社区同时知会”于11月22日22:30到达“待街道研判”。"
    )
    assert said.now.startswith("和平街道（街道派遣员、街道值班长")
    assert "须在11月22日22:45前完成研判（" in said.now and "“吹哨”" in said.now
    assert said.now.endswith("逾期将列为超时，并通报责任单位负责人和街道派遣员。")


def test_whoever_has_it_in_hand_is_named(road: Road) -> None:
    said = explain(self_handling(road), road.at)
    assert said.now.startswith("幸福社区张三须在") and "“自办完成”" in said.now
    assert "“转报社区”" in said.now


def test_a_complainant_who_may_withdraw_has_not_the_case_in_hand(road: Road) -> None:
    case = road.reported(complainant_name="李先生", complainant_contact="13800001234")
    assert case.is_from_resident
    now = explain(case, road.at).now
    assert now == explain(road.reported(), road.at).now
    assert "（社区受理岗）" in now and "诉求人" not in now


def test_a_called_unit_reads_both_its_deadlines(road: Road) -> None:
    now = explain(road.whistled(), road.at).now
    assert "（部门联络员、处置人员）须在11月23日11:00前完成处置、" in now
    assert "在11月23日15:00前完成报到（“主办报到”" in now


def test_the_opinion_of_the_last_step_is_told(road: Road) -> None:
    said = explain(road.pending(), road.at)
    assert "幸福社区·社区受理岗·张三“上呈街道”" in said.why
    assert said.why.endswith("意见：社区无执法权。")


def test_a_draft_waits_for_its_signature(road: Road) -> None:
    said = explain(road.drafted(), road.at)
    assert "街道值班领导" in said.now and "“签发吹哨单”" in said.now


def test_a_check_waits_for_the_checker_then_for_the_desk(road: Road) -> None:
    assert "提交核查结论" in explain(road.checking(), road.at).now
    said = explain(road.checked(), road.at)
    assert "街道受理员" in said.now and "“核查通过”" in said.now


def test_a_paused_clock_is_said(road: Road) -> None:
    said = explain(verifying(road), road.at)
    assert "；接报计时暂停，恢复后接着走。" in said.now


def test_an_overdue_case_says_so(road: Road) -> None:
    said = explain(road.pending(), road.at + timedelta(days=2))
    assert "本应在" in said.now and "现已逾期：系统已列为超时" in said.now


def test_a_dissatisfied_case_is_not_closed_by_the_platform(road: Road) -> None:
    case = rating(road)
    act_at = {"case_id": case.pk, "at": road.at, "actor": Actor.resident()}
    actions.rate(score="dissatisfied", solved=False, comment="又堵了", channel="portal",
                 **act_at)  # fmt: skip
    said = explain(again(case), road.at)
    assert "诉求人已评价“不满意”" in said.now and "“不满意·返工”" in said.now
    assert "完成不满意回访" in said.now and "列为超时" in said.now
    assert "回访" in explain_to_resident(again(case), road.at)


@pytest.mark.parametrize("state", [one for one in State if one != State.DRAFT])
def test_a_resident_reads_no_names_and_no_steps(road: Road, state: State) -> None:
    case = BUILT[state](road) if state in BUILT else put(road, state)
    said = explain_to_resident(case, road.at)
    assert not CODES.search(said) and "张三" not in said
    posts = {str(label) for label in Role.labels} - {"区指挥中心"}  # also a unit
    assert not any(post in said for post in posts)
    assert not any(f"“{action.label}”" in said for action in Action)
    if state in RUNNING:
        assert (said.endswith("。") and "前" in said) or "到" in said


def test_an_ended_case_says_what_may_still_be_done(road: Road) -> None:
    assert "街道值班长" in explain(rejected(road), road.at).now
    assert "“复核受理”" in explain(rejected(road), road.at).now
    merged = explain(put(road, State.MERGED), road.at).now
    assert "随主案办理" in merged and "“拆案”" in merged
    assert explain(put(road, State.ARCHIVED), road.at).now.startswith("本案已归档")


def test_pages_and_api_say_it(road: Road) -> None:
    case = road.whistled()
    said = explain(case, MONDAY_9)
    for name, url in (
        ("dispatcher", reverse("case", args=[case.pk])),
        ("fire", reverse("case", args=[case.pk])),
        ("grid_a", reverse("phone_case", args=[case.pk])),
    ):
        html = signed_in(road.world, name).get(url).content.decode()
        assert said.why in html and said.now in html
    answer = signed_in(road.world, "dispatcher").get(
        reverse("api_case", args=[case.pk])
    )
    assert answer.json()["explanation"] == str(said)


def test_a_year_is_named_when_it_is_another() -> None:
    assert moment(at("2027-01-04 09:05"), MONDAY_9) == "2027年1月4日09:05"
    assert moment(at("2026-12-04 09:05"), MONDAY_9) == "12月4日09:05"


# --- what is said of the end of a clock is what the timers do ---


def ended(case: Case, stage: Stage, turn: Any) -> Case:
    clock = CaseClock.objects.filter(
        case=case, stage=stage, stopped_at=None, running_since__isnull=False
    ).get()  # fmt: skip
    turn(clock.due_at)
    return again(case)


RUN_OUT = {
    Stage.ACCEPT: Road.reported,
    Stage.VERIFY: verifying,
    Stage.JUDGE: Road.pending,
    Stage.CHECKIN: Road.whistled,
    Stage.HANDLE: Road.joint,
    Stage.REVIEW: Road.fed_back,
    Stage.CHECK: Road.checking,
    Stage.RATING_WINDOW: rating,
    Stage.OBJECTION_WINDOW: rejected,
    Stage.ARCHIVE_AFTER: Road.closed,
    Stage.SUSPEND_UNTIL: Road.suspended,
}


@pytest.mark.parametrize("stage", list(RUN_OUT))
def test_the_end_of_a_clock_does_what_is_said(
    road: Road, turn: Any, stage: Stage
) -> None:
    case = RUN_OUT[stage](road)
    turn(road.at)
    before, found = again(case).state, CONSEQUENCES[stage]
    case = ended(again(case), stage, turn)
    told = ClockAlert.objects.filter(clock__case=case, clock__stage=stage, percent=100)
    assert told.exists() == found.alerts == (stage not in WINDOWS)
    if found.moves is None:
        assert case.state == before
        return
    state, action = found.moves
    assert before == state and case.state != before
    events = actions_of(case)
    assert ("cases." + action, "system") in events


def actions_of(case: Case) -> set[tuple[str, str]]:
    events = Event.objects.filter(chain=case.chain)
    return {(event.action, event.actor["role"]) for event in events}


def test_every_clock_has_a_consequence_in_words() -> None:
    for stage, found in CONSEQUENCES.items():
        for said in (found.otherwise, found.public_otherwise):
            assert str(said) and not str(said).endswith("。"), stage
        assert found.alerts == (stage not in WINDOWS)
