"""GET service requests and GET service request; who may know of what."""

from datetime import timedelta
from typing import Any

import pytest

from cases import actions
from cases.models import Case
from civics.models import PublicRule
from tests.cases.conftest import MONDAY_9, World
from tests.cases.road import Road
from tests.doors.open311.conftest import BASE, Door

DAY = timedelta(days=1)
FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code",
    "description", "agency_responsible", "service_notice", "requested_datetime",
    "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip


@pytest.fixture
def road(world: World, file_case: Any, photos: Any) -> Road:
    return Road(world, file_case, photos)


def numbers(found: Any) -> list[str]:
    return [one["service_request_id"] for one in found]


def test_a_request_has_every_field_of_the_standard(door: Door, world: Any) -> None:
    number = door.file(world.categories["lane"], address_string="和平路 12 号")
    (given,) = door.get(f"requests/{number}.json")
    assert list(given) == FIELDS
    assert given == {
        **given,
        "service_request_id": number,
        "status": "open",
        "status_notes": "已送到社区，等待接报",
        "service_name": "占用消防通道",
        "service_code": str(world.categories["lane"].pk),
        "description": "路灯坏了三天，晚上走路看不见台阶。",
        "agency_responsible": "幸福社区",
        "requested_datetime": "2026-11-23T09:00:00+08:00",
        "updated_datetime": "2026-11-23T09:00:00+08:00",
        "address": "和平路 12 号",
        "lat": 28.0005,
        "long": 113.0005,
        "media_url": None,
        "zipcode": None,
    }
    root = door.get(f"requests/{number}.xml")
    assert [one.tag for one in root[0]] == FIELDS
    assert root.findtext("request/lat") == "28.0005"
    assert root.findtext("request/zipcode") == ""


def test_comma_list_and_it_overrides_all_others(
    door: Door, world: Any, now: Any
) -> None:
    first, second = (door.file(world.categories["lane"]) for _n in range(2))
    now(MONDAY_9 + 200 * DAY)
    found = door.get(
        "requests.json", service_request_id=f"{first}, {second},{first},nothing",
        status="closed", start_date="not a date", page="9",
    )  # fmt: skip
    assert sorted(numbers(found)) == sorted([first, second])
    assert door.get("requests.json", service_request_id="nothing") == []
    assert len(door.get("requests.xml", service_request_id=first)) == 1


def test_by_service_code_and_status(door: Door, world: Any) -> None:
    lane = door.file(world.categories["lane"])
    cover = door.file(world.categories["cover"])
    codes = {name: one.pk for name, one in world.categories.items()}
    assert numbers(door.get("requests.json", service_code=codes["lane"])) == [lane]
    both = f"{codes['lane']},{codes['cover']},x"
    assert numbers(door.get("requests.json", service_code=both)) == [cover, lane]
    assert door.get("requests.json", service_code="x") == []
    assert numbers(door.get("requests.json", status="open")) == [cover, lane]
    assert door.get("requests.json", status="closed") == []
    assert len(door.get("requests.json", status="open,closed")) == 2
    assert door.get("requests.json", 400, status="done")[0]["code"] == 400


def test_closed_is_closed_and_says_when(door: Door, world: Any, now: Any) -> None:
    number = door.file(world.categories["lane"])
    later = MONDAY_9 + timedelta(hours=1)
    case = Case.objects.get(case_no=number)
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="不属城市管理范围",
        actor=world.actor("acceptor"), at=later,
    )  # fmt: skip
    now(later)
    (given,) = door.get("requests.json", status="closed")
    assert given["status"] == "closed"
    assert given["updated_datetime"] == "2026-11-23T10:00:00+08:00"
    assert given["expected_datetime"] is None


def test_the_last_90_days_by_default(door: Door, world: Any, now: Any) -> None:
    number = door.file(world.categories["lane"])
    now(MONDAY_9 + 90 * DAY)
    assert numbers(door.get("requests.json")) == [number]
    now(MONDAY_9 + 90 * DAY + timedelta(seconds=1))
    assert door.get("requests.json") == []


def test_windows_are_kept_strictly(door: Door, world: Any, now: Any) -> None:
    number = door.file(world.categories["lane"])
    now(MONDAY_9 + 200 * DAY)
    inside = {"start_date": "2026-11-23T01:00:00Z", "end_date": "2026-11-23T01:00:00Z"}
    assert numbers(door.get("requests.json", **inside)) == [number]
    assert numbers(door.get("requests.json", start_date="2026-11-23")) == [number]
    before = {"end_date": "2026-11-23T08:59:59+08:00"}
    assert door.get("requests.json", **before) == []
    plus = f"{BASE}/requests.json?start_date=2026-11-23T09:00:00+08:00"
    assert numbers(door.browser.get(plus).json()) == [number]


def test_the_second_that_was_answered_finds_it_again(
    door: Door, world: Any, now: Any
) -> None:
    """Answers name whole seconds; things happen in between."""
    now(MONDAY_9 + timedelta(milliseconds=700))
    number = door.file(world.categories["lane"])
    (given,) = door.get("requests.json")
    (told,) = door.get("servicerequestupdates.json")
    for named in (given["requested_datetime"], told["updated_datetime"]):
        assert named == "2026-11-23T09:00:00+08:00"
        only = {"start_date": named, "end_date": named}
        assert numbers(door.get("requests.json", **only)) == [number]
        assert door.get("servicerequestupdates.json", **only) == [told]
    half = {"end_date": "2026-11-23T09:00:00.500000+08:00"}
    assert door.get("requests.json", **half) == []
    longest = {"start_date": "2026-11-23T01:00:00Z", "end_date": "2027-02-21T01:00:00Z"}
    assert numbers(door.get("requests.json", **longest)) == [number]


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-03-01T00:00:00Z", "end_date": "2026-02-01T00:00:00Z"},
        {"start_date": "yesterday"},
        {"end_date": "2026-13-01T00:00:00Z"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"end_date": "9999-12-31T23:59:59-23:59"},
        {"page": "0"},
        {"page": "²"},
        {"page_size": "-1"},
        {"status": "finished"},
    ],
)
def test_what_cannot_be_asked(door: Door, query: dict[str, str]) -> None:
    assert door.get("requests.json", 400, **query)[0]["code"] == 400
    assert door.get("requests.xml", 400, **query).tag == "errors"


def test_paging(door: Door, world: Any) -> None:
    made = [door.file(world.categories["lane"]) for _n in range(3)]
    pages = [
        numbers(door.get("requests.json", page=page, page_size=2)) for page in (1, 2, 3)
    ]
    assert pages == [[made[2], made[1]], [made[0]], []]
    assert len(door.get("requests.json", page_size="9" * 30)) == 3


def test_an_empty_parameter_is_none(door: Door, world: Any) -> None:
    number = door.file(world.categories["lane"])
    empty = dict.fromkeys(
        ("service_request_id", "service_code", "start_date", "end_date", "status",
         "page", "page_size", "jurisdiction_id"), "",
    )  # fmt: skip
    assert numbers(door.get("requests.json", **empty)) == [number]


def test_f1_unknown_is_404(door: Door) -> None:
    """F1. A case that is hidden is 404 as well: GeoReport has no 410, and that it was
    there is nobody's business."""
    for odd in ("99010120261123000019", "x", "1,2", "²"):
        assert door.get(f"requests/{odd}.json", 404)[0]["code"] == 404
    assert door.get("requests/1.xml", 404).findtext("error/code") == "404"


def test_f2_a_confidential_case_is_nowhere(
    door: Door, world: Any, snapshot: bytes
) -> None:
    """F2: no list, no reference, no update, no photo."""
    number = door.file(world.categories["lane"])
    assert len(door.get("servicerequestupdates.json")) == 1
    Case.objects.filter(case_no=number).update(confidential=True)
    _is_nowhere(door, number)


def _is_nowhere(door: Door, number: str) -> None:
    door.get(f"requests/{number}.json", 404)
    assert door.get("requests.json") == []
    assert door.get("requests.json", service_request_id=number) == []
    assert door.get("servicerequestupdates.json") == []
    door.post(
        "servicerequestupdates.json", 404, service_request_id=number, update_id="1",
        status="OPEN", updated_datetime="2026-11-23T09:00:00Z", description="补充",
    )  # fmt: skip


def test_a_category_made_confidential_takes_its_cases_along(
    door: Door, world: Any
) -> None:
    number = door.file(world.categories["lane"])
    world.categories["lane"].is_confidential = True
    world.categories["lane"].save(update_fields=["is_confidential"])
    _is_nowhere(door, number)


def test_a_hidden_category_is_never_given(door: Door, world: Any) -> None:
    """FEATURES 74."""
    number = door.file(world.categories["lane"])
    PublicRule.objects.create().hidden.add(world.categories["lane"])
    _is_nowhere(door, number)
    listed = {one["service_name"] for one in door.get("services.json")}
    assert "占用消防通道" not in listed


def test_a_voided_case_is_gone(door: Door, world: Any) -> None:
    number = door.file(world.categories["lane"])
    Case.objects.filter(case_no=number).update(state="VOIDED")
    _is_nowhere(door, number)


def test_other_cases_as_on_the_public_map(
    door: Door, road: Road, now: Any, world: Any
) -> None:
    """Late, blurred, and without the words of whoever filed it (FEATURES 74)."""
    case = road.pending(description="三号楼张三家门口堆了杂物，电话 13800000009")
    assert door.get("requests.json") == []
    door.get(f"requests/{case.case_no}.json", 404)
    now(MONDAY_9 + 2 * DAY)
    (given,) = door.get("requests.json")
    assert given["service_request_id"] == case.case_no
    assert "张三" not in given["description"]
    assert given["address"] == "社区001 街道001"
    assert (given["lat"], given["long"]) != (28.0005, 113.0005)
    assert abs(given["lat"] - 28.0005) < 0.001
    PublicRule.objects.create(is_open=False)
    assert door.get("requests.json") == []


def test_numbers_of_people_are_made_unreadable(door: Door, world: Any) -> None:
    number = door.file(
        world.categories["lane"],
        description="请联系 13812345678，身份证 430102199001011234，案号 20261123。",
    )
    (given,) = door.get(f"requests/{number}.json")
    assert given["description"] == (
        "请联系 138****5678，身份证 430102****1234，案号 20261123。"
    )


def test_when_it_is_expected(door: Door, road: Road, now: Any) -> None:
    """The deadline of handling, once that clock runs."""
    number = road.joint().case_no
    now(MONDAY_9 + 2 * DAY)
    (given,) = door.get(f"requests/{number}.json")
    assert given["expected_datetime"] == "2026-11-23T11:00:00+08:00"
    assert given["agency_responsible"] == "区消防大队"


def test_a_list_asks_the_database_a_fixed_number_of_times(
    door: Door, world: Any, django_assert_max_num_queries: Any
) -> None:
    for _n in range(4):
        door.file(world.categories["lane"])
    with django_assert_max_num_queries(16):
        assert len(door.get("requests.json")) == 4
    with django_assert_max_num_queries(18):
        assert len(door.get("requests.json", extensions="true")) == 4


def test_a_zone_beyond_those_of_the_database(door: Door) -> None:
    """Found by schemathesis."""
    assert door.get("requests.json", end_date="2205-03-14T04:05:16+16:23") == []
