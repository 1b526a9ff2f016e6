"""`extensions=true`: answers, where it lies, pictures, and how it went."""

import base64
from datetime import timedelta
from typing import Any

import pytest

from cases import actions
from cases.models import Case
from tests.cases.conftest import MONDAY_9, World
from tests.cases.road import Road
from tests.doors.open311.conftest import Door


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def test_without_it_there_is_nothing_beside_the_standard(
    door: Door, world: Any
) -> None:
    number = door.file(world.categories["lane"])
    for query in ({}, {"extensions": "false"}, {"extensions": ""}):
        (given,) = door.get(f"requests/{number}.json", **query)
        assert not {"attributes", "extended_attributes", "notes"} & set(given)


def test_answers_pictures_and_steps(
    door: Door, world: Any, asked: Any, snapshot: bytes, now: Any
) -> None:
    picture = f"data:image/jpeg;base64,{base64.b64encode(snapshot).decode()}"
    number = door.file(
        world.categories["stall"],
        media_url=picture,
        **{
            f"attribute[q{asked['choice'].pk}]": "流动摊贩",
            f"attribute[q{asked['choices'].pk}][]": ["占车道", "堵门口"],
            f"attribute[q{asked['text'].pk}]": "找王芳 13812345678",
        },
    )
    actions.raise_to_street(
        case_id=Case.objects.get(case_no=number).pk, opinion="内部意见",
        actor=world.actor("acceptor"), at=MONDAY_9 + timedelta(hours=1),
    )  # fmt: skip
    now(MONDAY_9 + timedelta(hours=2))
    (given,) = door.get("requests.json", extensions="true")
    assert given["attributes"][1] == {
        "code": f"q{asked['choices'].pk}",
        "description": "问题choices",
        "values": [
            {"key": "占车道", "name": "占车道"},
            {"key": "堵门口", "name": "堵门口"},
        ],
    }
    assert given["attributes"][2]["values"][0]["name"] == "找王芳 138****5678"
    more = given["extended_attributes"]
    assert (more["status"], more["community"]) == ("for_triage", "社区001")
    assert [one["media_url"] for one in more["photos"]] == [given["media_url"]]
    assert [one["type"] for one in given["notes"]] == ["open", "for_triage"]
    assert given["notes"][1]["description"] == "已呈报街道，正在研判"
    assert "内部意见" not in str(given)
    root = door.get(f"requests/{number}.xml", extensions="TRUE")
    assert (
        root.findtext("request/extended_attributes/photos/photo/media_url")
        == (given["media_url"])
    )
    assert root.findtext("request/notes/note/type") == "open"


def test_pictures_of_updates_are_among_them(
    door: Door, world: Any, snapshot: bytes
) -> None:
    number = door.file(world.categories["lane"])
    picture = f"data:image/jpeg;base64,{base64.b64encode(snapshot).decode()}"
    door.post(
        "servicerequestupdates.json", service_request_id=number, update_id="1",
        status="OPEN", updated_datetime="2026-11-23T09:00:00Z", description="补充照片",
        media_url=picture,
    )  # fmt: skip
    (given,) = door.get(f"requests/{number}.json", extensions="true")
    assert given["media_url"] is None
    assert len(given["extended_attributes"]["photos"]) == 1
    assert given["notes"][-1]["description"] == "补充照片"


def test_of_other_cases_only_what_everybody_may_know(
    door: Door, road: Road, now: Any
) -> None:
    """The answers and pictures of whoever filed it stay in the house."""
    case = road.pending()
    Case.objects.filter(pk=case.pk).update(
        answers=[{"question": 1, "label": "谁", "answer": "张三"}]
    )
    now(MONDAY_9 + timedelta(days=2))
    (given,) = door.get("requests.json", extensions="true")
    assert given["attributes"] == []
    assert given["extended_attributes"]["photos"] == []
    assert given["notes"]
    assert "张三" not in str(given)
