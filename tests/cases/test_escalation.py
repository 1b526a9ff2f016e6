"""三级预警: each level once for each reason, what it writes, and to whom it is told."""

from datetime import datetime
from typing import Any

import pytest

from cases import actions
from cases.actions.escalation import raise_level
from cases.models import (
    Case,
    CaseClock,
    Escalation,
    Rating,
    SupervisionOrder,
    Urging,
    WhistleAssignment,
)
from cases.offers import offers
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event, Job
from parties.models import Notification, Organisation
from tests.cases.conftest import MONDAY_9, World, at
from tests.cases.road import Road, again, piece, signed_in
from tests.cases.test_alerts import emergency
from tests.factories import PostingFactory

Level, Trigger = Escalation.Level, Escalation.Trigger


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def raised(case: Case) -> list[tuple[int, str]]:
    rows = Escalation.objects.filter(case=case).order_by("at", "pk")
    return list(rows.values_list("level", "trigger"))


def told(case: Case, title: str) -> set[str]:
    found = Notification.objects.filter(subject=case.chain, title__contains=title)
    names = list(found.values_list("user__name", flat=True))
    assert len(names) == len(set(names)), "told twice"
    return set(names)


def happened(case: Case, action: str) -> list[dict[str, Any]]:
    found = Event.objects.filter(chain=case.chain, action=f"cases.{action}")
    return [event.detail for event in found.order_by("seq")]


# --- one and two -------------------------------------------------------------------
def test_eighty_percent_is_level_one_and_only_a_banner(road: Road, turn: Any) -> None:
    case = road.joint()
    turn(at("2026-11-23 10:36"))
    assert raised(case) == [(Level.YELLOW, Trigger.NEARLY_DUE)]
    assert not Urging.objects.exists()
    page = signed_in(road.world, "dispatcher").get(f"/cases/{case.pk}/")
    assert "一级预警" in page.content.decode()


def test_overdue_is_level_two_with_one_numbered_urging(road: Road, turn: Any) -> None:
    case = road.joint()
    turn(at("2026-11-23 11:00"))
    assert raised(case)[1:] == [(Level.ORANGE, Trigger.OVERDUE)]
    urging = Urging.objects.get()
    assert urging.number == f"{case.case_no}-C01"
    assert urging.organisation == road.world.orgs["fire"]
    assert told(case, "处置已超时") == {"fire", "dispatcher", "street_leader"}
    body = Notification.objects.filter(title__contains="处置已超时").first()
    assert body is not None and urging.display_no in body.body
    assert [one["urging"] for one in happened(case, "urge")] == [urging.number]


def test_running_the_timers_again_raises_and_tells_nothing_more(
    road: Road, turn: Any
) -> None:
    case = road.joint()
    turn(at("2026-11-23 14:00"))
    clock = CaseClock.objects.get(case=case, stage="HANDLE")
    before = (Notification.objects.count(), Event.objects.count(), raised(case))
    for percent in (50, 80, 100):
        actions.watch_clock(
            clock_id=clock.pk, percent=percent, at=at("2026-11-23 14:01")
        )
    actions.watch_overdue(clock_id=clock.pk, at=at("2026-11-23 14:01"))
    Job.objects.filter(task="cases.tasks.watch_overdue").update(done_at=None)
    turn(at("2026-11-23 14:02"))
    assert before == (Notification.objects.count(), Event.objects.count(), raised(case))


def test_a_level_is_raised_once_by_the_database_itself(road: Road) -> None:
    case = road.joint()
    given = {"unit_id": case.holder_org_id, "at": MONDAY_9}
    assert raise_level(case, Level.RED, Trigger.REWORKED, **given)
    assert raise_level(case, Level.RED, Trigger.REWORKED, **given) is None


def test_f2_absent_department_is_level_two_and_the_state_stays(
    world: World, file_case: Any, turn: Any
) -> None:
    case = emergency(world, file_case, turn, at("2026-11-22 22:38"))
    turn(at("2026-11-22 23:08"))
    assert (Level.ORANGE, Trigger.ABSENT) in raised(case)
    assert WhistleAssignment.objects.get().checkin_overdue
    assert again(case).state == State.WHISTLED
    urging = Urging.objects.get()
    assert urging.organisation == world.orgs["urban"]
    [absent] = happened(case, "overdue_checkin")
    assert (absent["urging"], absent["level"]) == (urging.number, Level.ORANGE)
    assert {"urban_leader", "street_leader"} <= told(case, "报到已超时")
    turn(at("2026-11-22 23:37"))
    assert not SupervisionOrder.objects.exists()
    turn(at("2026-11-22 23:38"))
    assert (Level.RED, Trigger.LONG_OVERDUE) in raised(case)


def return_it(road: Road, case: Case) -> None:
    actions.return_result(
        case_id=case.pk, opinion="缺照片", actor=road.world.actor("street_acceptor"),
        at=road.at,
    )  # fmt: skip


def feed_back(road: Road, case: Case) -> None:
    lead = road.world.actor("fire")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="通道已清空", override="",
        photos=road.photos(lead, "after"), actor=lead, at=road.at,
    )  # fmt: skip


def test_the_second_return_is_urged_the_first_and_third_are_not(
    road: Road, turn: Any
) -> None:
    case = road.fed_back()
    for count in (1, 2, 3):
        return_it(road, case)
        turn(road.at)
        assert Urging.objects.count() == (0 if count == 1 else 1), count
        feed_back(road, case)
    assert raised(case) == [(Level.ORANGE, Trigger.RETURNED)]
    assert told(case, "催办") == {"fire", "street_leader"}


# --- three -------------------------------------------------------------------------
def test_half_the_limit_overdue_is_level_three_with_an_order(
    road: Road, turn: Any
) -> None:
    case = road.joint()  # 2 work hours, due at 11:00
    turn(at("2026-11-23 11:59"))
    assert not SupervisionOrder.objects.exists()
    turn(at("2026-11-23 12:00"))
    order = SupervisionOrder.objects.get()
    assert order.number == "吹督〔2026〕1号"
    assert order.sub_number == f"{case.case_no}-D01"
    assert order.organisation == road.world.orgs["fire"]
    assert order.due_at == at("2026-11-24 12:00")
    assert told(case, "三级预警") == {"fire", "district"}
    [event] = happened(case, "supervise")
    assert (event["supervision"], event["level"]) == (order.number, Level.RED)


def test_two_working_days_are_enough_where_half_the_limit_is_longer(
    road: Road, turn: Any
) -> None:
    condition = road.world.categories["lane"].conditions.get()
    condition.limit_n, condition.limit_unit = 6, "WORK_DAY"
    condition.save()
    road.joint()
    clock = CaseClock.objects.get(stage="HANDLE")
    assert clock.due_at == at("2026-12-01 09:00")
    job = Job.objects.filter(
        task="cases.tasks.watch_overdue", args__clock_id=clock.pk
    ).get()
    assert job.run_at == at("2026-12-03 09:00")


def test_a_stopped_clock_raises_nothing_later(road: Road, turn: Any) -> None:
    case = road.joint()
    feed_back(road, case)
    turn(at("2026-11-23 12:30"))
    assert not Escalation.objects.filter(case=case, clock__stage="HANDLE").exists()


def test_a_job_that_comes_too_early_comes_again(road: Road, turn: Any) -> None:
    case = road.joint()
    clock = CaseClock.objects.get(case=case, stage="HANDLE")
    Job.objects.filter(task="cases.tasks.watch_overdue").delete()
    actions.watch_overdue(clock_id=clock.pk, at=at("2026-11-23 10:00"))
    assert not SupervisionOrder.objects.exists()
    turn(at("2026-11-23 12:00"))
    assert SupervisionOrder.objects.count() == 1


def test_the_second_rework_and_the_second_dissatisfaction_are_level_three(
    road: Road, turn: Any
) -> None:
    case = road.checked("failed")
    Case.objects.filter(pk=case.pk).update(rework_count=1)
    actions.rework(
        case_id=case.pk, opinion="仍有杂物", actor=road.world.actor("street_acceptor"),
        at=road.at,
    )  # fmt: skip
    turn(road.at)
    assert raised(case) == [(Level.RED, Trigger.REWORKED)]
    for _ in range(2):
        Rating.objects.create(
            case=case, score="dissatisfied", channel="portal", at=road.at
        )
    for _ in range(2):
        actions.escalate(case_id=case.pk, trigger="dissatisfied", at=road.at)
    assert raised(case)[1:] == [(Level.RED, Trigger.DISSATISFIED)]
    assert [order.serial for order in SupervisionOrder.objects.order_by("pk")] == [1, 2]


def test_one_dissatisfied_rating_raises_nothing(road: Road, turn: Any) -> None:
    case = road.checked(complainant_name="居民", complainant_contact="13800001234")
    actions.confirm_check(
        case_id=case.pk, opinion="同意", closing_met=True,
        actor=road.world.actor("street_acceptor"), at=road.at,
    )  # fmt: skip
    actions.rate(
        case_id=case.pk, score="dissatisfied", solved=False, comment="又堵上了",
        channel="portal", actor=road.world.actor("street_acceptor").resident(),
        at=road.at,
    )  # fmt: skip
    assert Job.objects.filter(args__trigger="dissatisfied").count() == 1
    turn(road.at)
    assert raised(case) == []


def test_a_command_centre_gets_no_order_from_itself(road: Road, turn: Any) -> None:
    case = road.joint()
    centre = road.world.orgs["district"]
    Case.objects.filter(pk=case.pk).update(holder_org=centre, rework_count=2)
    assert centre.kind == Organisation.Kind.COMMAND_CENTRE
    actions.escalate(case_id=case.pk, trigger="reworked", at=road.at)
    assert raised(case) == [(Level.RED, Trigger.REWORKED)]
    assert not SupervisionOrder.objects.exists()
    assert len(happened(case, "escalate")) == 1


# --- by hand -----------------------------------------------------------------------
def urge(road: Road, case: Case, name: str, when: datetime = MONDAY_9) -> Urging:
    return actions.urge(
        case_id=case.pk, opinion="请抓紧", actor=road.world.actor(name), at=when
    )


def test_a_person_urges_the_unit_that_has_the_case(road: Road) -> None:
    case = road.joint()
    version = again(case).version
    urging = urge(road, case, "dispatcher")
    assert urging.number == f"{case.case_no}-C01"
    assert urging.organisation == road.world.orgs["fire"]
    assert raised(case) == [(Level.ORANGE, Trigger.URGED)]
    assert told(case, "催办") == {"fire", "street_leader"}
    assert [one["urging"] for one in happened(case, "urge")] == [urging.number]
    assert again(case).version == version


def test_nobody_urges_again_within_two_hours(road: Road) -> None:
    case = road.joint()
    urge(road, case, "acceptor")
    with pytest.raises(Refused, match="09:00 已经催办过"):
        urge(road, case, "district", at("2026-11-23 10:59"))
    assert len(happened(case, "urge")) == 1
    assert urge(road, case, "district", at("2026-11-23 11:00")).number.endswith("C02")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("fire", "社区、街道、区"), ("grid_a", "社区、街道、区"),
     ("other_dispatcher", "社区、街道、区")],
)  # fmt: skip
def test_others_may_not_urge(road: Road, name: str, sentence: str) -> None:
    case = road.joint()
    with pytest.raises(Refused, match=sentence):
        urge(road, case, name)
    assert not happened(case, "urge")


def test_nobody_urges_the_own_unit_or_a_closed_case(road: Road) -> None:
    case = road.reported()
    with pytest.raises(Refused, match="就在本单位手里"):
        urge(road, case, "acceptor")
    closed = road.closed()
    with pytest.raises(Refused, match="已经办结"):
        urge(road, closed, "district")


def test_an_urging_needs_its_reason_and_the_page_keeps_what_was_typed(
    road: Road,
) -> None:
    case = road.joint()
    client = signed_in(road.world, "dispatcher")
    url = f"/cases/{case.pk}/urge/"
    assert "催办事由" in piece(client, url).content.decode()
    empty = piece(client, url, opinion=" ")
    assert empty.status_code == 422
    assert not happened(case, "urge")
    assert piece(client, url, opinion="请今天办结").status_code == 200
    again_ = piece(client, url, opinion="还没有动静")
    assert again_.status_code == 422
    assert "还没有动静" in again_.content.decode()
    assert "两小时内不重复催办" in again_.content.decode()
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert f"{case.display_no}-C01" in page and "二级预警" in page


def test_urging_is_offered_exactly_to_those_who_may(road: Road) -> None:
    case = road.joint()
    may = set()
    for name in ("fire", "dispatcher", "acceptor", "district", "grid_a", "assessor"):
        found = offers(case, road.world.actor(name), MONDAY_9)
        if any(one.name == "urge" for one in found):
            may.add(name)
    assert may == {"dispatcher", "acceptor", "district"}


def test_lists_show_the_level_in_words(road: Road) -> None:
    case = road.joint()
    urge(road, case, "dispatcher")
    desk = signed_in(road.world, "dispatcher").get("/desk/?queue=open")
    inbox = signed_in(road.world, "fire").get("/inbox/?box=joint")
    phone = signed_in(road.world, "grid_a").get("/m/cases/?list=grid")
    for page in (desk, inbox, phone):
        if case.display_no in page.content.decode() or page is phone:
            assert "二级预警" in page.content.decode()
    assert case.display_no in desk.content.decode()


def test_a_level_ends_with_its_clock(road: Road, turn: Any) -> None:
    case = road.joint()
    turn(at("2026-11-23 11:00"))
    assert Escalation.objects.highest_of([case])[case.pk].level == Level.ORANGE
    feed_back(road, case)
    assert Escalation.objects.highest_of([case]) == {}


def test_the_city_is_told_of_its_own_coordination(road: Road) -> None:
    from cases.actions.alerting import holder_circle

    PostingFactory(post__role="city_command", post__area=road.world.areas["9901"])
    case = road.joint()
    circles = {
        stage: holder_circle(CaseClock(case=again(case), stage=stage))
        for stage in ("RULING", "COORD", "MEETING", "CITY_COORD", "HANDLE")
    }
    assert circles == {
        "RULING": "street_leader", "COORD": "district_command",
        "MEETING": "district_command", "CITY_COORD": "city_command",
        "HANDLE": "holder",
    }  # fmt: skip
