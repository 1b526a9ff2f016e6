"""F11 延期、挂账、申诉、重开: what may be asked of a clock (DOMAIN F)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.people import Person
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
LEAD = "xiaofangdadui-lianluoyuan"
EXEMPT = "不计超时（申诉通过）"
AGREED = {"decision": "approve", "opinion": "情况属实，同意"}


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def in_hand(scene: Scenario, people: People, spots: Spots, day: str) -> int:
    """At nine o'clock with 消防大队, who has come; two working hours to handle it."""
    scene.at(f"{day} 09:00")
    case = people("wanggeyuan-yi").file(
        photos=2, at=spots[f"{COMMUNITY}002"], category=scene.category("09012"),
        description="消防车通道被施工脚手架占用，消防车开不进来。",
        address="幸福里 3 栋北侧",
    )  # fmt: skip
    scene.settle()
    people("shequ-shouliyuan").do(case, "raise_to_street", opinion="社区没有执法权")
    people("jiedao-paiqianyuan").whistle(
        case, kind="日常哨", lead="消防救援大队", task="清理消防车通道",
        condition="车辆、物品占用消防车通道",
    )  # fmt: skip
    people(LEAD).do(case, "check_in", mode="线上")
    scene.settle()
    assert scene.runs_out(case, "HANDLE", "2026-11-23 11:00")
    return case


def extended(scene: Scenario, people: People, case: int) -> None:
    """Each time one original limit more; two times, and no third."""
    lead, dispatcher = people(LEAD), people("jiedao-paiqianyuan")
    for hour, later in (("10:00", "15:00"), ("14:30", "17:00")):
        scene.at(f"2026-11-23 {hour}")
        lead.do(case, "request_extension", reason="脚手架须由厂家拆除")
        dispatcher.do(case, "review_extension", **AGREED)
        assert scene.runs_out(case, "HANDLE", f"2026-11-23 {later}")
    assert scene.clock(case, "HANDLE", "base_n", "limit_n") == ["2.00", "6.00"]
    third = lead.refused(case, "request_extension", reason="还要等")
    assert "本案已批准延期 2 次，不能再延期" in third


def suspended(scene: Scenario, people: People, case: int) -> None:
    """Until a day, with the fence on a picture; one hour of the limit is left."""
    scene.at("2026-11-23 16:00")
    lead, asked = people(LEAD), {
        "ground": "weather", "reason": "寒潮大风，高处作业停工",
        "resume_date": "2026-12-01", "safety_measure": "已设置围挡和警示灯",
    }  # fmt: skip
    assert "照片" in lead.refused(case, "request_suspension", **asked)
    lead.do(case, "request_suspension", "evidence", **asked)
    people("jiedao-paiqianyuan").do(case, "review_suspension", **AGREED)
    people("jiedao-zhibanlingdao").do(case, "suspend", opinion="同意挂账")
    scene.settle()
    assert scene.state(case) == "SUSPENDED"
    assert scene.clock(case, "HANDLE", "running_since", "due_at") == [None, None]
    assert "已设置围挡和警示灯" in people("quzhihuizhongxin").reads("/desk/suspended/")
    refusal = lead.refused(case, "request_extension", reason="再等")
    assert "挂账期间不能申请" in refusal

    scene.at("2026-12-01 08:58")
    assert scene.state(case) == "SUSPENDED"
    scene.at("2026-12-01 09:00")
    assert scene.state(case) == "JOINT_HANDLING"
    assert scene.runs_out(case, "HANDLE", "2026-12-01 10:00"), "one hour was left"


def supervised(scene: Scenario, people: People, case: int) -> None:
    """Too late by half of the limit: 三级预警, and a 督办单 that is answered."""
    scene.at("2026-12-01 10:01")
    lead, centre = people(LEAD), people("quzhihuizhongxin")
    refusal = lead.refused(case, "request_extension", reason="再给两小时")
    assert "已超过处置时限，不能再申请延期" in refusal
    assert levels(scene, case)[-1] == [2, "overdue"]

    scene.at("2026-12-01 14:58")
    assert [3, "long_overdue"] not in levels(scene, case)
    scene.at("2026-12-01 15:02")
    assert levels(scene, case)[-1] == [3, "long_overdue"]
    told = scene.told(case, "quzhihuizhongxin")
    assert any("三级预警" in one for one in told)
    assert any("三级预警" in one for one in scene.told(case, LEAD))
    (due_at,) = order(scene, case, "due_at")
    assert due_at.startswith("2026-12-02 07:0"), "one working day: 15:00 in Shanghai"
    serial, status = order(scene, case, "serial", "status")
    assert status == "issued"
    assert centre.finds("/desk/supervision/?page={}", f"吹督〔2026〕{serial}号")

    scene.at("2026-12-01 16:00")
    lead.do(case, "answer_supervision", reply="大风停工所致，今日 17 时前拆完")
    assert order(scene, case, "status", "late_round") == ["answered", 0]
    centre.do(case, "accept_supervision", opinion="回复属实，同意办结")
    assert order(scene, case, "status") == ["accepted"]


def levels(scene: Scenario, case: int) -> list[list[Any]]:
    """What was raised by the handling clock, in order."""
    return list(
        scene.ask(
            f"[list(one) for one in Escalation.objects.filter(case={case}, "
            "clock__stage='HANDLE').order_by('pk').values_list('level', 'trigger')]"
        )
    )


def order(scene: Scenario, case: int, *fields: str) -> list[Any]:
    """Fields of the one 督办单 of the case."""
    return list(
        scene.ask(
            f"list(SupervisionOrder.objects.values_list(*{fields!r}).get(case={case}))"
        )
    )


def closed(scene: Scenario, people: People, case: int) -> None:
    scene.at("2026-12-01 16:30")
    people(LEAD).do(case, "feed_back", "after", result="solved", measures="已拆除清运")
    street = people("jiedao-shouliyuan")
    street.do(case, "send_to_check", worker="网格员甲", requirement="看通道是否畅通")
    people("wanggeyuan-jia").do(
        case, "submit_check", "check", result="passed", remark="已畅通"
    )
    street.do(case, "confirm_check", opinion="同意结案", closing_met="on")
    scene.settle()
    assert scene.state(case) == "CLOSED"
    is_overdue, minutes = scene.clock(case, "HANDLE", "is_overdue", "overtime_minutes")
    assert is_overdue
    assert float(minutes) == pytest.approx(270, abs=2)  # 10–12 and 14–16:30


FIGURES = (
    "closing", "closing_in_time", "handling_in_time", "overdue", "extension",
    "supervision_reply",
)  # fmt: skip


def figures(scene: Scenario, case: int) -> dict[str, tuple[int, int]]:
    return {code: scene.figure(case, code, month="2026-12") for code in FIGURES}


def appealed(scene: Scenario, people: People, case: int) -> None:
    """Reviewed by the street and by the district; the fact stays."""
    late = figures(scene, case)
    assert late == {
        "closing": (1, 1), "closing_in_time": (0, 1), "handling_in_time": (0, 1),
        "overdue": (1, 1), "extension": (1, 1), "supervision_reply": (1, 1),
    }  # fmt: skip
    scene.at("2026-12-02 09:00")
    lead, shift_head = people(LEAD), people("jiedao-zhibanzhang")
    lead.do(case, "appeal_overdue", reason="复工首日大风红色预警，不能登高")
    shift_head.do(case, "review_appeal", **AGREED)
    assert scene.clock(case, "HANDLE", "exempt") == [False], "one review is not enough"
    again = shift_head.refused(case, "review_appeal", **AGREED)
    assert "待区级审核" in again
    people("quzhihuizhongxin").do(case, "review_appeal", **AGREED)
    assert scene.clock(case, "HANDLE", "exempt", "is_overdue") == [True, True]
    (number,) = scene.case(case, "case_no")
    shown = f"{number[:6]}-{number[6:14]}-{number[14:]}"
    listed = people("jiedao-paiqianyuan").reads(f"/desk/?queue=closed&q={shown}")
    assert shown in listed
    assert EXEMPT in listed
    page = people("jiedao-paiqianyuan").reads(f"/cases/{case}/")
    assert EXEMPT in page
    assert "已超时" in page
    assert figures(scene, case) == {**late, "overdue": (0, 1)}, "exempt, and only that"
    second = lead.refused(case, "appeal_overdue", reason="再诉")
    assert "每案只能申诉一次" in second


def test_f11_extended_suspended_late_supervised_appealed_reopened(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    case = in_hand(scene, people, spots, "2026-11-23")
    extended(scene, people, case)
    suspended(scene, people, case)
    supervised(scene, people, case)
    closed(scene, people, case)
    appealed(scene, people, case)

    scene.at("2026-12-04 10:00")
    facts = ("pk", "limit_n", "stopped_at", "is_overdue", "overtime_minutes", "exempt")
    before = scene.clock(case, "HANDLE", *facts)
    counted = figures(scene, case)
    judged = scene.clock(case, "JUDGE", "pk", "stopped_at", "is_overdue")
    shift_head = people("jiedao-zhibanzhang")
    refusal = shift_head.refused(case, "reopen", opinion="同一处又搭起脚手架")
    assert "照片" in refusal
    shift_head.do(case, "reopen", "reopen", opinion="同一处又搭起脚手架")
    scene.settle()
    assert scene.case(case, "state", "reopened_count") == ["STREET_PENDING", 1]
    assert scene.clock(case, "HANDLE", *facts) == before, "the old facts are untouched"
    assert figures(scene, case) == counted, "and so are the old figures"
    assert scene.runs_out(case, "JUDGE", "2026-12-04 16:00"), "four working hours anew"
    clocks = scene.ask(
        f"[list(one) for one in CaseClock.objects.filter(case={case}, stage='JUDGE')"
        ".order_by('pk').values_list('pk', 'stopped_at', 'is_overdue')]"
    )
    assert clocks[0] == judged
    assert len(clocks) == 2
    assert any("重开" in one for one in scene.told(case, LEAD))
    assert scene.steps(case) == [
        "T01", "T12", "T20", "T24", "T34", "T35", "T36", "T37", "T40", "T47",
    ]  # fmt: skip
    scene.sound()
