"""Cases as vector tiles: whose they are, what of them is told, and how many."""

import math
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.gdal import DataSource
from django.urls import reverse

from cases import actions
from cases.models import Case
from doors.querysets.tiles import FIELDS, FIELDS_OF_MANY
from tests.cases.conftest import MONDAY_9, SPOT, World

ALONE, SUMMED = 14, 10


@pytest.fixture(autouse=True)
def nine_o_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)


def address_of(z: int) -> str:
    lng, lat = SPOT
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    x, y = int((lng + 180) / 360 * 2**z), int((1 - north) / 2 * 2**z)
    return reverse("api_case_tile", args=[z, x, y])


@pytest.fixture
def tile(client: Any, key_of: Any, tmp_path: Path) -> Any:
    """`tile("acceptor", z)`: the marks of the tile at the spot, and its bytes."""
    keys: dict[str, str] = {}

    def tile(name: str = "acceptor", z: int = ALONE, **query: Any) -> Any:
        if name not in keys:
            keys[name] = key_of(name, scopes=["geo:read"])[1]
        got = client.get(address_of(z), {"api_key": keys[name], **query})
        assert got.status_code == 200, got.text
        assert got["Content-Type"] == "application/vnd.mapbox-vector-tile"
        if not got.content:
            return [], b""
        path = tmp_path / f"{z}.mvt"
        path.write_bytes(got.content)
        (layer,) = DataSource(path)
        assert layer.name == "cases"
        marks = [{name: one.get(name) for name in layer.fields} for one in layer]
        return marks, got.content

    return tile


def numbers(found: Any) -> list[str]:
    return sorted(one["case_no"] for one in found[0])


def test_a_tile_has_the_cases_of_the_post_and_no_others(
    tile: Any, file_case: Any
) -> None:
    filed = [file_case() for _n in range(2)]
    assert numbers(tile()) == sorted(one.case_no for one in filed)
    assert tile("grid_b") == ([], b"")
    assert tile("fire") == ([], b"")
    assert tile("fire", SUMMED) == ([], b"")
    assert tile(z=SUMMED)[0][0]["n"] == 2


def test_confidential_cases_are_in_no_tile_not_even_as_a_number(
    tile: Any, file_case: Any
) -> None:
    case = file_case()
    file_case()
    Case.objects.filter(pk=case.pk).update(confidential=True)
    assert case.case_no not in numbers(tile("assessor"))
    assert tile("assessor", SUMMED)[0][0]["n"] == 1


def test_no_field_but_those_that_are_named_is_told(tile: Any, file_case: Any) -> None:
    """Nothing of whoever complained or filed it, and none of their words."""
    case = file_case(
        complainant_name="王芳", complainant_contact="13812345678",
        description="王芳家门口的消防通道被三轮车堵了，进不去。",
    )  # fmt: skip
    marks, content = tile()
    (mark,) = marks
    assert set(mark) - {"mvt_id"} <= set(FIELDS)
    for word in ("王芳", "13812345678", "三轮车", case.reporter_name):
        assert word.encode() not in content
    assert (mark["case_no"], mark["state"]) == (case.case_no, "REPORTED")
    assert mark["state_label"] == "待接报"
    assert mark["category"] == case.category.code5
    assert mark["reported_at"] == "2026-11-23T01:00:00Z"
    (square,), _content = tile(z=SUMMED)
    assert set(square) - {"mvt_id"} == set(FIELDS_OF_MANY)
    assert case.case_no.encode() not in _content


def test_tiles_are_narrowed_as_the_lists_are(
    tile: Any, file_case: Any, world: World
) -> None:
    case = file_case()
    day = "2026-11-23T00:00:00+08:00"
    assert numbers(tile(since=day)) == [case.case_no]
    assert tile(until=day)[0] == []
    actions.reject(
        case_id=case.pk, reason="not_ours", opinion="不属城市管理范围",
        actor=world.actor("acceptor"), at=MONDAY_9,
    )  # fmt: skip
    assert tile(open="true")[0] == []
    assert tile()[0][0]["open"] in (False, 0)
    assert tile(z=SUMMED)[0][0]["n_open"] == 0


def test_a_case_without_a_position_is_in_none(tile: Any, file_case: Any) -> None:
    case = file_case()
    Case.objects.filter(pk=case.pk).update(point=None)
    assert tile()[0] == []


def test_keys_scopes_and_addresses(client: Any, key_of: Any, world: World) -> None:
    address = address_of(ALONE)
    assert client.get(address).status_code == 401
    _key, other = key_of("acceptor", scopes=["cases:read"])
    assert client.get(address, {"api_key": other}).status_code == 403
    _key, text = key_of("dispatcher", scopes=["geo:read"])
    beyond = reverse("api_case_tile", args=[2, 9, 0])
    assert client.get(beyond, {"api_key": text}).status_code == 404
    wrong = client.get(address, {"api_key": text, "since": "yesterday"})
    assert wrong.status_code == 400


def test_one_statement_makes_a_tile(
    tile: Any, file_case: Any, django_assert_max_num_queries: Any
) -> None:
    for _n in range(3):
        file_case()
    tile()
    with django_assert_max_num_queries(6):
        assert len(tile()[0]) == 3
