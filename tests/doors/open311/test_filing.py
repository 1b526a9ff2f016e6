"""POST service request and GET service_request_id from a token."""

import base64
import uuid
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from cases import actions
from cases.models import Case, Photo, SubmissionConflict
from doors import actions as doors
from doors.models import ApiKey, Open311Request, Scope
from governance import crypto
from governance.errors import Refused
from governance.models import Event
from parties.acting import Actor
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT
from tests.doors.open311.conftest import BASE, Door

LAT, LONG = str(SPOT[1]), str(SPOT[0])


def sent(world: Any, name: str = "lane", **more: Any) -> dict[str, Any]:
    return {
        "service_code": str(world.categories[name].pk),
        "lat": LAT,
        "long": LONG,
        "description": "消防通道被三轮车堵了，救护车进不来。",
        **more,
    }


def test_a_request_becomes_a_case_where_it_lies(door: Door, world: Any) -> None:
    (made,) = door.post(
        "requests.json",
        **sent(world, address_string="和平路 12 号", account_id="u-7"),
        first_name="芳", last_name="王", phone="13800000001",
        email="f@example.com", device_id="d", jurisdiction_id="", whatever="x",
    )  # fmt: skip
    case = Case.objects.get(case_no=made["service_request_id"])
    assert case.grid == world.areas[f"{COMMUNITY}001"]
    assert case.source == Case.Source.RESIDENT
    assert case.address == "和平路 12 号"
    assert crypto.unseal(case.complainant_name) == "王芳"
    assert crypto.unseal(case.complainant_contact) == "13800000001"
    assert case.origin_label == f"Open311 · {door.client.name}"
    assert made["account_id"] == "u-7"
    assert "token" not in made
    assert crypto.unseal(case.query_code) in made["service_notice"]
    (event,) = Event.objects.filter(chain=case.chain)
    assert event.action == "cases.report"
    assert event.actor["via"] == door.client.name


def test_in_xml_and_without_words(door: Door, world: Any) -> None:
    """Only service_code, place and key are required by the standard."""
    root = door.post("requests.xml", **sent(world, description=None))
    number = root.findtext("request/service_request_id")
    case = Case.objects.get(case_no=number)
    assert "占用消防通道" in case.description
    assert case.address.startswith("街道001社区001网格001")
    given = door.get(f"requests/{number}.json")[0]
    assert given["description"] == "占用消防通道"
    assert (given["lat"], given["long"]) == (28.0005, 113.0005)


def test_short_words_are_given_out_as_they_came(door: Door, world: Any) -> None:
    number = door.file(world.categories["lane"], description="堵了 <b>&</b>\n快来")
    assert door.get(f"requests/{number}.json")[0]["description"] == (
        "堵了 <b>&</b>\n快来"
    )
    root = door.get(f"requests/{number}.xml")
    assert root.findtext("request/description") == "堵了 <b>&</b>\n快来"


def test_the_key_may_come_in_the_address_or_a_header(door: Door, world: Any) -> None:
    bare = {**sent(world), "api_key": None}
    assert door.post(f"requests.json?api_key={door.key}"[:13], **sent(world))
    for extra in (
        {"QUERY_STRING": f"api_key={door.key}"},
        {"HTTP_X_API_KEY": door.key},
    ):
        body = {name: one for name, one in bare.items() if one}
        response = door.browser.post(f"{BASE}/requests.json", body, **extra)
        assert response.status_code == 200


def test_without_a_valid_key_403_in_the_asked_format(
    door: Door, world: Any, key_of: Any
) -> None:
    for bad in ("", "wrong", f"{door.key}x", "wg_\u00e9"):
        (error,) = door.post("requests.json", 403, **sent(world), api_key=bad)
        assert error["code"] == 403
        assert "api_key" in error["description"]
        root = door.post("requests.xml", 403, **sent(world), api_key=bad)
        assert root.findtext("error/code") == "403"
    _key, other = key_of("fire", scopes=[Scope.CASES_READ])
    door.post("requests.json", 403, **sent(world), api_key=other)
    assert not Case.objects.exists()


def test_a_revoked_key_is_refused_at_once(door: Door, world: Any) -> None:
    """FEATURES 89."""
    door.post("requests.json", **sent(world))
    key = ApiKey.objects.get()
    doors.revoke_key(key_id=key.pk, actor=Actor.system(), at=MONDAY_9)
    door.post("requests.json", 403, **sent(world))
    assert Case.objects.count() == 1


def test_beyond_the_limit_429(door: Door, world: Any) -> None:
    door.client.per_minute = 1
    door.client.save(update_fields=["per_minute"])
    door.post("requests.json", **sent(world))
    assert door.post("requests.json", 429, **sent(world))[0]["code"] == 429


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"service_code": None}, 400),
        ({"service_code": ""}, 400),
        ({"service_code": "99999999"}, 404),
        ({"lat": None, "long": None}, 400),
        ({"lat": None}, 400),
        ({"long": ""}, 400),
        ({"lat": "north"}, 400),
        ({"lat": "nan"}, 400),
        ({"lat": "91"}, 400),
        ({"long": "inf"}, 400),
        ({"lat": "10", "long": "10"}, 400),
        ({"description": "长" * 4001}, 400),
        ({"address_string": "长" * 257}, 400),
        ({"lat": None, "long": None, "address_id": "990199"}, 400),
        ({"media_url": "data:image/jpeg;base64,%%%"}, 400),
        ({"media_url": "data:image/gif;base64,R0lGODlh"}, 400),
    ],
)
def test_what_is_refused(
    door: Door, world: Any, change: dict[str, Any], status: int
) -> None:
    faults = door.post("requests.json", status, **{**sent(world), **change})
    assert faults[0]["code"] == status
    assert faults[0]["description"].endswith(("。", "）。"))
    assert not Case.objects.exists()
    assert not Open311Request.objects.exists()


def test_4000_characters_are_kept(door: Door, world: Any) -> None:
    number = door.file(world.categories["lane"], description="长" * 4000)
    assert door.get(f"requests/{number}.json")[0]["description"] == "长" * 4000


def test_attributes_are_answers(door: Door, world: Any, asked: Any) -> None:
    number = door.file(
        world.categories["stall"],
        **{
            f"attribute[q{asked['choice'].pk}]": "流动摊贩",
            f"attribute[q{asked['choices'].pk}][]": ["占车道", "堵门口"],
            f"attribute[q{asked['number'].pk}]": "3",
            f"attribute[q{asked['date'].pk}]": "2026-11-22T20:00:00Z",
            "attribute[fixmystreet_id]": "123",
        },
    )
    case = Case.objects.get(case_no=number)
    assert [(one["label"], one["answer"]) for one in case.answers] == [
        ("问题choice", "流动摊贩"),
        ("问题choices", ["占车道", "堵门口"]),
        ("问题number", "3"),
        ("问题date", "2026-11-23"),
    ]


def test_each_attribute_that_is_wrong_is_named(
    door: Door, world: Any, asked: Any
) -> None:
    """F15's "400s name the missing field", for requests: all of them at once."""
    number = asked["number"]
    faults = door.post(
        "requests.json", 400, **sent(world, "stall"),
        **{f"attribute[q{number.pk}]": "many", "attribute[]": "x"},
    )  # fmt: skip
    assert [one["description"].split("：")[0] for one in faults] == [
        f"attribute[q{asked['choice'].pk}]",
        f"attribute[q{number.pk}]",
    ]
    assert not Case.objects.exists()


def test_a_list_may_be_declared_without_brackets(
    door: Door, world: Any, asked: Any
) -> None:
    number = door.file(
        world.categories["stall"],
        **{
            f"attribute[q{asked['choice'].pk}][]": "店外经营",
            f"attribute[q{asked['choices'].pk}]": "占车道",
        },
    )
    answers = Case.objects.get(case_no=number).answers
    assert [one["answer"] for one in answers] == ["店外经营", ["占车道"]]


def test_the_same_submission_is_the_same_case(door: Door, world: Any) -> None:
    first = door.file(world.categories["lane"], submission_id="fms-1")
    assert door.file(world.categories["lane"], submission_id="fms-1") == first
    assert door.file(world.categories["lane"], submission_id="fms-2") != first
    long = "fms-" + "0" * 100
    third = door.file(world.categories["lane"], submission_id=f"{long}1")
    assert door.file(world.categories["lane"], submission_id=f"{long}2") != third
    (error,) = door.post(
        "requests.json", 400,
        **sent(world, description="完全不同的内容，另一件事。"), submission_id="fms-1",
    )  # fmt: skip
    assert error["code"] == 409
    assert SubmissionConflict.objects.count() == 1


def test_form_and_multipart_bring_pictures(
    door: Door, world: Any, snapshot: bytes, tmp_path: Any
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(snapshot)
    with path.open("rb") as file:
        number = door.file(world.categories["lane"], media=file)
    photo = Photo.objects.get(case__case_no=number)
    (given,) = door.get(f"requests/{number}.json")
    assert given["media_url"] == f"http://testserver{BASE}/media/{photo.pk}.jpg"
    response = door.browser.get(f"{BASE}/media/{photo.pk}.jpg")
    assert response["Content-Type"] == "image/jpeg"
    assert b"Exif" not in b"".join(response)


def test_f16_a_picture_in_the_text_is_taken_and_another_kind_passed_over(
    door: Door, world: Any, snapshot: bytes
) -> None:
    """F16. A picture elsewhere is named by its address and not fetched."""
    spelled = base64.b64encode(snapshot).decode()
    number = door.file(
        world.categories["lane"],
        media_url=[
            f"data:image/jpeg;base64,{spelled}",
            "data:application/pdf;base64,AAAA",
        ],
    )
    assert Photo.objects.filter(case__case_no=number).count() == 1
    several = {"media_url[]": f"data:image/jpeg;base64,{spelled}"}
    number = door.file(world.categories["lane"], **several)
    assert Photo.objects.filter(case__case_no=number).count() == 1


def test_more_than_ten_pictures_are_refused_and_none_is_taken(
    door: Door, world: Any, snapshot: bytes
) -> None:
    """Files, pictures in the text and addresses count together."""
    spelled = f"data:image/jpeg;base64,{base64.b64encode(snapshot).decode()}"
    urls = [f"https://pictures.example.com/{n}.jpg" for n in range(9)]
    door.file(world.categories["lane"], media_url=[spelled, *urls])
    many = {"media_url": [spelled, *urls], "media_url[]": spelled}
    (error,) = door.post("requests.json", 400, **sent(world), **many)
    assert "最多 10 张" in error["description"]
    assert "收到 11 张" in error["description"]
    long = "https://pictures.example.com/" + "a" * 500
    (error,) = door.post("requests.json", 400, **sent(world), media_url=long)
    assert "最多 500 字" in error["description"]
    assert Case.objects.count() == Photo.objects.count() == 1
    number = Case.objects.get().case_no
    (error,) = door.post(
        "servicerequestupdates.json", 400, service_request_id=number, update_id="1",
        status="OPEN", updated_datetime="2026-11-23T09:00:00Z", description="补充",
        **many,
    )  # fmt: skip
    assert "最多 10 张" in error["description"]
    assert Photo.objects.count() == 1


def test_a_picture_elsewhere_is_given_as_it_came(door: Door, world: Any) -> None:
    url = "https://pictures.example.com/a.jpg?x=1&y=2"
    number = door.file(world.categories["lane"], media_url=[url, "javascript:alert(1)"])
    assert door.get(f"requests/{number}.xml").findtext("request/media_url") == url
    assert url in Case.objects.get(case_no=number).description


def test_a_picture_elsewhere_may_have_a_chinese_name(door: Door, world: Any) -> None:
    """It was left out in silence; now it is spelled as an address on the wire."""
    number = door.file(
        world.categories["lane"], media_url="https://pictures.example.com/路灯.jpg?第=1"
    )
    url = "https://pictures.example.com/%E8%B7%AF%E7%81%AF.jpg?%E7%AC%AC=1"
    assert door.get(f"requests/{number}.json")[0]["media_url"] == url
    assert url in Case.objects.get(case_no=number).description


def test_other_photos_of_the_case_are_not_public(
    door: Door, world: Any, file_case: Any, now: Any
) -> None:
    case = file_case("lane")
    actions.raise_to_street(
        case_id=case.pk,
        opinion="社区无执法权",
        actor=world.actor("acceptor"),
        at=MONDAY_9,
    )
    now(MONDAY_9 + timedelta(days=2))
    photo = case.photos.get()
    assert door.browser.get(f"{BASE}/media/{photo.pk}.jpg").status_code == 404
    assert door.get(f"requests/{case.case_no}.json")[0]["media_url"] is None


def test_an_address_that_names_its_community_is_placed(door: Door, world: Any) -> None:
    area = world.areas[COMMUNITY]
    area.name = "幸福社区"
    area.save(update_fields=["name"])
    number = door.file(
        world.categories["lane"], lat="", long="",
        address_string="和平路 3 号，幸福社区",
    )  # fmt: skip
    case = Case.objects.get(case_no=number)
    assert case.community == area
    (given,) = door.get(f"requests/{number}.json")
    assert given["address"] == "和平路 3 号，幸福社区"
    assert given["lat"] is None and given["long"] is None


def test_an_address_id_is_the_code_of_an_area(door: Door, world: Any) -> None:
    number = door.file(
        world.categories["lane"], lat=None, long=None, address_id=f"{COMMUNITY}001"
    )
    assert Case.objects.get(case_no=number).community == world.areas[COMMUNITY]


def test_f18_an_address_nobody_knows_gets_a_token(door: Door, world: Any) -> None:
    """F18: the token is asked for until the number appears."""
    (made,) = door.post(
        "requests.json",
        **sent(world, lat=None, long=None, address_string="区县101街道001老槐树旁边"),
        phone="13800000002",
    )  # fmt: skip
    assert "service_request_id" not in made
    token = made["token"]
    assert door.get(f"tokens/{token}.json") == [
        {"service_request_id": None, "token": token}
    ]
    row = Open311Request.objects.get()
    assert "13800000002" not in row.sealed
    doors.place_request(
        request_id=row.pk, community_id=world.areas[COMMUNITY].pk,
        actor=Actor.system(), at=MONDAY_9,
    )  # fmt: skip
    root = door.get(f"tokens/{token}.xml")
    number = root.findtext("request/service_request_id")
    assert root.findtext("request/token") == token
    case = Case.objects.get(case_no=number)
    assert case.community == world.areas[COMMUNITY]
    assert crypto.unseal(case.complainant_contact) == "13800000002"
    row.refresh_from_db()
    assert row.sealed == ""
    assert Event.objects.filter(chain=f"open311:{row.pk}").count() == 1
    with pytest.raises(Refused):
        doors.place_request(
            request_id=row.pk, community_id=world.areas[COMMUNITY].pk,
            actor=Actor.system(), at=MONDAY_9,
        )  # fmt: skip


def test_only_the_desk_there_places_requests(door: Door, world: Any) -> None:
    words = sent(world, lat=None, long=None, address_string="区县101街道001老槐树旁边")
    door.post("requests.json", **words, submission_id="a")
    (again,) = door.post("requests.json", **words, submission_id="a")
    row = Open311Request.objects.get()
    assert again["token"] == str(row.pk)
    with pytest.raises(Refused):
        doors.place_request(
            request_id=row.pk, community_id=world.areas[COMMUNITY].pk,
            actor=world.actor("acceptor"), at=MONDAY_9,
        )  # fmt: skip
    other = {**words, "description": "完全不同的内容，另一件事。"}
    (error,) = door.post("requests.json", 400, **other, submission_id="a")
    assert error["code"] == 409


def test_what_waits_is_not_passed_by_other_content(door: Door, world: Any) -> None:
    """The same id with a place on the map is other content; the same words wait on,
    also when a community is called so by now."""
    words = sent(world, lat=None, long=None, address_string="区县101街道001老槐树旁边")
    (made,) = door.post("requests.json", **words, submission_id="a")
    placed = sent(world, address_string="区县101街道001老槐树旁边")
    (error,) = door.post("requests.json", 400, **placed, submission_id="a")
    assert error["code"] == 409
    world.areas[COMMUNITY].name = "老槐树"
    world.areas[COMMUNITY].save(update_fields=["name"])
    assert door.post("requests.json", **words, submission_id="a") == [made]
    assert not Case.objects.exists()
    doors.place_request(
        request_id=uuid.UUID(made["token"]), community_id=world.areas[COMMUNITY].pk,
        actor=Actor.system(), at=MONDAY_9,
    )  # fmt: skip
    assert door.get(f"tokens/{made['token']}.json")[0]["service_request_id"]


def test_unknown_tokens_are_404(door: Door) -> None:
    for token in (str(uuid.uuid4()), "12345", "x" * 300):
        assert door.get(f"tokens/{token}.json", 404)[0]["code"] == 404
        assert door.get(f"tokens/{token}.xml", 404).tag == "errors"


def test_a_body_that_cannot_be_read_is_400(door: Door) -> None:
    for kind, body in (
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Disposition: form"),
        ("application/x-www-form-urlencoded; charset=gbk", b"a=%C0"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 1200)),
    ):
        response = door.browser.generic(
            "POST", f"{BASE}/requests.json", body, content_type=kind
        )
        assert response.status_code in (400, 403), kind
        assert response.json()[0]["code"] == response.status_code


@pytest.mark.parametrize("spelled", ["垃圾".encode("gbk"), b"%C0%AC%BB%F8"])
def test_a_form_in_another_encoding_is_refused(
    door: Door, world: Any, spelled: bytes
) -> None:
    """Not taken in as signs that nobody can read."""
    given = {"api_key": door.key, **sent(world)}
    del given["description"]
    head = f"{urlencode(given)}&description=".encode()
    kind = "application/x-www-form-urlencoded"

    def post(words: bytes, form: str) -> Any:
        path = f"{BASE}/requests.{form}"
        return door.browser.generic("POST", path, head + words, content_type=kind)

    for form in ("json", "xml"):
        response = post(spelled, form)
        assert response.status_code == 400
        assert "不是 UTF-8 编码" in response.content.decode()
    assert post("垃圾".encode(), "json").status_code == 200
    assert Open311Request.objects.get().description == "垃圾"


def test_f26_several_pictures_and_none_of_a_hidden_case(
    door: Door, world: Any, snapshot: bytes, tmp_path: Any
) -> None:
    """F26: all are kept, the first stands for the request, and what is hidden takes
    its pictures along."""
    spelled = f"data:image/jpeg;base64,{base64.b64encode(snapshot).decode()}"
    path = tmp_path / "photo.jpg"
    path.write_bytes(snapshot + b"\0")
    with path.open("rb") as file:
        number = door.file(world.categories["lane"], media=file, media_url=spelled)
    (given,) = door.get(f"requests/{number}.json", extensions="true")
    urls = [one["media_url"] for one in given["extended_attributes"]["photos"]]
    assert len(urls) == 2
    assert given["media_url"] == urls[0]
    assert [door.browser.get(url).status_code for url in urls] == [200, 200]
    Case.objects.filter(case_no=number).update(confidential=True)
    assert [door.browser.get(url).status_code for url in urls] == [404, 404]


def test_f27_a_name_alone_is_enough(door: Door, world: Any) -> None:
    """F27: with a number somebody is asked to rate, with a name alone nobody."""
    number = door.file(world.categories["lane"], first_name="芳", last_name="王")
    assert not Case.objects.get(case_no=number).has_complainant
    number = door.file(world.categories["lane"], phone="13800000001")
    case = Case.objects.get(case_no=number)
    assert case.has_complainant
    assert crypto.unseal(case.complainant_name) == "未留姓名"
