"""F9 重复案件合并: ＋1, merged, told, and split again (DOMAIN F)."""

from collections.abc import Callable

import pytest

from tests.e2e.people import Person, Resident
from tests.e2e.scenario import COMMUNITY, Scenario, grown, of_month
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
THIRTY_METRES = 0.00027  # of latitude
WORDS = "垃圾桶满溢，垃圾散落一地，有异味，请尽快清运。"


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def beside(spot: dict[str, float]) -> dict[str, float]:
    return {**spot, "latitude": spot["latitude"] + THIRTY_METRES}


def joined(who: Person, category: int, spot: dict[str, float], number: str) -> str:
    """The hint before sending; ＋1 on the case it shows."""
    place = {
        "category": category, "lng": spot["longitude"], "lat": spot["latitude"],
        "address": "幸福里南门", "description": WORDS,
    }  # fmt: skip
    status, hint = who.form("/m/duplicates/", **place)
    assert status == 200
    assert "是不是同一件" in hint
    support = hint.split('formaction="')[1].split('"')[0]
    status, page = who.form(support, **place)
    assert status == 200
    assert f"已记到 {number}" in page
    return str(hint)


def counted_once(scene: Scenario, master: int, child: int) -> None:
    """Master and merged case are one in every figure, and of the month's one list."""
    both = [master, child]
    for code in ("closing", "closing_in_time", "handling_in_time", "satisfaction"):
        assert scene.figure(both, code) == (1, 1), code
        assert scene.figure(child, code) == (0, 0), code
    assert scene.figure(both, "duplication") == (1, 2)
    assert scene.figure(both, "effective_report") == (0, 0), "the grid's was merged"


def handled(people: People, master: int) -> None:
    """By the community, checked, and passed to the resident."""
    people("shequ-shouliyuan").do(
        master, "accept", handler="社区承办人", condition="桶满外溢"
    )
    people("shequ-chengbanren").do(
        master, "submit_result", "after", result="solved", measures="已清运并冲洗地面"
    )
    people("shequ-fuzeren").do(
        master, "send_to_check", worker="网格员甲", requirement="看是否清运干净"
    )
    people("wanggeyuan-jia").do(
        master, "submit_check", "check", result="passed", remark="已清运"
    )
    people("jiedao-shouliyuan").do(master, "confirm_check", opinion="请诉求人评价")


def split_again(scene: Scenario, people: People, master: int, child: int) -> None:
    """By mistake, in the test of F9: a case of its own with its own time."""
    scene.at("2026-11-26 09:00")
    people("jiedao-shouliyuan").do(child, "split", opinion="经查不是同一处，拆案")
    scene.settle()
    assert scene.case(child, "state", "master") == ["REPORTED", None]
    assert scene.case(master, "duplicates_count", "supporters_count") == [0, 1]
    started = scene.ask(
        f"CaseClock.objects.filter(case={child}, stage='ACCEPT', superseded=False)"
        ".order_by('-pk').values_list('started_at', 'consumed_minutes').first()"
    )
    assert started[0].startswith("2026-11-26 01:00"), "the accept clock starts anew"
    assert scene.steps(child) == ["T01", "T14", "T49"]
    both = [master, child]
    assert scene.figure(both, "duplication") == (0, 2)
    assert scene.figure(both, "closing") == (1, 1), "the split one is not due yet"
    assert scene.figure(child, "effective_report") == (0, 1), "counted by itself"


def test_f9_joined_merged_told_and_split(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    spot = spots[f"{COMMUNITY}003"]
    overflow = scene.category("06042")
    scene.at("2026-11-25 09:00")
    street = people("jiedao-shouliyuan")
    before = of_month(street, "重复上报率")
    master = people("rexianzuoxi").file(
        photos=1, at=spot, category=overflow, description=WORDS, address="幸福里南门",
        complainant_name="甲居民", complainant_contact="13900000001", consent="oral",
    )  # fmt: skip
    scene.settle()
    (number,) = scene.case(master, "case_no")
    shown = f"{number[:6]}-{number[6:14]}-{number[14:]}"

    scene.at("2026-11-25 10:30")
    joined(people("pianqu-minjing"), overflow, beside(spot), shown)
    assert scene.case(master, "supporters_count") == [1]

    child = people("wanggeyuan-yi").file(
        at=beside(spot), category=scene.category("06010"), address="幸福里南门东侧",
        description="小区南门垃圾堆放在地上没有人清理。", photos=2,
    )  # fmt: skip
    scene.settle()
    desk = people("shequ-shouliyuan")
    assert shown in desk.reads(f"/cases/{child}/"), "the hint names the likely master"
    desk.do(child, "merge", master=shown, opinion="同一处垃圾，重复上报")
    assert f"已并入 {shown}" in desk.reads(f"/cases/{child}/")
    assert scene.case(master, "duplicates_count", "supporters_count") == [1, 1]
    assert grown(before, of_month(street, "重复上报率")) == (1, 2), "＋1 is no report"

    grandchild = people("wanggeyuan-jia").file(
        at=spot, category=overflow, address="幸福里南门西侧",
        description="垃圾桶又满了，地面有污水流出。",
    )  # fmt: skip
    scene.settle()
    (taken,) = scene.case(child, "case_no")
    refusal = desk.refused(grandchild, "merge", master=taken, opinion="同一处")
    assert "本身已并入他案" in refusal

    handled(people, master)
    scene.settle()
    assert scene.state(master) == "RATING"
    before = of_month(street, "结案率")
    resident = Resident(stack.url)
    resident.look_up(*scene.code_of(master))
    assert "谢谢您的评价" in resident.rate("satisfied", solved="yes")
    scene.settle()
    assert grown(before, of_month(street, "结案率")) == (1, 0), "was handled before"
    counted_once(scene, master, child)
    for username in ("rexianzuoxi", "wanggeyuan-yi", "pianqu-minjing"):
        assert any("评价结案" in one for one in scene.told(master, username)), username

    split_again(scene, people, master, child)
    scene.sound()
