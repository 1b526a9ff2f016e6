"""Who else finds matters: N力量 in the grid, and devices (DOMAIN C.3, T01)."""

import uuid
from typing import Any

import pytest

from cases import actions, story
from cases.models import Case
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT, World
from tests.factories import PostingFactory

pytestmark = pytest.mark.django_db


def told(world: World, actor: Actor, **more: Any) -> Case:
    fields: dict[str, Any] = {
        "category_id": world.categories["cover"].pk,
        "description": "井盖位移告警，传感器读数异常。",
        "address": "和平路 12 号门前",
        "lng": SPOT[0],
        "lat": SPOT[1],
        **more,
    }
    return actions.report(
        submission_id=uuid.uuid4(),
        report=actions.Report(**fields),
        actor=actor,
        at=MONDAY_9,
    )


def test_a_device_reports_without_a_photo_and_is_named_in_the_journal(
    world: World,
) -> None:
    case = told(world, Actor.device("井盖传感器 017"))
    assert (case.source, case.state) == (Case.Source.DEVICE, "REPORTED")
    event = Event.objects.get(chain=case.chain)
    assert story.person(event.actor) == "感知设备·井盖传感器 017"


@pytest.fixture
def officer(world: World) -> Actor:
    world.postings["officer"] = PostingFactory(
        post__role="grid_force",
        post__organisation=world.orgs["community"],
        post__area=world.areas[f"{world.areas['990101001001'].code}001"],
    )
    return world.actor("officer")


def test_n_forces_report_with_a_photo_and_see_their_grid(
    world: World, officer: Actor, photos: Any
) -> None:
    with pytest.raises(Refused, match="照片"):
        told(world, officer)
    case = told(world, officer, photos=photos(officer, "report"))
    assert case.source == Case.Source.GRID
    assert Case.objects.visible_to(officer).filter(pk=case.pk).exists()


def test_n_forces_do_not_resolve_the_grid_s_cases(
    world: World, officer: Actor, file_case: Any
) -> None:
    with pytest.raises(Refused, match="岗位"):
        actions.self_resolve(case_id=file_case().pk, actor=officer, at=MONDAY_9)
