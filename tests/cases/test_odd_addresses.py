"""An address that nobody's page makes gets an answer, never an error of ours."""

from typing import Any

import pytest

from tests.cases.road import signed_in

ODD = ("%00", "²", "9" * 30, "9" * 5000, "-1", "nan", "1_9999-99-99_3", "%ED%A0%80")
ADDRESSES = (
    "/desk/?q={}", "/desk/?area={}", "/desk/?after={}", "/desk/?queue={}",
    "/desk/?queue=closed&after={}", "/desk/points/?area={}", "/inbox/?q={}",
    "/inbox/?after={}", "/m/cases/?before={}", "/m/duplicates/?category={}",
    "/notifications/?before={}", "/areas/locate?lng={}&lat=28", "/areas/{}.geojson",
    "/areas/children/{}.json", "/catalogue/?q={}", "/api/v1/cases/?before={}",
    "/api/v1/cases/?state={}", "/r/?no={}", "/desk/duties/?list=all&before={}",
    "/desk/mediation/?before={}", "/public/?street={}",
)  # fmt: skip


@pytest.mark.django_db
def test_odd_addresses_are_answered(world: Any) -> None:
    client = signed_in(world, "dispatcher")
    failed = {
        address.format(odd)
        for address in ADDRESSES
        for odd in ODD
        if _fails(client, address.format(odd))
    }
    assert not failed


def _fails(client: Any, address: str) -> bool:
    client.raise_request_exception = False
    return bool(client.get(address).status_code >= 500)
