"""A batch of photos serves only who uploaded it."""

import uuid
from typing import Any

import pytest

from cases import actions
from governance.errors import Refused
from parties.acting import Actor
from tests.cases.conftest import MONDAY_9, SPOT


@pytest.mark.parametrize("other", ["grid_b", None])
def test_photos_of_somebody_else_do_not_count(
    other: str | None, world: Any, photos: Any
) -> None:
    batch = photos(Actor.resident() if other is None else world.actor(other), "report")
    report = actions.Report(
        category_id=world.categories["stall"].pk, lng=SPOT[0], lat=SPOT[1],
        description="门前摆摊占住了整条人行道。", address="和平路", photos=batch,
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        actions.report(
            submission_id=uuid.uuid4(), report=report, actor=world.actor("grid_a"),
            at=MONDAY_9,
        )  # fmt: skip
    assert refused.value.code == "photos"


def test_resident_cannot_take_the_photos_of_staff(world: Any, photos: Any) -> None:
    batch = photos(world.actor("grid_a"), "report")
    report = actions.Report(
        category_id=world.categories["stall"].pk, lng=SPOT[0], lat=SPOT[1],
        description="门前摆摊占住了整条人行道。", address="和平路", photos=batch,
    )  # fmt: skip
    case = actions.report(
        submission_id=uuid.uuid4(), report=report, actor=Actor.resident(), at=MONDAY_9
    )
    assert not case.photos.exists()
