"""F4 消防通道堵塞: a joint enforcement whistle, three parties on site (DOMAIN F)."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.people import Person, words_of
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
LEAD, URBAN = "xiaofangdadui-lianluoyuan", "chengguanju-lianluoyuan"
PROPERTY = "wuyegongsi-lianluoyuan"
DISPATCHER, LEADER = "jiedao-paiqianyuan", "jiedao-zhibanlingdao"
# How far from the point each one stands.
METRES = {LEAD: 20, URBAN: 80, PROPERTY: 5}
DEGREES_A_METRE = 1 / 110_850  # of latitude, at 28° north
CALL: dict[str, Any] = {
    "kind": "执法哨",
    "lead": "消防救援大队",
    "task": "现场清理消防车通道，依法处理责任人",
    "supports": {"城东区城市管理局": "劝离摊贩", "物业": "联系车主移车"},
    "condition": "车辆、物品占用消防车通道",
    "legal_basis": "《中华人民共和国消防法》第二十八条",
    "gather_place": "商贸楼东门",
    "gather_at": "2026-11-23T15:00",
    "requires_presence": "on",
}


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def pending(scene: Scenario, people: People, spots: Spots) -> int:
    """Filed by 网格员甲 and raised by the community; two o'clock in the afternoon."""
    scene.at("2026-11-23 14:00")
    case = people("wanggeyuan-jia").file(
        photos=2, at=spots[f"{COMMUNITY}701"], category=scene.category("09012"),
        description="消防通道被面包车和杂物堵住，消防车进不来。",
        address="商贸楼东侧通道",
    )  # fmt: skip
    scene.settle()
    people("shequ-shouliyuan").do(case, "raise_to_street", opinion="社区没有执法权")
    scene.settle()
    return case


def refused(scene: Scenario, people: People, case: int, **other: Any) -> str:
    """What the composer answers to the call with something `other`; no whistle is."""
    status, page = people(DISPATCHER).compose(case, **{**CALL, **other})
    assert status == 422
    assert "商贸楼东门" in page, "what was typed is still there"
    assert scene.ask(f"Whistle.objects.filter(case={case}).count()") == 0
    return words_of(page)


def signed(scene: Scenario, people: People, case: int) -> None:
    """Drafted by the dispatcher, blown by the leader alone."""
    dispatcher, leader = people(DISPATCHER), people(LEADER)
    dispatcher.whistle(case, **CALL)
    scene.settle()
    assert scene.state(case) == "STREET_PENDING", "a draft calls nobody"
    assert "sign_whistle" not in dispatcher.offered(case)
    status, form = leader.get(f"/cases/{case}/sign_whistle/")
    assert status == 200
    assert "联合·执法哨" in form
    assert "2026-11-23 15:00 商贸楼东门" in words_of(form)
    leader.do(case, "sign_whistle")
    scene.settle()
    assert scene.state(case) == "WHISTLED"
    roles = scene.ask(
        f"sorted(WhistleAssignment.objects.filter(case={case})"
        ".values_list('role', flat=True))"
    )
    assert roles == ["lead", "support", "support"]
    for who in METRES:
        assert scene.told(case, who)


def together(
    scene: Scenario, people: People, case: int, spot: dict[str, float]
) -> None:
    """All three are on site before three o'clock, and the page says how near."""
    scene.at("2026-11-23 14:50")
    for who, metres in METRES.items():
        people(who).do(
            case,
            "check_in" if who == LEAD else "support_check_in",
            mode="到场",
            lng=spot["longitude"],
            lat=spot["latitude"] + metres * DEGREES_A_METRE,
        )
    scene.settle()
    assert scene.state(case) == "JOINT_HANDLING"
    statuses = scene.ask(
        f"list(WhistleAssignment.objects.filter(case={case})"
        ".values_list('status', 'checkin_overdue'))"
    )
    assert statuses == [["on_site", False]] * 3
    page = people(DISPATCHER).reads(f"/cases/{case}/")
    shown = [int(one) for one in re.findall(r"到场报到，距案发点 (\d+) 米", page)]
    assert sorted(shown) == [
        pytest.approx(metres, abs=1) for metres in sorted(METRES.values())
    ]


def feed_back(who: Person, case: int, **more: Any) -> tuple[int, str]:
    status, page = who.send(
        case, "feed_back", "after", result="solved", measures="通道已清空", **more
    )
    return status, words_of(page)


def checked_and_closed(scene: Scenario, people: People, case: int) -> None:
    street = people("jiedao-shouliyuan")
    street.do(case, "send_to_check", worker="网格员甲", requirement="看通道是否畅通")
    people("wanggeyuan-jia").do(
        case, "submit_check", "check", result="passed", remark="已畅通"
    )
    street.do(case, "confirm_check", opinion="同意结案", closing_met="on")
    scene.settle()
    assert scene.state(case) == "CLOSED"


def scored(scene: Scenario, people: People, case: int) -> None:
    """From 1 to 5 each; a low mark says why."""
    dispatcher = people(DISPATCHER)
    unsaid = dispatcher.refused(case, "score_unit", assignment="物业", score="2")
    assert "请写明原因" in unsaid
    marks = (
        ("消防", "5", "处置得力"),
        ("城市管理局", "4", ""),
        ("物业", "2", "移车迟缓"),
    )
    for unit, score, remark in marks:
        dispatcher.do(case, "score_unit", assignment=unit, score=score, remark=remark)
    page = people(LEAD).reads(f"/cases/{case}/")
    for _unit, score, _remark in marks:
        assert f"街道评分 {score} 分" in page
    given = scene.ask(
        "[list(one) for one in UnitScore.objects.filter("
        f"assignment__case={case}).order_by('-score')"
        ".values_list('assignment__role', 'score', 'scored_by__name')]"
    )
    assert given == [
        ["lead", 5, "街道派遣员"],
        ["support", 4, "街道派遣员"],
        ["support", 2, "街道派遣员"],
    ]
    table = dispatcher.reads("/desk/scores/?month=2026-11")
    assert "消防救援大队 1 5.00" in table, "the mark counts in the month's assessment"


def test_f4_a_joint_whistle_on_site(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    case = pending(scene, people, spots)
    two = refused(scene, people, case, lead=["消防救援大队", "城东区城市管理局"])
    assert "主办单位必须有且只有一个，现在是 2 个" in two
    both = {**CALL["supports"], "消防救援大队": "也来配合"}
    assert "同一单位不能既主办又协办" in refused(scene, people, case, supports=both)
    assert "执法哨必须填写" in refused(scene, people, case, legal_basis=" ")
    scene.at("2026-11-23 14:20")
    signed(scene, people, case)
    assert scene.runs_out(case, "HANDLE", "2026-11-23 16:20")
    together(scene, people, case, spots[f"{COMMUNITY}701"])

    scene.at("2026-11-23 15:30")
    lead = people(LEAD)
    people(URBAN).do(case, "finish_support", opinion="摊贩已劝离")
    status, page = feed_back(lead, case)
    assert status == 422
    assert "和平街道物业服务公司还没有办结" in page
    assert "通道已清空" in page
    assert scene.state(case) == "JOINT_HANDLING"
    people(PROPERTY).do(case, "finish_support", opinion="车辆已移走")
    status, _page = feed_back(lead, case)
    assert status == 200
    scene.settle()
    assert scene.state(case) == "FEEDBACK_REVIEW"
    reviewed = people("jiedao-shouliyuan").reads(f"/cases/{case}/")
    for opinion in ("摊贩已劝离", "车辆已移走", "通道已清空"):
        assert opinion in reviewed
    checked_and_closed(scene, people, case)
    scored(scene, people, case)
    shares = scene.ask(
        "sorted(float(one) for one in __import__('cases.actions').actions"
        f".bundled_shares(Case.objects.get(pk={case})).values())"
    )
    assert shares == [0.1, 0.1, 0.2, 0.6], "co units together 20 %, street 20 %"
    assert scene.figure(case, "check_in") == (3, 3)
    assert scene.figure(case, "presence") == (3, 3)
    assert scene.steps(case) == ["T01", "T12", "T20", "T24", "T36", "T37", "T40"]
    scene.sound()


def test_f4_the_lead_says_why_it_does_not_wait(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    case = pending(scene, people, spots)
    scene.at("2026-11-23 14:20")
    signed(scene, people, case)
    together(scene, people, case, spots[f"{COMMUNITY}701"])
    scene.at("2026-11-23 15:30")
    people(URBAN).do(case, "finish_support", opinion="摊贩已劝离")
    lead = people(LEAD)
    assert feed_back(lead, case)[0] == 422
    status, _page = feed_back(lead, case, override="物业已口头确认，车主已移车")
    assert status == 200
    scene.settle()
    assert scene.state(case) == "FEEDBACK_REVIEW"
    timeline = people("jiedao-shouliyuan").reads(f"/cases/{case}/")
    assert "物业已口头确认，车主已移车" in timeline
    scene.sound()
