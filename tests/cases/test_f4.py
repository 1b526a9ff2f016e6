"""F4 消防通道堵塞: a joint enforcement whistle, walked on the pages (DOMAIN F)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cases import actions
from cases.models import Case, CaseClock, UnitScore, Whistle
from cases.workflow import State
from tests.cases.conftest import MONDAY_9, SPOT
from tests.cases.road import Road, again, piece, signed_in

GATHER = MONDAY_9.replace(hour=15)


class Scene:
    """A case and the people before their pages; the clock stands at Monday 9:00."""

    def __init__(self, road: Road) -> None:
        self.road = road
        self.case = road.pending()

    def state(self) -> str:
        return again(self.case).state

    def page(self, who: str) -> str:
        address = reverse("case", args=[self.case.pk])
        return signed_in(self.road.world, who).get(address).text

    def press(self, who: str, action: str, **given):
        """Open the form as its button does, then send it."""
        address = reverse("case_action", args=[self.case.pk, action])
        client = signed_in(self.road.world, who)
        assert piece(client, address).status_code == 200, (who, action)
        given = {"version": again(self.case).version, **given}
        return piece(client, address, **given)

    def compose(self, **more):
        orgs = self.road.world.orgs
        address = reverse("whistle_compose", args=[self.case.pk])
        given = {
            "version": again(self.case).version,
            "kind": "enforcement",
            "condition": self.case.category.conditions.get().pk,
            "lead": orgs["fire"].pk,
            "lead_task": "现场清理消防通道，依法处理责任人",
            "supports": [orgs["urban"].pk, orgs["property"].pk],
            f"task_{orgs['urban'].pk}": "劝离摊贩",
            f"task_{orgs['property'].pk}": "联系车主移车",
            "legal_basis": "《消防法》第二十八条",
            "gather_place": "商贸楼东门",
            "gather_at": "2026-11-23T15:00",
            "requires_presence": "on",
            **more,
        }
        return piece(signed_in(self.road.world, "dispatcher"), address, **given)

    def come(self, who: str, action: str, *, metres: int):
        east = metres / 98_300  # a degree of longitude at 28° north, in metres
        return self.press(
            who, action, mode="on_site", lng=SPOT[0] + east, lat=SPOT[1], remark=""
        )


@pytest.fixture
def scene(world, file_case, photos, monkeypatch) -> Scene:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Scene(Road(world, file_case, photos))


@pytest.fixture
def signed(scene) -> Scene:
    assert scene.compose().status_code == 200
    drafted = Whistle.objects.get(case=scene.case)
    answer = scene.press("street_leader", "sign_whistle", whistle_id=drafted.pk)
    assert answer.status_code == 200
    return scene


@pytest.fixture
def together(signed) -> Scene:
    """All three have checked in, each at another distance."""
    signed.come("fire", "check_in", metres=20)
    signed.come("urban", "support_check_in", metres=80)
    signed.come("property", "support_check_in", metres=5)
    return signed


def test_legal_basis_is_mandatory(scene) -> None:
    answer = scene.compose(legal_basis=" ")
    assert answer.status_code == 422
    assert "执法哨必须填写权责清单依据" in answer.text
    assert "商贸楼东门" in answer.text
    assert not Whistle.objects.exists()


def test_a_unit_is_not_lead_and_support_at_once(scene) -> None:
    orgs = scene.road.world.orgs
    answer = scene.compose(
        supports=[orgs["fire"].pk], **{f"task_{orgs['fire'].pk}": "也配合"}
    )
    assert answer.status_code == 422
    assert "同一单位不能既主办又协办" in answer.text


def test_two_leads_sent_by_hand_are_refused(scene) -> None:
    orgs = scene.road.world.orgs
    answer = scene.compose(lead=[orgs["fire"].pk, orgs["urban"].pk])
    assert answer.status_code == 422
    assert "主办单位必须有且只有一个，现在是 2 个" in answer.text
    assert "商贸楼东门" in answer.text
    assert not Whistle.objects.exists()


def test_the_leader_signs_what_the_dispatcher_drafted(scene) -> None:
    scene.compose()
    drafted = Whistle.objects.get(case=scene.case)
    assert (drafted.status, drafted.title) == ("draft", "联合·执法哨")
    assert (drafted.gather_at, drafted.gather_place) == (GATHER, "商贸楼东门")
    assert scene.state() == State.STREET_PENDING
    address = reverse("case_action", args=[scene.case.pk, "sign_whistle"])
    client = signed_in(scene.road.world, "street_leader")
    form = piece(client, address).text
    assert "联合·执法哨" in form
    assert "2026-11-23 15:00 商贸楼东门" in form
    scene.press("street_leader", "sign_whistle", whistle_id=drafted.pk)
    assert scene.state() == State.WHISTLED
    clocks = CaseClock.objects.filter(case=scene.case, stage="CHECKIN")
    assert [one.due_at for one in clocks] == [MONDAY_9.replace(hour=15)] * 3


def test_all_three_check_in_and_their_distances_are_shown(together) -> None:
    assert together.state() == State.JOINT_HANDLING
    page = together.page("dispatcher")
    for words in ("距案发点 20 米", "距案发点 80 米", "距案发点 5 米"):
        assert words in page
    statuses = together.case.assignments.values_list("status", flat=True)
    assert set(statuses) == {"on_site"}
    assert "物业公司" in page


def feed_back(scene: Scene, override: str = ""):
    lead = scene.road.world.actor("fire")
    return scene.press(
        "fire", "feed_back", result="solved", measures="通道已清空", override=override,
        batch=scene.road.photos(lead, "after"),
    )  # fmt: skip


def test_the_lead_waits_for_the_enterprise_or_says_why_not(together) -> None:
    together.press("urban", "finish_support", opinion="摊贩已劝离")
    answer = feed_back(together)
    assert answer.status_code == 422
    assert "物业公司还没有办结" in answer.text
    assert "通道已清空" in answer.text
    assert together.state() == State.JOINT_HANDLING
    assert feed_back(together, "物业已口头确认").status_code == 200
    assert together.state() == State.FEEDBACK_REVIEW
    property_line = together.case.assignments.get(organisation__name="物业公司")
    assert property_line.status == "cancelled"


def test_from_feedback_to_the_scores(together) -> None:
    together.press("urban", "finish_support", opinion="摊贩已劝离")
    together.press("property", "finish_support", opinion="车辆已移走")
    assert feed_back(together).status_code == 200
    page = together.page("street_acceptor")
    assert "区城管局：摊贩已劝离；物业公司：车辆已移走" in page
    close(together)
    marks = {"fire": 5, "urban": 4, "property": 2}
    for name, n in marks.items():
        line = together.case.assignments.get(
            organisation=together.road.world.orgs[name]
        )
        answer = together.press(
            "dispatcher", "score_unit", assignment=line.pk, score=n, remark="移车迟缓"
        )
        assert answer.status_code == 200
    page = together.page("fire")
    for n in marks.values():
        assert f"街道评分 {n} 分" in page
    rows = UnitScore.objects.of_period(
        MONDAY_9 - timedelta(days=1), MONDAY_9 + timedelta(days=1)
    ).by_organisation()
    assert {row["name"]: row["mean"] for row in rows} == {
        "区消防大队": 5, "区城管局": 4, "物业公司": 2,
    }  # fmt: skip
    shares = actions.bundled_shares(again(together.case))
    assert sum(shares.values()) == 1
    assert len(shares) == 4


def close(scene: Scene) -> None:
    """甲 checks, the street closes."""
    world = scene.road.world
    answer = scene.press(
        "street_acceptor", "send_to_check", worker=world.user_id("grid_a"),
        requirement="看通道是否畅通",
    )  # fmt: skip
    assert answer.status_code == 200
    checker = world.actor("grid_a")
    answer = scene.press(
        "grid_a", "submit_check", result="passed", remark="",
        batch=scene.road.photos(checker, "check"), lng=SPOT[0], lat=SPOT[1],
    )  # fmt: skip
    assert answer.status_code == 200
    answer = scene.press(
        "street_acceptor", "confirm_check", opinion="同意结案", closing_met="on"
    )
    assert answer.status_code == 200
    assert Case.objects.get(pk=scene.case.pk).state == State.CLOSED
