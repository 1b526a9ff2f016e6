"""F7 独居老人走访任务: sent down, split, visited, returned, accepted (DOMAIN F).

The demo city has the admitted item and four people under care in two grids.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.people import Person, forms_of, words_of
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
DISPATCHER, LEADER = "jiedao-paiqianyuan", "jiedao-zhibanlingdao"
DESK, JIA, YI = "shequ-shouliyuan", "wanggeyuan-jia", "wanggeyuan-yi"
COMPOSE = "/desk/duties/new/"
QUESTIONS = {
    "q-0-text": "身体和生活情况正常", "q-0-abnormal": "否",
    "q-1-text": "燃气软管完好", "q-1-abnormal": "否", "q-1-category": "用气安全隐患",
    "q-2-text": "入户照片", "q-2-kind": "照片", "q-2-required": [],
}  # fmt: skip
WELL = {"q1": "是", "q2": "是"}


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def paper(title: str, **more: Any) -> dict[str, Any]:
    return {
        "title": title, "kind": "走访", "service_kind": "独居老人",
        "requirement": "逐户走访独居老人，检查用气用电安全。",
        "limit_n": "5", "limit_unit": "工作日", "addressees": ["幸福社区"],
        **QUESTIONS, **more,
    }  # fmt: skip


class Errand:
    """One task of the street, its parts and what the pages count of it."""

    def __init__(self, scene: Scenario, people: People, title: str) -> None:
        self.scene, self.people = scene, people
        self.title = title
        self.pk = int(scene.ask(f"Task.objects.get(title='{title}').pk"))
        self.path = f"/desk/duties/{self.pk}/"
        self.chain = f"task:{self.pk}"

    def part(self, code: str = "") -> int:
        """Of the community, or of its grid with that ending."""
        return int(
            self.scene.ask(
                f"TaskReceiver.objects.get(task={self.pk}, "
                f"area__code='{COMMUNITY}{code}').pk"
            )
        )

    def state(self, code: str = "") -> str:
        found = f"TaskReceiver.objects.get(pk={self.part(code)}).state"
        return str(self.scene.ask(found))

    def whole(self) -> tuple[int, ...]:
        """What the street reads: 应签收, 已签收, 已反馈, 已验收, 逾期."""
        return counts(self.people(DISPATCHER).reads(self.path))

    def below(self) -> tuple[int, ...]:
        """The same of the grids, as the community reads it."""
        path = f"/desk/duties/receivers/{self.part()}/"
        return counts(self.people(DESK).reads(path))

    def at_desk(self, who: str, code: str, action: str, **given: Any) -> str:
        path = f"/desk/duties/receivers/{self.part(code)}/{action}/"
        return self.people(who).fill_in(path, **given)

    def on_phone(self, who: str, code: str, action: str, **given: Any) -> str:
        path = f"/m/duties/{self.part(code)}/{action}/"
        return self.people(who).fill_in(path, **given)

    def sign(self, who: str, code: str) -> None:
        page = f"/m/duties/{self.part(code)}/"
        self.people(who).press(page, f"{page}sign/")

    def visit(
        self, who: str, code: str, name: str, photos: str = "", **given: Any
    ) -> str:
        """A record of one person under care, by the name as it is shown."""
        path = f"/m/duties/{self.part(code)}/record/"
        given = {"target": name, **WELL, **given}
        return self.people(who).fill_in(path, photos, **given)


def counts(page: str) -> tuple[int, ...]:
    found = re.search(
        r"应签收 (\d+) 已签收 (\d+) 已反馈 (\d+) 已验收 (\d+) 逾期 (\d+)", page
    )
    assert found, page[:600]
    return tuple(int(one) for one in found.groups())


def issued(scene: Scenario, people: People, title: str) -> Errand:
    """① Drafted with the admitted item, signed by the leader: five working days."""
    street = people(DISPATCHER)
    drafted = street.fill_in(COMPOSE, admission="独居老人走访", **paper(title))
    assert "已存为拟稿" in drafted
    errand = Errand(scene, people, title)
    assert title not in people(DESK).reads("/desk/duties/"), "a draft calls nobody"
    people(LEADER).fill_in(f"{errand.path}issue/")
    scene.settle()
    assert title in people(DESK).reads("/desk/duties/")
    assert any(title in one for one in scene.told_of(errand.chain, DESK))
    assert errand.whole() == (1, 0, 0, 0, 0)
    return errand


def split(errand: Errand) -> None:
    """② PENDING_SIGN→SIGNED, and on to 001 and 002 within the same time."""
    assert errand.state() == "PENDING_SIGN"
    page = f"/desk/duties/receivers/{errand.part()}/"
    errand.people(DESK).press(page, f"{page}sign/")
    assert errand.state() == "SIGNED"
    assert errand.whole() == (1, 1, 0, 0, 0)
    grids = ["幸福社区第一网格", "幸福社区第二网格"]
    errand.at_desk(DESK, "", "reissue", addressees=grids, requirement="本周内走完")
    errand.scene.settle()
    assert errand.below() == (2, 0, 0, 0, 0)
    dues = errand.scene.ask(
        f"list(TaskReceiver.objects.filter(task={errand.pk})"
        ".values_list('due_at', flat=True).distinct())"
    )
    assert len(dues) == 1, "nobody below has less time or more"
    for who, code in ((JIA, "001"), (YI, "002")):
        assert errand.title in errand.people(who).reads("/m/")
        errand.sign(who, code)
    assert errand.below() == (2, 2, 0, 0, 0)


def target(scene: Scenario, telephone: str, *fields: str) -> list[Any]:
    """The person under care with that telephone, which only the instance can read."""
    return list(
        scene.ask(
            "next([getattr(one, name) for name in "
            f"{fields!r}] for one in CareTarget.objects.all() if "
            "__import__('governance.crypto').crypto.unseal(one.telephone) == "
            f"'{telephone}')"
        )
    )


def masked(scene: Scenario, people: People, errand: Errand) -> None:
    """③ The list shows 姓+*; the whole needs a reason and is written down."""
    jia = people(JIA)
    (wang,) = target(scene, "13800000001", "pk")
    for path in (f"/m/duties/{errand.part('001')}/", "/duties/care/"):
        page = jia.reads(path)
        assert "王**" in page
        assert "138****0001" in page
        assert "王某某" not in page
        assert "13800000001" not in page
    contact = f"/duties/care/{wang}/contact/"
    seen = (
        f"Event.objects.filter(action='duties.reveal_care_target', chain='care:{wang}')"
    )
    before = scene.ask(f"{seen}.count()")
    assert "13800000001" not in jia.reads(contact)
    refusal = jia.turned_down(contact, reason="")
    assert "查看用途" in refusal
    assert "13800000001" not in refusal
    assert scene.ask(f"{seen}.count()") == before
    opened = jia.fill_in(contact, reason="上门走访")
    assert "王某某" in opened
    assert "13800000001" in opened
    assert scene.ask(f"{seen}.count()") == before + 1
    detail, actor = scene.ask(
        f"list({seen}.order_by('-seq').values_list('detail', 'actor')[0])"
    )
    assert detail["purpose"] == "上门走访"
    assert actor["name"] == "网格员甲"
    assert "13800000001" not in str(detail)
    status, _page = people("minzhengju-lianluoyuan").get(contact)
    assert status == 404


def gas_hose(
    scene: Scenario, people: People, errand: Errand, spot: dict[str, float]
) -> None:
    """An abnormal record becomes a case of 安全隐患·用气, linked both ways."""
    jia = people(JIA)
    page = errand.visit(JIA, "001", "王**", "report", q2="否", remark="软管老化开裂")
    assert "一键上报" in page
    assert "燃气软管完好：否" in page, "what was found is written already"
    last, after = target(scene, "13800000001", "last_visited_at", "next_visit_date")
    assert last.startswith("2026-11-23")
    assert after == "2026-11-30", "seven days on, as registered"
    record = int(
        scene.ask(
            f"VisitRecord.objects.filter(receiver__task={errand.pk})"
            ".order_by('-pk').first().pk"
        )
    )
    back = f"/duties/records/{record}/"
    jia.fill_in(f"{back}report/", lng=spot["longitude"], lat=spot["latitude"])
    scene.settle()
    case = int(scene.ask(f"VisitRecord.objects.get(pk={record}).case_id"))
    assert scene.case(case, "source", "category__name", "category__major_name") == [
        "task", "用气安全隐患", "安全隐患",
    ]  # fmt: skip
    assert scene.ask(f"Photo.objects.filter(case={case}).count()") == 1
    for reader, path in ((jia, f"/m/cases/{case}/"), (people(DESK), f"/cases/{case}/")):
        whole = reader.page(path)
        assert f'href="{back}"' in whole, "the case leads back to the visit"
        assert errand.title in words_of(whole)
    record_page = people(DESK).page(back)
    assert errand.path in record_page, "and the visit to its task"
    assert f"/cases/{case}/" in record_page


def accepted_and_returned(scene: Scenario, people: People, errand: Errand) -> None:
    """④ One accepted, one returned for its photo; the counts follow each step."""
    errand.visit(JIA, "001", "李*")
    assert "未走访" not in people(JIA).reads(f"/m/duties/{errand.part('001')}/")
    errand.on_phone(JIA, "001", "submit", result="走访 2 户，软管已上报")
    assert errand.below() == (2, 2, 1, 0, 0)
    for name in ("张**", "陈*"):
        errand.visit(YI, "002", name)
    errand.on_phone(YI, "002", "submit", result="走访 2 户，一切正常")
    assert errand.below() == (2, 2, 2, 0, 0)
    errand.at_desk(DESK, "001", "accept", opinion="属实")
    assert errand.below() == (2, 2, 2, 1, 0)
    errand.at_desk(DESK, "002", "give_back", opinion="请补充入户照片")
    assert errand.below() == (2, 2, 1, 1, 0)
    assert errand.state("002") == "RETURNED"
    assert "请补充入户照片" in people(YI).reads(f"/m/duties/{errand.part('002')}/")
    path = f"/desk/duties/receivers/{errand.part()}/submit/"
    refusal = people(DESK).turned_down(path, result="都走完了")
    assert "还有 1 个下级" in refusal
    assert "都走完了" in refusal, "what was typed is still there"


def test_f7_a_visit_to_those_who_live_alone(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    scene.at("2026-11-23 09:00")
    errand = issued(scene, people, "独居老人走访（十一月）")
    due = scene.ask(f"Task.objects.get(pk={errand.pk}).due_at")
    assert due.startswith("2026-11-30 01:0"), "nine o'clock, five working days on"
    split(errand)
    scene.at("2026-11-23 14:00")
    masked(scene, people, errand)
    gas_hose(scene, people, errand, spots[f"{COMMUNITY}001"])
    scene.at("2026-11-24 10:00")
    accepted_and_returned(scene, people, errand)

    scene.at("2026-11-29 20:00")
    reminded = scene.told_of(*part_of(errand, "002", YI))
    assert any("任务快到期" in one for one in reminded)
    accepted = scene.told_of(*part_of(errand, "001", JIA))
    assert not any("任务快到期" in one for one in accepted), "it was handed in"
    scene.at("2026-11-30 08:00")
    errand.visit(YI, "002", "张**", "report")
    errand.on_phone(YI, "002", "submit", result="已补照片")
    errand.at_desk(DESK, "002", "accept")
    assert errand.below() == (2, 2, 2, 2, 0)
    errand.at_desk(DESK, "", "submit", result="2 个网格全部走访")
    assert errand.whole() == (1, 1, 1, 0, 0)
    errand.at_desk(DISPATCHER, "", "accept", opinion="同意")
    scene.settle()
    assert errand.whole() == (1, 1, 1, 1, 0)
    assert scene.ask(f"Task.objects.get(pk={errand.pk}).state") == "CLOSED"
    assert "自动办结" in people(DISPATCHER).reads(errand.path)
    scene.sound()


def part_of(errand: Errand, code: str, who: str) -> tuple[str, str]:
    """The chain of a grid's part, and the person."""
    chain = errand.scene.ask(f"TaskReceiver.objects.get(pk={errand.part(code)}).chain")
    return str(chain), who


def test_f7_who_is_late_is_counted_and_told(
    stack: Stack, scene: Scenario, people: People
) -> None:
    scene.at("2026-11-23 10:00")
    errand = issued(scene, people, "独居老人走访（逾期）")
    split(errand)
    for name in ("王**", "李*"):
        errand.visit(JIA, "001", name)
    errand.on_phone(JIA, "001", "submit", result="走访 2 户")
    scene.at("2026-11-30 09:59")
    assert errand.below() == (2, 2, 1, 0, 0)
    scene.at("2026-11-30 10:02")
    assert errand.below() == (2, 2, 1, 0, 1)
    assert errand.whole() == (1, 1, 0, 0, 1), "the community has not handed in either"
    for who in (YI, DESK):
        told = scene.told_of(*part_of(errand, "002", who))
        assert any("任务已逾期" in one for one in told), who
    told = scene.told_of(*part_of(errand, "001", JIA))
    assert not any("任务已逾期" in one for one in told)
    scene.sound()


def test_f7_without_admission_a_department_is_led_to_the_application(
    stack: Stack, scene: Scenario, people: People
) -> None:
    scene.at("2026-11-23 11:00")
    department = people("chengguanju-lianluoyuan")
    title = "独居老人走访（未准入）"
    status, page = department.send_at(COMPOSE, **paper(title))
    assert status == 422
    assert "要引用已公布的网格事项" in words_of(page)
    assert "逐户走访独居老人" in page, "what was typed is still there"
    assert "燃气软管完好" in page
    assert 'href="/duties/admissions/apply/"' in page
    applying = forms_of(department.page("/duties/admissions/apply/"))
    assert any("workload" in form.values for form in applying)
    assert scene.ask(f"Task.objects.filter(title='{title}').count()") == 0
    scene.sound()
