"""The update extension of FixMyStreet, both ways."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import actions
from cases.models import Case, Photo
from civics.models import PublicRule
from doors.models import Open311Update
from doors.open311 import reads
from governance.models import Event
from tests.cases.conftest import MONDAY_9, World
from tests.cases.road import Road
from tests.doors.open311.conftest import Door

HOUR = timedelta(hours=1)


def words(number: str, **more: Any) -> dict[str, Any]:
    return {
        "service_request_id": number,
        "update_id": "fms-1",
        "status": "OPEN",
        "updated_datetime": "2026-11-23T09:30:00+08:00",
        "description": "今天更严重了，联系 13800000003。",
        **more,
    }


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


@pytest.fixture
def number(door: Door, world: Any) -> str:
    return door.file(world.categories["lane"])


def raised(world: Any, number: str, at: Any) -> Case:
    case = Case.objects.get(case_no=number)
    actions.raise_to_street(
        case_id=case.pk, opinion="内部意见", actor=world.actor("acceptor"), at=at
    )
    return case


def test_each_step_is_an_update(door: Door, world: Any, number: str, now: Any) -> None:
    raised(world, number, MONDAY_9 + HOUR)
    now(MONDAY_9 + 2 * HOUR)
    first, second = door.get("servicerequestupdates.json")
    assert first["status"] == "open"
    assert second == {
        "update_id": second["update_id"],
        "service_request_id": number,
        "status": "for_triage",
        "updated_datetime": "2026-11-23T10:00:00+08:00",
        "description": "已呈报街道，正在研判",
        "media_url": None,
    }
    root = door.get("servicerequestupdates.xml")
    assert root.tag == "service_request_updates"
    assert {one.tag for one in root} == {"request_update"}
    assert "内部意见" not in str([first, second])


def test_windows_are_kept_strictly(
    door: Door, world: Any, number: str, now: Any
) -> None:
    raised(world, number, MONDAY_9 + HOUR)
    now(MONDAY_9 + 2 * HOUR)
    window = {"start_date": "2026-11-23T01:00:01Z", "end_date": "2026-11-23T02:00:00Z"}
    (only,) = door.get("servicerequestupdates.json", **window)
    assert only["updated_datetime"] == "2026-11-23T10:00:00+08:00"
    window["end_date"] = "2026-11-23T01:59:59Z"
    assert door.get("servicerequestupdates.json", **window) == []


def test_posted_and_read_back(
    door: Door, world: Any, number: str, snapshot: bytes
) -> None:
    """FEATURES 88: FMS posts an update and reads it back under the id it was told."""
    picture = base64.b64encode(snapshot).decode()
    (taken,) = door.post(
        "servicerequestupdates.json",
        **words(number, media_url=f"data:image/jpeg;base64,{picture}"),
    )
    found = {one["update_id"]: one for one in door.get("servicerequestupdates.json")}
    given = found[taken["update_id"]]
    assert given["service_request_id"] == number
    assert given["description"] == "今天更严重了，联系 138****0003。"
    photo = Photo.objects.get(case__case_no=number)
    assert given["media_url"].endswith(f"/media/{photo.pk}.jpg")
    assert door.browser.get(given["media_url"]).status_code == 200


def test_f15_the_same_update_twice_is_one(door: Door, number: str) -> None:
    first = door.post("servicerequestupdates.json", **words(number))
    again = door.post("servicerequestupdates.xml", **words(number))
    assert again.findtext("request_update/update_id") == first[0]["update_id"]
    assert Open311Update.objects.count() == 1
    assert Event.objects.filter(action="cases.supplement").count() == 1


def test_another_update_under_the_same_id_is_refused(
    door: Door, world: Any, number: str
) -> None:
    """Clients that count the updates of each request anew lose none in silence."""
    door.post("servicerequestupdates.json", **words(number))
    other = door.file(world.categories["lane"])
    for changed in (words(other), words(number, description="已经有人受伤。")):
        (error,) = door.post("servicerequestupdates.json", 400, **changed)
        assert error["code"] == 409
        assert "换一个编号" in error["description"]
    assert Open311Update.objects.count() == 1
    assert Event.objects.filter(action="cases.supplement").count() == 1


def test_f15_f19_an_update_changes_no_state(
    door: Door, world: Any, number: str
) -> None:
    """F15, F19: whatever status is sent, and however old it is, the case goes its own
    way; a status of `unchanged` is one of them."""
    case = raised(world, number, MONDAY_9)
    for at, status in (("2020-01-01T00:00:00Z", "CLOSED"), ("2026-11-23", "unchanged")):
        given = words(number, status=status, updated_datetime=at, update_id=status)
        door.post("servicerequestupdates.json", **given)
    case.refresh_from_db()
    assert case.state == "STREET_PENDING"
    assert Open311Update.objects.count() == 2


def test_f15_what_is_missing_is_named(door: Door, number: str) -> None:
    faults = door.post("servicerequestupdates.json", 400)
    said = " ".join(one["description"] for one in faults)
    for name in words(number):
        assert name in said
    for change in (
        {"status": "DONE"},
        {"updated_datetime": "soon"},
        {"description": ""},
        {"description": "长" * 4001},
        {"update_id": "1" * 101},
    ):
        door.post("servicerequestupdates.json", 400, **words(number, **change))
    assert not Open311Update.objects.exists()


def test_f15_unknown_request_and_wrong_key(door: Door, number: str) -> None:
    door.post("servicerequestupdates.json", 404, **words("nothing"))
    door.post("servicerequestupdates.xml", 403, **words(number, api_key="wrong"))


def test_older_names_of_path_and_field(door: Door, number: str) -> None:
    given = words(number, update_id=None, update_id_ext="7")
    root = door.post("update.xml", **given)
    assert root.findtext("request_update/update_id")
    assert Open311Update.objects.get().external_id == "7"


def test_f25_whoever_has_it_in_hand_is_told(
    door: Door, world: Any, number: str
) -> None:
    """F25: told once for each update; the journal says by which system it came."""
    door.post("servicerequestupdates.json", **words(number))
    event = Event.objects.get(action="cases.supplement")
    assert event.detail["origin"] == f"Open311 · {door.client.name}"
    assert event.actor["role"] == "resident"


def test_f20_an_archived_case_takes_none(door: Door, number: str) -> None:
    Case.objects.filter(case_no=number).update(
        state="ARCHIVED", closed_at=MONDAY_9, holder_org=None
    )
    door.post("servicerequestupdates.json", 400, **words(number))
    (given,) = door.get(f"requests/{number}.json")
    assert given["status"] == "closed"


def test_of_long_ago_only_what_is_still_public(
    door: Door, world: Any, road: Road, now: Any
) -> None:
    """Older than the public map remembers: steps of what is still open, or came in
    here, are given; those of what was closed long ago are not."""
    mine = door.file(world.categories["lane"])
    still = road.pending()
    over = road.pending()
    Case.objects.filter(pk=over.pk).update(
        state="CLOSED", closed_at=MONDAY_9 + HOUR, holder_org=None
    )
    Case.objects.filter(case_no=mine).update(
        state="CLOSED", closed_at=MONDAY_9 + HOUR, holder_org=None
    )
    now(MONDAY_9 + timedelta(days=80))
    given = door.get("servicerequestupdates.json")
    assert {one["service_request_id"] for one in given} == {mine, still.case_no}
    moments = [one["updated_datetime"] for one in given]
    assert moments == sorted(moments)
    PublicRule.objects.create(is_open=False)
    given = door.get("servicerequestupdates.json")
    assert {one["service_request_id"] for one in given} == {mine}


def test_the_first_thousand_of_several_days(
    door: Door, world: Any, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal is read a day at a time, and no further than asked for."""
    monkeypatch.setattr(reads, "MOST", 3)
    numbers = []
    for day in (0, 1, 1, 40, 41):
        now(MONDAY_9 + timedelta(days=day))
        numbers.append(door.file(world.categories["lane"]))
    given = door.get("servicerequestupdates.json")
    assert [one["service_request_id"] for one in given] == numbers[:3]
    with CaptureQueriesContext(connection) as captured:
        window = {"start_date": "2027-01-01T00:00:00+08:00"}
        given = door.get("servicerequestupdates.json", **window)
    assert [one["service_request_id"] for one in given] == numbers[3:]
    pieces = [
        one["sql"] for one in captured if '"governance_event"."at" <' in one["sql"]
    ]
    assert 0 < len(pieces) <= 4
    assert all("LIMIT 3" in one for one in pieces)
