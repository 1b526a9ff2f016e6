"""F8 台风应急: sent to every grid within minutes, reports by rounds (DOMAIN F).

In the demo city there are two districts, four streets in each, four communities in a
street, and six grids in a community; 幸福社区 has a seventh, 幸福商贸楼.
"""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e.people import Person, words_of
from tests.e2e.scenario import COMMUNITY, Scenario
from tests.e2e.stack import Stack

pytestmark = pytest.mark.e2e
People = Callable[[str], Person]
Spots = dict[str, dict[str, float]]
CITY, DISPATCHER = "shizhihuizhongxin", "jiedao-paiqianyuan"
DESK, SHIFT_HEAD = "shequ-shouliyuan", "jiedao-zhibanzhang"
JIA, YI = "wanggeyuan-jia", "wanggeyuan-yi"
START = "/desk/incidents/start/"
# Who passes it on, level by level, and the area of the part that is passed on. The
# others of the demo city are slow that night: their streets stay at no signature.
PASSERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("quzhihuizhongxin", "990101"), ("quzhihuizhongxin-990102", "990102")),
    (
        (DISPATCHER, "990101001"),
        (f"{DISPATCHER}-990101002", "990101002"),
        (f"{DISPATCHER}-990102001", "990102001"),
    ),
    (
        (DESK, COMMUNITY),
        (f"{DESK}-990101001002", "990101001002"),
        (f"{DESK}-990101002001", "990101002001"),
    ),
)


@pytest.fixture(scope="module")
def scene(stack: Stack) -> Scenario:
    return Scenario(stack)


def typhoon(**more: Any) -> dict[str, Any]:
    return {
        "title": "台风红色预警", "kind": "台风", "level": "红色",
        "requirement": "转移低洼地带人员，排查广告牌、积水点。",
        "expires_at": "2026-11-24T20:00", "report_hours": "2", **more,
    }  # fmt: skip


class Emergency:
    """The running incident and the parts of its task."""

    def __init__(self, scene: Scenario, people: People) -> None:
        self.scene, self.people = scene, people
        self.pk, self.task = scene.ask(
            "list(Incident.objects.order_by('-pk').values_list('pk', 'task_id')[0])"
        )
        self.screen = f"/desk/incidents/{self.pk}/"
        self.chain = scene.ask(f"Incident.objects.get(pk={self.pk}).chain")

    def part(self, code: str) -> int:
        found = self.scene.ask(
            f"TaskReceiver.objects.get(task={self.task}, area__code='{code}').pk"
        )
        return int(found)

    def report(self, who: str, code: str, **given: Any) -> str:
        return self.people(who).fill_in(f"/m/incidents/{self.part(code)}/", **given)

    def missed(self) -> dict[str, int]:
        """How many rounds each grid was silent in."""
        found: list[str] = self.scene.ask(
            f"list(MissedReport.objects.filter(incident={self.pk})"
            ".values_list('receiver__area__code', flat=True))"
        )
        return {code: found.count(code) for code in found}

    def signed(self, who: str) -> dict[str, str]:
        """应签收, 已签收 and the rate per street as that person's screen shows it."""
        rows = re.findall(
            r"(\S+街道) (\d+) (\d+) (\d+%)", self.people(who).reads(self.screen)
        )
        return {name: f"{signed}/{asked} {rate}" for name, asked, signed, rate in rows}

    def silent(self, who: str) -> str:
        """What the screen says of the grids that have not reported."""
        whole = self.people(who).reads(self.screen)
        return whole.split("未报送的网格")[1].split("险情案件")[0]


def started(scene: Scenario, people: People) -> Emergency:
    """① By the city's command centre, to all districts, with an end."""
    scene.at("2026-11-23 20:00")
    city = people(CITY)
    refusal = city.turned_down(START, **typhoon(expires_at="2026-11-23T19:00"))
    assert "失效时间要晚于现在" in refusal
    assert "转移低洼地带人员" in refusal, "what was typed is still there"
    assert "请填写失效时间" in city.turned_down(START, **typhoon(expires_at=""))
    assert "应急由指挥中心或街道值班领导启动" in people(DESK).turned_down(START)
    assert "应急已启动" in city.fill_in(START, **typhoon())
    scene.settle()
    emergency = Emergency(scene, people)
    task = scene.ask(
        "list(Task.objects.values_list('kind', 'admission_id', 'expires_at')"
        f".get(pk={emergency.task}))"
    )
    assert task == ["emergency", None, "2026-11-24 12:00:00+00:00"], "no admitted item"
    received = scene.ask(
        f"list(TaskReceiver.objects.filter(task={emergency.task})"
        ".order_by('area__code').values_list('area__code', flat=True))"
    )
    assert received == ["990101", "990102"]
    return emergency


def passed_on(scene: Scenario, people: People, emergency: Emergency) -> None:
    """② 区→街道→社区→网格, each by one press, all within minutes."""
    for minute, level in enumerate(PASSERS, start=1):
        scene.at(f"2026-11-23 20:{minute * 2:02}")
        for who, code in level:
            path = f"/desk/incidents/parts/{emergency.part(code)}/pass/"
            assert "并转发所有下级" in people(who).press(emergency.screen, path)
        scene.settle()
    times = scene.ask(
        f"list(Event.objects.filter(action='duties.reissue', chain__in=[r.chain for r "
        f"in TaskReceiver.objects.filter(task={emergency.task})])"
        ".values_list('at', flat=True))"
    )
    assert len(times) == 8, "2 districts, 3 streets, 3 communities"
    last = max(datetime.fromisoformat(one) for one in times)
    assert last - datetime.fromisoformat("2026-11-23T20:00+08:00") < timedelta(
        minutes=10
    )
    levels = scene.ask(
        f"list(TaskReceiver.objects.filter(task={emergency.task})"
        ".values_list('area__level', flat=True))"
    )
    assert [levels.count(one) for one in (2, 3, 4, 5)] == [2, 8, 12, 19]
    assert any("台风红色预警" in one for one in told(scene, emergency, YI))
    assert "台风红色预警" in people(YI).reads("/m/")


def told(scene: Scenario, emergency: Emergency, who: str) -> list[str]:
    return scene.told_of(f"task:{emergency.task}", who)


def receipts(scene: Scenario, people: People, emergency: Emergency) -> None:
    """③ The sign-in rate of every street on the one screen."""
    rates = emergency.signed(CITY)
    assert rates == {
        "和平街道": "3/18 16%", "光明街道": "2/11 18%", "东湖街道": "0/1 0%",
        "新华街道": "0/1 0%", "江湾街道": "1/5 20%", "西园街道": "0/1 0%",
        "凤鸣街道": "0/1 0%", "南桥街道": "0/1 0%",
    }  # fmt: skip
    for who, code in ((JIA, "001"), (YI, "002")):
        part = emergency.part(f"{COMMUNITY}{code}")
        people(who).press(f"/m/duties/{part}/", f"/m/duties/{part}/sign/")
    assert emergency.signed(CITY) == {**rates, "和平街道": "5/18 27%"}
    assert emergency.signed(DISPATCHER) == {"和平街道": "5/18 27%"}


def first_round(scene: Scenario, people: People, emergency: Emergency) -> None:
    """Until 22:00 甲 alone reports; the level above hears of the others."""
    scene.at("2026-11-23 21:00")
    page = emergency.report(JIA, f"{COMMUNITY}001", kind="报平安")
    assert "22:00 前的情况已报送" in page
    silent = emergency.silent(CITY)
    assert "本轮 11-23 22:00 截止，19 个网格中 18 个未报送" in silent
    assert "幸福社区第二网格" in silent
    assert "幸福社区第一网格" not in silent
    assert "13 个网格中 12 个未报送" in emergency.silent(DISPATCHER)
    scene.at("2026-11-23 21:59")
    assert emergency.missed() == {}

    scene.at("2026-11-23 22:01")
    missed = emergency.missed()
    assert len(missed) == 18
    assert f"{COMMUNITY}001" not in missed
    alarms = scene.told_of(emergency.chain, DESK)
    assert alarms == ["应急未报送：台风红色预警"], "the level above the grid, once"
    assert scene.told_of(emergency.chain, JIA) == []
    assert "曾逾期" in emergency.silent(CITY)


def second_round(scene: Scenario, people: People, emergency: Emergency) -> None:
    """Two hours later again: 乙 reports a danger, the third grid stays silent."""
    scene.at("2026-11-23 22:30")
    path = f"/m/incidents/{emergency.part(f'{COMMUNITY}002')}/"
    assert "请写明险情" in people(YI).turned_down(path, kind="报险情")
    emergency.report(YI, f"{COMMUNITY}002", kind="报险情", text="和平路口积水 30 厘米")
    emergency.report(JIA, f"{COMMUNITY}001", kind="报平安")
    scene.at("2026-11-24 00:01")
    missed = emergency.missed()
    assert missed[f"{COMMUNITY}002"] == 1
    assert missed[f"{COMMUNITY}003"] == 2
    assert f"{COMMUNITY}001" not in missed
    assert len(scene.told_of(emergency.chain, DESK)) == 2


def danger(
    people: People, emergency: Emergency, scene: Scenario, spot: dict[str, float],
    **given: Any,
) -> int:  # fmt: skip
    """险情上报为案件, from the phone page of the incident, with a picture."""
    path = f"/m/incidents/{emergency.part(f'{COMMUNITY}002')}/case/"
    people(YI).fill_in(
        path, "report", lng=spot["longitude"], lat=spot["latitude"], **given
    )
    scene.settle()
    (case,) = scene.ask(
        "list(SituationReport.objects.filter("
        f"incident={emergency.pk}).order_by('-pk').values_list('case', flat=True)[:1])"
    )
    return int(case)


def cases_of(
    scene: Scenario, people: People, emergency: Emergency, spots: Spots
) -> None:
    """④ 道路积水 and 广告牌松动, both flagged 应急; one 应急哨 each."""
    scene.at("2026-11-24 00:30")
    spot = spots[f"{COMMUNITY}002"]
    water = danger(
        people, emergency, scene, spot, category="突发险情", address="和平路口",
        description="和平路口道路积水三十厘米，车辆熄火。",
    )  # fmt: skip
    sign = danger(
        people, emergency, scene, spot, category="高空坠物隐患", address="和平路 9 号",
        description="楼顶广告牌被风吹松，随时会掉下来。",
    )  # fmt: skip
    screen = people(DISPATCHER).reads(emergency.screen)
    for case in (water, sign):
        assert scene.case(case, "urgent", "state") == [True, "STREET_PENDING"]
        whole = people(DISPATCHER).page(f"/cases/{case}/")
        assert "应急“台风红色预警”" in words_of(whole)
        assert f'href="{emergency.screen}"' in whole
        (number,) = scene.case(case, "case_no")
        assert f"{number[:6]}-{number[6:14]}-{number[14:]}" in screen
    for case, lead, task, condition in (
        (water, "水务局", "抽排积水", "正在危及人身安全"),
        (sign, "城东区城市管理局", "加固广告牌", "随时可能掉落"),
    ):
        people(SHIFT_HEAD).whistle(
            case, kind="应急哨", lead=lead, task=task, condition=condition,
            risk="危及过往行人车辆",
        )  # fmt: skip
        scene.settle()
        assert scene.state(case) == "WHISTLED"
    kinds = scene.ask(
        f"list(Whistle.objects.filter(case__in=[{water}, {sign}])"
        ".values_list('kind', flat=True))"
    )
    assert kinds == ["emergency", "emergency"]
    assert scene.told(water, "shuiwuju-lianluoyuan")
    assert scene.told(sign, "chengguanju-lianluoyuan")


def closed(scene: Scenario, people: People, emergency: Emergency) -> None:
    """⑤ Closed with a review by who started it; emergency buttons are gone."""
    scene.at("2026-11-24 01:50")
    people(DISPATCHER).fill_in(f"{emergency.screen}note/", text="三处泵站全部开启")
    part = emergency.part(f"{COMMUNITY}002")
    report = f"/m/incidents/{part}/"
    assert report in people(YI).page("/m/")
    assert "btn-danger" in people(CITY).page(emergency.screen)
    close = f"{emergency.screen}close/"
    assert "启动它的单位" in people(DISPATCHER).turned_down(close, review="结束")
    assert "请填写复盘总结" in people(CITY).turned_down(close, review="")
    done = people(CITY).fill_in(close, review="响应及时，两处险情已交专业单位。")
    assert "两处险情已交专业单位" in done
    scene.settle()
    assert scene.ask(f"Task.objects.get(pk={emergency.task}).state") == "CLOSED"
    for who in (CITY, "quzhihuizhongxin", DISPATCHER, DESK):
        page = people(who).page(emergency.screen)
        assert "btn-danger" not in page, who
        assert "转发下级" not in page, who
    assert report not in people(YI).page("/m/")
    assert "报平安" not in people(YI).reads(report)
    refusal = people(YI).turned_down(f"{report}case/")
    assert "应急已经结束" in refusal
    before = emergency.missed()
    scene.at("2026-11-24 08:00")
    assert emergency.missed() == before, "no round runs any more"


def log(people: People, emergency: Emergency) -> None:
    """The whole log as a table, in the order of time."""
    text = people(CITY).page(f"{emergency.screen}log/").removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    times = [row["时间"] for row in rows]
    assert times == sorted(times)
    assert [row["类别"] for row in rows] == [
        "启动", "未报送", "险情", "未报送", "险情案件", "险情案件", "值班记录", "结束",
    ]  # fmt: skip
    assert "18 个网格未报送" in rows[1]["内容"]
    assert rows[6]["内容"] == "三处泵站全部开启"


def test_f8_a_typhoon_from_the_city_to_the_grids_and_back(
    stack: Stack, scene: Scenario, people: People, spots: Spots
) -> None:
    emergency = started(scene, people)
    passed_on(scene, people, emergency)
    receipts(scene, people, emergency)
    first_round(scene, people, emergency)
    second_round(scene, people, emergency)
    cases_of(scene, people, emergency, spots)
    closed(scene, people, emergency)
    log(people, emergency)
    scene.sound()


def test_f8_admission_is_waived_only_for_an_emergency_that_expires(
    stack: Stack, scene: Scenario, people: People
) -> None:
    """The same paper of the street to its community, as another kind or without end."""
    scene.at("2026-11-24 09:00")
    street, path = people(DISPATCHER), "/desk/duties/new/"
    paper = {
        "title": "排查积水点", "requirement": "逐处排查，发现积水立即上报。",
        "limit_n": "2", "limit_unit": "紧急工作时", "addressees": ["幸福社区"],
    }  # fmt: skip
    count = "Task.objects.filter(title='排查积水点').count()"
    refusal = street.turned_down(path, kind="排查", **paper)
    assert "要引用已公布的网格事项" in refusal
    ending = {"kind": "排查", "expires_at": "2026-11-24T18:00"}
    assert "要引用已公布的网格事项" in street.turned_down(path, **ending, **paper)
    assert "失效时间" in street.turned_down(path, kind="应急", **paper)
    assert scene.ask(count) == 0
    ending["kind"] = "应急"
    assert "已存为拟稿" in street.fill_in(path, **ending, **paper)
    assert scene.ask(count) == 1
