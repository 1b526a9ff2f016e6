"""The city of the case tests with its boards, and cases in many states."""

from datetime import datetime

import pytest
from django.test import Client

from cases.models import Case
from oversight import actions
from parties.acting import Actor
from tests.cases.conftest import (
    MONDAY_9,
    at,
    file_case,
    photos,
    snapshot,
    turn,
    world,
)
from tests.cases.road import signed_in
from tests.cases.ruling_road import RulingRoad

__all__ = [
    "at",
    "boards",
    "busy",
    "file_case",
    "photos",
    "read",
    "road",
    "snapshot",
    "turn",
    "world",
]

NOON = at("2026-11-23 12:00")


@pytest.fixture
def road(world, file_case, photos, monkeypatch) -> RulingRoad:
    monkeypatch.setattr("governance.clock.now", lambda: NOON)
    return RulingRoad(world, file_case, photos)


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch) -> None:
    """However slow the machine is, the month is counted anew."""
    monkeypatch.setattr("oversight.views.month.WORTH_KEEPING", 3600)


@pytest.fixture
def boards(db) -> None:
    actions.install_boards(actor=Actor.system(), at=MONDAY_9)


@pytest.fixture
def busy(road, boards) -> RulingRoad:
    """Cases in a dozen states; two of them confidential, at community and street."""
    road.reported()
    road.reported("stall")
    road.pending()
    road.drafted()
    road.whistled("urban")
    road.joint("urban", "property")
    road.suspended()
    road.disputed()
    road.rating()
    road.closed()
    for case in (road.reported("stall"), road.pending()):
        Case.objects.filter(pk=case.pk).update(confidential=True)
    return road


@pytest.fixture
def read(world):
    """The text of a page, as that person: `read("dispatcher", "/desk/board/")`."""

    def page(name: str, url: str) -> str:
        client: Client = signed_in(world, name)
        answer = client.get(url)
        assert answer.status_code == 200, (name, url, answer.status_code)
        return answer.content.decode()

    return page


def moment(text: str) -> datetime:
    return at(text)
