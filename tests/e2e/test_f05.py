"""F5 噪声扰民: a dissatisfied resident, rework, and satisfied at last (DOMAIN F)."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.e2e.people import Person, Resident
from tests.e2e.scenario import COMMUNITY, Scenario, grown, of_month
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
LEAD = "shengtaihuanjingju-lianluoyuan"


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def noise(scene: Scenario, people: People, spots: Spots) -> int:
    """A resident's complaint by telephone, at night, without a photo."""
    return people("rexianzuoxi").file(
        photos=0, at=spots[f"{COMMUNITY}001"], category=scene.category("06028"),
        description="楼下商铺音响深夜很吵，孩子睡不着。", address="幸福里 2 栋楼下",
        complainant_name="陈测试", complainant_contact="13900000000", consent="oral",
    )  # fmt: skip


def whistled(scene: Scenario, people: People, case: int, day: str) -> None:
    """Verified, raised, whistled to 生态环境局 with 公安 beside, both report."""
    desk = people("shequ-shouliyuan")
    scene.at(f"{day} 08:30")
    desk.do(case, "send_to_verify", worker="网格员甲", requirement="夜里去听一听")
    assert scene.clock(case, "ACCEPT", "running_since") == [None]
    scene.at(f"{day} 09:30")
    people("wanggeyuan-jia").do(
        case, "submit_verification", "verify", result="true", remark="属实，音响仍在响"
    )
    scene.settle()
    desk.do(case, "raise_to_street", opinion="社区没有执法权，请街道研判")
    scene.at(f"{day} 10:00")
    dispatcher = people("jiedao-paiqianyuan")
    dispatcher.whistle(
        case, kind="日常哨", lead="生态环境局", task="现场监测并依法处理",
        supports={"公安分局": "劝止夜间播放"}, condition="商铺、设备等固定声源",
    )  # fmt: skip
    people("jiedao-zhibanlingdao").do(case, "sign_whistle")
    scene.at(f"{day} 11:00")
    people(LEAD).do(case, "check_in", mode="线上")
    police = people("gonganfenju-lianluoyuan")
    police.do(case, "support_check_in", mode="线上")
    police.do(case, "finish_support", opinion="已劝止")
    scene.settle()


def handled(scene: Scenario, people: People, case: int, measures: str) -> None:
    """Fed back by the lead, reviewed, checked on the spot, passed to the resident."""
    people(LEAD).do(case, "feed_back", "after", result="已解决", measures=measures)
    street = people("jiedao-shouliyuan")
    street.do(case, "send_to_check", worker="网格员乙", requirement="夜间再听")
    people("wanggeyuan-yi").do(
        case, "submit_check", "check", result="passed", remark="已安静"
    )
    street.do(case, "confirm_check", opinion="请诉求人评价")
    scene.settle()


def dissatisfied(scene: Scenario, stack: Stack, case: int, comment: str) -> Resident:
    resident = Resident(stack.url)
    resident.look_up(*scene.code_of(case))
    resident.rate("dissatisfied", solved="no", comment=comment)
    scene.settle()
    return resident


def rework(scene: Scenario, people: People, case: int) -> None:
    people("jiedao-shouliyuan").do(
        case,
        "rework_after_rating",
        call_back="电话回访属实",
        opinion="当晚又响，请返工",
    )
    scene.settle()


def satisfied_at_last(stack: Stack, scene: Scenario, people: People, case: int) -> None:
    """The last valid rating takes the place of the first in the month's figures."""
    street = people("jiedao-shouliyuan")
    before = of_month(street, "满意率")
    assert scene.figure(case, "satisfaction") == (0, 1)
    resident = Resident(stack.url)
    resident.look_up(*scene.code_of(case))
    assert "谢谢您的评价" in resident.rate("satisfied", solved="yes")
    assert scene.figure(case, "satisfaction") == (1, 1)
    assert grown(before, of_month(street, "满意率")) == (1, 0), "counted once"
    assert scene.case(case, "state", "last_score") == ["CLOSED", "satisfied"]


def test_f5_dissatisfied_rework_satisfied(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    scene.at("2026-11-23 23:10")
    case = noise(scene, people, spots)
    scene.settle()
    whistled(scene, people, case, "2026-11-24")
    scene.at("2026-11-24 15:00")
    handled(scene, people, case, "已责令整改，安装隔音")
    (used,) = scene.clock(case, "HANDLE", "consumed_minutes")
    assert Decimal(used) == pytest.approx(180, abs=2)  # 10–12 and 14–15 o'clock

    scene.at("2026-11-25 08:00")
    assert scene.figure(case, "rework") == (0, 1)
    dissatisfied(scene, stack, case, "当晚又响")
    assert scene.figure(case, "satisfaction") == (0, 1)
    assert scene.told(case, "jiedao-shouliyuan")[-1].startswith("诉求人不满意")
    scene.at("2026-11-25 09:00")
    rework(scene, people, case)
    assert scene.case(case, "state", "rework_count") == ["JOINT_HANDLING", 1]
    # Two work days less the three hours used: not reset.
    assert scene.runs_out(case, "HANDLE", "2026-11-26 16:00")
    scene.at("2026-11-25 16:00")
    street = people("jiedao-shouliyuan")
    before = of_month(street, "返工率")
    handled(scene, people, case, "夜间实测达标，附测量记录")
    assert grown(before, of_month(street, "返工率")) == (1, 1)

    scene.at("2026-11-26 09:00")
    satisfied_at_last(stack, scene, people, case)
    assert scene.figure(case, "rework") == (1, 1)
    scores = scene.ask(
        f"list(Rating.objects.filter(case={case}).order_by('pk')"
        ".values_list('score', flat=True))"
    )
    assert scores == ["dissatisfied", "satisfied"], "both ratings are kept"
    scene.at("2026-12-04 09:00")
    assert scene.state(case) == "ARCHIVED"
    assert scene.steps(case) == [
        "T01", "T09", "T10", "T12", "T20", "T24", "T36", "T37", "T39", "T43",
        "T36", "T37", "T39", "T42", "T46",
    ]  # fmt: skip
    scene.sound()


def test_f5_after_two_failed_ratings_it_goes_to_the_district(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    scene.at("2026-11-23 23:20")
    case = noise(scene, people, spots)
    scene.settle()
    whistled(scene, people, case, "2026-11-24")
    for hour in ("14:10", "15:10"):
        scene.at(f"2026-11-24 {hour}")
        handled(scene, people, case, "已整改")
        dissatisfied(scene, stack, case, "还是很吵")
        rework(scene, people, case)
    scene.at("2026-11-24 16:10")
    handled(scene, people, case, "再次整改")
    dissatisfied(scene, stack, case, "仍然很吵")
    assert scene.case(case, "state", "rework_count") == ["DISTRICT_COORD", 2]
    assert scene.steps(case)[-1] == "T45"
    assert scene.figure(case, "rework") == (1, 1), "twice, and one case all the same"
    assert scene.figure(case, "satisfaction") == (0, 1)
    assert scene.told(case, "quzhihuizhongxin")
    scene.sound()


def test_f5_unrated_it_closes_after_five_days_as_unrated(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    scene.at("2026-11-23 23:30")
    case = noise(scene, people, spots)
    scene.settle()
    whistled(scene, people, case, "2026-11-24")
    scene.at("2026-11-24 15:00")
    handled(scene, people, case, "已整改")
    scene.at("2026-11-29 15:05")
    assert scene.case(case, "state", "last_score") == ["CLOSED", ""]
    ratings = scene.ask(f"Rating.objects.filter(case={case}).count()")
    assert ratings == 0, "unrated counts neither as satisfied nor as rated"
    assert scene.figure(case, "satisfaction") == (0, 0)
    assert scene.figure(case, "participation") == (0, 1)
    assert scene.figure(case, "closing") == (1, 1), "closed it is"
    scene.sound()
