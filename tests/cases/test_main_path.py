"""The main job by actions: found, received, whistled, reported for duty, closed."""

import uuid
from datetime import timedelta

import pytest

from cases import actions
from cases.models import Case, CaseClock, ClockAlert, RoutingGap, SiteTask
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, SPOT, at, spot


def transitions(case: Case) -> list[str]:
    events = Event.objects.filter(chain=case.chain).order_by("seq")
    return [e.detail["transition"] for e in events if "transition" in e.detail]


def refresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def whistle_call(world, **more):
    called = (
        actions.Called(world.orgs["fire"].pk, "lead", "现场清理消防通道"),
        actions.Called(world.orgs["urban"].pk, "support", "劝离摊贩"),
        actions.Called(world.orgs["property"].pk, "support", "移车"),
    )
    lane = world.categories["lane"].conditions.get()
    fields = {
        "kind": "enforcement",
        "called": called,
        "condition_id": lane.pk,
        "legal_basis": "消防法",
        **more,
    }
    return actions.Call(**fields)


def whistled(world, file_case, turn) -> Case:
    case = file_case("lane")
    turn(MONDAY_9)
    actions.raise_to_street(
        case_id=case.pk,
        opinion="社区无执法权",
        actor=world.actor("acceptor"),
        at=MONDAY_9,
    )
    turn(MONDAY_9)
    drafted = actions.whistle(
        case_id=case.pk,
        call=whistle_call(world),
        actor=world.actor("dispatcher"),
        at=MONDAY_9,
    )
    actions.sign_whistle(
        case_id=case.pk,
        whistle_id=drafted.pk,
        actor=world.actor("street_leader"),
        at=MONDAY_9,
    )
    turn(MONDAY_9)
    return refresh(case)


def test_report_is_placed_numbered_and_told(world, file_case, turn) -> None:
    case = file_case()
    assert case.case_no == "9901012026112300001"
    assert case.grid.code.endswith("001") and case.state == State.REPORTED
    assert case.holder_org == world.orgs["community"]
    assert case.due_at == at("2026-11-23 11:00")
    turn(MONDAY_9)
    assert Notification.objects.filter(user=world.user_id("acceptor")).exists()
    assert refresh(case).suggestion["lead"] is None
    assert transitions(case) == ["T01"]


def test_urgent_report_goes_to_the_street_by_itself(world, file_case, turn) -> None:
    case = file_case("cover", when=at("2026-11-22 22:30"))
    turn(at("2026-11-22 22:30"))
    case = refresh(case)
    assert case.state == State.STREET_PENDING
    assert case.holder_org == world.orgs["street"]
    assert case.due_at == at("2026-11-22 22:45")
    told = Notification.objects.filter(user=world.user_id("shift_head"))
    assert told.filter(urgent=True).exists()


def test_unaccepted_report_is_raised_when_its_clock_runs_out(
    world, file_case, turn
) -> None:
    case = file_case()
    turn(at("2026-11-23 10:59"))
    assert refresh(case).state == State.REPORTED
    turn(at("2026-11-23 11:00"))
    assert refresh(case).state == State.STREET_PENDING
    alerts = ClockAlert.objects.filter(clock__case=case, clock__stage="ACCEPT")
    assert sorted(alerts.values_list("percent", flat=True)) == [50, 80, 100]
    assert transitions(case) == ["T01", "T12"]


def test_community_without_a_desk_is_passed_over_and_listed(
    world, file_case, turn
) -> None:
    world.postings["acceptor"].delete()
    case = file_case()
    turn(MONDAY_9)
    assert refresh(case).state == State.STREET_PENDING
    assert case.grid.parent.code in {gap.area.code for gap in RoutingGap.objects.all()}


def test_resolve_on_the_spot_and_approve_by_another(world, photos, turn) -> None:
    worker = world.actor("grid_a")
    report = actions.Report(
        category_id=world.categories["stall"].pk,
        description="流动摊贩占道，已劝离并清理干净。",
        address="和平路 12 号",
        lng=SPOT[0],
        lat=SPOT[1],
        photos=photos(worker, "before", "after"),
        measures="劝离摊贩",
    )
    case = actions.resolve_on_spot(
        submission_id=uuid.uuid4(), report=report, actor=worker, at=MONDAY_9
    )
    assert case.state == State.SELF_REVIEW
    actions.approve_self(
        case_id=case.pk, opinion="同意", actor=world.actor("acceptor"), at=MONDAY_9
    )
    case = refresh(case)
    assert (case.state, case.closed_type) == (State.CLOSED, "self")
    turn(MONDAY_9 + timedelta(days=7))
    assert refresh(case).state == State.ARCHIVED
    assert transitions(case) == ["T02", "T05", "T46"]


def test_resolve_on_the_spot_needs_an_after_photo(world, photos) -> None:
    worker = world.actor("grid_a")
    report = actions.Report(
        category_id=world.categories["stall"].pk,
        description="流动摊贩占道，已劝离并清理干净。",
        address="和平路 12 号",
        lng=SPOT[0],
        lat=SPOT[1],
        photos=photos(worker, "before"),
        measures="劝离摊贩",
    )
    with pytest.raises(Refused, match="处置后"):
        actions.resolve_on_spot(
            submission_id=uuid.uuid4(), report=report, actor=worker, at=MONDAY_9
        )
    assert not Case.objects.exists()


def test_joint_whistle_from_call_to_archive(world, file_case, photos, turn) -> None:
    case = whistled(world, file_case, turn)
    assert case.state == State.WHISTLED and case.lead_org == world.orgs["fire"]
    for name in ("property", "urban"):
        actions.check_in(
            case_id=case.pk,
            mode="on_site",
            position=spot(),
            remark="",
            actor=world.actor(name),
            at=MONDAY_9,
        )
    assert refresh(case).state == State.WHISTLED
    lead = world.actor("fire")
    actions.check_in(
        case_id=case.pk,
        mode="on_site",
        position=spot(),
        remark="",
        actor=lead,
        at=MONDAY_9,
    )
    assert refresh(case).state == State.JOINT_HANDLING
    result = {
        "case_id": case.pk,
        "result": "solved",
        "measures": "已清理",
        "at": MONDAY_9,
    }
    batch = photos(lead, "after")
    with pytest.raises(Refused, match="物业公司"):
        actions.feed_back(**result, photos=batch, override="", actor=lead)
    for name in ("urban", "property"):
        actions.finish_support(
            case_id=case.pk,
            opinion="完成",
            photos=None,
            actor=world.actor(name),
            at=MONDAY_9,
        )
    actions.feed_back(**result, photos=batch, override="", actor=lead)
    actions.send_to_check(
        case_id=case.pk,
        worker_id=world.user_id("grid_b"),
        requirement="看是否畅通",
        actor=world.actor("street_acceptor"),
        at=MONDAY_9,
    )
    checker = world.actor("grid_b")
    actions.submit_check(
        case_id=case.pk,
        result="passed",
        remark="",
        position=spot(),
        photos=photos(checker, "check"),
        actor=checker,
        at=MONDAY_9,
    )
    actions.confirm_check(
        case_id=case.pk,
        opinion="同意结案",
        closing_met=True,
        actor=world.actor("street_acceptor"),
        at=MONDAY_9,
    )
    turn(MONDAY_9 + timedelta(days=7))
    assert refresh(case).state == State.ARCHIVED
    assert transitions(case) == [
        "T01", "T12", "T20", "T24", "T36", "T37", "T40", "T46",
    ]  # fmt: skip
    assert not CaseClock.objects.filter(case=case, running_since__isnull=False).exists()


def test_verification_pauses_the_accept_clock(world, file_case, photos) -> None:
    case = file_case()
    actions.send_to_verify(
        case_id=case.pk,
        worker_id=world.user_id("grid_a"),
        requirement="看是否属实",
        missing="地址不清",
        actor=world.actor("acceptor"),
        at=at("2026-11-23 10:00"),
    )
    worker = world.actor("grid_a")
    assert refresh(case).holder_user_id == worker.user_id
    actions.submit_verification(
        case_id=case.pk,
        result="true",
        remark="",
        position=spot(),
        photos=photos(worker, "verify"),
        actor=worker,
        at=at("2026-11-23 11:30"),
    )
    case = refresh(case)
    assert case.state == State.REPORTED
    assert case.due_at == at("2026-11-23 14:30")
    assert SiteTask.objects.get().distance_m == 0


def test_returned_result_goes_on_with_the_time_that_was_left(
    world, file_case, photos
) -> None:
    case = file_case()
    condition = world.categories["stall"].conditions.get()
    actions.accept(
        case_id=case.pk,
        handler_id=world.user_id("community_handler"),
        condition_id=condition.pk,
        actor=world.actor("acceptor"),
        at=at("2026-11-23 09:30"),
    )
    assert refresh(case).due_at == at("2026-11-23 15:30")
    handler = world.actor("community_handler")
    actions.submit_result(
        case_id=case.pk,
        result="solved",
        measures="劝离",
        photos=photos(handler, "after"),
        actor=handler,
        at=at("2026-11-23 11:30"),
    )
    actions.return_result(
        case_id=case.pk,
        opinion="照片不清楚",
        actor=world.actor("community_leader"),
        at=at("2026-11-23 16:00"),
    )
    case = refresh(case)
    assert case.state == State.COMMUNITY_HANDLING
    assert case.due_at == at("2026-11-23 18:00")


def test_merge_and_split(world, file_case) -> None:
    master, child = file_case(), file_case()
    desk = world.actor("acceptor")
    actions.merge(
        case_id=child.pk, master_id=master.pk, opinion="同一处", actor=desk, at=MONDAY_9
    )
    assert refresh(child).state == State.MERGED
    assert refresh(master).duplicates_count == 1
    with pytest.raises(Refused, match="已有案件并入"):
        third = file_case()
        actions.merge(
            case_id=master.pk, master_id=third.pk, opinion="x", actor=desk, at=MONDAY_9
        )
    actions.split(
        case_id=child.pk,
        opinion="并错了",
        actor=world.actor("street_acceptor"),
        at=MONDAY_9,
    )
    assert refresh(child).state == State.REPORTED
    assert refresh(master).duplicates_count == 0


def test_same_submission_is_one_case_and_other_content_a_kept_conflict(
    world, photos
) -> None:
    worker, key = world.actor("grid_a"), uuid.uuid4()
    batch = photos(worker, "report")

    def send(text: str) -> Case:
        report = actions.Report(
            category_id=world.categories["stall"].pk, description=text,
            address="和平路", lng=SPOT[0], lat=SPOT[1], photos=batch,
        )  # fmt: skip
        return actions.report(
            submission_id=key, report=report, actor=worker, at=MONDAY_9
        )

    first = send("门前摆摊占住了整条人行道。")
    assert send("门前摆摊占住了整条人行道。").pk == first.pk
    with pytest.raises(actions.Conflict) as conflict:
        send("门前摆摊占住了半条人行道，另写。")
    actions.keep_conflict(conflict=conflict.value)
    assert first.submission_set.get().submissionconflict_set.count() == 1
    assert Case.objects.count() == 1


def test_whistle_needs_exactly_one_lead_and_jurisdiction(
    world, file_case, turn
) -> None:
    case = file_case("cover")
    turn(MONDAY_9)
    two_leads = (
        actions.Called(world.orgs["fire"].pk, "lead", "a"),
        actions.Called(world.orgs["urban"].pk, "lead", "b"),
    )
    elsewhere = (actions.Called(world.orgs["west_urban"].pk, "lead", "a"),)
    for called, sentence in ((two_leads, "有且只有一个"), (elsewhere, "没有管辖")):
        with pytest.raises(Refused, match=sentence):
            actions.whistle(
                case_id=case.pk,
                call=whistle_call(world, called=called),
                actor=world.actor("dispatcher"),
                at=MONDAY_9,
            )
    with pytest.raises(Refused, match="权责清单依据"):
        actions.whistle(
            case_id=case.pk,
            call=whistle_call(world, legal_basis=""),
            actor=world.actor("dispatcher"),
            at=MONDAY_9,
        )


def test_dissatisfied_resident_brings_the_case_back(
    world, file_case, photos, turn
) -> None:
    case = file_case("lane", complainant_name="居民", complainant_contact="13800001234")
    assert case.has_complainant and case.complainant_contact.startswith("v1:")
    turn(MONDAY_9)
    case = _rated(world, case, photos, turn)
    assert case.state == State.RATING
    actions.rework_after_rating(
        case_id=case.pk,
        opinion="当晚又堵",
        call_back="已电话回访",
        actor=world.actor("street_acceptor"),
        at=MONDAY_9,
    )
    case = refresh(case)
    assert (case.state, case.rework_count) == (State.JOINT_HANDLING, 1)
    assert case.holder_org == world.orgs["fire"]


def _rated(world, case, photos, turn) -> Case:
    actions.raise_to_street(
        case_id=case.pk, opinion="上呈", actor=world.actor("acceptor"), at=MONDAY_9
    )
    lead_only = (actions.Called(world.orgs["fire"].pk, "lead", "清理"),)
    actions.whistle(
        case_id=case.pk,
        call=whistle_call(world, called=lead_only, kind="routine"),
        actor=world.actor("dispatcher"),
        at=MONDAY_9,
    )
    lead, checker = world.actor("fire"), world.actor("grid_b")
    actions.check_in(
        case_id=case.pk,
        mode="online",
        position=None,
        remark="",
        actor=lead,
        at=MONDAY_9,
    )
    actions.feed_back(
        case_id=case.pk,
        result="solved",
        measures="清理",
        override="",
        photos=photos(lead, "after"),
        actor=lead,
        at=MONDAY_9,
    )
    street = world.actor("street_acceptor")
    actions.send_to_check(
        case_id=case.pk,
        worker_id=checker.user_id,
        requirement="看",
        actor=street,
        at=MONDAY_9,
    )
    actions.submit_check(
        case_id=case.pk,
        result="passed",
        remark="",
        position=spot(),
        photos=photos(checker, "check"),
        actor=checker,
        at=MONDAY_9,
    )
    actions.confirm_check(
        case_id=case.pk, opinion="同意", closing_met=True, actor=street, at=MONDAY_9
    )
    turn(MONDAY_9)
    return actions.rate(
        case_id=case.pk,
        score="dissatisfied",
        solved=False,
        comment="当晚又堵",
        channel="portal",
        actor=Actor.resident("居民"),
        at=MONDAY_9,
    )
