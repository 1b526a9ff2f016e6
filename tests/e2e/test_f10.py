"""F10 跨网格/跨街道边界: on the border of grids, and of streets (DOMAIN F)."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.e2e.people import Person
from tests.e2e.scenario import COMMUNITY, REPORT, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
HEAP = "路边堆着十几方建筑渣土，来源不明，请清运。"


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def border(scene: Scenario, one: str, other: str) -> dict[str, float]:
    """A vertex that two neighbouring grids share, exactly."""
    shared = scene.ask(
        "sorted(set.intersection(*[{p for ring in b.geometry for line in ring for p in"
        f" line.coords}} for b in AreaBoundary.objects.current().filter("
        f"area__code__in=['{one}', '{other}'])]))"
    )
    lng, lat = shared[len(shared) // 2]
    return {"longitude": lng, "latitude": lat}


def test_f10_on_the_border_the_smaller_code_and_he_may_choose(
    stack: Stack, scene: Scenario, people: People
) -> None:
    scene.at("2026-11-23 09:00")
    first, second = f"{COMMUNITY}001", f"{COMMUNITY}002"
    spot = border(scene, first, second)
    worker = people("wanggeyuan-jia")
    report = {
        "category": scene.category("06011"), "description": HEAP, "address": "界路",
    }  # fmt: skip
    assigned = worker.file(at=spot, **report)
    assert scene.case(assigned, "placement_code") == [first]
    assert "网格边界" in scene.case(assigned, "placement_note")[0]
    chosen = worker.file(at=spot, grid_code=second, **report)
    assert scene.case(chosen, "placement_code") == [second]
    assert "选择了" in scene.case(chosen, "placement_note")[0]


CENTRE, OTHER = "quzhihuizhongxin", "jiedaoban-lianluoyuan-990101002"
TEAM = "zhifadui-lianluoyuan-990101001"
LEAD, SUPPORT = "和平街道综合行政执法队", "光明街道办事处"


def called(scene: Scenario, people: People, spots: Spots) -> int:
    """Escalated as 跨街道; the district calls both, and both check in."""
    case = people("wanggeyuan-jia").file(
        at=spots[f"{COMMUNITY}001"], category=scene.category("06011"),
        description=HEAP + "一半在光明街道。", address="和平路与光明路交界",
    )  # fmt: skip
    scene.settle()
    people("shequ-shouliyuan").do(case, "raise_to_street", opinion="横跨两个街道")
    scene.settle()
    people("jiedao-paiqianyuan").do(
        case, "escalate_to_district", reason="跨街道", matter="渣土横跨两街道",
        work_done="已现场查看", proposal="由和平街道执法队牵头，光明街道配合",
    )  # fmt: skip
    scene.settle()
    people(CENTRE).whistle(
        case, by="ruling/dispatch", kind="日常哨", lead=LEAD,
        task="牵头清运并查来源", supports={SUPPORT: "清运本街道一侧"},
        condition="两立方米以上", ruling="跨街道渣土，联合清运",
    )  # fmt: skip
    scene.settle()
    lines = scene.ask(
        f"Whistle.objects.get(case={case}, status='blown').assignments.count()"
    )
    assert lines == 2
    people(TEAM).do(case, "check_in", mode="线上")
    people(OTHER).do(case, "support_check_in", mode="线上")
    return case


def cleared(people: People, case: int, result: str, remark: str) -> None:
    """The lead reports, another grid worker looks."""
    people(TEAM).do(case, "feed_back", "after", result="solved", measures="已全部清运")
    people("jiedao-shouliyuan").do(
        case, "send_to_check", worker="网格员乙", requirement="看是否清净"
    )
    people("wanggeyuan-yi").do(
        case, "submit_check", "check", result=result, remark=remark
    )


def borne(reader: Person) -> dict[str, Decimal]:
    """返工分担 of each unit, as the 考核报表 prints it."""
    rows = re.findall(
        r'<th scope="row">([^<]+)</th>.*?data-label="返工分担">([\d.]+)</td>',
        reader.page(REPORT).split("各承办单位")[1],
        flags=re.S,
    )
    return {name: Decimal(share) for name, share in rows}


def borne_more(
    before: dict[str, Decimal], after: dict[str, Decimal]
) -> dict[str, Decimal]:
    """By how much it grew, of the units of which it did."""
    grown = {name: share - before.get(name, 0) for name, share in after.items()}
    return {name: share for name, share in grown.items() if share}


def test_f10_across_two_streets_the_district_whistles_both(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    scene.at("2026-11-23 09:30")
    case = called(scene, people, spots)
    neighbour = people("jiedao-paiqianyuan-990101002")
    assert HEAP[:8] in neighbour.reads(f"/cases/{case}/"), "both streets see it"
    assert HEAP[:8] in people("jiedao-paiqianyuan").reads(f"/cases/{case}/")
    people(OTHER).do(case, "finish_support", opinion="本侧已清运")
    cleared(people, case, "passed", "已清净")
    people("jiedao-shouliyuan").do(
        case, "confirm_check", opinion="同意结案", closing_met="on"
    )
    assert scene.state(case) == "CLOSED"
    assert scene.case(case, "lead_org__name") == [LEAD]
    for code in ("closing", "closing_in_time", "handling_in_time"):
        assert scene.figure(case, code, unit=LEAD) == (1, 1), code
        assert scene.figure(case, code, unit=SUPPORT) == (0, 0), "the lead's alone"
    for unit in (LEAD, SUPPORT):
        assert scene.figure(case, "check_in", unit=unit) == (1, 1), "each its own"
    for reader in ("jiedao-paiqianyuan", "jiedao-paiqianyuan-990101002"):
        assert "已全部清运" in people(reader).reads(f"/cases/{case}/"), reader
    scene.sound()


def test_f10_a_fault_is_shared_between_lead_support_and_street(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    """捆绑考核 of a case that had to be reworked: 60, 20 and 20 per cent."""
    scene.at("2026-11-23 14:30")
    case = called(scene, people, spots)
    people(OTHER).do(case, "finish_support", opinion="本侧已清运")
    before = borne(people(CENTRE))
    cleared(people, case, "failed", "和平街道一侧没有清净")
    people("jiedao-shouliyuan").do(case, "rework", opinion="请清运干净")
    scene.settle()
    assert scene.case(case, "state", "rework_count") == ["JOINT_HANDLING", 1]
    cleared(people, case, "passed", "已清净")
    assert scene.figure(case, "rework", unit=LEAD) == (1, 1)
    assert scene.figure(case, "rework", unit=SUPPORT) == (0, 0)
    assert borne_more(before, borne(people(CENTRE))) == {
        "和平街道执法队": Decimal("0.6"), "光明街道": Decimal("0.2"),
        "和平街道": Decimal("0.2"),
    }  # fmt: skip
    scene.sound()


def test_f10_after_redrawing_the_old_case_keeps_its_grid(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    """The two grids change places: a new report at the spot goes to the new grid."""
    scene.at("2026-11-24 09:00")
    one, other = f"{COMMUNITY}005", f"{COMMUNITY}006"
    worker, spot = people("wanggeyuan-jia"), spots[one]
    report = {
        "category": scene.category("06011"), "description": HEAP, "address": "五号楼",
    }  # fmt: skip
    before = worker.file(at=spot, **report)
    assert scene.case(before, "placement_code") == [one]
    exchange(scene, one, other)
    after = worker.file(at=spot, **report)
    assert scene.case(after, "placement_code") == [other]
    assert scene.case(before, "placement_code", "grid__code") == [one, one]
    exchange(scene, one, other)


def exchange(scene: Scenario, one: str, other: str) -> None:
    """Publish each grid's shape as the other's, as a new version."""
    scene.ask(
        "(lambda b, m, now: len(m.publish_boundaries(boundaries=["
        "(b[0].area_id, b[1].geometry), (b[1].area_id, b[0].geometry)], "
        "actor=__import__('parties.acting').acting.Actor.system(), at=now, "
        "source='调界') or ()))(list(AreaBoundary.objects.current().filter("
        f"area__code__in=['{one}', '{other}']).order_by('area__code')), "
        "__import__('grids.actions').actions, "
        "__import__('governance.clock').clock.now())"
    )
