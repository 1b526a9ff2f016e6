"""分段时限: each stage is told of once at its own end, unless it was reported done."""

from typing import Any

import pytest

from cases import actions
from cases.models import Case, CaseClock, FilingCondition, StageProgress
from governance.errors import Refused
from governance.models import Event
from parties.models import Notification
from tests.cases.conftest import World, at
from tests.cases.road import Road, again, piece, signed_in
from tests.cases.test_escalation import feed_back, happened, return_it, told

STAGES = [
    {"name": "停工", "n": "4", "unit": "WORK_HOUR"},
    {"name": "处罚", "n": "2", "unit": "NATURAL_DAY"},
    {"name": "拆除", "n": "20", "unit": "WORK_DAY"},
]


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    condition: FilingCondition = world.categories["lane"].conditions.get()
    condition.limit_n, condition.limit_unit, condition.stages = None, "", STAGES
    condition.save()
    return Road(world, file_case, photos)


def handling(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, stage="HANDLE", superseded=False)


def finish(road: Road, case: Case, stage: str, name: str = "fire") -> StageProgress:
    actor = road.world.actor(name)
    return actions.finish_stage(
        case_id=case.pk, stage=stage, opinion="已停工", actor=actor, at=road.at,
        photos=road.photos(actor, "after"),
    )  # fmt: skip


def test_the_last_stage_is_the_deadline_and_each_earlier_one_is_told_once(
    road: Road, turn: Any
) -> None:
    case = road.joint()
    assert handling(case).due_at == at("2026-12-21 09:00")
    turn(at("2026-11-23 13:59"))
    assert not told(case, "阶段时限已到")
    turn(at("2026-11-23 14:00"))
    assert not told(case, "阶段时限已到")  # 4 work hours end at 15:00
    turn(at("2026-11-23 15:00"))
    assert told(case, "“停工”阶段时限已到") == {"fire", "dispatcher"}
    turn(at("2026-11-25 09:00"))
    assert told(case, "“处罚”阶段时限已到") == {"fire", "dispatcher"}
    before = Notification.objects.count()
    for _ in range(2):
        actions.watch_stage(
            clock_id=handling(case).pk, name="停工", at=at("2026-11-25 09:00")
        )
    assert Notification.objects.count() == before


def test_a_stage_that_was_reported_done_is_not_told_of(road: Road, turn: Any) -> None:
    case = road.joint()
    state, version = case.state, again(case).version
    progress = finish(road, case, "停工")
    assert (progress.name, progress.done_at) == ("停工", road.at)
    assert again(case).state == state and again(case).version == version + 1
    assert [one["limit_stage"] for one in happened(case, "finish_stage")] == ["停工"]
    turn(at("2026-11-23 16:00"))
    assert not told(case, "阶段时限已到")


def test_pauses_count_for_every_stage_in_its_own_unit(road: Road, turn: Any) -> None:
    case = road.joint()
    road.at = at("2026-11-23 10:00")
    feed_back(road, case)
    road.at = at("2026-11-24 10:00")
    return_it(road, case)
    turn(at("2026-11-24 14:59"))
    assert not told(case, "“停工”阶段时限已到")
    turn(at("2026-11-24 15:00"))  # 1 of 4 work hours was used before
    assert told(case, "“停工”阶段时限已到")
    turn(at("2026-11-26 08:59"))
    assert not told(case, "“处罚”阶段时限已到")
    turn(at("2026-11-26 09:00"))  # 1 of 48 hours was used before
    assert told(case, "“处罚”阶段时限已到")


def test_only_the_handler_reports_a_stage_and_only_once(road: Road) -> None:
    case = road.joint()
    for name in ("dispatcher", "urban", "grid_a"):
        with pytest.raises(Refused, match="承办人"):
            finish(road, case, "停工", name)
    with pytest.raises(Refused, match="尚未完成的阶段"):
        finish(road, case, "拆除")
    finish(road, case, "停工")
    with pytest.raises(Refused, match="尚未完成的阶段"):
        finish(road, case, "停工")
    finish(road, case, "处罚")
    with pytest.raises(Refused, match="没有未完成的分段时限"):
        finish(road, case, "处罚")
    assert len(happened(case, "finish_stage")) == 2


def test_a_stage_needs_a_word_and_a_photo(road: Road) -> None:
    case = road.joint()
    fire = road.world.actor("fire")
    given = {"case_id": case.pk, "stage": "停工", "actor": fire, "at": road.at}
    with pytest.raises(Refused, match="写明这个阶段"):
        actions.finish_stage(**given, opinion=" ", photos=road.photos(fire, "after"))
    with pytest.raises(Refused, match="处置后"):
        actions.finish_stage(**given, opinion="已停工", photos=None)
    assert not Event.objects.filter(action="cases.finish_stage").exists()


def test_the_page_reports_a_stage_and_shows_all(road: Road) -> None:
    case = road.joint()
    client = signed_in(road.world, "fire")
    url = f"/cases/{case.pk}/finish_stage/"
    asked = piece(client, url).content.decode()
    assert "停工（4 工作时）" in asked and "拆除" not in asked
    kept = piece(client, url, stage="停工", opinion="机器已拉走")
    assert kept.status_code == 422
    assert "机器已拉走" in kept.content.decode()
    batch = road.photos(road.world.actor("fire"), "after")
    sent = piece(client, url, stage="停工", opinion="机器已拉走", batch=batch)
    assert sent.status_code == 200
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "机器已拉走" in page and "20 工作日" in page


def test_a_case_with_one_limit_has_no_stages(
    world: World, file_case: Any, photos: Any
) -> None:
    road = Road(world, file_case, photos)
    with pytest.raises(Refused, match="没有未完成的分段时限"):
        finish(road, road.joint(), "停工")
