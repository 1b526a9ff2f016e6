"""来件变更: what the system that a case came from says later."""

import uuid
from typing import Any

import pytest

from cases import actions
from cases.models import Case
from governance.errors import Refused
from governance.models import Event, Job
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, SPOT, World


@pytest.fixture
def ordered(world: World) -> Case:
    """A case that a hotline agent filed for a work order."""
    agent = world.hire("坐席", "hotline_agent", "district", "990101")
    return actions.report(
        submission_id=uuid.uuid4(),
        report=actions.Report(
            category_id=next(iter(world.categories.values())).pk,
            description="路灯不亮，晚上看不清路面。", address="和平路 1 号",
            lng=SPOT[0], lat=SPOT[1], source="hotline", origin_label="12345 热线",
            external_no="SZ-20261123-7",
        ),
        actor=agent, at=MONDAY_9,
    )  # fmt: skip


def said(world: World, case: Case, name: str = "坐席", **more: Any) -> Case:
    given = {"opinion": "来电人补充：第三盏也不亮。", "revision": 2, **more}
    return actions.note_incoming(
        case_id=case.pk, actor=world.actor(name), at=MONDAY_9, **given
    )


def test_it_is_noted_and_whoever_has_the_case_is_told(
    world: World, ordered: Case, turn: Any
) -> None:
    version = ordered.version
    said(world, ordered)
    ordered.refresh_from_db()
    event = Event.objects.filter(chain=ordered.chain).latest("seq")
    assert event.action == "cases.note_incoming"
    assert event.detail["opinion"] == "来电人补充：第三盏也不亮。"
    assert ordered.version == version
    assert ordered.description == "路灯不亮，晚上看不清路面。"
    turn(MONDAY_9)
    told = Notification.objects.filter(subject=ordered.chain, title__contains="变更")
    assert world.user_id("acceptor") in told.values_list("user", flat=True)


@pytest.mark.parametrize(
    ("name", "more", "code"),
    [
        ("acceptor", {}, "role"),
        ("坐席", {"opinion": "  "}, "required"),
    ],
)
def test_it_is_refused(
    world: World, ordered: Case, name: str, more: dict[str, str], code: str
) -> None:
    events = Event.objects.count()
    with pytest.raises(Refused) as refused:
        said(world, ordered, name, **more)
    assert refused.value.code == code
    assert Event.objects.count() == events


def test_what_is_over_is_not_changed(world: World, ordered: Case) -> None:
    actions.reject(
        case_id=ordered.pk, reason="not_ours", opinion="不属受理范围",
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        said(world, ordered)
    assert refused.value.code == "state"
    assert "新的工单编号" in str(refused.value)


def test_the_number_there_finds_the_case_and_stands_on_its_page(
    world: World, ordered: Case, client: Any
) -> None:
    assert list(Case.objects.search("SZ-20261123-7")) == [ordered]
    assert not Case.objects.search("SZ-20261123").exists()
    client.force_login(
        world.postings["acceptor"].user,
        backend="django.contrib.auth.backends.ModelBackend",
    )
    assert "SZ-20261123-7" in client.get(ordered.get_absolute_url()).text


def test_every_step_rings_for_the_system_it_came_from(
    world: World, ordered: Case
) -> None:
    actions.raise_to_street(
        case_id=ordered.pk, opinion="请街道研判", actor=world.actor("acceptor"),
        at=MONDAY_9,
    )  # fmt: skip
    ringing = Job.objects.filter(task="doors.tasks.write_back", subject=ordered.chain)
    steps = Event.objects.filter(chain=ordered.chain).count()
    assert ringing.count() == steps == 2
