"""F2 井盖缺失: an emergency whistle on a Sunday night (DOMAIN F)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e.people import Person, Resident, forms_of, words_of
from tests.e2e.scenario import COMMUNITY, Scenario, moment
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
SUNDAY = "2026-11-22"
LEAD, POLICE = "shuiwuju-lianluoyuan", "jiaojingdadui-lianluoyuan"
EIGHTY_METRES = 0.00072  # of latitude


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def reported(scene: Scenario, people: People, spots: Spots) -> int:
    """A resident telephones at 22:30; the case is with the street at once."""
    scene.at(f"{SUNDAY} 22:30")
    case = people("rexianzuoxi").file(
        photos=1, at=spots[f"{COMMUNITY}001"], category=scene.category("01003"),
        description="路口雨水井盖不见了，井口敞开，天黑很危险。",
        address="和平路与幸福街口",
        complainant_name="陈测试", complainant_contact="13900000002", consent="oral",
    )  # fmt: skip
    scene.settle()
    assert scene.case(case, "state", "urgent") == ["STREET_PENDING", True]
    assert scene.steps(case) == ["T01", "T12"]
    assert scene.ask(
        f"Event.objects.get(chain='case:{case}', detail__transition='T12')"
        ".actor.get('user_id')"
    ) in (None, 0)
    assert scene.runs_out(case, "JUDGE", f"{SUNDAY} 22:45")
    return case


def alarmed(scene: Scenario, case: int, username: str) -> list[str]:
    """The titles of the urgent messages about the case to one person."""
    return list(
        scene.ask(
            f"list(Notification.objects.filter(subject='case:{case}', urgent=True, "
            f"user__username='{username}').order_by('pk')"
            ".values_list('title', flat=True))"
        )
    )


def guarded(scene: Scenario, people: People, spots: Spots, case: int) -> None:
    """网格员甲 finds the task on the phone, comes, and says so."""
    worker = people("wanggeyuan-jia")
    task = scene.ask(
        f"SiteTask.objects.get(case={case}, kind='guard', "
        "worker__username='wanggeyuan-jia').pk"
    )
    path = f"/m/tasks/{task}/"
    assert path in worker.page("/m/")
    form = next(one for one in forms_of(worker.page(path)) if "lng" in one.values)
    at = spots[f"{COMMUNITY}001"]
    status, _page = worker.submit(path, form, lng=at["longitude"], lat=at["latitude"])
    assert status == 200
    assert "已到场" in people("jiedao-zhibanzhang").reads(f"/cases/{case}/")


def whistled(scene: Scenario, people: People, case: int) -> None:
    """At 22:38 by the shift head, who need not wait for the leader."""
    scene.at(f"{SUNDAY} 22:38")
    shift_head = people("jiedao-zhibanzhang")
    call: dict[str, Any] = {
        "kind": "应急哨", "lead": "水务局", "task": "围护井口，补装井盖",
        "supports": {"交通警察大队": "疏导交通"},
        "condition": "井盖缺失、移位",
    }  # fmt: skip
    status, page = shift_head.compose(case, **call)
    assert status == 422
    assert "应急哨必须" in words_of(page)
    shift_head.whistle(case, **call, risk="行人车辆可能坠入井口")
    scene.settle()
    assert scene.state(case) == "WHISTLED"
    dues = scene.ask(
        f"list(CaseClock.objects.filter(case={case}, stage='CHECKIN')"
        ".values_list('due_at', flat=True))"
    )
    assert [near(one, f"{SUNDAY} 23:08") for one in dues] == [True, True]
    assert scene.runs_out(case, "HANDLE", "2026-11-23 00:38")
    for who in (LEAD, POLICE):
        assert alarmed(scene, case, who)


def near(found: str, text: str) -> bool:
    """Give or take what it takes people to act."""
    return abs(datetime.fromisoformat(found) - moment(text)) < timedelta(minutes=2)


def alerts(scene: Scenario, case: int, stage: str) -> list[Any]:
    """(percent, when) of all alerts of a stage, in order."""
    return list(
        scene.ask(
            f"[list(one) for one in ClockAlert.objects.filter(clock__case={case}, "
            f"clock__stage='{stage}').order_by('percent').values_list('percent', 'at')]"
        )
    )


def on_site(who: Person, case: int, action: str, spot: dict[str, float]) -> None:
    who.do(
        case,
        action,
        mode="到场",
        lng=spot["longitude"],
        lat=spot["latitude"] + EIGHTY_METRES,
    )


def come(scene: Scenario, people: People, spot: dict[str, float], case: int) -> None:
    """Both are there by 23:00, 80 m from the point."""
    scene.at(f"{SUNDAY} 23:00")
    on_site(people(LEAD), case, "check_in", spot)
    on_site(people(POLICE), case, "support_check_in", spot)
    scene.settle()
    assert scene.state(case) == "JOINT_HANDLING"
    lines = scene.ask(
        "[list(one) for one in WhistleAssignment.objects.filter("
        f"case={case}).values_list('status', 'checkin_overdue', 'checkin_distance_m')]"
    )
    for status, overdue, metres in lines:
        assert (status, overdue) == ("on_site", False)
        assert 70 < metres < 90
    assert "距案发点" in people("jiedao-zhibanzhang").reads(f"/cases/{case}/")


def confirmed(scene: Scenario, people: People, case: int) -> None:
    """补签 by the leader within two hours of the blowing."""
    scene.at(f"{SUNDAY} 23:20")
    leader = people("jiedao-zhibanlingdao")
    assert "confirm_whistle" in leader.offered(case)
    whistle = scene.ask(f"Whistle.objects.get(case={case}).pk")
    leader.do(case, "confirm_whistle")
    blown, signed, in_time = scene.ask(
        f"(lambda w: [w.blown_at, w.confirmed_at, w.confirmed_in_time])"
        f"(Whistle.objects.get(pk={whistle}))"
    )
    passed = datetime.fromisoformat(signed) - datetime.fromisoformat(blown)
    assert timedelta(0) < passed < timedelta(hours=2)
    assert in_time is True
    assert "领导补签 街道值班领导" in leader.reads(f"/cases/{case}/")


def test_f2_the_emergency_whistle_at_night(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    case = reported(scene, people, spots)
    shift_head = people("jiedao-zhibanzhang")
    for who in ("jiedao-zhibanzhang", "shequ-shouliyuan", "wanggeyuan-jia"):
        assert alarmed(scene, case, who), who
    assert "data-alarm=" in shift_head.page("/desk/"), "the page rings"
    guarded(scene, people, spots, case)
    whistled(scene, people, case)

    come(scene, people, spots[f"{COMMUNITY}001"], case)
    confirmed(scene, people, case)

    scene.at(f"{SUNDAY} 23:37")
    assert alerts(scene, case, "HANDLE") == []
    scene.at(f"{SUNDAY} 23:39")
    ((percent, when),) = alerts(scene, case, "HANDLE")
    assert percent == 50
    assert near(when, f"{SUNDAY} 23:38")
    assert any("处置时限已用 50%" in one for one in alarmed(scene, case, LEAD))

    scene.at(f"{SUNDAY} 23:40")
    people(POLICE).do(case, "finish_support", opinion="已疏导")
    people(LEAD).do(
        case, "feed_back", "after", result="solved", measures="已围护并补装井盖"
    )
    scene.settle()
    scene.at("2026-11-23 00:20")
    assert [one for one, _when in alerts(scene, case, "HANDLE")] == [50]
    used, overdue = scene.clock(case, "HANDLE", "consumed_minutes", "is_overdue")
    assert float(used) == pytest.approx(62, abs=2)
    assert overdue is False
    checked_and_rated(stack, scene, people, case)
    for code in ("handling_in_time", "closing_in_time", "satisfaction"):
        assert scene.figure(case, code) == (1, 1), code
    lead = "城东区水务局（排水管理所）"
    assert scene.figure(case, "check_in", unit=lead) == (1, 1)
    assert scene.figure(case, "check_in") == (2, 2), "the support's counts too"
    scene.at("2026-11-23 08:00")
    assert [one for one, _when in alerts(scene, case, "HANDLE")] == [50]
    assert scene.steps(case) == [
        "T01", "T12", "T20", "T24", "T36", "T37", "T39", "T42",
    ]  # fmt: skip
    scene.sound()


def checked_and_rated(stack: Stack, scene: Scenario, people: People, case: int) -> None:
    street = people("jiedao-shouliyuan")
    street.do(case, "send_to_check", worker="网格员甲", requirement="看井盖是否牢固")
    assert scene.state(case) == "CHECKING"
    people("wanggeyuan-jia").do(
        case, "submit_check", "check", result="passed", remark="井盖已补装"
    )
    street.do(case, "confirm_check", opinion="请诉求人评价")
    scene.settle()
    assert scene.state(case) == "RATING"
    resident = Resident(stack.url)
    resident.look_up(*scene.code_of(case))
    assert "谢谢您的评价" in resident.rate("satisfied", solved="yes")
    assert scene.case(case, "state", "last_score") == ["CLOSED", "satisfied"]


def test_f2_nobody_came_by_23_08(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    case = reported(scene, people, spots)
    whistled(scene, people, case)
    scene.at(f"{SUNDAY} 23:06")
    assert absences(scene, case) == [[False, False], []]
    scene.at(f"{SUNDAY} 23:10")
    flags, raised = absences(scene, case)
    assert flags == [True, True], "a red flag at each"
    assert raised == [2, 2], "二级预警 for each"
    assert scene.state(case) == "WHISTLED", "the state is unchanged"
    shown = people("jiedao-zhibanzhang").reads(f"/cases/{case}/")
    assert "超时未报到" in shown
    assert "二级预警" in shown
    for who in ("shuiwuju-fuzeren", "jiedao-zhibanlingdao", "quzhihuizhongxin"):
        assert any("报到已超时" in one for one in alarmed(scene, case, who)), who
    assert scene.ask(f"Case.objects.get(pk={case}).urgings.count()") == 2
    assert scene.figure(case, "check_in") == (0, 2)

    scene.at("2026-11-23 00:36")
    assert scene.ask(f"Whistle.objects.get(case={case}).confirm_overdue") is False
    scene.at("2026-11-23 00:41")
    assert scene.ask(f"Whistle.objects.get(case={case}).confirm_overdue") is True
    page = people("jiedao-zhibanlingdao").reads(f"/cases/{case}/")
    assert "超时未补签" in page
    assert scene.state(case) == "WHISTLED"
    scene.sound()


def absences(scene: Scenario, case: int) -> list[Any]:
    """Of both units: the red flags, and the levels raised because nobody came."""
    return list(
        scene.ask(
            "[list(WhistleAssignment.objects.filter("
            f"case={case}).values_list('checkin_overdue', flat=True)), "
            f"list(Escalation.objects.filter(case={case}, trigger='absent')"
            ".values_list('level', flat=True))]"
        )
    )
