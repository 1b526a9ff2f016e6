"""推诿治理: disputes, rulings and their clocks (DOMAIN C.3; F3)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from cases import actions, story
from cases.actions.disputes import disputable_until
from cases.models import (
    Case,
    CaseClock,
    Dispute,
    ResponsibilityFinding,
    ResponsibilityGap,
    ResponsibilityItem,
    RoutingGap,
    StageLimit,
    WhistleAssignment,
)
from cases.offers import offers
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at, spot
from tests.cases.road import again, piece, signed_in
from tests.cases.ruling_road import RulingRoad


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return RulingRoad(world, file_case, photos)


def clock_of(case: Case, stage: str, **more: Any) -> CaseClock:
    return CaseClock.objects.get(case=case, stage=stage, superseded=False, **more)


def line_of(road: RulingRoad, case: Case, name: str) -> WhistleAssignment:
    lines = case.assignments.filter(organisation=road.world.orgs[name])
    return lines.select_related("whistle").order_by("-pk")[0]


def last_event(case: Case) -> Event:
    return Event.objects.filter(chain=case.chain).latest("seq")


def test_a_dispute_stands_everything_still_and_waits_for_a_ruling(road) -> None:
    case = road.blown("urban", "fire")
    before = Event.objects.filter(chain=case.chain).count()
    case = road.dispute(case, "urban", at=at("2026-11-23 10:00"))
    assert case.state == State.DISPUTED
    assert case.holder_org == road.world.orgs["street"]
    handle = clock_of(case, "HANDLE")
    assert handle.running_since is None and handle.consumed_minutes == 60
    line = line_of(road, case, "urban")
    assert line.status == "return_requested"
    assert clock_of(case, "CHECKIN", assignment=line).running_since is None
    fire = line_of(road, case, "fire")
    assert clock_of(case, "CHECKIN", assignment=fire).running_since is None
    assert clock_of(case, "RULING").due_at == at("2026-11-23 16:00")
    assert Event.objects.filter(chain=case.chain).count() == before + 1
    entry = story.timeline(case)[0]
    facts = dict(entry.facts)
    assert entry.opinion == "urban认为应由他人主办"
    assert facts["法规依据"] == "建筑法第七条"
    assert facts["建议承办单位"] == "区住建局"
    assert facts["理由"] == "应由其他单位主办"


def test_who_is_told_of_a_dispute(road, turn) -> None:
    case = road.disputed()
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=case.chain, title__startswith="提出异议")
    names = set(told.values_list("user__name", flat=True))
    assert names == {"dispatcher", "street_leader"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": ""}, "选择异议理由"),
        ({"legal_basis": " "}, "法规依据"),
        ({"suggested_organisation_id": None}, "建议的承办单位"),
        ({"opinion": ""}, "异议意见"),
    ],
)
def test_a_dispute_needs_its_grounds(road, given, sentence) -> None:
    case = road.blown("urban")
    with pytest.raises(Refused, match=sentence):
        road.dispute(case, "urban", **given)
    assert again(case).state == State.WHISTLED
    assert not Dispute.objects.exists()


def test_only_the_lead_disputes(road) -> None:
    case = road.blown("urban", "fire")
    for name in ("fire", "housing", "dispatcher", "urban_leader"):
        with pytest.raises(Refused, match="您当前的岗位"):
            road.dispute(case, name)


def test_a_station_that_leads_may_dispute_too(road) -> None:
    case = road.blown("station")
    assert road.dispute(case, "street_handler").state == State.DISPUTED


def test_the_window_ends_with_the_earlier_of_two_limits(road) -> None:
    enforcement = line_of(road, case := road.blown("urban"), "urban")
    # 4 工作时 to report, and 4 工作时 after the whistle.
    assert disputable_until(case, enforcement) == at("2026-11-23 15:00")
    routine = road.blown("urban", kind="routine")
    line = line_of(road, routine, "urban")
    assert line.checkin_due_at == at("2026-11-24 09:00")
    assert disputable_until(routine, line) == at("2026-11-23 15:00")
    StageLimit.objects.create(
        stage="DISPUTE_WINDOW", urgent=False, n=2, unit="WORK_HOUR"
    )
    assert disputable_until(routine, line) == at("2026-11-23 11:00")


def test_after_the_window_it_is_too_late_also_when_checked_in(road) -> None:
    case = road.check_in(road.blown("urban"), "urban")
    with pytest.raises(Refused, match="11-23 15:00 前提出"):
        road.dispute(case, "urban", at=at("2026-11-23 15:01"))
    liaison = road.world.actor("urban")
    late = offers(case, liaison, at("2026-11-23 15:01"))
    assert "dispute" not in [one.name for one in late]
    assert "dispute" in [one.name for one in offers(case, liaison, MONDAY_9)]
    assert road.dispute(case, "urban", at=at("2026-11-23 15:00")).state == "DISPUTED"


def test_an_emergency_is_handled_first(road) -> None:
    case = road.blown("urban", kind="emergency", risk="井口敞开")
    with pytest.raises(Refused, match="应急哨须先处置"):
        road.dispute(case, "urban")


def test_the_database_keeps_a_department_to_one_dispute(road) -> None:
    case = road.disputed()
    first = Dispute.objects.get(case=case)
    first.pk, first.outcome = None, "upheld"
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_reassigned_to_a_new_lead_with_full_limits(road) -> None:
    case = road.disputed("fire")
    road.at = at("2026-11-23 11:00")
    case = road.reassign(case, "housing", "urban")
    assert case.state == State.WHISTLED
    assert case.lead_org == case.holder_org == road.world.orgs["housing"]
    assert line_of(road, case, "fire").status == "cancelled"
    old = case.assignments.filter(organisation=road.world.orgs["urban"])
    assert [one.status for one in old.order_by("pk")] == ["return_approved", "pending"]
    handle = clock_of(case, "HANDLE")
    assert handle.started_at == road.at and handle.consumed_minutes == 0
    checkin = clock_of(case, "CHECKIN", assignment=line_of(road, case, "housing"))
    assert checkin.due_at == at("2026-11-23 17:00")
    assert clock_of(case, "RULING").stopped_at == road.at
    assert not CaseClock.objects.filter(
        case=case, stage="CHECKIN", stopped_at=None, assignment__status="cancelled"
    ).exists()
    done = Dispute.objects.get(case=case)
    assert (done.outcome, done.ruling_number) == ("reassigned", "吹裁〔2026〕1号")
    assert case.whistles.latest("pk").ruling_number == "吹裁〔2026〕1号"
    assert dict(story.timeline(case)[0].facts)["裁定书"] == "吹裁〔2026〕1号"


def test_reassigning_is_refused_where_it_is_none(road) -> None:
    case = road.disputed()
    before = Event.objects.count()
    with pytest.raises(Refused, match="裁定维持"):
        road.reassign(case, "urban")
    with pytest.raises(Refused, match="没有管辖") as refused:
        road.reassign(case, "west_urban")
    assert refused.value.field == "lead"
    with pytest.raises(Refused, match="裁定意见"):
        road.reassign(case, "housing", ruling=" ")
    with pytest.raises(Refused, match="岗位"):
        road.reassign(case, "housing", by="dispatcher")
    assert Event.objects.count() == before
    assert again(case).state == State.DISPUTED


def test_numbers_of_rulings_count_for_each_body(road) -> None:
    road.reassign(road.disputed(), "housing")
    road.reassign(road.disputed(), "housing")
    road.reassign(road.disputed(), "housing", by="district")
    numbers = Dispute.objects.order_by("pk").values_list("ruling_number", flat=True)
    assert list(numbers) == ["吹裁〔2026〕1号", "吹裁〔2026〕2号", "吹裁〔2026〕1号"]


def uphold(road: RulingRoad, case: Case, by: str = "street_leader") -> Case:
    actions.uphold(
        case_id=case.pk, ruling="异议不成立", actor=road.world.actor(by), at=road.at
    )
    return again(case)


def test_upheld_is_an_unfounded_return_and_the_lead_is_there(road) -> None:
    case = road.dispute(road.blown("urban"), "urban", at=at("2026-11-23 10:00"))
    road.at = at("2026-11-23 15:00")
    case = uphold(road, case)
    assert case.state == State.JOINT_HANDLING
    assert case.holder_org == road.world.orgs["urban"]
    line = line_of(road, case, "urban")
    assert (line.status, line.checkin_mode) == ("checked_in", "ruling")
    assert not line.checkin_overdue
    checkin = clock_of(case, "CHECKIN", assignment=line)
    assert checkin.stopped_at is not None and not checkin.is_overdue
    handle = clock_of(case, "HANDLE")
    assert handle.consumed_minutes == 60 and handle.running_since == road.at
    assert Dispute.objects.filter(outcome="upheld").count() == 1
    assert dict(story.timeline(case)[0].facts)["原派单"] == "退回被驳回"
    with pytest.raises(Refused, match="每案只能提一次"):
        road.dispute(case, "urban", at=at("2026-11-23 15:00"))


def test_a_returned_result_goes_back_to_the_office_that_took_over(road) -> None:
    case = road.disputed()
    actions.take_over(
        case_id=case.pk,
        organisation_id=road.world.orgs["station"].pk,
        ruling="无明确责任主体，街道兜底",
        actor=road.world.actor("street_leader"),
        at=road.at,
    )
    case = again(case)
    assert case.state == State.STREET_HANDLING
    assert case.holder_org == road.world.orgs["station"]
    assert case.lead_org is None
    assert line_of(road, case, "urban").status == "return_approved"
    assert clock_of(case, "HANDLE").consumed_minutes == 0
    gap = ResponsibilityGap.objects.get()
    assert (gap.case, gap.category, gap.area) == (case, case.category, case.street)
    handler = road.world.actor("street_handler")
    actions.submit_result(
        case_id=case.pk, result="solved", measures="已清理",
        photos=road.photos(handler, "after"), actor=handler, at=road.at,
    )  # fmt: skip
    actions.return_result(
        case_id=case.pk, opinion="照片不清", at=road.at,
        actor=road.world.actor("street_acceptor"),
    )  # fmt: skip
    assert again(case).holder_org == road.world.orgs["station"]


def test_taking_over_needs_an_office_of_the_street(road) -> None:
    case = road.disputed()
    with pytest.raises(Refused, match="本街道的承办科室"):
        actions.take_over(
            case_id=case.pk, organisation_id=road.world.orgs["fire"].pk,
            ruling="街道兜底", actor=road.world.actor("street_leader"), at=road.at,
        )  # fmt: skip
    assert not ResponsibilityGap.objects.exists()


def test_a_gap_of_a_confidential_case_is_only_for_who_is_let_in(road) -> None:
    case = road.disputed()
    actions.take_over(
        case_id=case.pk, organisation_id=road.world.orgs["station"].pk,
        ruling="无明确责任主体", actor=road.world.actor("street_leader"), at=road.at,
    )  # fmt: skip

    def readers() -> set[str]:
        names = ("street_leader", "district", "assessor", "other_dispatcher")
        found = ResponsibilityGap.objects.visible_to
        return {one for one in names if found(road.world.actor(one)).exists()}

    assert readers() == {"street_leader", "district", "assessor"}
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert readers() == {"street_leader"}


def test_a_routing_gap_is_told_as_far_as_its_case_may_be_seen(road) -> None:
    case = road.disputed()
    RoutingGap.objects.create(
        case=case, area=case.street, missing="没有在岗的派遣员", at=road.at
    )

    def readers() -> set[str]:
        pages = {
            name: signed_in(road.world, name).get(reverse("gaps")).content.decode()
            for name in ("street_leader", "district", "other_dispatcher")
        }
        return {name for name, page in pages.items() if "没有在岗的派遣员" in page}

    assert readers() == {"street_leader", "district"}
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert readers() == {"street_leader"}


def test_a_gap_is_settled_by_a_line_of_the_list(road) -> None:
    case = road.disputed()
    actions.take_over(
        case_id=case.pk, organisation_id=road.world.orgs["station"].pk,
        ruling="无明确责任主体", actor=road.world.actor("street_leader"), at=road.at,
    )  # fmt: skip
    gap = ResponsibilityGap.objects.get()
    client = signed_in(road.world, "street_leader")
    content = client.get(reverse("gaps")).content.decode()
    assert "无明确责任主体" in content and case.display_no in content
    item = ResponsibilityItem.objects.filter(category=case.category).first()
    bad = client.post(reverse("gaps"), {"gap": gap.pk})
    assert bad.status_code == 422 and "选择权责清单条目" in bad.content.decode()
    sent = {"gap": gap.pk, f"gap{gap.pk}-item": item.pk}
    assert client.post(reverse("gaps"), sent).status_code == 302
    gap.refresh_from_db()
    assert gap.settled_by == item
    assert Event.objects.filter(chain=gap.chain).count() == 1
    with pytest.raises(Refused, match="已经销号"):
        actions.settle_gap(
            gap_id=gap.pk, item_id=item.pk, at=road.at,
            actor=road.world.actor("street_leader"),
        )  # fmt: skip
    other = signed_in(road.world, "other_dispatcher").get(reverse("gaps"))
    assert case.display_no not in other.content.decode()
    assert signed_in(road.world, "urban").get(reverse("gaps")).status_code == 404


def test_a_finding_moves_no_case(road) -> None:
    case = road.blown("urban", kind="emergency", risk="井口敞开")
    leader = road.world.actor("street_leader")
    given = {
        "case_id": case.pk, "organisation_id": road.world.orgs["housing"].pk,
        "legal_basis": "条例第三条", "opinion": "管线属住建", "at": road.at,
    }  # fmt: skip
    with pytest.raises(Refused, match="结案未归档"):
        actions.find_responsibility(**given, actor=leader)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED)
    with pytest.raises(Refused, match="值班领导或区指挥中心"):
        actions.find_responsibility(**given, actor=road.world.actor("urban"))
    names = [one.name for one in offers(again(case), leader, road.at)]
    assert "find_responsibility" in names
    client = signed_in(road.world, "street_leader")
    url = reverse("case_action", args=[case.pk, "find_responsibility"])
    assert "只用于考核" in piece(client, url).content.decode()
    bad = piece(client, url, opinion="管线属住建", version=again(case).version)
    assert bad.status_code == 422 and "管线属住建" in bad.content.decode()
    actions.find_responsibility(**given, actor=leader)
    assert again(case).state == State.CLOSED
    found = ResponsibilityFinding.objects.get(case=case)
    assert found.organisation == road.world.orgs["housing"]
    with pytest.raises(Refused, match="尚未认定"):
        actions.find_responsibility(**given, actor=leader)


def test_third_dissatisfaction_goes_to_the_district_by_itself(road, turn) -> None:
    case = road.checked()
    Case.objects.filter(pk=case.pk).update(
        has_complainant=True, rework_count=2, state=State.RATING, last_score=""
    )
    rate = {
        "case_id": case.pk, "score": "dissatisfied", "solved": False,
        "comment": "还是老样子", "channel": "portal", "at": road.at,
    }  # fmt: skip
    actions.rate(**rate, actor=Actor.resident("居民"))
    assert again(case).state == State.RATING
    turn(MONDAY_9)
    case = again(case)
    assert case.state == State.DISTRICT_COORD
    assert case.holder_org == road.world.orgs["district"]
    stay = case.coordinations.get()
    assert (stay.origin, stay.reason) == ("dissatisfied", "reworked_twice")
    assert clock_of(case, "COORD").due_at == at("2026-11-25 09:00")
    told = Notification.objects.filter(subject=case.chain, title__contains="二次不满意")
    assert "district" in told.values_list("user__name", flat=True)
    event = last_event(case)
    assert event.detail["transition"] == "T45" and event.actor["role"] == "system"
    # A settled case is left alone when the job comes twice.
    actions.escalate_after_rating(case_id=case.pk, at=road.at)
    assert last_event(case).pk == event.pk


def test_first_dissatisfaction_stays_with_the_street(road, turn) -> None:
    case = road.checked()
    Case.objects.filter(pk=case.pk).update(
        has_complainant=True, rework_count=1, state=State.RATING, last_score=""
    )
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="",
        channel="portal", at=road.at, actor=Actor.resident("居民"),
    )  # fmt: skip
    turn(MONDAY_9)
    assert again(case).state == State.RATING
    with pytest.raises(Refused, match="返工未满两次"):
        actions.escalate_dissatisfied(
            case_id=case.pk, opinion="请区级", at=road.at,
            actor=road.world.actor("shift_head"),
        )  # fmt: skip


def test_f3_two_departments_the_district_and_the_minutes(road, turn) -> None:
    """DOMAIN F3, every line of it."""
    case = road.dispute(
        road.blown("urban"), "urban", opinion="属住建局（未取得施工许可）"
    )
    assert clock_of(case, "HANDLE").running_since is None
    road.at = at("2026-11-23 10:00")
    case = road.reassign(case, "housing")
    assert clock_of(case, "HANDLE").started_at == road.at
    case = road.dispute(case, "housing", opinion="属城管局查处", suggested="区城管局",
                        suggested_organisation_id=None)  # fmt: skip
    case = road.refer(case)
    assert case.state == State.DISTRICT_COORD
    assert case.holder_org == road.world.orgs["district"]
    meeting = road.convened()
    road.on_agenda(meeting, case)
    second = clock_of(case, "MEETING")
    assert second.due_at == at("2026-11-30 10:00")
    turn(at("2026-11-30 10:00"))
    assert {one.percent for one in second.alerts.all()} == {50, 80, 100}
    road.at = at("2026-11-30 11:00")
    minutes = road.issued(meeting, _1="由区城管局主办，区住建局协办")
    case = road.dispatch(case, "urban", "housing", ruling="")
    assert case.state == State.WHISTLED and case.lead_org == road.world.orgs["urban"]
    assert clock_of(case, "HANDLE").started_at == road.at
    assert clock_of(case, "MEETING").stopped_at == road.at
    with pytest.raises(Refused, match="每案只能提一次"):
        road.dispute(case, "urban")
    assert not Dispute.objects.filter(outcome="upheld").exists()
    case = road.check_in(road.check_in(case, "urban"), "housing")
    actions.finish_support(
        case_id=case.pk, opinion="已核查许可", photos=None, at=road.at,
        actor=road.world.actor("housing"),
    )  # fmt: skip
    lead = road.world.actor("urban")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已拆除", override="",
        photos=road.photos(lead, "after"), actor=lead, at=road.at,
    )  # fmt: skip
    case = closed(road, case)
    assert case.state == State.CLOSED
    told = " ".join(f"{one.opinion} {dict(one.facts)}" for one in story.timeline(case))
    for words in (
        "属住建局（未取得施工许可）", "改由housing主办", "属城管局查处",
        "违建由谁查处", "由区城管局主办，区住建局协办", minutes.number,
    ):  # fmt: skip
        assert words in told
    page = signed_in(road.world, "district").get(meeting.get_absolute_url())
    content = page.content.decode()
    assert "由区城管局主办，区住建局协办" in content
    assert f'href="/cases/{case.pk}/"' in content and minutes.number in content


def closed(road: RulingRoad, case: Case) -> Case:
    common = {"case_id": case.pk, "at": road.at}
    acceptor, checker = (
        road.world.actor("street_acceptor"), road.world.actor("grid_b")
    )  # fmt: skip
    actions.send_to_check(
        **common, worker_id=checker.user_id, requirement="看", actor=acceptor
    )
    actions.submit_check(
        **common, result="passed", remark="", position=spot(), actor=checker,
        photos=road.photos(checker, "check"),
    )  # fmt: skip
    actions.confirm_check(**common, opinion="同意", closing_met=True, actor=acceptor)
    return again(case)


STEPS = {
    "uphold": ({}, "请填写裁定意见", {"ruling": "异议不成立"}),
    "take_over": ({"ruling": "兜底"}, "承办科室或站所", {"ruling": "兜底"}),
    "refer_to_district": (
        {"reason": "not_accepted", "focus": "焦点", "positions": "意见"}, "处理建议",
        {"reason": "not_accepted", "focus": "焦点", "positions": "意见",
         "proposal": "建议"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STEPS)
def test_the_leader_rules_on_the_case_page(road, name) -> None:
    case = road.disputed()
    missing, sentence, whole = STEPS[name]
    client = signed_in(road.world, "street_leader")
    url = reverse("case_action", args=[case.pk, name])
    assert piece(client, url).status_code == 200
    bad = piece(client, url, version=case.version, **missing)
    content = bad.content.decode()
    assert bad.status_code == 422 and sentence in content
    assert all(text in content for text in missing.values())
    if name == "take_over":
        whole = {**whole, "organisation": road.world.orgs["station"].pk}
    good = piece(client, url, version=case.version, **whole)
    assert good.status_code == 200 and good["HX-Redirect"]
    assert again(case).state != State.DISPUTED


def test_the_lead_disputes_on_the_case_page(road) -> None:
    case = road.blown("urban")
    client = signed_in(road.world, "urban")
    url = reverse("case_action", args=[case.pk, "dispute"])
    assert "11-23 15:00 前提出" in piece(client, url).content.decode()
    given = {"reason": "no_law", "legal_basis": "行政处罚法", "opinion": "无执法依据"}
    bad = piece(client, url, version=case.version, **given)
    assert bad.status_code == 422
    assert "建议的承办单位" in bad.content.decode()
    assert "无执法依据" in bad.content.decode()
    piece(client, url, version=case.version, suggested="区住建局", **given)
    assert again(case).state == State.DISPUTED
    inbox = client.get(reverse("inbox"), {"box": "disputed"}).content.decode()
    assert case.display_no in inbox


def test_reassigning_on_its_own_page(road) -> None:
    case = road.disputed()
    client = signed_in(road.world, "street_leader")
    url = reverse("reassign_compose", args=[case.pk])
    page = client.get(url).content.decode()
    assert "urban认为应由他人主办" in page and "裁定意见" in page
    assert client.get(reverse("case_action", args=[case.pk, "reassign"])).url == url
    housing = road.world.orgs["housing"].pk
    sent = {
        "version": case.version, "kind": "enforcement", "lead": housing,
        "condition": case.condition_id, "lead_task": "依法查处",
        "legal_basis": "建筑法第七条",
    }  # fmt: skip
    bad = client.post(url, sent)
    assert bad.status_code == 422
    assert "请写明裁定意见" in bad.content.decode()
    assert "依法查处" in bad.content.decode()
    good = client.post(url, {**sent, "ruling": "改由住建局主办"})
    assert good.status_code == 302
    assert again(case).lead_org_id == housing
    case_page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "吹裁〔2026〕1号" in case_page and "改由住建局主办" in case_page
    assert signed_in(road.world, "other_dispatcher").get(url).status_code == 404


def test_referring_says_on_which_ground(road) -> None:
    case = road.disputed()
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="请选择提请理由") as refused:
        actions.refer_to_district(
            case_id=case.pk, reason="beyond_power", focus="焦点", positions="意见",
            proposal="建议", actor=road.world.actor("street_leader"), at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.field == "reason"
    assert Event.objects.filter(chain=case.chain).count() == before
    case = road.refer(case)
    assert last_event(case).detail["given"]["reason"] == "district_units"
    page = signed_in(road.world, "district").get(reverse("case", args=[case.pk])).text
    assert "跨区直部门" in page


def test_the_district_reassigns_to_a_unit_of_another_street(road) -> None:
    case = road.disputed()
    url = reverse("reassign_compose", args=[case.pk])
    assert "光明街道" not in signed_in(road.world, "street_leader").get(url).text
    before = Event.objects.filter(chain=case.chain).count()
    with pytest.raises(Refused, match="只管辖其他街道"):
        road.reassign(case, "other_street")
    assert Event.objects.filter(chain=case.chain).count() == before
    client = signed_in(road.world, "district")
    page = client.get(url).text
    assert "光明街道" in page and "西区城管局" not in page
    other = road.world.orgs["other_street"].pk
    sent = {
        "version": case.version, "kind": "enforcement", "lead": other,
        "condition": case.condition_id, "lead_task": "依法查处",
        "legal_basis": "建筑法第七条", "ruling": "由光明街道主办",
    }  # fmt: skip
    assert client.post(url, sent).status_code == 302
    assert again(case).lead_org_id == other
    assert Event.objects.filter(chain=case.chain).count() == before + 1


def test_what_waits_for_whom_at_the_desk(road) -> None:
    case = road.disputed()
    desk = reverse("desk_queue")

    def waits(name: str) -> bool:
        page = signed_in(road.world, name).get(desk).content.decode()
        return f'id="row-{case.pk}"' in page

    assert waits("street_leader") and not waits("district")
    road.refer(case)
    assert waits("district") and waits("director") and not waits("street_leader")
    road.to_city(case)
    assert waits("city") and not waits("district")
    for name, queue in (("disputed", False), ("district", False), ("city", True)):
        page = signed_in(road.world, "city").get(desk, {"queue": name})
        assert (f'id="row-{case.pk}"' in page.content.decode()) == queue
