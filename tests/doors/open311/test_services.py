"""GET services and GET service definition, by the text of GeoReport v2."""

from typing import Any

import pytest

from tests.doors.open311.conftest import BASE, Door


def test_discovery_is_given_in_both_formats(door: Door) -> None:
    found = door.get("discovery.json")
    (endpoint,) = found["endpoints"]
    assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["formats"] == ["text/xml", "application/json"]
    root = door.get("discovery.xml")
    assert root.tag == "discovery"
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == [
        "text/xml",
        "application/json",
    ]


@pytest.mark.parametrize("city", ["", "示例市"])
def test_discovery_says_whom_to_contact(door: Door, settings: Any, city: str) -> None:
    settings.CITY_NAME = city
    contact = door.get("discovery.json")["contact"]
    assert contact == f"请联系{city}网格化治理平台的管理员，网址 http://testserver/"


def test_changeset_follows_the_catalogue(door: Door, asked: Any, now: Any) -> None:
    found = door.get("discovery.json")
    assert found["changeset"] == "2026-11-23T09:00:00+08:00"


def test_services_are_a_bare_array_of_what_may_be_asked_for(
    door: Door, world: Any, asked: Any
) -> None:
    found = {one["service_name"]: one for one in door.get("services.json")}
    assert set(found) == {"占道经营", "占用消防通道", "雨水井盖"}
    stall = found["占道经营"]
    assert stall["service_code"] == str(world.categories["stall"].pk)
    assert stall["metadata"] is True
    assert stall["type"] == "realtime"
    assert stall["group"] == "测试大类"
    assert stall["keywords"] == "09006"
    assert found["占用消防通道"]["metadata"] is False


def test_services_in_xml_are_named_as_in_the_standard(door: Door, world: Any) -> None:
    root = door.get("services.xml")
    assert root.tag == "services"
    assert {one.tag for one in root} == {"service"}
    assert [one.tag for one in root[0]] == [
        "service_code", "service_name", "description", "metadata", "type", "keywords",
        "group",
    ]  # fmt: skip
    assert {one.findtext("metadata") for one in root} == {"false"}


def test_without_a_suffix_xml_is_answered(door: Door) -> None:
    assert door.get("services").tag == "services"
    assert door.get("services/").tag == "services"
    assert door.get("").tag == "discovery"


def test_addresses_are_read_leniently(door: Door, world: Any) -> None:
    """With a slash too many or none, and the format in capitals."""
    code = world.categories["lane"].pk
    services = door.get("services.json")
    for path in ("//services.json", "/services.JSON", "/services.json/"):
        assert door.browser.get(f"{BASE}{path}").json() == services
    for path in (f"//services/{code}.json", f"/services/{code}.JSON"):
        found = door.browser.get(f"{BASE}{path}").json()
        assert found["service_code"] == str(code)
    for root in (BASE, f"{BASE}/", "/open311/discovery.xml", f"{BASE}//discovery"):
        assert b"<discovery>" in door.browser.get(root).content


def test_another_format_is_refused_with_errors(door: Door) -> None:
    root = door.get("services.html", 400)
    assert root.tag == "errors"
    assert root.find("error/code").text == "400"
    assert root.find("error/description").text


def test_definition_has_each_question(door: Door, world: Any, asked: Any) -> None:
    code = world.categories["stall"].pk
    found = door.get(f"services/{code}.json")
    assert found["service_code"] == str(code)
    by_code = {one["code"]: one for one in found["attributes"]}
    choice = by_code[f"q{asked['choice'].pk}"]
    assert choice == {
        "variable": True,
        "code": f"q{asked['choice'].pk}",
        "datatype": "singlevaluelist",
        "required": True,
        "datatype_description": "照实填写",
        "order": 1,
        "description": "问题choice",
        "values": [
            {"key": "店外经营", "name": "店外经营"},
            {"key": "流动摊贩", "name": "流动摊贩"},
        ],
    }
    kinds = [one["datatype"] for one in found["attributes"]]
    assert kinds == [
        "singlevaluelist", "multivaluelist", "number", "datetime", "string",
    ]  # fmt: skip
    assert [one["order"] for one in found["attributes"]] == [1, 2, 3, 4, 5]
    assert "values" not in by_code[f"q{asked['number'].pk}"]


def test_definition_in_xml(door: Door, world: Any, asked: Any) -> None:
    root = door.get(f"services/{world.categories['stall'].pk}.xml")
    assert root.tag == "service_definition"
    first = root.find("attributes/attribute")
    assert first.findtext("variable") == "true"
    assert first.findtext("required") == "true"
    assert [one.tag for one in first.findall("values/value")[0]] == ["key", "name"]


def test_service_without_questions_has_an_empty_array(door: Door, world: Any) -> None:
    code = world.categories["lane"].pk
    assert door.get(f"services/{code}.json")["attributes"] == []


def test_unknown_service_is_404(door: Door, world: Any) -> None:
    code = world.categories["lane"].pk
    for odd in ("99999999", "x", f"0{code}", "²", "9" * 40, f"{code}.html"):
        assert door.get(f"services/{odd}.json", 404)[0]["code"] == 404


def test_f17_switched_off_category_vanishes(door: Door, world: Any) -> None:
    """F17, from the serving side: a code that is gone is no service any more."""
    lane = world.categories["lane"]
    lane.is_active = False
    lane.save(update_fields=["is_active"])
    listed = {one["service_code"] for one in door.get("services.json")}
    assert str(lane.pk) not in listed
    door.get(f"services/{lane.pk}.json", 404)
    door.post("requests.json", 404, service_code=str(lane.pk), lat="28", long="113")


def test_confidential_category_is_no_service(door: Door, world: Any) -> None:
    lane = world.categories["lane"]
    lane.is_confidential = True
    lane.save(update_fields=["is_confidential"])
    assert str(lane.pk) not in {
        one["service_code"] for one in door.get("services.json")
    }
    door.get(f"services/{lane.pk}.xml", 404)


def test_jurisdiction_and_unknown_parameters_are_accepted(door: Door) -> None:
    assert door.get("services.json", jurisdiction_id="city.gov", whatever="1")
    assert door.get("services.json", jurisdiction_id="")


def test_methods_that_are_not_there(door: Door) -> None:
    response = door.browser.delete(f"{BASE}/services.json")
    assert response.status_code == 405
    assert response["Allow"] == "GET"
    assert response.json()[0]["code"] == 405


def test_anybody_may_read_from_a_page_of_his_own(door: Door) -> None:
    response = door.browser.get(f"{BASE}/services.json")
    assert response["Access-Control-Allow-Origin"] == "*"
