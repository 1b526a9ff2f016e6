"""F3 违建: two departments dispute, the joint meeting decides (DOMAIN F)."""

from collections.abc import Callable

import pytest

from tests.e2e.people import Person, forms_of, words_of
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
URBAN, HOUSING = "chengguanju-lianluoyuan", "zhujianju-lianluoyuan"


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def disputes(who: Person, case: int, reason: str, basis: str, unit: str) -> None:
    who.do(
        case, "dispute", reason=reason, legal_basis=basis, suggested_organisation=unit,
        opinion="经核对职责分工，本单位不是责任主体",
    )  # fmt: skip


def meets(scene: Scenario, centre: Person, case: int) -> tuple[int, str]:
    """A joint meeting takes up the case and issues its minutes; (id, number)."""
    form = forms_of(centre.page("/desk/meetings/new/"))
    asked = next(one for one in form if "held_at" in one.values)
    for name, value in {
        "title": "城东区治理联席会议", "held_at": "2026-11-27T09:00",
        "place": "区指挥中心会议室", "members": "区城管局、区住建局、和平街道",
    }.items():  # fmt: skip
        asked.fill(name, value)
    status, page = centre.submit("/desk/meetings/new/", asked)
    assert status == 200
    meeting = int(scene.ask("JointMeeting.objects.order_by('-pk').first().pk"))
    path = f"/desk/meetings/{meeting}/"
    agenda = next(one for one in forms_of(page) if "case" in one.values)
    agenda.fill("case", str(case))
    status, page = centre.submit(path, agenda)
    assert status == 200
    scene.settle()
    # The meeting has a limit of its own, with alerts of its own.
    assert scene.clock(case, "COORD", "running_since") == [None]
    assert scene.clock(case, "MEETING", "limit_n", "limit_unit") == ["5.00", "WORK_DAY"]

    scene.at("2026-11-27 10:00")
    alerts = scene.ask(
        f"list(ClockAlert.objects.filter(clock__case={case}, clock__stage='MEETING')"
        ".values_list('percent', flat=True))"
    )
    assert alerts == [50]
    rulings = next(
        one
        for one in forms_of(centre.page(path))
        if any(name.startswith("ruling_") for name in one.values)
    )
    field = next(name for name in rulings.values if name.startswith("ruling_"))
    rulings.fill(field, "由区城管局主办，区住建局协办")
    rulings.values["issue"] = ["1"]
    status, page = centre.submit(path, rulings)
    assert status == 200, words_of(page)[:400]
    number = str(scene.ask(f"JointMeeting.objects.get(pk={meeting}).number"))
    return meeting, number


def whistled(scene: Scenario, people: People, spots: Spots) -> int:
    """Filed, raised, and the urban management bureau called."""
    scene.at("2026-11-23 09:00")
    case = people("wanggeyuan-yi").file(
        photos=2, at=spots[f"{COMMUNITY}002"], category=scene.category("06001"),
        description="一楼住户在院内搭建砖房，已砌到一米高，仍在施工。",
        address="幸福里 7 栋 101",
    )  # fmt: skip
    scene.settle()
    people("shequ-shouliyuan").do(case, "raise_to_street", opinion="社区没有执法权")
    scene.at("2026-11-23 10:00")
    people("jiedao-paiqianyuan").whistle(
        case, kind="日常哨", lead="城东区城市管理局", task="现场制止并依法查处",
        condition="正在搭建",
    )  # fmt: skip
    scene.settle()
    return case


def test_f3_disputed_twice_decided_by_the_joint_meeting(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    case = whistled(scene, people, spots)

    scene.at("2026-11-23 11:00")
    urban, housing = people(URBAN), people(HOUSING)
    basis = "《建筑法》第七条：未取得施工许可证"
    disputes(urban, case, "应由其他单位主办", basis, "住房和城乡建设局")
    assert scene.state(case) == "DISPUTED"
    assert scene.clock(case, "HANDLE", "running_since") == [None]
    assert scene.clock(case, "CHECKIN", "running_since") == [None]
    assert scene.due(case, "RULING") is not None

    scene.at("2026-11-23 14:30")
    leader = people("jiedao-zhibanlingdao")
    leader.whistle(
        case, by="ruling/reassign", kind="日常哨", lead="住房和城乡建设局",
        task="查处无施工许可的建设行为", condition="正在搭建",
        ruling="未取得施工许可，改由区住建局主办", legal_basis="《建筑法》第七条",
    )  # fmt: skip
    scene.settle()
    assert scene.state(case) == "WHISTLED"
    (used,) = scene.clock(case, "HANDLE", "consumed_minutes")
    assert float(used) == 0, "the new lead has the full limit"

    scene.at("2026-11-23 15:30")
    basis = "《城乡规划法》第六十四条"
    disputes(housing, case, "不属本单位职责", basis, "城东区城市管理局")
    leader.do(
        case, "refer_to_district", reason="跨区直部门",
        focus="谁有权查处正在搭建的违建",
        positions="城管局认为属施工许可；住建局认为属规划执法", proposal="请区级明确",
    )  # fmt: skip
    scene.settle()
    assert scene.state(case) == "DISTRICT_COORD"
    assert scene.told(case, "quzhihuizhongxin")

    scene.at("2026-11-24 09:00")
    centre = people("quzhihuizhongxin")
    meeting, number = meets(scene, centre, case)
    centre.whistle(
        case, by="ruling/dispatch", kind="日常哨", lead="城东区城市管理局",
        task="立即查处", supports={"住房和城乡建设局": "核验施工许可并配合"},
        condition="正在搭建",
    )  # fmt: skip
    scene.settle()
    assert scene.state(case) == "WHISTLED"
    (used,) = scene.clock(case, "HANDLE", "consumed_minutes")
    assert float(used) == 0, "after the meeting the time starts again"
    page = centre.page(f"/desk/meetings/{meeting}/")
    assert number in words_of(page)
    assert f"/cases/{case}/" in page, "ruling and case are linked"

    third = urban.refused(
        case, "dispute", reason="应由其他单位主办", legal_basis="《建筑法》第七条",
        opinion="再次异议", suggested_organisation="住房和城乡建设局",
    )  # fmt: skip
    assert "只能" in third
    scene.at("2026-11-27 14:00")
    finished(people, case)
    assert scene.state(case) == "CLOSED"

    unfounded = scene.ask(
        f"Dispute.objects.filter(case={case}, outcome='upheld').count()"
    )
    assert unfounded == 0, "no 无理退回: nothing was upheld"
    # Called were 城管局, 住建局 in its place, and both of them by the district.
    assert scene.figure(case, "returning") == (2, 4)
    assert scene.figure(case, "unfounded_return") == (0, 4)
    for unit in ("城东区城市管理局", "城东区住房和城乡建设局"):
        assert scene.figure(case, "returning", unit=unit) == (1, 2), unit
        assert scene.figure(case, "unfounded_return", unit=unit) == (0, 2), unit
    timeline = people("jiedao-shouliyuan").reads(f"/cases/{case}/")
    for opinion in ("不是责任主体", "改由区住建局主办", "请区级明确"):
        assert opinion in timeline
    assert scene.steps(case) == [
        "T01", "T12", "T20", "T25", "T26", "T25", "T29", "T30", "T24", "T36", "T37",
        "T40",
    ]  # fmt: skip
    scene.sound()


def finished(people: People, case: int) -> None:
    """Both report and act; checked by another, closed."""
    urban, housing = people(URBAN), people(HOUSING)
    urban.do(case, "check_in", mode="线上")
    housing.do(case, "support_check_in", mode="线上")
    housing.do(case, "finish_support", opinion="已核验，无施工许可")
    urban.do(case, "feed_back", "after", result="solved", measures="已停工并拆除")
    street = people("jiedao-shouliyuan")
    street.do(case, "send_to_check", worker="网格员甲", requirement="看是否拆除")
    people("wanggeyuan-jia").do(
        case, "submit_check", "check", result="passed", remark="已拆除"
    )
    street.do(case, "confirm_check", opinion="同意结案", closing_met="on")
