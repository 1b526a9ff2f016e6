"""The indicators of DOMAIN C.9 on small arranged worlds, and what F1 to F11 expect."""

import uuid
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import actions
from cases.models import Case, CaseClock
from cases.querysets.kpi import BY_CODE, INDICATORS, Period, Ratio, Scope
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT, at
from tests.cases.road import ASKED, again
from tests.cases.ruling_road import RulingRoad

NOVEMBER = Period.month(2026, 11)
LATER = at("2026-11-30 12:00")
RESIDENT = Actor.resident()


@pytest.fixture
def road(world, file_case, photos) -> RulingRoad:
    return RulingRoad(world, file_case, photos)


def scope(road, by="dispatcher", now=LATER, period=NOVEMBER, **narrowed) -> Scope:
    return Scope.of(road.world.actor(by), period, now, **narrowed)


def figure(road, code, **how) -> tuple[int, int]:
    found = BY_CODE[code].ratio(scope(road, **how))
    return found.numerator, found.denominator


def feed_back(road, case) -> Case:
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已清", override="",
        photos=road.photos(lead, "after"), actor=lead, at=road.at,
    )  # fmt: skip
    return again(case)


def check(road, case, result="passed") -> Case:
    actions.send_to_check(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"), requirement="看",
        actor=road.world.actor("street_acceptor"), at=road.at,
    )  # fmt: skip
    checker = road.world.actor("grid_b")
    actions.submit_check(
        case_id=case.pk, result=result, remark="已看", position=None,
        photos=road.photos(checker, "check"), actor=checker, at=road.at,
    )  # fmt: skip
    return again(case)


def close(road, case) -> Case:
    actions.confirm_check(
        case_id=case.pk, opinion="同意结案", closing_met=True,
        actor=road.world.actor("street_acceptor"), at=road.at,
    )  # fmt: skip
    return again(case)


def rate(road, case, score="satisfied", solved=True) -> Case:
    actions.rate(
        case_id=case.pk, score=score, solved=solved, comment="", channel="portal",
        actor=RESIDENT, at=road.at,
    )  # fmt: skip
    return again(case)


def rework(road, case, how="又堵上了") -> Case:
    actions.rework_after_rating(
        case_id=case.pk, opinion="再清一次", call_back=how, method="phone",
        actor=road.world.actor("street_acceptor"), at=road.at,
    )  # fmt: skip
    return again(case)


def on_the_spot(road) -> Case:
    worker = road.world.actor("grid_a")
    case = actions.resolve_on_spot(
        submission_id=uuid.uuid4(),
        report=actions.Report(
            category_id=road.world.categories["stall"].pk,
            description="门前摆摊占住了整条人行道，已经劝离。",
            address="和平路 12 号门前", lng=SPOT[0], lat=SPOT[1],
            photos=road.photos(worker, "before", "after"), measures="劝离",
        ),
        actor=worker, at=road.at,
    )  # fmt: skip
    actions.approve_self(
        case_id=case.pk, opinion="属实",
        actor=road.world.actor("acceptor"), at=road.at,
    )  # fmt: skip
    return again(case)


# --- figures --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [
        (911, 972, "93.72%"),  # 天门市 2016-12 (DOMAIN B.6)
        (737, 972, "75.82%"),
        (0, 972, "0.00%"),
        (972, 972, "100.00%"),
        (1, 3, "33.33%"),
        (1, 8000, "0.01%"),
        (0, 0, "—"),
    ],
)
def test_a_rate_is_printed_with_two_decimals(numerator, denominator, text) -> None:
    assert Ratio(numerator, denominator).percent == text


def test_the_list_behind_a_figure_is_what_was_counted(road) -> None:
    on_the_spot(road)
    road.rating()
    road.disputed()
    road.suspended()
    road.pending()
    here = scope(road)
    for one in INDICATORS:
        ratio = one.ratio(here)
        listed = set(one.of(here).values_list("pk", flat=True))
        counted = set(one.counted(here).values_list("pk", flat=True))
        assert (len(counted), len(listed)) == (ratio.numerator, ratio.denominator)
        assert counted <= listed, one.code
        for grouped in (one.by_community(here), one.by_unit(here)):
            assert sum(row.denominator for row in grouped.values()) <= len(listed)


def test_nothing_to_divide_by_is_a_dash(road) -> None:
    here = scope(road)
    assert {one.ratio(here).percent for one in INDICATORS} == {"—"}


# --- F1, 应结案 -------------------------------------------------------------------


def test_f1_resolved_on_the_spot_counts_for_the_grid(road) -> None:
    road.at = at("2026-11-20 17:10")
    road.closed()
    assert figure(road, "grid_resolution") == (0, 1)
    on_the_spot(road)
    assert figure(road, "grid_resolution") == (1, 2)
    assert figure(road, "closing") == figure(road, "closing_in_time") == (2, 2)


def test_a_resolution_that_waits_for_its_review_is_not_closed(road) -> None:
    case = on_the_spot(road)
    Case.objects.filter(pk=case.pk).update(state="SELF_REVIEW")
    assert figure(road, "grid_resolution") == (0, 0)
    assert figure(road, "closing") == (0, 1)


def test_a_case_belongs_to_the_month_of_its_deadline(road) -> None:
    road.at = at("2026-11-30 17:00")
    case = road.joint()
    assert case.clocks.get(stage="HANDLE").due_at == at("2026-12-01 09:00")
    december = {"period": Period.month(2026, 12), "now": at("2026-12-01 09:01")}
    assert figure(road, "closing") == (0, 0)
    assert figure(road, "closing", **december) == (0, 1)


def test_what_still_has_time_is_not_due_yet(road) -> None:
    road.joint()
    assert figure(road, "closing", now=at("2026-11-23 10:59")) == (0, 0)
    assert figure(road, "overdue", now=at("2026-11-23 10:59")) == (0, 0)
    assert figure(road, "closing", now=at("2026-11-23 11:01")) == (0, 1)
    assert figure(road, "overdue", now=at("2026-11-23 11:01")) == (1, 1)


def test_closed_but_handled_late_is_closed_and_not_in_time(road) -> None:
    case = road.joint()
    road.at = at("2026-11-23 14:30")
    close(road, check(road, feed_back(road, case)))
    assert figure(road, "closing") == (1, 1)
    assert figure(road, "closing_in_time") == (0, 1)
    assert figure(road, "handling_in_time") == (0, 1)
    assert figure(road, "overdue") == (1, 1)


def test_suspended_and_voided_are_not_due_and_the_suspended_are_counted_apart(
    road,
) -> None:
    road.suspended()
    road.joint()
    assert figure(road, "closing") == (0, 1)
    assert figure(road, "suspension") == (1, 2)
    case = road.closed()
    assert figure(road, "closing") == (1, 2)
    Case.objects.filter(pk=case.pk).update(state="VOIDED")
    assert figure(road, "closing") == (0, 1)


def test_an_extension_is_counted_once_it_is_approved(road) -> None:
    case = road.joint()
    actions.request_extension(
        case_id=case.pk, reason="配件未到", actor=road.world.actor("fire"), at=MONDAY_9
    )
    assert figure(road, "extension") == (0, 1)
    actions.review_extension(
        case_id=case.pk, decision="approve", opinion="属实",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "extension") == (1, 1)


# --- reception and checks ---------------------------------------------------------


def test_accepted_in_time_or_raised_by_the_platform(road, turn) -> None:
    road.pending()
    assert figure(road, "acceptance") == (1, 1)
    road.reported()
    turn(at("2026-11-23 11:00"))
    assert figure(road, "acceptance") == (1, 2)


def test_the_community_accepts_and_closes(road) -> None:
    road.joint()
    assert figure(road, "community_resolution") == (0, 1)
    case = road.reported("stall")
    world = road.world
    actions.accept(
        case_id=case.pk, handler_id=world.user_id("community_handler"),
        condition_id=world.categories["stall"].conditions.get().pk,
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "community_resolution") == (0, 2)
    handler = world.actor("community_handler")
    actions.submit_result(
        case_id=case.pk, result="solved", measures="已清",
        photos=road.photos(handler, "after"), actor=handler, at=MONDAY_9,
    )  # fmt: skip
    actions.send_to_check(
        case_id=case.pk, worker_id=world.user_id("grid_b"), requirement="看",
        actor=world.actor("community_leader"), at=MONDAY_9,
    )  # fmt: skip
    checker = world.actor("grid_b")
    actions.submit_check(
        case_id=case.pk, result="passed", remark="电话核查", position=None,
        photos=road.photos(checker, "check"), actor=checker, at=MONDAY_9,
    )  # fmt: skip
    close(road, case)
    assert figure(road, "community_resolution") == (1, 2)


def test_verification_counts_by_its_own_clock_and_the_truth_as_missed(road) -> None:
    case = road.reported(source="resident", **ASKED)
    actions.send_to_verify(
        case_id=case.pk, worker_id=road.world.user_id("grid_b"), requirement="去看看",
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "verification") == (0, 1)
    worker = road.world.actor("grid_b")
    actions.submit_verification(
        case_id=case.pk, result="true", remark="属实", position=None,
        photos=road.photos(worker, "verify"), actor=worker, at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "verification") == (1, 1)
    assert figure(road, "missed_report") == (0, 0)
    road.joint()
    assert figure(road, "missed_report") == (0, 1)
    actions.accept(
        case_id=case.pk, handler_id=road.world.user_id("community_handler"),
        condition_id=road.world.categories["lane"].conditions.get().pk,
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "missed_report") == (1, 2)


def test_a_check_counts_by_its_own_clock(road) -> None:
    case = road.fed_back()
    check(road, case)
    assert figure(road, "checking") == (0, 1)
    close(road, case)
    assert figure(road, "checking") == (1, 1)


def test_reports_that_were_filed(road) -> None:
    road.reported()
    assert figure(road, "effective_report") == (0, 1)
    road.joint()
    assert figure(road, "effective_report") == (1, 2)


# --- F2, F3: whistles --------------------------------------------------------------


def test_f2_checked_in_in_time(road) -> None:
    case = road.whistled("urban")
    assert figure(road, "check_in", now=MONDAY_9) == (0, 0)
    road.check_in(case, "fire")
    assert figure(road, "check_in", now=MONDAY_9) == (1, 1)
    assert figure(road, "check_in") == (1, 2)
    assert figure(road, "whistle_closing") == (0, 1)
    fire = road.world.orgs["fire"].pk
    assert figure(road, "check_in", organisation_id=fire) == (1, 1)


def test_who_was_to_come_and_came(road) -> None:
    case = road.blown("fire", "urban", requires_presence=True)
    road.check_in(case, "fire")
    actions.check_in(
        case_id=case.pk, mode="online", position=None, remark="路上堵车",
        actor=road.world.actor("urban"), at=MONDAY_9,
    )  # fmt: skip
    road.joint()
    assert figure(road, "presence") == (1, 2)


def test_a_late_check_in_is_late(road) -> None:
    case = road.whistled()
    road.at = case.assignments.get().checkin_due_at + timedelta(minutes=1)
    road.check_in(case, "fire")
    assert figure(road, "check_in") == (0, 1)


def test_f3_returns_that_were_reassigned_are_not_unfounded(road) -> None:
    case = road.reassign(road.disputed(), "housing")
    assert figure(road, "returning") == (1, 2)
    assert figure(road, "unfounded_return") == (0, 2)
    assert figure(road, "dispatching") == (0, 1)
    case = road.refer(road.dispute(case, "housing"))
    road.dispatch(case, "urban", "housing")
    assert figure(road, "returning") == (2, 4)
    assert figure(road, "unfounded_return") == (0, 4)


def test_an_upheld_return_is_unfounded(road) -> None:
    case = road.disputed()
    actions.uphold(
        case_id=case.pk, ruling="维持",
        actor=road.world.actor("street_leader"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "unfounded_return") == figure(road, "returning") == (1, 1)
    assert figure(road, "dispatching") == (1, 1)
    unit = BY_CODE["unfounded_return"].by_unit(scope(road))
    assert unit == {road.world.orgs["urban"].pk: Ratio(1, 1)}


# --- F5: rework, rating ------------------------------------------------------------


def test_f5_reworked_once_and_the_last_rating_counts(road) -> None:
    case = road.rating()
    assert figure(road, "rework") == (0, 1)
    assert figure(road, "satisfaction") == figure(road, "solution") == (0, 0)
    assert figure(road, "participation") == (0, 1)
    road.at = at("2026-11-23 09:30")
    case = rework(road, rate(road, case, "dissatisfied", solved=False))
    assert figure(road, "rework") == (1, 1)
    assert figure(road, "satisfaction") == figure(road, "solution") == (0, 1)
    road.at = at("2026-11-23 10:00")
    case = rate(road, close(road, check(road, feed_back(road, case))))
    assert case.state == "CLOSED" and case.ratings.count() == 2
    assert figure(road, "rework") == (1, 1)
    assert figure(road, "satisfaction") == figure(road, "solution") == (1, 1)
    assert figure(road, "participation") == (1, 1)
    assert figure(road, "first_resolution") == (0, 1)
    road.closed()
    assert figure(road, "first_resolution") == (1, 2)


def test_f5_unrated_is_no_satisfaction(road, turn) -> None:
    case = road.rating()
    turn(at("2026-11-28 09:00"))
    assert again(case).state == "CLOSED"
    assert figure(road, "satisfaction") == (0, 0)
    assert figure(road, "participation") == (0, 1)


def test_a_call_back_speaks_for_who_did_not_rate(road) -> None:
    case = road.rating()

    def call(result, satisfied, when) -> None:
        actions.call_back(
            case_id=case.pk, method="phone", result=result, satisfied=satisfied,
            words="回访记录", actor=road.world.actor("street_acceptor"), at=when,
        )  # fmt: skip

    call("unreached", None, at("2026-11-23 10:00"))
    assert figure(road, "satisfaction") == figure(road, "solution") == (0, 0)
    call("solved", False, at("2026-11-23 10:10"))
    assert figure(road, "satisfaction") == (0, 1)
    assert figure(road, "solution") == (1, 1)
    road.at = at("2026-11-23 10:20")
    rate(road, case, "fair", solved=False)
    assert figure(road, "satisfaction") == (1, 1)
    assert figure(road, "solution") == (0, 1)


def test_a_failed_check_is_a_rework_and_a_returned_feedback_is_none(road) -> None:
    case = road.fed_back()
    assert figure(road, "review_return") == (0, 1)
    actions.return_result(
        case_id=case.pk, opinion="缺照片",
        actor=road.world.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "review_return") == (1, 1)
    road.at = at("2026-11-23 09:20")
    case = feed_back(road, again(case))
    assert figure(road, "review_return") == (1, 2)
    assert figure(road, "rework") == (0, 1)
    check(road, case, "failed")
    actions.rework(
        case_id=case.pk, opinion="没清完",
        actor=road.world.actor("street_acceptor"), at=road.at,
    )  # fmt: skip
    assert figure(road, "rework") == (1, 1)
    on_the_spot(road)
    assert figure(road, "review_return") == (1, 2)


def test_the_first_reply_to_a_resident(road) -> None:
    case = road.reported(source="resident", **ASKED)
    assert figure(road, "response") == (0, 1)
    actions.log_contact(
        case_id=case.pk, method="phone", words="已告知",
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "response") == (1, 1)


# --- F9, F10, F11 ------------------------------------------------------------------


def test_f9_the_master_is_counted_once(road) -> None:
    master, child = road.reported(), road.reported()
    actions.merge(
        case_id=child.pk, master_id=master.pk, opinion="同一处",
        actor=road.world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "duplication") == (1, 2)
    assert figure(road, "acceptance") == (0, 1)
    assert figure(road, "effective_report") == (0, 1)
    actions.split(
        case_id=child.pk, opinion="并错了",
        actor=road.world.actor("street_acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "duplication") == (0, 2)
    assert figure(road, "acceptance") == (0, 2)


def test_f10_the_case_is_the_lead_s(road) -> None:
    road.closed()
    road.joint("urban")
    by_unit = BY_CODE["closing"].by_unit(scope(road))
    assert by_unit == {road.world.orgs["fire"].pk: Ratio(1, 2)}
    by_community = BY_CODE["closing"].by_community(scope(road))
    assert by_community == {road.world.areas["990101001001"].pk: Ratio(1, 2)}
    urban = road.world.orgs["urban"].pk
    assert figure(road, "closing", organisation_id=urban) == (0, 0)


def reopened(road, case) -> Case:
    actor = road.world.actor("shift_head")
    actions.reopen(
        case_id=case.pk, opinion="又堵上了", photos=road.photos(actor, "reopen"),
        actor=actor, at=road.at,
    )  # fmt: skip
    return again(case)


def test_f11_an_exempt_overdue_is_listed_and_not_counted(road) -> None:
    case = road.joint()
    road.at = at("2026-11-23 14:30")
    case = close(road, check(road, feed_back(road, case)))
    assert figure(road, "overdue") == (1, 1)
    lead = road.world.actor("fire")
    actions.appeal_overdue(case_id=case.pk, reason="设备结冰", actor=lead, at=road.at)
    for reviewer in ("shift_head", "district"):
        actions.review_appeal(
            case_id=case.pk, decision="approve", opinion="属实",
            actor=road.world.actor(reviewer), at=road.at,
        )  # fmt: skip
    assert figure(road, "overdue") == (0, 1)
    assert figure(road, "handling_in_time") == (0, 1)
    listed = BY_CODE["overdue"].of(scope(road)).get()
    assert listed.case_id == case.pk and listed.is_overdue and listed.exempt


def test_f11_reopening_leaves_the_old_figures(road) -> None:
    before = rate(road, road.rating())
    codes = (
        "closing", "closing_in_time", "grid_resolution", "overdue", "rework",
        "satisfaction", "check_in", "first_resolution", "whistle_closing",
    )  # fmt: skip
    old = {code: figure(road, code) for code in codes}
    road.at = at("2026-12-01 09:00")
    case = reopened(road, before)
    now = at("2026-12-31 09:00")
    assert {code: figure(road, code, now=now) for code in codes} == old
    assert figure(road, "recurrence", now=now) == (1, 1)
    actions.whistle(
        case_id=case.pk, call=road.call(), actor=road.world.actor("street_leader"),
        at=road.at,
    )  # fmt: skip
    case = road.check_in(case, "fire")
    case = check(road, feed_back(road, case), "failed")
    actions.rework(
        case_id=case.pk, opinion="没清完",
        actor=road.world.actor("street_acceptor"), at=road.at,
    )  # fmt: skip
    assert {code: figure(road, code, now=now) for code in codes} == old
    december = {"period": Period.month(2026, 12), "now": now}
    assert figure(road, "rework", **december) == (1, 1)
    assert figure(road, "closing", **december) == (0, 1)


def test_a_linked_recurrence(road) -> None:
    old, new = road.closed(), road.reported()
    actions.link(
        case_id=new.pk, other_id=old.pk, kind="related", opinion="同一工地",
        actor=road.world.actor("dispatcher"), at=MONDAY_9,
    )  # fmt: skip
    assert figure(road, "recurrence") == (0, 1)
    new.links.update(kind="recurrence")
    assert figure(road, "recurrence") == (1, 1)


def test_supervision_answered_in_time_and_late(road) -> None:
    lead = road.world.actor("fire")
    for when in (MONDAY_9, at("2026-11-27 09:00")):
        case = road.joint()
        actions.supervise(
            case_id=case.pk, opinion="限期办结",
            actor=road.world.actor("district"), at=MONDAY_9,
        )  # fmt: skip
        actions.answer_supervision(case_id=case.pk, reply="已办", actor=lead, at=when)
    assert figure(road, "supervision_reply") == (1, 2)


# --- scope and cost ----------------------------------------------------------------


def test_only_what_a_person_may_see_is_counted(road) -> None:
    road.closed()
    for name, seen in (
        ("district", 1), ("acceptor", 1), ("other_dispatcher", 0), ("housing", 0),
    ):  # fmt: skip
        assert figure(road, "closing", by=name) == (seen, seen)


def test_the_plan_begins_at_the_deadlines_of_the_period(road) -> None:
    handled = road.closed().clocks.get(stage="HANDLE")
    fields = {
        "case": handled.case, "stage": "HANDLE", "limit_n": 2, "base_n": 2,
        "limit_unit": "WORK_HOUR",
    }  # fmt: skip
    CaseClock.objects.bulk_create(
        CaseClock(started_at=then, stopped_at=then, due_at=then, **fields)
        for then in (MONDAY_9 - timedelta(days=60 + n) for n in range(4000))
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_caseclock")
    plan = BY_CODE["closing"].of(scope(road)).explain()
    assert "using clock_stage_due" in plan or "on clock_stage_due" in plan


def test_the_docs_print_the_same_definitions() -> None:
    page = (settings.BASE_DIR / "docs/indicators.md").read_text(encoding="utf-8")
    for one in INDICATORS:
        way = "高" if one.higher_is_better else "低"
        assert f"| `{one.code}` | {one.name} | {one.definition} | {way} |" in page


def test_a_figure_is_one_statement_and_does_not_read_other_months(road) -> None:
    road.closed()
    october = scope(road, period=Period.month(2026, 10))
    for one in INDICATORS:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ratio = one.ratio(october)
        assert len(seen) == 1
        if one.code != "suspension":
            assert ratio == Ratio()
    assert Event.objects.exists()
