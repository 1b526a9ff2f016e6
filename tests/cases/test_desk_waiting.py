"""What waits at a desk is found there, also without a person's name on it."""

from typing import Any

import pytest

from cases import actions
from cases.models import Case
from tests.cases.road import Road


@pytest.mark.parametrize("name", ["acceptor", "community_handler"])
def test_case_sent_down_waits_at_the_community(
    name: str, world: Any, file_case: Any, photos: Any
) -> None:
    road = Road(world, file_case, photos)
    case = road.pending()
    actions.send_down(
        case_id=case.pk, opinion="属社区事项", list_item="第三条", at=road.at,
        condition_id=world.categories["lane"].conditions.get().pk,
        actor=world.actor("dispatcher"),
    )  # fmt: skip
    assert list(Case.objects.todo_of(world.actor(name))) == [case]
