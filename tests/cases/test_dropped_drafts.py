"""A whistle that waits for its signature does not outlive its case at the street."""

from typing import Any

from cases import actions
from tests.cases.road import Road, again


def test_draft_falls_when_the_case_leaves_the_street(
    world: Any, file_case: Any, photos: Any
) -> None:
    road = Road(world, file_case, photos)
    case = road.drafted("urban")
    said = {"case_id": case.pk, "actor": world.actor("dispatcher"), "at": road.at}
    condition = world.categories["lane"].conditions.get().pk
    actions.send_down(
        **said, opinion="属社区事项", list_item="清单第三条", condition_id=condition
    )
    assert again(case).whistles.get().status == "withdrawn"
    assert not case.assignments.exclude(status="cancelled").exists()


def test_draft_stays_while_the_street_handles_it(
    world: Any, file_case: Any, photos: Any
) -> None:
    road = Road(world, file_case, photos)
    case = road.drafted("urban")
    actions.handle_at_street(
        case_id=case.pk, organisation_id=world.orgs["station"].pk, opinion="",
        condition_id=world.categories["lane"].conditions.get().pk,
        actor=world.actor("dispatcher"), at=road.at,
    )  # fmt: skip
    assert again(case).whistles.get().status == "draft"
