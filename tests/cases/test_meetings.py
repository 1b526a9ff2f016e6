"""治理联席会议: agenda, its clock, rulings, minutes, pages."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import actions
from cases.models import AgendaItem, Case, CaseClock, JointMeeting
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import again, signed_in
from tests.cases.ruling_road import RulingRoad


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return RulingRoad(world, file_case, photos)


def open_stages(case) -> set[str]:
    clocks = CaseClock.objects.filter(case=case, stopped_at=None, assignment=None)
    return set(clocks.values_list("stage", flat=True))


def test_a_case_on_the_agenda_waits_for_the_meeting(road) -> None:
    case, meeting = road.referred(), road.convened()
    before = Event.objects.filter(chain=case.chain).count()
    item = road.on_agenda(meeting, case)
    assert item.order == 1
    assert {"COORD", "MEETING"} & open_stages(case) == {"MEETING"}
    clock = CaseClock.objects.get(case=case, stage="MEETING")
    assert clock.due_at == at("2026-11-30 09:00")
    assert again(case).due_at == clock.due_at
    assert Event.objects.filter(chain=case.chain).count() == before + 1


def test_only_what_the_district_coordinates_and_only_once(road) -> None:
    meeting = road.convened()
    with pytest.raises(Refused, match="区级协调中"):
        road.on_agenda(meeting, road.disputed())
    case = road.referred()
    road.on_agenda(meeting, case)
    with pytest.raises(Refused, match="已在一次联席会议"):
        road.on_agenda(road.convened(), case)
    with pytest.raises(Refused, match="本区指挥中心"):
        actions.put_on_agenda(
            meeting_id=meeting.pk, case_id=road.referred().pk, at=road.at,
            actor=road.world.actor("street_leader"),
        )  # fmt: skip
    assert AgendaItem.objects.count() == 1


def test_taken_off_the_centre_coordinates_on(road) -> None:
    case, meeting = road.referred(), road.convened()
    item = road.on_agenda(meeting, case)
    take = {"item_id": item.pk, "actor": road.world.actor("district"), "at": road.at}
    with pytest.raises(Refused, match="移出议题的理由"):
        actions.take_off_agenda(**take, opinion=" ")
    actions.take_off_agenda(**take, opinion="已协商一致")
    assert {"COORD", "MEETING"} & open_stages(case) == {"COORD"}
    with pytest.raises(Refused, match="已移出"):
        actions.take_off_agenda(**take, opinion="再移一次")
    assert road.on_agenda(meeting, case).order == 2


def test_taking_off_locks_the_meeting_before_its_item(road) -> None:
    """As writing the rulings does; the other way round the two would deadlock."""
    item = road.on_agenda(road.convened(), road.referred())
    with CaptureQueriesContext(connection) as asked:
        actions.take_off_agenda(
            item_id=item.pk, opinion="已协商一致", at=road.at,
            actor=road.world.actor("district"),
        )  # fmt: skip
    locks = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"]]
    named = [re.search(r'FOR UPDATE OF "(\w+)"', sql) for sql in locks]
    tables = [
        found[1] if found else sql.split(' FROM "')[1].split('"')[0]
        for found, sql in zip(named, locks, strict=True)
    ]
    meeting, line = tables.index("cases_jointmeeting"), tables.index("cases_agendaitem")
    assert tables[0] == "cases_case" and meeting < line


def test_no_way_out_before_the_minutes(road) -> None:
    case, meeting = road.referred(), road.convened()
    road.on_agenda(meeting, case)
    with pytest.raises(Refused, match="先印发会议纪要"):
        road.dispatch(case, "housing")
    with pytest.raises(Refused, match="先印发会议纪要"):
        road.to_city(case)
    assert again(case).state == State.DISTRICT_COORD


def test_minutes_need_a_ruling_of_each_item(road, turn) -> None:
    first, second, meeting = road.referred(), road.referred(), road.convened()
    with pytest.raises(Refused, match="还没有议题"):
        road.issued(meeting)
    road.on_agenda(meeting, first)
    road.on_agenda(meeting, second)
    with pytest.raises(Refused, match="议题 2 还没有会议意见") as refused:
        road.issued(meeting, _1="由城管局主办")
    last = meeting.items.get(order=2)
    assert refused.value.field == f"ruling_{last.pk}"
    meeting.refresh_from_db()
    assert meeting.status == JointMeeting.Status.HELD
    issued = road.issued(meeting, _2="由住建局主办")
    assert issued.number == "联席会议纪要〔2026〕1号"
    assert list(issued.items.order_by("order").values_list("ruling", flat=True)) == [
        "由城管局主办", "由住建局主办",
    ]  # fmt: skip
    with pytest.raises(Refused, match="纪要已发"):
        road.issued(meeting, _2="又改了")
    with pytest.raises(Refused, match="不能再列入"):
        road.on_agenda(meeting, road.referred())
    turn(MONDAY_9)
    told = Notification.objects.filter(title__startswith="联席会议纪要已发")
    assert told.filter(user__name="street_leader").count() == 2


def test_dispatched_by_the_minutes(road) -> None:
    case, meeting = road.referred(), road.convened()
    road.on_agenda(meeting, case)
    issued = road.issued(meeting, _1="由住建局主办")
    case = road.dispatch(case, "housing", ruling="")
    assert case.whistles.latest("pk").ruling_number == issued.number
    stay = case.coordinations.get()
    assert (stay.outcome, stay.conclusion) == ("dispatched", "由住建局主办")
    assert (stay.document, stay.meeting) == (issued.number, issued)
    assert "MEETING" not in open_stages(case)


def test_convened_and_conducted_on_the_pages(road) -> None:
    case = road.referred()
    client = signed_in(road.world, "district")
    assert case.display_no in client.get(reverse("meetings")).content.decode()
    given = {"title": "第四次联席会议", "held_at": "2026-11-24T09:00",
             "place": "二楼会议室"}  # fmt: skip
    bad = client.post(reverse("convene_meeting"), given)
    assert bad.status_code == 422
    assert "参会单位和人员" in bad.content.decode()
    assert "第四次联席会议" in bad.content.decode()
    client.post(reverse("convene_meeting"), {**given, "members": "城管局、住建局"})
    meeting = JointMeeting.objects.get()
    assert meeting.held_at == at("2026-11-24 09:00")
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert case.display_no in page
    add = reverse("meeting_add", args=[meeting.pk])
    assert client.post(add, {"case": ""}).status_code == 422
    assert client.post(add, {"case": case.pk}).status_code == 302
    item = meeting.items.get()
    rulings = reverse("meeting_rulings", args=[meeting.pk])
    empty = client.post(rulings, {f"ruling_{item.pk}": "", "issue": "1"})
    assert empty.status_code == 422
    assert "议题 1 还没有会议意见" in empty.content.decode()
    kept = client.post(rulings, {f"ruling_{item.pk}": "由住建局主办"})
    assert kept.status_code == 302
    client.post(rulings, {f"ruling_{item.pk}": "由住建局主办", "issue": "1"})
    meeting.refresh_from_db()
    assert meeting.number
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert meeting.number in page and "由住建局主办" in page
    assert "印发会议纪要" not in page
    case_page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert meeting.get_absolute_url() in case_page
    form = client.get(reverse("dispatch_compose", args=[case.pk])).content.decode()
    assert meeting.number in form and "由住建局主办" in form


def test_taking_off_on_the_page(road) -> None:
    case, meeting = road.referred(), road.convened()
    item = road.on_agenda(meeting, case)
    client = signed_in(road.world, "district")
    url = reverse("meeting_take_off", args=[meeting.pk])
    bad = client.post(url, {"item": item.pk, "opinion": ""})
    assert bad.status_code == 422 and "移出议题的理由" in bad.content.decode()
    assert client.post(url, {"item": item.pk, "opinion": "撤回"}).status_code == 302
    item.refresh_from_db()
    assert item.taken_off_at is not None


def test_who_sees_a_meeting(road, client) -> None:
    case, meeting = road.referred(), road.convened()
    url = meeting.get_absolute_url()
    assert "/login/" in client.get(url)["Location"]
    assert signed_in(road.world, "street_leader").get(url).status_code == 404
    road.on_agenda(meeting, case)
    seen = signed_in(road.world, "street_leader").get(url)
    assert seen.status_code == 200
    assert "印发会议纪要" not in seen.content.decode()
    assert signed_in(road.world, "other_dispatcher").get(url).status_code == 404
    assert signed_in(road.world, "city").get(url).status_code == 200
    assert signed_in(road.world, "urban").get(url).status_code == 404
    assert signed_in(road.world, "acceptor").get(reverse("meetings")).status_code == 404
    with pytest.raises(Refused, match="区指挥中心召集"):
        actions.convene_meeting(
            title="会", held_at=MONDAY_9, place="室", members="人", at=road.at,
            actor=road.world.actor("street_leader"),
        )  # fmt: skip


def test_the_minutes_hide_a_confidential_case_from_who_is_not_let_in(road) -> None:
    case, meeting = road.referred(), road.convened()
    item = road.on_agenda(meeting, case)
    given = {"meeting_id": meeting.pk, "at": road.at}
    given["actor"] = road.world.actor("district")
    actions.hold_meeting(rulings={item.pk: "张三家由住建局办"}, **given)
    actions.issue_minutes(**given)
    url, name = meeting.get_absolute_url(), case.category.name

    def page(reader: str) -> str:
        return signed_in(road.world, reader).get(url).content.decode()

    assert "张三家" in page("city") and name in page("city")
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert "张三家" not in page("city") and name not in page("city")
    assert case.display_no in page("city")
    assert "张三家" in page("district")


def test_a_suspended_case_stays_on_the_agenda(road) -> None:
    """Nothing runs but 挂账期; the meeting's clock goes on when the case does."""
    case, meeting, centre = road.referred(), road.convened(), "district"
    item = road.on_agenda(meeting, case)
    director = road.world.hire("second", "district_command", "district", "990101")
    actions.request_suspension(
        case_id=case.pk, ground="plan", reason="列入明年改造计划",
        resume_date=date(2026, 12, 10), safety_measure="已设围挡", at=road.at,
        photos=road.photos(road.world.actor(centre), "evidence"),
        actor=road.world.actor(centre),
    )  # fmt: skip
    said = {"case_id": case.pk, "opinion": "情况属实", "at": road.at}
    actions.review_suspension(
        **said, decision="approve", actor=road.world.actor("dispatcher")
    )
    actions.suspend(**said, actor=director)
    before = Event.objects.count()
    with pytest.raises(Refused, match="“挂账中”，恢复区级协调后才能移出"):
        actions.take_off_agenda(
            item_id=item.pk, opinion="暂不议", at=road.at,
            actor=road.world.actor(centre),
        )  # fmt: skip
    assert Event.objects.count() == before
    running = CaseClock.objects.filter(case=case, running_since__isnull=False)
    assert [one.stage for one in running] == ["SUSPEND_UNTIL"]
    actions.resume_handling(**said, actor=road.world.actor("dispatcher"))
    actions.take_off_agenda(
        item_id=item.pk, opinion="暂不议", at=road.at, actor=road.world.actor(centre)
    )
    assert {"COORD", "MEETING"} & open_stages(case) == {"COORD"}
