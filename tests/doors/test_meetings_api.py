"""Joint meetings, 职责空白 and 督办 by a program."""

import pytest

from cases.models import Case, JointMeeting, ResponsibilityGap, RoutingGap
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.ruling_road import RulingRoad

MEETING = {
    "title": "和平路整治会商", "held_at": "2026-11-25T09:00:00+08:00",
    "place": "三楼会议室", "members": "区城管局、区住建局",
}  # fmt: skip


@pytest.fixture
def road(world, file_case, photos, program):
    return RulingRoad(world, file_case, photos)


def recorded(chain):
    return Event.objects.filter(chain=chain).count()


def test_a_meeting_from_convening_to_its_minutes(road, program):
    case, district = road.referred(), program("district")
    made = district.post("api_meetings", body=MEETING, **{"Idempotency-Key": "m1"})
    assert made.status_code == 201, made.json()
    assert district.post(
        "api_meetings", body=MEETING, **{"Idempotency-Key": "m1"}
    ).json() == made.json()  # fmt: skip
    assert JointMeeting.objects.count() == 1
    meeting = made.json()["id"]
    waiting = district.get("api_meeting_waiting").json()["results"]
    assert [one["id"] for one in waiting] == [case.pk]
    listed = district.post("api_agenda", meeting, body={"case": case.pk})
    assert listed.status_code == 200, listed.json()
    item = listed.json()["agenda"][0]
    assert item["case"] == case.pk
    assert district.get("api_meeting_waiting").json()["results"] == []
    early = district.post("api_minutes", meeting)
    assert (early.status_code, early.json()["code"]) == (409, "state")
    before = recorded(f"meeting:{meeting}")
    ruled = {"rulings": [{"item": item["id"], "ruling": "由区城管局主办。"}]}
    assert district.post("api_rulings", meeting, body=ruled).status_code == 200
    assert recorded(f"meeting:{meeting}") == before + 1
    issued = district.post("api_minutes", meeting).json()
    assert issued["number"]
    assert issued["agenda"][0]["ruling"] == "由区城管局主办。"
    late = district.post("api_rulings", meeting, body=ruled)
    assert (late.status_code, late.json()["message"]) == (
        409, "会议纪要已发，不能再改。",
    )  # fmt: skip


def test_an_item_is_taken_off_with_the_reason(road, program):
    case, meeting = road.referred(), road.convened()
    item = road.on_agenda(meeting, case)
    district = program("district")
    silent = district.post("api_take_off", meeting.pk, item.pk)
    assert (silent.status_code, silent.json()["field"]) == (422, "opinion")
    off = district.post(
        "api_take_off", meeting.pk, item.pk, body={"opinion": "先由区级协调。"}
    )
    assert off.json()["agenda"] == []


def test_what_is_wrong_is_said_at_its_field_and_writes_nothing(road, program):
    district = program("district")
    wrong = district.post("api_meetings", body={"title": "会"})
    assert wrong.status_code == 422
    assert {one["field"] for one in wrong.json()["errors"]} == {
        "held_at", "place", "members",
    }  # fmt: skip
    assert not JointMeeting.objects.exists()
    meeting, before = road.convened(), Event.objects.count()
    other = district.post("api_agenda", meeting.pk, body={"case": 999})
    assert (other.status_code, other.json()["field"]) == (422, "case")
    strange = {"rulings": [{"item": 999, "ruling": "x"}]}
    assert district.post("api_rulings", meeting.pk, body=strange).status_code == 422
    assert Event.objects.count() == before


def test_meetings_are_for_those_who_have_a_part_in_them(road, program):
    meeting = road.convened()
    assert program("acceptor").get("api_meetings").status_code == 404
    dispatcher = program("dispatcher")
    assert dispatcher.get("api_meetings").json()["results"] == []
    assert dispatcher.get("api_meeting", meeting.pk).status_code == 404
    refused = dispatcher.post("api_meetings", body=MEETING)
    assert (refused.status_code, refused.json()["code"]) == (403, "role")
    city = program("city").get("api_meetings").json()["results"]
    assert [one["id"] for one in city] == [meeting.pk]


def test_a_gap_is_settled_by_a_line_of_the_list(road, program, world):
    case = road.reported()
    gap = ResponsibilityGap.objects.create(
        case=case, category=case.category, area=world.areas["990101001"],
        note="没有单位负责", at=MONDAY_9,
    )  # fmt: skip
    district = program("district")
    assert district.get("api_gaps").json()["results"][0]["is_settled"] is False
    choices = district.get("api_gap", gap.pk).json()["fields"][0]["choices"]
    assert choices
    wrong = district.post("api_settle", gap.pk, body={"item": 999})
    assert wrong.status_code == 422
    right = district.post("api_settle", gap.pk, body={"item": choices[0]["value"]})
    assert right.status_code == 200, right.json()
    assert right.json()["is_settled"]
    assert program("acceptor").get("api_gaps").status_code == 404


def test_orders_of_supervision_are_listed_and_acted_on(road, program):
    case, leader = road.whistled(), program("district")
    body = {"opinion": "请立即办理并书面说明。"}
    issued = leader.post("api_action", case.pk, "supervise", body=body)
    assert issued.status_code == 200, issued.json()
    board = leader.get("api_supervision").json()
    assert (board["waiting"], board["answered"], board["late"]) == (1, 0, 0)
    assert board["results"][0]["case"] == case.pk
    assert leader.get("api_supervision", tab="answered").json()["results"] == []
    assert program("other_dispatcher").get("api_supervision").json()["waiting"] == 0


def test_what_stands_still_is_for_street_and_above(road, program):
    assert program("dispatcher").get("api_suspended").json()["results"] == []
    assert program("urban").get("api_suspended").status_code == 404
    scores = program("shift_head").get("api_scores", month="2026-11")
    assert scores.json() == {"month": "2026-11", "scores": []}


def test_routing_gaps_are_told_as_far_as_the_case_may_be_seen(road, program, world):
    case, district = road.reported(), program("district")
    RoutingGap.objects.create(
        case=case, area=world.areas["990101001"], missing="街道派遣员", at=MONDAY_9
    )
    told = district.get("api_routing_gaps").json()["results"]
    assert [(one["case"], one["missing"]) for one in told] == [(case.pk, "街道派遣员")]
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert district.get("api_routing_gaps").json()["results"] == []
    assert program("fire").get("api_routing_gaps").status_code == 404
