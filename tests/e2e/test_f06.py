"""F6 矛盾纠纷调解: mediated in confidence, level by level (DOMAIN F)."""

import csv
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.people import Person, Resident
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
JIA, YI = "wanggeyuan-jia", "wanggeyuan-yi"
DESK, HEAD, HANDLER = "shequ-shouliyuan", "shequ-fuzeren", "shequ-chengbanren"
MEDIATOR = "renmin-tiaojieyuan"
DISPATCHER, STREET = "jiedao-paiqianyuan", "jiedao-shouliyuan"
FORCES = {
    "人民调解员": MEDIATOR,
    "片区民警": "pianqu-minjing",
    "社区法律顾问": "falv-guwen",
}
NAMES = ("赵大海", "钱小河")
TELEPHONE = "13900005678"
PARTIES = {
    "applicant_name": NAMES[0], "applicant_telephone": "13800001234",
    "other_name": NAMES[1], "other_telephone": TELEPHONE,
}  # fmt: skip
EXPORT = "/exchange/export/mediations/"
TEMPLATES = "/admin/duties/mediationtemplate/"


@pytest.fixture(scope="module")
def scene(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """With a calendar of 2027, made up, into which clocks of late December reach."""
    year = {
        "source": {"2027": "国办发明电〔2026〕0号"},
        "rest": [{"date": "2027-01-01", "name": "元旦"}],
        "makeup_workdays": [],
    }
    file = tmp_path_factory.mktemp("calendar") / "2027.json"
    file.write_text(json.dumps(year), encoding="utf-8")
    stack.manage("import_holidays", str(file))
    return Scenario(stack)


class Quarrel:
    """A quarrel about leaking water in grid 002, and the pages of its mediation."""

    def __init__(self, scene: Scenario, people: People, spots: Spots) -> None:
        self.scene, self.people = scene, people
        self.pk = people(YI).file(
            photos=1, at=spots[f"{COMMUNITY}002"], category=scene.category("51001"),
            description="楼上漏水泡了楼下的天花板，两家为赔偿争吵多日。",
            address="幸福里 5 栋", complainant_name=NAMES[0],
            complainant_contact="13800001234", consent="oral",
        )  # fmt: skip
        scene.settle()
        self.page = f"/mediation/{self.pk}/"

    def do(self, who: str, action: str, **given: Any) -> str:
        """A step of the case."""
        found = self.people(who).do(self.pk, action, **given)
        self.scene.settle()
        return found

    def step(self, who: str, action: str, photos: str = "", **given: Any) -> str:
        """A step of the mediation."""
        found = self.people(who).fill_in(f"{self.page}{action}/", photos, **given)
        self.scene.settle()
        return found

    def opened(self, who: str = HANDLER, template: str = "4543") -> None:
        page = self.step(who, "open", template=template, **PARTIES)
        assert template in page

    def sit(self, outcome: str, who: str = MEDIATOR) -> str:
        return self.step(
            who, "session", place="社区调解室", outcome=outcome,
            present="人民调解员、片区民警、双方当事人", minutes="双方陈述意见。",
        )  # fmt: skip

    def signed(self, who: str = MEDIATOR, **more: Any) -> str:
        return self.step(
            who, "agreement", "report", text="楼上三日内修好水管，赔偿楼下 800 元。",
            visitor="网格员乙", **more,
        )  # fmt: skip

    def mediation(self, *fields: str) -> list[Any]:
        return list(
            self.scene.ask(
                f"list(Mediation.objects.values_list(*{fields!r}).get(case={self.pk}))"
            )
        )

    def follow_ups(self, *fields: str) -> list[list[Any]]:
        """Of the visit tasks, the first first."""
        return list(
            self.scene.ask(
                "[list(one) for one in Task.objects.filter(pk__in="
                "MediationFollowUp.objects.filter("
                f"mediation__case={self.pk}).values('task'))"
                f".order_by('due_at').values_list(*{fields!r})]"
            )
        )

    def sees(self, who: str) -> set[int]:
        """What the addresses of the case answer to somebody."""
        client = self.people(who)
        return {
            client.get(path)[0]
            for path in (
                self.page, f"{self.page}panel/", f"{self.page}parties/",
                f"/cases/{self.pk}/", f"/api/v1/cases/{self.pk}/",
            )
        }  # fmt: skip


def in_hand(scene: Scenario, people: People, spots: Spots, when: str) -> Quarrel:
    """① reported by 乙, ② 社区自办 with three N forces invited."""
    scene.at(when)
    quarrel = Quarrel(scene, people, spots)
    assert scene.case(quarrel.pk, "confidential") == [True]
    quarrel.do(DESK, "accept", handler="社区承办人", condition="一般争执")
    for name, who in FORCES.items():
        quarrel.do(HANDLER, "add_member", user=name, role=name, opinion="请参加调解")
        assert scene.told(quarrel.pk, who)
    return quarrel


def figures(people: People) -> dict[str, tuple[int, ...]]:
    """Of each level: mediated, agreed; as the street reads them."""
    page = people(DISPATCHER).reads("/desk/mediation/")
    rows = re.findall(r"(网格|社区|街道|区县) (\d+) (\d+) (\d+) (\d+)", page)
    assert len(rows) == 4, page[:600]
    return {name: (int(total), int(agreed)) for name, total, agreed, *_ in rows}


def agreed_more(
    before: dict[str, tuple[int, ...]], people: People
) -> dict[str, tuple[int, ...]]:
    """By how much the figures grew, of the levels at which they did."""
    return {
        name: (total - before[name][0], agreed - before[name][1])
        for name, (total, agreed) in figures(people).items()
        if (total, agreed) != before[name]
    }


def hidden(scene: Scenario, people: People, quarrel: Quarrel) -> None:
    """Only the mediation group finds it, and names are masked for them too."""
    for who in (YI, DESK, HEAD, HANDLER, *FORCES.values()):
        assert quarrel.sees(who) == {200}, who
    for who in (
        JIA, DISPATCHER, STREET, "jiedao-zhibanlingdao", "quzhihuizhongxin",
        "kaoheyuan", "chengguanju-lianluoyuan", "sifasuo-lianluoyuan",
    ):  # fmt: skip
        assert quarrel.sees(who) == {404}, who
    (number,) = scene.case(quarrel.pk, "case_no")
    shown = f"{number[:6]}-{number[6:14]}-{number[14:]}"
    desk = people(DESK)
    export = exported(desk)
    for page in (
        export, desk.page("/desk/mediation/"), desk.page(quarrel.page),
        desk.page(f"/cases/{quarrel.pk}/"), desk.page("/desk/"),
    ):  # fmt: skip
        assert not any(name in page for name in NAMES)
        assert TELEPHONE not in page
    (row,) = [
        one for one in csv.DictReader(export.splitlines()[1:]) if one["案卷号"] == shown
    ]
    assert row["当事人"] == "赵**、钱**"
    outside = people(DISPATCHER)
    assert shown not in outside.page("/desk/mediation/")
    assert shown not in exported(outside)
    behind = "/desk/report/effective_report/?month=2026-11&page={}"
    assert desk.finds(behind, shown), "counted for who may know of it"
    assert not outside.finds(behind, shown), "and behind nobody else's figures"
    public(quarrel, shown, number)


def exported(who: Any) -> str:
    """The list as a file with commas; who took it out stands above and below."""
    _status, page = who.form(EXPORT, format="csv", purpose="年度统计")
    (file,) = re.findall(r"/exchange/exports/[0-9a-f-]+/file/", page)
    return str(who.page(file)).removeprefix("\ufeff")


def public(quarrel: Quarrel, shown: str, number: str) -> None:
    """Without the code nothing; with it the own case and nothing of the mediation."""
    resident = Resident(quarrel.scene.stack.url)
    status, page = resident.get("/r/")
    assert status == 200
    assert shown not in page
    assert "邻里纠纷" not in page
    for path in (f"/cases/{quarrel.pk}/", quarrel.page, EXPORT):
        _status, page = resident.get(path)
        assert 'name="password"' in page, "nobody reads it without signing in"
        assert number not in page
    opened = resident.look_up(*quarrel.scene.code_of(quarrel.pk))
    assert shown in opened
    for word in ("4543", "800 元", NAMES[1], "调解协议", "人民调解员"):
        assert word not in opened


def revealed(scene: Scenario, people: People, quarrel: Quarrel) -> None:
    """Whole names need a reason, and who asked why is written down."""
    path = f"{quarrel.page}parties/"
    mediator = people(MEDIATOR)
    assert NAMES[1] not in mediator.turned_down(path, reason="")
    opened = mediator.fill_in(path, reason="拟写协议")
    assert all(name in opened for name in (*NAMES, TELEPHONE))
    purpose, by = scene.ask(
        "(lambda e: [e.detail['purpose'], e.actor['name']])(Event.objects.filter("
        "action='duties.reveal_parties').order_by('-at', '-pk').first())"
    )
    assert [purpose, by] == ["拟写协议", "人民调解员"]


def looked_after(scene: Scenario, people: People, quarrel: Quarrel) -> None:
    """③ Two visits of 乙, in 7 and in 30 days; they name neither case nor party."""
    kinds = quarrel.follow_ups("kind", "state", "title")
    assert kinds == [
        ["visit", "ISSUED", "调解协议履行回访（7 天）"],
        ["visit", "ISSUED", "调解协议履行回访（30 天）"],
    ]
    for (pk, due), day in zip(
        quarrel.follow_ups("pk", "due_at"), ("2026-12-01", "2026-12-24"), strict=True
    ):
        assert due.startswith(day)
        assert scene.told_of(f"task:{pk}", YI)
        text = scene.ask(
            f"list(Task.objects.values_list('title','requirement').get(pk={pk}))"
        )
        assert not any(name in "".join(text) for name in NAMES)


def visited(scene: Scenario, people: People, task: int) -> None:
    """乙 signs, asks both, hands in; the community accepts and the task closes."""
    part = scene.ask(f"TaskReceiver.objects.get(task={task}).pk")
    page = f"/m/duties/{part}/"
    yi = people(YI)
    yi.press(page, f"{page}sign/")
    yi.fill_in(f"{page}record/", subject_name="双方当事人", q1="是")
    yi.fill_in(f"{page}submit/", result="协议已履行，双方无异议")
    path = f"/desk/duties/receivers/{part}/accept/"
    people(DESK).fill_in(path, opinion="同意")
    scene.settle()
    assert scene.ask(f"Task.objects.get(pk={task}).state") == "CLOSED"


def checked(scene: Scenario, quarrel: Quarrel) -> None:
    """④ Handed in, reviewed by 社区负责人, checked by another grid worker's call."""
    quarrel.do(
        HANDLER, "submit_result", photos="after", result="solved",
        measures="双方签订协议，已开始履行。",
    )  # fmt: skip
    assert scene.state(quarrel.pk) == "FEEDBACK_REVIEW"
    quarrel.do(HEAD, "send_to_check", worker="网格员甲", requirement="电话核查")
    assert quarrel.people(JIA).get(f"/m/cases/{quarrel.pk}/")[0] == 200
    quarrel.do(
        JIA,
        "submit_check",
        photos="check",
        result="passed",
        remark="电话核查，双方认可",
    )
    quarrel.do(STREET, "confirm_check", opinion="同意", closing_met="on")
    assert scene.state(quarrel.pk) == "RATING"


def rated(scene: Scenario, people: People, quarrel: Quarrel) -> None:
    """Each party once; then the case by its own rating."""
    quarrel.step(STREET, "rate", party="赵**", score="满意", remark="满意")
    page = quarrel.step(STREET, "rate", party="钱**", score="基本满意")
    assert "评价：满意 · 满意" in page
    assert "评价：基本满意" in page
    scores = scene.ask(
        f"sorted(MediationParty.objects.filter(mediation__case={quarrel.pk})"
        ".values_list('score', flat=True))"
    )
    assert scores == ["fair", "satisfied"]
    quarrel.do(STREET, "rate", method="电话", score="满意", solved="yes", words="谢谢")
    assert scene.state(quarrel.pk) == "CLOSED"


def test_f6_a_quarrel_between_neighbours(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    before = figures(people)
    quarrel = in_hand(scene, people, spots, "2026-11-23 09:00")
    quarrel.opened()
    scene.at("2026-11-23 15:00")
    assert "未达成" in quarrel.sit("未达成")
    assert quarrel.follow_ups("pk") == []
    scene.at("2026-11-24 10:00")
    assert "达成，待签协议" in quarrel.sit("达成")
    unsigned = people(MEDIATOR).turned_down(
        f"{quarrel.page}agreement/", text="赔偿 800 元", visitor="网格员乙"
    )
    assert "协议照片" in unsigned
    page = quarrel.signed(judicial_confirmation="on")
    assert "已签协议" in page
    assert "申请司法确认" in page
    assert quarrel.mediation("level", "outcome") == [4, "agreed"]
    assert agreed_more(before, people) == {"社区": (1, 1)}
    looked_after(scene, people, quarrel)
    hidden(scene, people, quarrel)
    revealed(scene, people, quarrel)
    checked(scene, quarrel)
    rated(scene, people, quarrel)
    assert scene.steps(quarrel.pk) == ["T01", "T11", "T16", "T37", "T39", "T42"]

    (first,), (second,) = quarrel.follow_ups("pk")
    scene.at("2026-11-30 09:00")
    visited(scene, people, first)
    scene.at("2026-12-18 14:00")
    part = scene.ask(f"TaskReceiver.objects.get(task={second}).chain")
    assert any("任务快到期" in one for one in scene.told_of(part, YI))
    scene.at("2026-12-23 09:00")
    visited(scene, people, second)
    scene.sound()


def failed_twice(scene: Scenario, people: People, quarrel: Quarrel) -> None:
    """The page says when to raise it; T17 takes it out of the community's hands."""
    quarrel.opened()
    assert "已 2 次未达成" not in quarrel.sit("未达成")
    page = quarrel.sit("未达成")
    assert "在本级已 2 次未达成，建议上呈街道综治中心" in page
    raising = f"/cases/{quarrel.pk}/raise_to_street/"
    assert f'href="{raising}"' in people(DESK).page(quarrel.page)
    assert quarrel.sees(DISPATCHER) == {404}
    quarrel.do(DESK, "raise_to_street", opinion="两次未达成，请综治中心调解")
    assert scene.state(quarrel.pk) == "STREET_PENDING"
    assert scene.steps(quarrel.pk)[-1] == "T17"
    assert "吹哨司法所" in people(DISPATCHER).reads(quarrel.page)
    refusal = people(MEDIATOR).turned_down(
        f"{quarrel.page}session/", place="社区调解室", outcome="未达成",
        present="双方当事人", minutes="双方陈述意见。",
    )  # fmt: skip
    assert "不在办理中" in refusal


def whistled(scene: Scenario, people: People, quarrel: Quarrel, lead: str) -> str:
    """The street calls one more to mediate; answers its liaison."""
    people(DISPATCHER).whistle(
        quarrel.pk, kind="日常哨", lead=lead, task="联合调解", condition="一般争执",
        legal_basis="《人民调解法》第二条",
    )  # fmt: skip
    scene.settle()
    (who,) = scene.ask(
        "list(User.objects.filter(postings__post__organisation__name="
        f"'{lead}', postings__post__role='department_liaison')"
        ".values_list('username', flat=True))"
    )
    assert scene.told(quarrel.pk, who)
    quarrel.do(who, "check_in", mode="线上")
    assert scene.state(quarrel.pk) == "JOINT_HANDLING"
    return str(who)


def test_f6_fails_twice_then_the_street_and_the_judicial_office(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    before = figures(people)
    quarrel = in_hand(scene, people, spots, "2026-11-23 09:30")
    failed_twice(scene, people, quarrel)
    office = whistled(scene, people, quarrel, "和平街道司法所")
    assert "街道调解" in quarrel.sit("达成", who=office)
    quarrel.signed(who=office)
    assert quarrel.mediation("level", "outcome") == [3, "agreed"]
    assert agreed_more(before, people) == {"街道": (1, 1)}
    scene.sound()


def test_f6_each_level_is_counted_where_it_was_solved(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    """By 乙 alone in the grid; by the district's bureau; one is not solved yet."""
    before = figures(people)
    scene.at("2026-11-23 10:00")
    small = Quarrel(scene, people, spots)
    small.do(YI, "self_resolve")
    small.opened(YI)
    small.sit("达成", who=YI)
    small.signed(who=YI)
    large = in_hand(scene, people, spots, "2026-11-23 10:30")
    failed_twice(scene, people, large)
    bureau = whistled(scene, people, large, "城东区司法局")
    large.sit("达成", who=bureau)
    large.signed(who=bureau)
    waiting = in_hand(scene, people, spots, "2026-11-23 11:00")
    waiting.opened()
    assert agreed_more(before, people) == {
        "网格": (1, 1), "社区": (1, 0), "区县": (1, 1),
    }  # fmt: skip
    scene.sound()


def test_f6_the_name_and_the_steps_are_the_administrator_s(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    """Its own name, steps, number of failures and days; no step is in the code."""
    admin = people("xitongguanliyuan")
    given = {
        "name": "老街坊调解法", "steps": "社区：喝茶谈心\n街道：联合会商",
        "raise_after": "3", "follow_up_days": "10,60",
    }  # fmt: skip
    scene.at("2026-11-23 11:30")
    adding = f"{TEMPLATES}add/"
    status, page = admin.send_at(adding, **{**given, "steps": "楼栋：喝茶"})
    assert status == 200
    assert "写不成一步" in page
    assert admin.send_at(adding, **given)[0] == 200
    template = "MediationTemplate.objects.get(name='{}').pk"
    pk = scene.ask(template.format("老街坊调解法"))
    quarrel = in_hand(scene, people, spots, "2026-11-23 11:40")
    quarrel.opened(template="老街坊调解法")
    page = people(MEDIATOR).reads(quarrel.page)
    assert "喝茶谈心" in page
    assert "4543" not in page
    change = f"{TEMPLATES}{pk}/change/"
    assert admin.send_at(change, name="街坊议事")[0] == 200
    page = people(MEDIATOR).reads(quarrel.page)
    assert "街坊议事" in page
    assert "老街坊调解法" not in page
    for _time in range(2):
        assert "次未达成" not in quarrel.sit("未达成")
    assert "在本级已 3 次未达成" in quarrel.sit("未达成")
    quarrel.sit("达成")
    quarrel.signed()
    assert [title for (title,) in quarrel.follow_ups("title")] == [
        "调解协议履行回访（10 天）", "调解协议履行回访（60 天）",
    ]  # fmt: skip
    assert admin.send_at(change, is_active=[])[0] == 200
    assert scene.ask(f"MediationTemplate.objects.get(pk={pk}).is_active") is False
    scene.sound()
