"""挂账: asked, reviewed twice, standing still, going on by itself (T34, T35)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from cases import actions
from cases.models import Case, CaseClock, Photo, Suspension
from cases.offers import offers
from cases.querysets import desk
from cases.workflow import RequestStatus, Stage, State, allowed
from governance.errors import Refused
from governance.models import Event, Job
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, World, at
from tests.cases.road import Road, again, piece, signed_in

R = RequestStatus
SOON, LATER = date(2026, 12, 10), date(2027, 3, 1)


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def ask(
    road: Road, case: Case, by: str = "fire", when: datetime = MONDAY_9, **more: Any
) -> Suspension:
    actor = road.world.actor(by)
    given = {
        "ground": "plan",
        "reason": "列入明年改造计划",
        "resume_date": SOON,
        "safety_measure": "已设围挡",
        **more,
    }
    given.setdefault("photos", road.photos(actor, "evidence"))
    return actions.request_suspension(case_id=case.pk, actor=actor, at=when, **given)


def review(road: Road, case: Case, decision: str = "approve") -> Suspension:
    return actions.review_suspension(
        case_id=case.pk, decision=decision, opinion="情况属实",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip


def decide(
    road: Road, case: Case, by: str, when: datetime = MONDAY_9, **more: Any
) -> Case:
    return actions.suspend(
        case_id=case.pk, opinion="同意", actor=road.world.actor(by), at=when, **more
    )


def suspended_for_long(road: Road) -> Case:
    case = road.joint()
    ask(road, case, resume_date=LATER)
    review(road, case)
    decide(road, case, "district")
    return again(case)


def resume(road: Road, case: Case, when: datetime = MONDAY_9) -> Case:
    return actions.resume_handling(
        case_id=case.pk, opinion="资金已到位",
        actor=road.world.actor("dispatcher"), at=when,
    )  # fmt: skip


def clock(case: Case, stage: str) -> CaseClock:
    return CaseClock.objects.get(case=case, stage=stage, superseded=False)


def names(world: World, case: Case, by: str, when: datetime = MONDAY_9) -> list[str]:
    return [one.name for one in offers(again(case), world.actor(by), when)]


def refused(call: Any, *words: str, field: str | None = None) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused) as caught, transaction.atomic():
        call()
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).endswith("。")
    assert caught.value.field == field
    assert Event.objects.count() == before


def test_asked_with_photo_and_measure_it_lies_on_the_dispatcher_s_desk(road) -> None:
    case = road.joint()
    before = Event.objects.count()
    suspension = ask(road, case)
    assert suspension.status == again(case).suspension_review == R.STREET_REVIEW
    assert Event.objects.count() == before + 1
    assert case.photos.filter(stage=Photo.Stage.EVIDENCE).count() == 1
    assert again(case).state == State.JOINT_HANDLING
    assert clock(case, Stage.HANDLE).running_since is not None
    assert list(Case.objects.filter(desk.waiting(road.world.actor("dispatcher")))) == [
        case
    ]


@pytest.mark.parametrize(
    ("given", "word", "field"),
    [
        ({"ground": "whim"}, "请选择挂账原因", "ground"),
        ({"reason": ""}, "理由和依据", "reason"),
        ({"resume_date": None}, "请选择计划恢复日期", "resume_date"),
        ({"resume_date": MONDAY_9.date()}, "今天以后", "resume_date"),
        ({"resume_date": date(2027, 11, 24)}, "最长 365 天", "resume_date"),
        ({"safety_measure": " "}, "安全措施", "safety_measure"),
        ({"photos": None}, "佐证", "photos"),
    ],
)
def test_what_is_missing_is_said_at_its_field(road, given, word, field) -> None:
    case = road.joint()
    refused(lambda: ask(road, case, **given), word, field=field)
    assert not Suspension.objects.exists()


def test_exactly_365_days_are_allowed(road) -> None:
    assert ask(road, road.joint(), resume_date=date(2027, 11, 23)).pk


def test_the_leader_decides_up_to_thirty_days_and_the_clock_stands_still(road) -> None:
    case = road.joint()
    ask(road, case, resume_date=date(2026, 12, 23))
    assert review(road, case).status == R.LEADER_REVIEW
    before = Event.objects.count()
    decide(road, case, "street_leader", at("2026-11-23 10:00"))
    assert Event.objects.count() == before + 1
    case = again(case)
    assert (case.state, case.resume_state) == (State.SUSPENDED, State.JOINT_HANDLING)
    assert case.holder_org_id == road.world.orgs["fire"].pk
    assert case.suspension_review == "" and case.holder_user_id is None
    handle = clock(case, Stage.HANDLE)
    assert handle.running_since is None and handle.consumed_minutes == 60
    until = clock(case, Stage.SUSPEND_UNTIL)
    assert until.due_at == case.due_at == at("2026-12-23 09:00")


def test_the_district_too_may_decide_a_short_one(road) -> None:
    case = road.joint()
    ask(road, case)
    review(road, case)
    assert decide(road, case, "district").state == State.SUSPENDED


@pytest.mark.parametrize(
    "given",
    [{"resume_date": date(2026, 12, 24)}, {"ground": "other"}],
    ids=["more than 30 days", "other grounds"],
)
def test_beyond_the_street_only_the_district_decides(road, given) -> None:
    case = road.joint()
    ask(road, case, **given)
    assert review(road, case).status == R.DISTRICT_REVIEW
    refused(lambda: decide(road, case, "street_leader"), "由区级终审")
    assert "suspend" not in names(road.world, case, "street_leader")
    assert {"suspend", "reject_suspension"} <= set(names(road.world, case, "district"))
    assert decide(road, case, "district").state == State.SUSPENDED


def test_before_the_first_review_nobody_decides(road) -> None:
    case = road.joint()
    ask(road, case)
    for name in ("street_leader", "district"):
        refused(lambda name=name: decide(road, case, name))
        assert "suspend" not in names(road.world, case, name)


def test_refused_at_the_first_desk_or_the_last_the_handling_goes_on(road) -> None:
    case = road.joint()
    ask(road, case)
    assert review(road, case, "reject").status == R.REJECTED
    ask(road, case)
    review(road, case)
    rejected = actions.reject_suspension(
        case_id=case.pk, opinion="可以先办", actor=road.world.actor("district"),
        at=MONDAY_9,
    )  # fmt: skip
    assert rejected.status == R.REJECTED
    assert again(case).state == State.JOINT_HANDLING
    assert again(case).suspension_review == ""
    assert "request_suspension" in names(road.world, case, "fire")


def test_reviewer_and_decider_are_different_people(road) -> None:
    case = road.joint()
    ask(road, case)
    review(road, case)
    both = road.world.actor("street_leader")
    Suspension.objects.update(asked_by=both.user_id)
    refused(lambda: decide(road, case, "street_leader"), "请由他人办理")
    assert "suspend" not in names(road.world, case, "street_leader")
    assert "suspend" in [row.action for row in allowed(again(case), both)]


def test_overdue_urgent_or_called_in_emergency_is_not_suspended(road) -> None:
    case = road.joint()
    late = at("2026-11-23 11:01")
    refused(lambda: ask(road, case, when=late), "已超过办理时限")
    case.whistles.update(kind="emergency")
    refused(lambda: ask(road, case), "紧急案件不能挂账")
    case.whistles.update(kind="enforcement")
    ask(road, case)
    review(road, case)
    refused(lambda: decide(road, case, "district", late), "已超过办理时限")
    Case.objects.filter(pk=case.pk).update(urgent=True)
    refused(lambda: decide(road, case, "district"), "紧急案件")


@pytest.mark.parametrize("stage", ["reported", "pending", "whistled", "fed_back"])
def test_only_what_is_being_handled_is_suspended(road, stage) -> None:
    refused(lambda: ask(road, getattr(road, stage)()), "只有正在办理的案件")


def test_only_the_handling_party_asks_and_only_once_at_a_time(road) -> None:
    case = road.joint("urban")
    for name in ("urban", "dispatcher", "district", "acceptor"):
        refused(lambda name=name: ask(road, case, name), "承办单位申请")
    ask(road, case)
    refused(lambda: ask(road, case), "已有一份挂账申请")


def test_a_second_one_needs_the_district_s_special_reason_a_third_is_refused(
    road,
) -> None:
    case = resume(road, road.suspended())
    ask(road, case)
    assert review(road, case).status == R.DISTRICT_REVIEW
    refused(lambda: decide(road, case, "district"), "特批理由", field="special_reason")
    decide(road, case, "district", special_reason="汛期延长")
    assert case.suspensions.latest("pk").special_reason == "汛期延长"
    resume(road, case)
    refused(lambda: ask(road, case), "已挂账 2 次")


def test_nothing_is_done_with_a_case_that_stands_still(road) -> None:
    case = road.suspended()
    for name in road.world.postings:
        offered = offers(again(case), road.world.actor(name), MONDAY_9)
        expected = ["resume_handling"] if name == "dispatcher" else []
        # What stands aside (correcting, linking, urging) handles nothing.
        assert [one.name for one in offered if not one.is_aside] == expected, name
    refused(
        lambda: actions.request_extension(
            case_id=case.pk, reason="等", actor=road.world.actor("fire"), at=MONDAY_9
        ),
        "挂账期间不能申请",
    )
    assert not Case.objects.filter(desk.waiting(road.world.actor("fire"))).exists()


def test_the_dispatcher_resumes_early_with_a_reason(road) -> None:
    case = road.joint()
    fire = road.world.user_id("fire")
    assert case.holder_user_id == fire
    ask(road, case)
    review(road, case)
    decide(road, case, "street_leader", at("2026-11-23 10:00"))
    resume_at = at("2026-11-25 15:00")
    with pytest.raises(Refused, match="恢复办理的原因"), transaction.atomic():
        actions.resume_handling(
            case_id=case.pk, opinion="", actor=road.world.actor("dispatcher"),
            at=resume_at,
        )  # fmt: skip
    refused(
        lambda: actions.resume_handling(
            case_id=case.pk, opinion="好", actor=road.world.actor("fire"), at=resume_at
        ),
        "岗位不能",
    )
    resume(road, case, resume_at)
    case = again(case)
    assert case.state == State.JOINT_HANDLING
    assert case.holder_user_id == fire
    assert clock(case, Stage.HANDLE).due_at == case.due_at == at("2026-11-25 16:00")
    assert clock(case, Stage.SUSPEND_UNTIL).stopped_at == resume_at
    assert case.suspensions.get().resumed_at == resume_at


def test_the_platform_resumes_at_nine_on_the_day(road, turn) -> None:
    case = road.suspended()
    turn(at("2026-12-10 08:59"))
    assert again(case).state == State.SUSPENDED
    turn(at("2026-12-10 09:00"))
    case = again(case)
    assert case.state == State.JOINT_HANDLING
    assert clock(case, Stage.HANDLE).due_at == at("2026-12-10 11:00")
    last = Event.objects.filter(chain=case.chain).latest("seq")
    assert (last.action, last.actor["role"]) == ("cases.resume_handling", "system")
    assert last.at == at("2026-12-10 09:00")
    turn(at("2026-12-10 09:00"))
    assert Event.objects.filter(action="cases.resume_handling").count() == 1


def test_resumed_early_the_day_itself_does_nothing(road, turn) -> None:
    case = road.suspended()
    resume(road, case, at("2026-11-24 09:00"))
    turn(at("2026-12-10 09:00"))
    assert Event.objects.filter(action="cases.resume_handling").count() == 1


def test_unit_and_dispatcher_are_reminded_every_thirty_days(road, turn) -> None:
    case = suspended_for_long(road)
    jobs = Job.objects.filter(task="cases.tasks.remind_suspension")
    assert [job.run_at for job in jobs.order_by("run_at")] == [
        MONDAY_9 + timedelta(days=days) for days in (30, 60, 90)
    ]
    turn(MONDAY_9 + timedelta(days=30))
    told = Notification.objects.filter(title__contains="挂账已满 30 天")
    assert {one.user_id for one in told} == {
        road.world.user_id("fire"), road.world.user_id("dispatcher"),
    }  # fmt: skip
    resume(road, case, at("2027-01-04 09:00"))
    turn(MONDAY_9 + timedelta(days=60))
    assert not Notification.objects.filter(title__contains="挂账已满 60 天").exists()


def test_complainant_reporter_and_community_are_told_why_and_until_when(
    road, turn
) -> None:
    case = road.joint()
    ask(road, case)
    review(road, case)
    decide(road, case, "street_leader")
    turn(MONDAY_9)
    told = Notification.objects.filter(title__startswith="已挂账")
    wanted = {road.world.user_id(name) for name in ("grid_a", "acceptor", "fire")}
    assert wanted <= {one.user_id for one in told}
    for one in told:
        assert "需列入改造计划/资金" in one.body and "2026-12-10" in one.body


def coordinated(road: Road, meeting: bool) -> Case:
    """With the district, whose own clock runs: 区级协调, or 联席会议 in its stead."""
    case = road.joint()
    Case.objects.filter(pk=case.pk).update(
        state=State.DISTRICT_COORD, holder_org=road.world.orgs["district"]
    )
    stage = Stage.MEETING if meeting else Stage.COORD
    CaseClock.objects.create(
        case=case, stage=stage, limit_n=2, base_n=2, limit_unit="WORK_DAY",
        started_at=MONDAY_9, running_since=MONDAY_9, due_at=at("2026-11-25 09:00"),
    )  # fmt: skip
    if meeting:
        CaseClock.objects.create(
            case=case, stage=Stage.COORD, limit_n=2, base_n=2, limit_unit="WORK_DAY",
            started_at=MONDAY_9, stopped_at=MONDAY_9,
        )  # fmt: skip
    return again(case)


@pytest.mark.parametrize("meeting", [False, True])
def test_a_case_at_the_district_pauses_the_district_s_own_clock(road, meeting) -> None:
    case = coordinated(road, meeting)
    stage, other = Stage.COORD, Stage.MEETING
    if meeting:
        stage, other = other, stage
    road.world.hire("second", "district_command", "district", "990101")
    ask(road, case, "district")
    assert review(road, case).status == R.DISTRICT_REVIEW
    refused(lambda: decide(road, case, "district"), "请由他人办理")
    decide(road, case, "second", at("2026-11-23 10:00"))
    case = again(case)
    assert case.resume_state == State.DISTRICT_COORD
    assert clock(case, stage).running_since is None
    resume(road, case, at("2026-11-25 09:00"))
    assert again(case).state == State.DISTRICT_COORD
    assert clock(case, stage).due_at == at("2026-11-26 18:00")
    assert not CaseClock.objects.filter(
        case=case, stage=other, running_since__isnull=False
    ).exists()


def test_the_pages_ask_review_decide_and_keep_what_was_typed(road, snapshot) -> None:
    case = road.joint()
    fire, dispatcher, leader = (
        signed_in(road.world, who) for who in ("fire", "dispatcher", "street_leader")
    )
    url = f"/cases/{case.pk}/request_suspension/"
    assert "挂账原因" in piece(fire, url).content.decode()
    given = {
        "ground": "weather", "reason": "冬季无法施工", "resume_date": "2026-12-10",
        "safety_measure": "已设围挡", "version": again(case).version,
    }  # fmt: skip
    without = piece(fire, url, **given)
    text = without.content.decode()
    assert without.status_code == 422 and "至少上传 1 张“佐证”照片" in text
    assert "冬季无法施工" in text and "2026-12-10" in text
    empty = piece(fire, url, **{**given, "reason": ""}).content.decode()
    assert "请填写理由和依据。" in empty and "至少上传 1 张“佐证”照片" in empty
    batch = road.photos(road.world.actor("fire"), "evidence")
    with_photo = piece(fire, url, **{**given, "reason": ""}, batch=batch)
    assert "至少上传" not in with_photo.content.decode()
    assert piece(fire, url, **given, batch=batch).headers.get("HX-Redirect")

    def said(client: Any, action: str, **more: Any) -> Any:
        url = f"/cases/{case.pk}/{action}/"
        assert "冬季无法施工" in piece(client, url).content.decode()
        return piece(
            client, url, opinion="同意", version=again(case).version, **more
        ).headers["HX-Redirect"]

    said(dispatcher, "review_suspension", decision="approve")
    said(leader, "suspend")
    assert again(case).state == State.SUSPENDED
    shown = leader.get(f"/cases/{case.pk}/").content.decode()
    for word in ("已批准", "季节/天气", "计划恢复日期", "挂账佐证", "批准挂账"):
        assert word in shown
    assert (
        "恢复办理"
        in piece(dispatcher, f"/cases/{case.pk}/resume_handling/").content.decode()
    )


def test_a_resident_reads_reason_and_day(road, client, monkeypatch) -> None:
    case = road.suspended()
    session = client.session
    until = (MONDAY_9 + timedelta(minutes=30)).isoformat()
    session["resident_case"] = {"case": case.pk, "until": until}
    session.save()
    page = client.get("/r/").content.decode()
    assert "需列入改造计划/资金" in page and "2026-12-10" in page
    assert "列入明年改造计划" not in page  # the unit's own words stay inside


def test_the_pool_lists_what_stands_still_to_street_district_and_city(
    road, django_assert_max_num_queries
) -> None:
    case = road.suspended()
    for name in ("dispatcher", "street_leader", "district"):
        page = signed_in(road.world, name).get("/desk/suspended/").content.decode()
        for word in (
            case.display_no, "需列入改造计划/资金", "已设围挡", "2026-12-10",
            "还有 17 天", "已挂 0 天",
        ):  # fmt: skip
            assert word in page, (name, word)
    other = signed_in(road.world, "other_dispatcher").get("/desk/suspended/")
    assert "没有挂账的案件" in other.content.decode()
    for name in ("acceptor", "urban", "grid_a"):
        found = signed_in(road.world, name).get("/desk/suspended/")
        assert found.status_code == 404, name
    desk_page = signed_in(road.world, "dispatcher").get("/desk/").content.decode()
    assert "/desk/suspended/" in desk_page
    client = signed_in(road.world, "district")
    with django_assert_max_num_queries(12):
        client.get("/desk/suspended/")
    resume(road, case)
    page = client.get("/desk/suspended/?page=0").content.decode()
    assert case.display_no not in page


def test_the_pool_is_for_people_who_signed_in(client, db) -> None:
    assert "/login/" in client.get("/desk/suspended/")["Location"]
