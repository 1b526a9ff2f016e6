"""F11, first part: two extensions and no third, suspended, late, appealed, exempt."""

from typing import Any

import pytest

from cases.models import Case, CaseClock
from cases.workflow import Stage, State
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import at
from tests.cases.road import Road, again, piece, signed_in

EXEMPT = "不计超时（申诉通过）"


class Day:
    """People at their pages, at moments the test names."""

    def __init__(self, road: Road, monkeypatch: Any) -> None:
        self.road, self.patch = road, monkeypatch

    def moment(self, text: str) -> None:
        self.now = at(text)
        self.road.at = self.now
        self.patch.setattr("governance.clock.now", lambda: self.now)

    def press(self, who: str, case: Case, action: str, **given: Any) -> Any:
        client = signed_in(self.road.world, who)
        url = f"/cases/{case.pk}/{action}/"
        return piece(client, url, version=again(case).version, **given)

    def does(self, who: str, case: Case, action: str, **given: Any) -> Case:
        answer = self.press(who, case, action, **given)
        assert "HX-Redirect" in answer.headers, answer.content.decode()
        return again(case)

    def refused(
        self, who: str, case: Case, action: str, word: str, **given: Any
    ) -> None:
        before = Event.objects.count()
        answer = self.press(who, case, action, **given)
        assert answer.status_code == 422 and word in answer.content.decode()
        assert Event.objects.count() == before

    def photo(self, who: str, stage: str) -> str:
        actor = self.road.world.actor(who)
        return str(self.road.photos(actor, stage, when=self.now))


@pytest.fixture
def day(world, file_case, photos, monkeypatch) -> Day:
    return Day(Road(world, file_case, photos), monkeypatch)


def handle(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, stage=Stage.HANDLE, superseded=False)


def test_extended_twice_suspended_resumed_late_closed_and_exempt(day, turn) -> None:
    day.moment("2026-11-23 09:00")
    case = day.road.joint()
    assert handle(case).due_at == at("2026-11-23 11:00")
    agreed = {"decision": "approve", "opinion": "情况属实"}

    for due in ("2026-11-23 15:00", "2026-11-23 17:00"):
        case = day.does("fire", case, "request_extension", reason="配件未到")
        case = day.does("dispatcher", case, "review_extension", **agreed)
        assert handle(case).due_at == at(due)
    day.refused("fire", case, "request_extension", "已批准延期 2 次", reason="还要等")

    day.moment("2026-11-23 16:00")  # one hour is left
    case = day.does(
        "fire", case, "request_suspension", ground="weather", reason="寒潮停工",
        resume_date="2026-12-01", safety_measure="已设围挡和警示灯",
        batch=day.photo("fire", "evidence"),
    )  # fmt: skip
    case = day.does("dispatcher", case, "review_suspension", **agreed)
    case = day.does("street_leader", case, "suspend", opinion="同意挂账")
    assert case.state == State.SUSPENDED and handle(case).running_since is None
    day.refused("fire", case, "request_extension", "挂账期间不能申请", reason="等")

    turn(at("2026-12-01 09:00"))
    case = again(case)
    assert case.state == State.JOINT_HANDLING
    assert handle(case).due_at == at("2026-12-01 10:00")

    day.moment("2026-12-01 10:01")
    day.refused("fire", case, "request_extension", "已超过处置时限", reason="再等")
    turn(day.now)
    assert Notification.objects.filter(title__startswith="处置已超时").exists()
    day.moment("2026-12-01 11:00")
    case = day.does(
        "fire", case, "feed_back", result="solved", measures="通道已清空",
        batch=day.photo("fire", "after"),
    )  # fmt: skip
    assert handle(case).is_overdue and handle(case).overtime_minutes == 60
    worker = day.road.world.user_id("grid_b")
    case = day.does(
        "street_acceptor", case, "send_to_check", worker=worker, requirement="看一看"
    )
    case = day.does(
        "grid_b", case, "submit_check", result="passed", remark="电话核查",
        batch=day.photo("grid_b", "check"),
    )  # fmt: skip
    case = day.does(
        "street_acceptor", case, "confirm_check", opinion="同意结案", closing_met="on"
    )
    assert case.state == State.CLOSED

    case = day.does("fire", case, "appeal_overdue", reason="复工首日设备结冰")
    case = day.does("shift_head", case, "review_appeal", **agreed)
    case = day.does("district", case, "review_appeal", **agreed)
    assert handle(case).exempt and handle(case).is_overdue
    desk = signed_in(day.road.world, "dispatcher")
    assert EXEMPT in desk.get("/desk/?queue=closed").content.decode()
    page = desk.get(f"/cases/{case.pk}/").content.decode()
    assert EXEMPT in page and "已超时" in page
    turn(at("2026-12-08 11:00"))
    assert again(case).state == State.ARCHIVED
