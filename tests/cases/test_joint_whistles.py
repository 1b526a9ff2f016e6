"""联合哨: with any kind, signed by the leader, and its supports changed on the way."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases import actions
from cases.models import CaseClock, SupportDraft, WhistleAssignment
from cases.offers import offers
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def events(case) -> int:
    return Event.objects.filter(chain=case.chain).count()


def refused(case, act, **given) -> str:
    """The sentence; and nothing was written."""
    before = events(case)
    with pytest.raises(Refused) as found:
        act(case_id=case.pk, at=MONDAY_9, **given)
    assert events(case) == before
    return str(found.value)


def page(case, action: str) -> str:
    return reverse("case_action", args=[case.pk, action])


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("routine", "联合·日常哨"),
        ("enforcement", "联合·执法哨"),
        ("emergency", "联合·应急哨"),
    ],
)
def test_joint_combines_with_every_kind(road, kind, title) -> None:
    case = road.pending()
    call = road.call("urban", kind=kind, risk="通道被堵，火灾时无法通行")
    written = actions.whistle(
        case_id=case.pk, call=call, actor=road.world.actor("street_leader"), at=MONDAY_9
    )
    assert (written.is_joint, written.title) == (True, title)
    content = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert title in content.text
    inbox = signed_in(road.world, "fire").get(reverse("inbox"))
    assert title in inbox.text


def test_one_unit_alone_is_no_joint_whistle(road) -> None:
    case = road.whistled()
    assert case.whistles.get().title == "执法哨"
    assert (
        "联合"
        not in signed_in(road.world, "dispatcher")
        .get(reverse("case", args=[case.pk]))
        .text.split("whistle-card")[1]
        .split("</h2>")[0]
    )


def test_the_notice_of_a_joint_whistle_says_what_it_is(road, turn) -> None:
    road.whistled("urban")
    turn(MONDAY_9)
    told = Notification.objects.filter(user=road.world.user_id("fire"))
    assert told.filter(title="吹哨·联合·执法哨：占用消防通道").exists()


def test_routine_joint_is_not_signed_by_dispatcher_or_shift_head(road) -> None:
    case = road.pending()
    for who in ("dispatcher", "shift_head"):
        actor = road.world.actor(who)
        written = actions.whistle(
            case_id=case.pk, call=road.call("urban", kind="routine"), actor=actor,
            at=MONDAY_9,
        )  # fmt: skip
        assert written.status == "draft", who
        given = {"whistle_id": written.pk, "actor": actor}
        assert "值班领导" in refused(case, actions.sign_whistle, **given)
        actions.withdraw_whistle(
            case_id=case.pk, whistle_id=written.pk, opinion="重拟", actor=actor,
            at=MONDAY_9,
        )  # fmt: skip


@pytest.mark.parametrize("who", ["dispatcher", "street_leader"])
def test_another_streets_unit_is_called_by_the_district_only(road, who) -> None:
    case = road.pending()
    call = road.call("other_street")
    given = {"call": call, "actor": road.world.actor(who)}
    said = refused(case, actions.whistle, **given)
    assert "光明街道只管辖其他街道" in said
    assert "上呈区级" in said
    assert not case.whistles.exists()


def test_another_districts_unit_has_no_jurisdiction_here(road) -> None:
    case = road.pending()
    given = {"call": road.call("west_urban"), "actor": road.world.actor("dispatcher")}
    assert "没有管辖" in refused(case, actions.whistle, **given)


def test_two_leads_are_refused_by_action_and_by_the_database(road) -> None:
    case = road.pending()
    lead = actions.Called(road.world.orgs["fire"].pk, "lead", "清理")
    other = actions.Called(road.world.orgs["urban"].pk, "lead", "清理")
    call = road.call(called=(lead, other))
    given = {"call": call, "actor": road.world.actor("dispatcher")}
    assert "有且只有一个" in refused(case, actions.whistle, **given)
    whistle = road.whistled("urban").whistles.get()
    support = whistle.assignments.get(role="support")
    support.role = "lead"
    with pytest.raises(IntegrityError), transaction.atomic():
        support.save()


def test_a_support_is_called_off_its_clock_stops_and_it_is_told(road, turn) -> None:
    case = road.whistled("urban", "property")
    line = case.assignments.get(organisation=road.world.orgs["urban"])
    before = events(case)
    actions.call_off(
        case_id=case.pk, assignment_id=line.pk, opinion="摊贩已自行离开",
        actor=road.world.actor("dispatcher"), at=MONDAY_9 + timedelta(minutes=5),
    )  # fmt: skip
    line.refresh_from_db()
    assert (line.status, line.get_status_display()) == ("cancelled", "已撤哨")
    assert CaseClock.objects.get(assignment=line).stopped_at is not None
    assert events(case) == before + 1
    assert again(case).state == State.WHISTLED
    turn(MONDAY_9 + timedelta(minutes=6))
    told = Notification.objects.filter(user=road.world.user_id("urban"))
    assert told.filter(title__startswith="协办单位已撤哨").count() == 1
    given = {
        "mode": "online", "position": None, "remark": "",
        "actor": road.world.actor("urban"),
    }  # fmt: skip
    assert "没有被吹哨" in refused(case, actions.check_in, **given)


def test_calling_off_is_refused(road) -> None:
    case = road.whistled("urban")
    lead = case.assignments.get(role="lead")
    line = case.assignments.get(role="support")
    dispatcher = road.world.actor("dispatcher")
    act = actions.call_off
    off = {"assignment_id": line.pk, "opinion": "不用了"}
    assert "由吹哨的街道" in refused(case, act, actor=road.world.actor("fire"), **off)
    other = road.world.actor("other_dispatcher")
    assert "由吹哨的街道" in refused(case, act, actor=other, **off)
    given = {**off, "assignment_id": lead.pk, "actor": dispatcher}
    assert "只能撤回" in refused(case, act, **given)
    given = {**off, "opinion": " ", "actor": dispatcher}
    assert "撤哨理由" in refused(case, act, **given)
    done = road.fed_back()
    assert "不能再调整" in refused(done, act, actor=dispatcher, **off)


def test_the_page_calls_off_and_keeps_what_was_typed(road) -> None:
    case = road.whistled("urban")
    client = signed_in(road.world, "dispatcher")
    assert "区城管局" in piece(client, page(case, "call_off")).text
    line = case.assignments.get(role="support")
    given = {"version": again(case).version, "assignment": line.pk, "opinion": ""}
    answer = piece(client, page(case, "call_off"), **given)
    assert answer.status_code == 422
    assert "selected" in answer.text
    given["opinion"] = "不再需要"
    assert piece(client, page(case, "call_off"), **given).status_code == 200
    assert case.assignments.get(role="support").status == "cancelled"
    shown = client.get(reverse("case", args=[case.pk])).text
    assert "已撤哨" in shown


def test_the_leader_sends_one_more_support_at_once(road, turn) -> None:
    case = road.joint()
    before = events(case)
    line = actions.add_support(
        case_id=case.pk, organisation_id=road.world.orgs["urban"].pk, task="劝离摊贩",
        actor=road.world.actor("street_leader"), at=MONDAY_9,
    )  # fmt: skip
    assert isinstance(line, WhistleAssignment)
    assert (line.role, line.status) == ("support", "pending")
    clock = CaseClock.objects.get(assignment=line, stage="CHECKIN")
    assert clock.due_at == line.checkin_due_at == MONDAY_9.replace(hour=15)
    assert case.whistles.get().title == "联合·执法哨"
    assert events(case) == before + 1
    assert again(case).state == State.JOINT_HANDLING
    turn(MONDAY_9)
    told = Notification.objects.filter(user=road.world.user_id("urban"))
    assert told.filter(title__startswith="增派协办单位").count() == 1


def test_the_dispatcher_drafts_one_more_and_the_leader_signs(road, turn) -> None:
    case = road.joint()
    draft = actions.add_support(
        case_id=case.pk, organisation_id=road.world.orgs["urban"].pk, task="劝离摊贩",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    assert isinstance(draft, SupportDraft)
    assert not case.assignments.filter(role="support").exists()
    shown = signed_in(road.world, "dispatcher").get(reverse("case", args=[case.pk]))
    assert "劝离摊贩" in shown.text
    turn(MONDAY_9)
    told = Notification.objects.filter(user=road.world.user_id("street_leader"))
    assert told.filter(title__startswith="增派协办待签发").count() == 1
    given = {"draft_id": draft.pk, "actor": road.world.actor("dispatcher")}
    assert "值班领导签发" in refused(case, actions.sign_support, **given)
    leader = road.world.actor("street_leader")
    first = offers(again(case), leader, MONDAY_9)[0]
    assert (first.name, first.subject) == ("sign_support", draft.pk)
    actions.sign_support(case_id=case.pk, draft_id=draft.pk, actor=leader, at=MONDAY_9)
    line = case.assignments.get(role="support")
    assert line.organisation == road.world.orgs["urban"]
    given = {"draft_id": draft.pk, "actor": leader}
    assert "已经签发或退回" in refused(case, actions.sign_support, **given)


def test_a_draft_that_is_not_wanted_is_dropped_with_a_reason(road) -> None:
    case = road.joint()
    draft = actions.add_support(
        case_id=case.pk, organisation_id=road.world.orgs["urban"].pk, task="劝离摊贩",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    client = signed_in(road.world, "street_leader")
    shown = piece(client, page(case, "drop_support"))
    assert "区城管局：劝离摊贩" in shown.text
    given = {"version": again(case).version, "draft": draft.pk, "opinion": ""}
    assert piece(client, page(case, "drop_support"), **given).status_code == 422
    given["opinion"] = "主办一家即可"
    assert piece(client, page(case, "drop_support"), **given).status_code == 200
    draft.refresh_from_db()
    assert draft.status == "dropped"
    assert not case.assignments.filter(role="support").exists()


def test_adding_a_support_is_refused(road) -> None:
    case = road.joint("urban")
    leader = road.world.actor("street_leader")
    orgs, act = road.world.orgs, actions.add_support

    def said(name: str, task: str = "配合", who=leader, of=case) -> str:
        given = {"organisation_id": orgs[name].pk, "task": task, "actor": who}
        return refused(of, act, **given)

    assert "已经在" in said("urban")
    assert "没有管辖" in said("west_urban")
    assert "上呈区级" in said("other_street")
    assert "任务" in said("property", task=" ")
    assert "由吹哨的街道" in said("property", who=road.world.actor("fire"))
    whistled = road.whistled()
    assert "不能再调整" in said("property", of=whistled)


def test_a_unit_that_was_called_off_may_be_called_again(road) -> None:
    case = road.joint("urban")
    leader = road.world.actor("street_leader")
    line = case.assignments.get(role="support")
    actions.call_off(
        case_id=case.pk, assignment_id=line.pk, opinion="暂不需要", actor=leader,
        at=MONDAY_9,
    )  # fmt: skip
    actions.add_support(
        case_id=case.pk, organisation_id=line.organisation_id, task="又要配合",
        actor=leader, at=MONDAY_9,
    )  # fmt: skip
    statuses = case.assignments.filter(role="support").values_list("status", flat=True)
    assert sorted(statuses) == ["cancelled", "pending"]
    done = actions.check_in(
        case_id=case.pk, mode="online", position=None, remark="",
        actor=road.world.actor("urban"), at=MONDAY_9,
    )  # fmt: skip
    assert done.task == "又要配合"


def test_the_page_adds_a_support_with_the_load_of_each_unit(road) -> None:
    road.whistled("urban")
    case = road.joint()
    client = signed_in(road.world, "street_leader")
    shown = piece(client, page(case, "add_support")).text
    assert "区城管局（在办 1 件）" in shown
    given = {
        "version": again(case).version, "task": "",
        "organisation": road.world.orgs["urban"].pk,
    }  # fmt: skip
    assert piece(client, page(case, "add_support"), **given).status_code == 422
    given["task"] = "劝离摊贩"
    assert piece(client, page(case, "add_support"), **given).status_code == 200
    assert case.assignments.filter(role="support").count() == 1
