"""F8 台风应急 (DOMAIN F), lived through the pages of desk and phone."""

import csv
import io
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases import actions as cases
from cases.models import Case
from duties import actions
from duties.models import (
    GridItemAdmission,
    Incident,
    IncidentLogEntry,
    MissedReport,
    SituationReport,
    Task,
    TaskReceiver,
)
from governance.errors import Refused
from governance.models import Event, Job
from parties.models import Notification
from tests.cases.conftest import COMMUNITY, MONDAY_9, STREET, World
from tests.cases.conftest import _category as category
from tests.cases.conftest import _condition as condition
from tests.factories import PostingFactory

DISTRICT, OTHER_STREET = "990101", "990101002"
A, B, C = f"{COMMUNITY}001", f"{COMMUNITY}002", f"{OTHER_STREET}001001"
MORE_PEOPLE = {
    "other_desk": ("community_acceptor", "community", f"{OTHER_STREET}001"),
    "grid_c": ("grid_worker", "community", C),
}


@dataclass
class Storm:
    """The city before, in and after a typhoon; `clock` is what the pages take."""

    world: World
    snapshot: bytes
    patch: pytest.MonkeyPatch

    def clock(self, minutes: int) -> datetime:
        """So many minutes after the start at nine."""
        moment = MONDAY_9 + timedelta(minutes=minutes)
        self.patch.setattr("governance.clock.now", lambda: moment)
        return moment

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.world.postings[name].user)
        return client

    def press(self, by: str, url: str, **given: Any) -> str:
        """A step that must succeed; answers the page it led to."""
        response = self.client(by).post(url, given, follow=True)
        assert response.redirect_chain, response.content.decode()
        assert response.status_code == 200
        return str(response.content.decode())

    def refused(self, by: str, url: str, **given: Any) -> str:
        before = Event.objects.count()
        response = self.client(by).post(url, given)
        assert response.status_code in (403, 422), response.status_code
        assert Event.objects.count() == before
        return str(response.content.decode())

    def started(self, by: str = "city", **more: Any) -> Incident:
        self.press(by, reverse("incident_start"), **proclaimed(**more))
        return Incident.objects.get()

    def part(self, code: str) -> TaskReceiver:
        return TaskReceiver.objects.get(area__code=code)

    def pass_on(self, by: str, code: str) -> str:
        url = reverse("incident_pass_on", args=[self.part(code).pk])
        return self.press(by, url)

    def down_to_the_grids(self) -> Incident:
        """City to districts, streets, communities and grids, each with one press."""
        incident = self.started()
        self.pass_on("district", DISTRICT)
        self.pass_on("dispatcher", STREET)
        self.pass_on("other_dispatcher", OTHER_STREET)
        self.pass_on("acceptor", COMMUNITY)
        self.pass_on("other_desk", f"{OTHER_STREET}001")
        return incident

    def sign(self, by: str, code: str) -> None:
        url = reverse("phone_duty_step", args=[self.part(code).pk, "sign"])
        self.press(by, url)

    def report(self, by: str, code: str, kind: str = "safe", **more: Any) -> str:
        url = reverse("incident_report", args=[self.part(code).pk])
        return self.press(by, url, kind=kind, **more)


def proclaimed(**more: Any) -> dict[str, Any]:
    return {
        "title": "台风红色预警", "kind": "typhoon", "level": "red",
        "requirement": "转移低洼地带人员，排查广告牌、积水点。",
        "expires_at": "2026-11-24T09:00", "report_hours": "2", **more,
    }  # fmt: skip


def page(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, response.content.decode()
    return str(response.content.decode())


def silent_part(content: str) -> str:
    """What the screen says of grids that have not reported."""
    return content.split("未报送的网格")[1].split("险情案件")[0]


@pytest.fixture
def storm(
    world: World, photos: Any, snapshot: bytes, monkeypatch: pytest.MonkeyPatch
) -> Storm:
    world.categories["water"] = category("07003", "道路积水")
    world.categories["sign"] = category("57002", "广告牌松动")
    for name in ("water", "sign"):
        condition(world.categories[name], 2, "URGENT_HOUR")
    for name, (role, org, code) in MORE_PEOPLE.items():
        world.postings[name] = PostingFactory(
            user__name=name, post__role=role, post__name=name,
            post__organisation=world.orgs[org], post__area=world.areas[code],
        )  # fmt: skip
    storm = Storm(world, snapshot, monkeypatch)
    storm.clock(0)
    return storm


def test_a_typhoon_from_the_city_to_the_grids_and_back(storm: Storm, turn: Any) -> None:
    """① start, ② passed on, ③ receipts and rounds, ④ cases, ⑤ closed with review."""
    assert not GridItemAdmission.objects.exists()
    incident = storm.down_to_the_grids()
    task = Task.objects.get()
    assert (task.kind, task.state) == ("emergency", "ISSUED")
    assert task.expires_at == incident.expires_at == task.due_at
    assert set(task.receivers.values_list("area__code", flat=True)) >= {
        "990101", "990102", STREET, OTHER_STREET, COMMUNITY, A, B, C,
    }  # fmt: skip
    turn(storm.clock(5))
    storm.clock(5)
    _receipts(storm, incident)
    _first_round(storm, incident, turn)
    _second_round(storm, incident, turn)
    _cases(storm, incident, turn)
    _closed(storm, incident, turn)


def _receipts(storm: Storm, incident: Incident) -> None:
    """Read receipts, and the sign-in rate of each street on the one screen."""
    yi = storm.world.user_id("grid_b")
    assert Notification.objects.filter(user_id=yi, subject=incident.task.chain).exists()
    assert "台风红色预警" in page(storm.client("grid_b"), "phone_home")
    rates = _rates(storm, "city", incident)
    assert rates == {"街道001": (4, 2), "街道002": (3, 2)}
    storm.sign("grid_a", A)
    storm.sign("grid_b", B)
    assert _rates(storm, "city", incident)["街道001"] == (4, 4)
    assert _rates(storm, "dispatcher", incident) == {"街道001": (4, 4)}
    screen = page(storm.client("city"), "incident_screen", incident.pk)
    assert "100%" in screen and "66%" in screen


def _rates(storm: Storm, by: str, incident: Incident) -> dict[str, tuple[int, int]]:
    context = storm.client(by).get(reverse("incident", args=[incident.pk])).context
    return {one["name"]: (one["expected"], one["signed"]) for one in context["streets"]}


def _first_round(storm: Storm, incident: Incident, turn: Any) -> None:
    """甲 reports, 乙 and 丙 are silent at eleven: the level above hears of it once."""
    storm.clock(60)
    assert "前的情况已报送" in storm.report("grid_a", A)
    silent = silent_part(page(storm.client("city"), "incident", incident.pk))
    names = {code: storm.part(code).name for code in (A, B, C)}
    assert names[B] in silent and "3 个网格中 2 个未报送" in silent
    turn(storm.clock(121))
    turn(storm.clock(121))
    missed = MissedReport.objects.values_list("receiver__area__code", flat=True)
    assert sorted(missed) == sorted([B, C])
    for name, expected in (
        ("acceptor", 1), ("other_desk", 1), ("dispatcher", 0), ("grid_a", 0),
    ):  # fmt: skip
        told = Notification.objects.filter(
            user_id=storm.world.user_id(name), title__startswith="应急未报送"
        )
        assert told.count() == expected, name
    entry = IncidentLogEntry.objects.get(kind="missed")
    assert "2 个网格未报送" in entry.text


def _second_round(storm: Storm, incident: Incident, turn: Any) -> None:
    """Once for each round: who stays silent is told of again after two more hours."""
    storm.clock(150)
    assert "曾逾期" in page(storm.client("city"), "incident_screen", incident.pk)
    content = storm.refused(
        "grid_b", reverse("incident_report", args=[storm.part(B).pk]), kind="danger"
    )
    assert "请写明险情" in content
    storm.report("grid_b", B, "danger", text="和平路口积水 30 厘米")
    storm.report("grid_a", A)
    turn(storm.clock(241))
    assert MissedReport.objects.filter(receiver__area__code=B).count() == 1
    assert MissedReport.objects.filter(receiver__area__code=C).count() == 2
    assert Job.objects.filter(task="duties.tasks.end_round", done_at=None).count() == 1
    assert Event.objects.filter(action="duties.end_round").count() == 2


def _cases(storm: Storm, incident: Incident, turn: Any) -> None:
    """④ Two cases flagged 应急 from the phone page; an 应急哨 to two units."""
    storm.clock(250)
    part, world = storm.part(B), storm.world
    url = reverse("incident_case", args=[part.pk])
    assert storm.client("grid_b").get(url).status_code == 200
    given = {
        "category": world.categories["water"].pk, "address": "和平路口",
        "description": "和平路口积水三十厘米，车辆熄火。", "crs": "wgs84",
        "lng": 113.0015, "lat": 28.0005, "submission": str(uuid.uuid4()),
    }  # fmt: skip
    kept = storm.refused("grid_b", url, **{**given, "description": "积水"})
    assert "至少 10 个字" in kept and "和平路口" in kept
    for _twice in range(2):
        content = storm.press("grid_b", url, **given, photos=_picture(storm))
    turn(storm.clock(251))
    storm.clock(252)
    case = Case.objects.get()
    assert case.urgent and case.state == "STREET_PENDING"
    assert case.origin_url == reverse("incident", args=[incident.pk])
    assert case.display_no in content
    for name, where in (("dispatcher", "case"), ("grid_b", "phone_case")):
        shown = page(storm.client(name), where, case.pk)
        assert "应急“台风红色预警”" in shown and case.origin_url in shown
    more = {
        "category": world.categories["sign"].pk, "submission": str(uuid.uuid4()),
        "description": "广告牌被风吹松，随时会掉下来。",
    }  # fmt: skip
    storm.press("grid_b", url, **{**given, **more}, photos=_picture(storm))
    turn(storm.clock(253))
    storm.clock(254)
    assert SituationReport.objects.filter(case__isnull=False).count() == 2
    shown = page(storm.client("dispatcher"), "incident", incident.pk)
    assert all(one.display_no in shown for one in Case.objects.all())
    _whistled(storm, case)


def _picture(storm: Storm) -> SimpleUploadedFile:
    return SimpleUploadedFile("water.jpg", storm.snapshot, "image/jpeg")


def _whistled(storm: Storm, case: Case) -> None:
    orgs = storm.world.orgs
    call = cases.Call(
        kind="emergency", risk="积水倒灌",
        called=(
            cases.Called(orgs["fire"].pk, "lead", "抽排积水"),
            cases.Called(orgs["urban"].pk, "support", "加固广告牌"),
        ),
        condition_id=case.category.conditions.get().pk,
    )  # fmt: skip
    cases.whistle(
        case_id=case.pk, call=call, actor=storm.world.actor("shift_head"),
        at=storm.clock(255),
    )  # fmt: skip
    assert Case.objects.get(pk=case.pk).state == "WHISTLED"


def _closed(storm: Storm, incident: Incident, turn: Any) -> None:
    """⑤ Closed with a review; the emergency buttons are gone, the log is exported."""
    storm.clock(300)
    screen = reverse("incident", args=[incident.pk])
    report = reverse("incident_report", args=[storm.part(B).pk])
    close = reverse("incident_close", args=[incident.pk])
    assert report in page(storm.client("grid_b"), "phone_home")
    storm.press(
        "dispatcher", reverse("incident_note", args=[incident.pk]), text="=三处泵站开启"
    )
    assert close in storm.client("city").get(screen).content.decode()
    assert close not in storm.client("district").get(screen).content.decode()
    assert "启动它的单位" in storm.refused("dispatcher", close, review="结束")
    assert "请填写复盘总结" in storm.refused("city", close, review="")
    content = storm.press("city", close, review="响应及时，两处广告牌要更换。")
    assert "两处广告牌要更换" in content and close not in content
    incident.refresh_from_db()
    assert incident.closed_at and incident.task.state == "CLOSED"
    for name in ("phone_home",):
        assert report not in page(storm.client("grid_b"), name)
    shown = storm.client("grid_b").get(report).content.decode()
    assert "应急已经结束" in shown and 'name="kind"' not in shown
    assert "应急已经结束" in storm.refused("grid_b", report, kind="safe")
    for by in ("city", "dispatcher", "acceptor"):
        shown = storm.client(by).get(screen).content.decode()
        assert "btn-danger" not in shown and "转发下级" not in shown
    before = MissedReport.objects.count()
    turn(storm.clock(600))
    assert MissedReport.objects.count() == before
    _log(storm, incident)


def _log(storm: Storm, incident: Incident) -> None:
    """The whole log in the order of time, safe for a spreadsheet."""
    url = reverse("incident_log", args=[incident.pk])
    text = storm.client("city").get(url).content.decode().removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["类别"] for row in rows] == [
        "启动", "未报送", "险情", "未报送", "险情案件", "险情案件", "值班记录", "结束",
    ]  # fmt: skip
    times = [row["时间"] for row in rows]
    assert times == sorted(times)
    assert rows[6]["内容"] == "'=三处泵站开启"
    assert rows[0]["记录人"] == "city"


def test_admission_is_waived_only_for_an_emergency_that_expires(storm: Storm) -> None:
    """The same paper as any other kind, or without an end, is refused."""
    url = reverse("incident_start")
    content = storm.refused("city", url, **proclaimed(expires_at="2026-11-23T08:00"))
    assert "失效时间要晚于现在" in content and "转移低洼地带" in content
    content = storm.refused("city", url, **proclaimed(expires_at="2047-11-23T08:00"))
    assert "应急最长 365 天" in content and "转移低洼地带" in content
    content = storm.refused("city", url, **proclaimed(expires_at=""))
    assert "失效时间" in content
    assert not Task.objects.exists() and not Incident.objects.exists()
    storm.started(by="street_leader")
    assert set(Task.objects.get().receivers.values_list("area__code", flat=True)) == {
        COMMUNITY
    }
    city = storm.world.actor("street_leader")
    paper = actions.Paper(
        title="排查", kind="inspection", requirement="排查", limit_n=2,
        limit_unit="URGENT_HOUR", expires_at=MONDAY_9 + timedelta(hours=2),
        addressees=(actions.Addressee("area", storm.world.areas[COMMUNITY].pk),),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        actions.draft_task(paper=paper, actor=city, at=MONDAY_9)
    assert refused.value.code == "not_admitted"


@pytest.mark.parametrize("name", ["grid_a", "acceptor", "dispatcher", "urban"])
def test_who_does_not_command_starts_nothing(storm: Storm, name: str) -> None:
    assert "启动" in storm.refused(name, reverse("incident_start"), **proclaimed())
    assert not Incident.objects.exists()


def test_only_who_received_it_sees_it(storm: Storm) -> None:
    incident = storm.started(by="street_leader")
    screen = reverse("incident", args=[incident.pk])
    inside, outside = ("street_leader", "acceptor"), ("other_desk", "grid_a", "urban")
    for name in inside:
        assert storm.client(name).get(screen).status_code == 200, name
    for name in outside:
        client = storm.client(name)
        for address in (screen, reverse("incident_log", args=[incident.pk])):
            assert client.get(address).status_code == 404, name
    assert Client().get(screen).status_code == 302
    storm.pass_on("acceptor", COMMUNITY)
    assert storm.client("grid_a").get(screen).status_code == 200
    url = reverse("incident_report", args=[storm.part(B).pk])
    assert storm.client("grid_a").get(url).status_code == 404
    log = reverse("incident_log", args=[incident.pk])
    assert storm.client("grid_a").get(log).status_code != 200


def test_passing_on_twice_is_refused_and_changes_nothing(storm: Storm) -> None:
    storm.started(by="street_leader")
    storm.pass_on("acceptor", COMMUNITY)
    before = Event.objects.count()
    assert "下级都已收到" in storm.pass_on("acceptor", COMMUNITY)
    assert Event.objects.count() == before
    part = storm.part(COMMUNITY)
    assert part.signed_at == MONDAY_9 and part.children.count() == 2


def test_when_it_has_expired_nobody_reports_any_more(storm: Storm, turn: Any) -> None:
    """The rounds end by themselves with the expiry; closing still asks for a review."""
    incident = storm.started(by="street_leader", expires_at="2026-11-23T12:30")
    storm.pass_on("acceptor", COMMUNITY)
    turn(storm.clock(24 * 60))
    storm.clock(24 * 60)
    assert Event.objects.filter(action="duties.end_round").count() == 1
    incident.refresh_from_db()
    assert incident.next_due_at is None
    report = reverse("incident_report", args=[storm.part(A).pk])
    assert "应急已经结束" in storm.refused("grid_a", report, kind="safe")
    assert report not in page(storm.client("grid_a"), "phone_home")
    close = reverse("incident_close", args=[incident.pk])
    storm.press("street_leader", close, review="平稳度过。")


def test_the_screen_costs_the_same_for_more_grids(
    storm: Storm, django_assert_max_num_queries: Any
) -> None:
    incident = storm.down_to_the_grids()
    client = storm.client("city")
    page(client, "incident_screen", incident.pk)
    with django_assert_max_num_queries(20):
        page(client, "incident_screen", incident.pk)
