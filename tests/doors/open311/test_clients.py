"""A real client, the routes against the document, and a run of schemathesis."""

import re
from typing import Any

import pytest
from georeport import GeoReport

from doors.open311.openapi import PATHS
from doors.open311.urls import urlpatterns
from tests.doors.open311.conftest import BASE, Door


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_everything(
    door: Door, world: Any, asked: Any, live_server: Any, form: str
) -> None:
    """The client of PyPI, unchanged, over a real connection."""
    numbers = [door.file(world.categories["lane"]) for _n in range(2)]
    city = GeoReport(live_server.url + BASE, jurisdiction="x", output_format=form)
    services = {one["service_name"]: one for one in city.get_service_list()}
    code = services["占道经营"]["service_code"]
    definition = city.get_service_definition(code)
    attributes = definition["attributes"]
    attributes = attributes["attribute"] if form == "xml" else attributes
    assert attributes[0]["datatype"] == "singlevaluelist"
    assert len(attributes) == 5
    found = city.get_service_requests(status="open")
    assert sorted(one["service_request_id"] for one in found) == sorted(numbers)
    both = city.get_service_requests(service_request_id=",".join(numbers))
    assert len(both) == 2
    one = city.get_service_request(numbers[0])
    assert one["service_request_id"] == numbers[0]
    assert float(one["lat"]) == pytest.approx(28.0005)


def test_document_names_every_route() -> None:
    """Drift: a route without a path in the document, or the other way round."""
    routes = [str(one.pattern) for one in urlpatterns if one.name not in UNLISTED]
    assert len(routes) == len(PATHS)
    for path in PATHS:
        asked = path.replace("{format}", "json").replace("{photo_id}", "0" * 8)
        asked = re.sub(r"\{\w+\}", "x1", asked)
        head = asked.split("/")[1].split(".")[0]
        assert any(head in route for route in routes), path


UNLISTED = {"open311_root", "open311_openapi", "open311_nothing"}


def test_document_is_served_and_valid(door: Door) -> None:
    found = door.browser.get(f"{BASE}/openapi.json").json()
    assert found["openapi"] == "3.1.0"
    assert set(found["paths"]) == set(PATHS)


def test_what_no_view_is_asked_is_refused_in_the_asked_format(door: Door) -> None:
    """A NUL, and more parameters than are read."""
    for query in ("service_code=%00", "a=1&" * 1200):
        response = door.browser.get(f"{BASE}/requests.json?{query}")
        assert response.status_code == 400
        assert response.json()[0]["code"] == 400
        response = door.browser.get(f"{BASE}/requests?{query}")
        assert response.status_code == 400
        assert response["Content-Type"] == "text/xml; charset=utf-8"
        assert b"<code>400</code>" in response.content


def test_what_is_not_there_is_404_in_words(door: Door) -> None:
    response = door.browser.get("/open311/v3/services.json")
    assert response.status_code == 404
    assert response.json()[0]["code"] == 404
    response = door.browser.get("/open311/v3/services")
    assert response.status_code == 404
    assert response.content.startswith(b"<?xml")
