"""区级、市级协调: T22, T30–T33; F10's whistle across streets."""

import pytest
from django.urls import reverse

from cases import actions, story
from cases.models import Case, CaseClock
from cases.offers import offers
from cases.workflow import State
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, at
from tests.cases.road import again, piece, signed_in
from tests.cases.ruling_road import RulingRoad


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return RulingRoad(world, file_case, photos)


def clock_of(case: Case, stage: str) -> CaseClock:
    return CaseClock.objects.get(
        case=case, stage=stage, assignment=None, superseded=False
    )


def test_the_shift_head_escalates_and_the_clocks_change(road, turn) -> None:
    case = road.pending()
    before = Event.objects.filter(chain=case.chain).count()
    case = road.escalate(case)
    assert case.state == State.DISTRICT_COORD
    assert case.holder_org == road.world.orgs["district"]
    assert clock_of(case, "JUDGE").stopped_at == MONDAY_9
    assert clock_of(case, "COORD").due_at == at("2026-11-25 09:00")
    assert Event.objects.filter(chain=case.chain).count() == before + 1
    facts = dict(story.timeline(case)[0].facts)
    assert facts["理由"] == "超街道权限" and facts["已做工作"] == "已现场会商两次"
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=case.chain, title__startswith="上呈区级")
    assert list(told.values_list("user__name", flat=True)) == ["district"]


def test_the_coordination_alerts_the_centre(road, turn) -> None:
    case = road.escalate(road.pending())
    turn(at("2026-11-25 09:00"))
    told = Notification.objects.filter(
        subject=case.chain,
        kind="alert",
        key__contains=f"clock:{clock_of(case, 'COORD').pk}:",
    )
    assert "district" in told.values_list("user__name", flat=True)
    assert clock_of(case, "COORD").alerts.count() == 3


def test_handling_and_reporting_for_duty_wait_meanwhile(road) -> None:
    case = road.joint("urban")
    case = road.escalate(case)
    assert clock_of(case, "HANDLE").running_since is None
    running = case.clocks.filter(stage="CHECKIN", running_since__isnull=False)
    assert not running.exists()


@pytest.mark.parametrize(
    ("by", "given", "sentence"),
    [
        ("dispatcher", {}, "派遣员只能以“跨街道”上呈"),
        ("shift_head", {"reason": "reworked_twice"}, "返工未满两次"),
        ("shift_head", {"reason": "?"}, "选择上呈理由"),
        ("shift_head", {"matter": ""}, "写明事由"),
        ("shift_head", {"work_done": ""}, "已做的工作"),
        ("shift_head", {"proposal": ""}, "处理建议"),
        ("acceptor", {}, "岗位"),
        ("other_dispatcher", {"reason": "cross_street"}, "岗位"),
    ],
)
def test_escalating_is_refused(road, by, given, sentence) -> None:
    case = road.pending()
    before = Event.objects.count()
    with pytest.raises(Refused, match=sentence):
        road.escalate(case, by, **given)
    assert again(case).state == State.STREET_PENDING
    assert Event.objects.count() == before


def test_f10_a_whistle_across_streets(road) -> None:
    case = road.escalate(road.pending(), "dispatcher", reason="cross_street")
    case = road.dispatch(case, "station", "other_street")
    assert case.state == State.WHISTLED
    assert case.lead_org == road.world.orgs["station"]
    assert case.whistles.get().ruling_number == "吹裁〔2026〕1号"
    other = road.world.actor("other_dispatcher")
    assert Case.objects.visible_to(other).filter(pk=case.pk).exists()
    page = signed_in(road.world, "other_dispatcher").get(reverse("desk_queue"))
    assert f'id="row-{case.pk}"' in page.content.decode()
    assert [one.name for one in offers(case, other, MONDAY_9)] == ["support_check_in"]
    case = road.check_in(case, "street_handler")
    case = road.check_in(case, "other_dispatcher")
    assert case.state == State.JOINT_HANDLING
    actions.finish_support(
        case_id=case.pk, opinion="本侧已清", photos=None, actor=other, at=road.at
    )
    lead = road.world.actor("street_handler")
    actions.feed_back(
        case_id=case.pk, result="solved", measures="已清运", override="",
        photos=road.photos(lead, "after"), actor=lead, at=road.at,
    )  # fmt: skip
    assert again(case).state == State.FEEDBACK_REVIEW
    assert case.street == road.world.areas["990101001"]


def test_the_district_calls_within_the_district_only(road) -> None:
    case = road.escalate(road.pending())
    with pytest.raises(Refused, match="没有管辖"):
        road.dispatch(case, "west_urban")
    with pytest.raises(Refused, match="裁定意见"):
        road.dispatch(case, "urban", ruling="")
    with pytest.raises(Refused, match="1 到 60 个工作日"):
        road.dispatch(case, "urban", days=61)
    with pytest.raises(Refused, match="岗位"):
        road.dispatch(case, "urban", by="street_leader")
    assert again(case).state == State.DISTRICT_COORD
    case = road.dispatch(road.to_city(case), "west_urban", by="city")
    assert case.lead_org == road.world.orgs["west_urban"]
    assert clock_of(case, "CITY_COORD").stopped_at == MONDAY_9


def test_the_days_that_were_set_are_the_limit(road) -> None:
    case = road.dispatch(road.referred(), "housing", days=3)
    handle = clock_of(case, "HANDLE")
    assert (handle.limit_n, handle.limit_unit) == (3, "WORK_DAY")
    assert dict(story.timeline(case)[0].facts)["办理时限"] == "3 个工作日"
    plain = road.dispatch(road.referred(), "housing")
    assert clock_of(plain, "HANDLE").limit_unit == "WORK_HOUR"


def test_the_same_lead_again_was_no_founded_return(road) -> None:
    case = road.dispatch(road.referred(), "urban")
    lines = case.assignments.order_by("pk").values_list("status", flat=True)
    assert list(lines) == ["return_rejected", "pending"]
    assert case.disputes.get().outcome == "referred"
    case = road.check_in(case, "urban")
    assert case.state == State.JOINT_HANDLING


def test_sent_back_the_street_judges_anew(road) -> None:
    case = road.referred("fire")
    actions.send_back_to_street(
        case_id=case.pk, opinion="属街道权限", actor=road.world.actor("district"),
        at=road.at,
    )  # fmt: skip
    case = again(case)
    assert case.state == State.STREET_PENDING and case.lead_org is None
    assert case.holder_org == road.world.orgs["street"]
    assert clock_of(case, "JUDGE").due_at == at("2026-11-23 15:00")
    lines = case.assignments.order_by("pk").values_list("status", flat=True)
    assert sorted(lines) == ["cancelled", "return_approved"]
    assert not case.clocks.filter(stage="CHECKIN", stopped_at=None).exists()
    assert case.coordinations.get().outcome == "returned"
    with pytest.raises(Refused, match="没有被吹哨"):
        road.check_in(case, "urban")


def test_up_to_the_city_and_down_again(road) -> None:
    case = road.escalate(road.pending())
    with pytest.raises(Refused, match="岗位"):
        actions.escalate_to_city(
            case_id=case.pk, matter="事", work_done="做", proposal="请", at=road.at,
            actor=road.world.actor("district"),
        )  # fmt: skip
    case = road.to_city(case)
    assert case.state == State.CITY_COORD
    assert case.holder_org == road.world.orgs["city"]
    assert clock_of(case, "COORD").stopped_at == MONDAY_9
    assert clock_of(case, "CITY_COORD").due_at == at("2026-11-30 09:00")
    sent = {"case_id": case.pk, "actor": road.world.actor("city"), "at": road.at}
    with pytest.raises(Refused, match="交办时限"):
        actions.send_down_to_district(**sent, opinion="请区里办", days=None)
    actions.send_down_to_district(**sent, opinion="请区里办", days=1)
    case = again(case)
    assert case.state == State.DISTRICT_COORD
    assert clock_of(case, "COORD").due_at == at("2026-11-24 09:00")
    stays = case.coordinations.order_by("pk").values_list("origin", "outcome")
    assert list(stays) == [
        ("escalated", "escalated"), ("raised", "sent_down"), ("sent_down", ""),
    ]  # fmt: skip


PAGES = {
    "escalate_to_district": (
        "pending", "shift_head",
        {"reason": "beyond_power", "matter": "超权限", "work_done": "会商"}, "处理建议",
        {"proposal": "请区级"}, State.DISTRICT_COORD,
    ),
    "send_back_to_street": (
        "referred", "district", {}, "退回意见", {"opinion": "属街道"},
        State.STREET_PENDING,
    ),
    "escalate_to_city": (
        "referred", "director", {"matter": "跨区", "work_done": "协调"}, "处理建议",
        {"proposal": "请市级"}, State.CITY_COORD,
    ),
    "send_down_to_district": (
        "at_city", "city", {"opinion": "请区里办", "days": ""}, "交办时限",
        {"days": "3"}, State.DISTRICT_COORD,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_each_step_on_the_case_page(road, name) -> None:
    stage, person, missing, sentence, rest, state = PAGES[name]
    case = (
        road.to_city(road.referred()) if stage == "at_city" else getattr(road, stage)()
    )
    client = signed_in(road.world, person)
    url = reverse("case_action", args=[case.pk, name])
    assert piece(client, url).status_code == 200
    bad = piece(client, url, version=case.version, **missing)
    content = bad.content.decode()
    assert bad.status_code == 422 and sentence in content
    assert all(text in content for text in missing.values())
    good = piece(client, url, version=case.version, **{**missing, **rest})
    assert good.status_code == 200 and good["HX-Redirect"]
    assert again(case).state == state


def test_dispatching_on_its_own_page(road) -> None:
    case = road.referred()
    client = signed_in(road.world, "district")
    url = reverse("dispatch_compose", args=[case.pk])
    page = client.get(url).content.decode()
    assert "光明街道" in page and "西区城管局" not in page
    sent = {
        "version": case.version, "kind": "routine", "condition": case.condition_id,
        "lead": road.world.orgs["housing"].pk, "lead_task": "查处", "days": "5",
        "supports": [road.world.orgs["other_street"].pk],
    }  # fmt: skip
    bad = client.post(url, {**sent, "ruling": "由住建局主办"})
    assert bad.status_code == 422 and "由住建局主办" in bad.content.decode()
    support = road.world.orgs["other_street"].pk
    good = client.post(
        url, {**sent, "ruling": "由住建局主办", f"task_{support}": "配合"}
    )
    assert good.status_code == 302
    assert again(case).state == State.WHISTLED
    late = client.get(url)
    assert late.status_code == 422 and "请刷新后再看" in late.content.decode()
