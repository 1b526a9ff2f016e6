"""What a whistle stands on and by when to report: 权责清单依据 and 报到时限."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command

from cases import actions
from cases.actions.calls import minutes_limit
from cases.limits import Limit
from cases.models import Case, CaseClock, StageLimit
from cases.workflow import State, WhistleKind
from governance.calendar import Unit
from governance.errors import Refused
from governance.models import Event
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, again, piece, signed_in
from tests.cases.ruling_road import RulingRoad
from tests.cases.test_whistle_composer import compose, preview, written

HOURS_2 = Limit(Decimal(2), Unit.WORK_HOUR)


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


@pytest.fixture
def routed(road, turn, monkeypatch) -> Case:
    case = road.pending()
    turn(MONDAY_9)
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return again(case)


def blow(road: Road, case: Case, by: str = "street_leader", **more) -> Case:
    actions.whistle(
        case_id=case.pk, call=road.call(**more), actor=road.world.actor(by), at=road.at
    )
    return again(case)


@pytest.mark.parametrize("kind", ["routine", "enforcement"])
def test_no_whistle_without_a_basis_but_in_danger(road, routed, kind) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused, match="必须填写权责清单依据") as refused:
        blow(road, routed, kind=kind, legal_basis="  ")
    assert str(WhistleKind(kind).label) in str(refused.value)
    assert refused.value.field == "legal_basis"
    assert (again(routed).state, Event.objects.count()) == ("STREET_PENDING", before)


def test_an_emergency_is_not_held_up_by_the_paper(road, routed) -> None:
    case = blow(road, routed, kind="emergency", legal_basis="", risk="有人被困")
    whistle = case.whistles.get()
    assert whistle.legal_basis == (
        "权责清单：占用消防通道，区县101主责区消防大队（示例依据）"
    )


def test_an_emergency_without_a_line_in_the_list_says_so(road) -> None:
    case = road.pending(name="stall")
    condition = road.world.categories["stall"].conditions.get().pk
    more = {"kind": "emergency", "legal_basis": "", "risk": "有人被困"}
    case = blow(road, case, **more, condition_id=condition)
    assert case.whistles.get().legal_basis == "危及生命财产安全，应急先行处置"


def test_the_basis_of_the_list_is_not_lent_to_another_unit(road, routed) -> None:
    called = (actions.Called(road.world.orgs["urban"].pk, "lead", "抢修"),)
    more = {"kind": "emergency", "legal_basis": "", "risk": "有人被困"}
    case = blow(road, routed, called=called, **more)
    assert case.whistles.get().legal_basis == "危及生命财产安全，应急先行处置"


def test_a_ruling_that_reassigns_names_its_basis(world, file_case, photos) -> None:
    road = RulingRoad(world, file_case, photos)
    case = road.disputed()
    call = road.asked("fire", legal_basis="")
    with pytest.raises(Refused, match="必须填写权责清单依据"):
        actions.reassign(
            case_id=case.pk, call=call, ruling="改派",
            actor=world.actor("street_leader"), at=road.at,
        )  # fmt: skip
    assert again(case).state == State.DISPUTED


def test_the_composer_asks_for_the_basis_where_the_list_has_none(road, turn) -> None:
    case = road.pending(name="stall")
    client = signed_in(road.world, "dispatcher")
    content = client.get(compose(case)).content.decode()
    assert "请写明派给这个单位的依据" in content
    refused = piece(client, compose(case), **written(road, case, legal_basis=""))
    assert refused.status_code == 422
    content = refused.content.decode()
    assert "日常哨必须填写权责清单依据" in content and "现场清理" in content


def test_a_whistle_has_a_report_limit_of_its_own(road, routed) -> None:
    case = blow(road, routed, checkin=HOURS_2)
    line = case.assignments.get()
    clock = CaseClock.objects.get(case=case, stage="CHECKIN")
    assert (line.checkin_limit, clock.limit_n, clock.limit_unit) == (
        HOURS_2, Decimal(2), "WORK_HOUR",
    )  # fmt: skip
    assert line.checkin_due_at == clock.due_at == MONDAY_9 + timedelta(hours=2)
    event = Event.objects.get(chain=case.chain, action="cases.whistle")
    assert event.detail["given"]["checkin"] == {"n": "2", "unit": "WORK_HOUR"}
    content = signed_in(road.world, "dispatcher").get(f"/cases/{case.pk}/")
    assert "2 工作时（本次单独规定）" in content.content.decode()


def test_without_one_that_of_the_kind_holds_and_is_kept(road, routed) -> None:
    line = blow(road, routed).assignments.get()
    assert line.checkin_limit == Limit(Decimal(4), Unit.WORK_HOUR)
    assert line.whistle.checkin_limit is None


def test_a_support_sent_later_has_the_same_limit(road, routed) -> None:
    case = road.check_in(blow(road, routed, checkin=HOURS_2), "fire")
    actions.add_support(
        case_id=case.pk, organisation_id=road.world.orgs["urban"].pk, task="配合",
        actor=road.world.actor("street_leader"), at=road.at,
    )  # fmt: skip
    assert case.assignments.get(role="support").checkin_limit == HOURS_2


def test_a_drafted_limit_starts_with_the_signature(road, routed) -> None:
    case = blow(road, routed, by="dispatcher", checkin=HOURS_2)
    assert not CaseClock.objects.filter(case=case, stage="CHECKIN").exists()
    later = MONDAY_9 + timedelta(hours=1)
    actions.sign_whistle(
        case_id=case.pk, whistle_id=case.whistles.get().pk,
        actor=road.world.actor("street_leader"), at=later,
    )  # fmt: skip
    assert case.assignments.get().checkin_due_at == later + timedelta(hours=2)


@pytest.mark.parametrize(
    ("kind", "limit", "sentence"),
    [
        ("enforcement", Limit(Decimal("8.1"), Unit.WORK_HOUR), "最长 8 工作时"),
        ("enforcement", Limit(Decimal("0.2"), Unit.WORK_HOUR), "最短 15 分钟"),
        ("enforcement", minutes_limit(Decimal(60)), "按工作时或工作日计"),
        ("routine", Limit(Decimal(3), Unit.WORK_DAY), "最长 2 工作日"),
        ("emergency", minutes_limit(Decimal(31)), "最长 30 分钟"),
        ("emergency", HOURS_2, "按分钟计"),
    ],
)
def test_a_report_limit_beyond_reason_is_refused(
    road, routed, kind, limit, sentence
) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused, match=sentence) as refused:
        blow(road, routed, kind=kind, checkin=limit, risk="有人被困")
    assert refused.value.field == "checkin_n"
    assert Event.objects.count() == before


@pytest.mark.parametrize("minutes", range(15, 31))
def test_minutes_of_an_emergency_stay_whole(road, routed, minutes) -> None:
    more = {"kind": "emergency", "risk": "有人被困"}
    case = blow(road, routed, **more, checkin=minutes_limit(Decimal(minutes)))
    due = case.assignments.get().checkin_due_at
    assert due == MONDAY_9 + timedelta(minutes=minutes)


def test_the_tenant_s_limit_is_the_measure_of_the_bounds(road, routed) -> None:
    StageLimit.objects.create(
        stage="CHECKIN", kind="enforcement", n=Decimal(1), unit=Unit.WORK_HOUR
    )
    with pytest.raises(Refused, match="最长 2 工作时"):
        blow(road, routed, checkin=Limit(Decimal(3), Unit.WORK_HOUR))


def test_the_journal_alone_says_the_same_deadline(road, routed, capsys) -> None:
    blow(road, routed, checkin=HOURS_2)
    call_command("recompute_deadlines")
    assert "0 处不一致" in capsys.readouterr().out


def test_the_page_takes_foresees_and_keeps_the_limit(road, routed) -> None:
    client = signed_in(road.world, "dispatcher")
    given = written(road, routed, checkin_n="2", checkin_unit="WORK_HOUR")
    content = piece(client, preview(routed), **given).content.decode()
    assert "11-23 11:00 前报到（2 工作时）" in content
    far = piece(client, compose(routed), **{**given, "checkin_n": "99"})
    assert far.status_code == 422
    content = far.content.decode()
    assert "日常哨的报到时限最短 15 分钟" in content and 'value="99"' in content
    half = piece(client, compose(routed), **{**given, "checkin_unit": ""})
    assert "请选择报到时限的单位" in half.content.decode()
    assert "HX-Redirect" in piece(client, compose(routed), **given)
    assert again(routed).assignments.get().checkin_limit == HOURS_2


def test_minutes_come_from_the_page_of_an_emergency(road, routed) -> None:
    client = signed_in(road.world, "street_leader")
    given = written(
        road, routed, kind="emergency", risk="有人被困", legal_basis="",
        checkin_n="20", checkin_unit="minutes",
    )  # fmt: skip
    assert "HX-Redirect" in piece(client, compose(routed), **given)
    line = again(routed).assignments.get()
    assert line.checkin_due_at == MONDAY_9 + timedelta(minutes=20)
    assert line.checkin_limit.spoken == "20 分钟"
