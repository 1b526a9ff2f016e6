"""QR codes, standing in and being reached, by programs."""

import pytest

from cases.models import ResponsibilityItem
from civics.models import Place
from governance.models import Event
from parties.models import Posting
from tests.cases.conftest import SPOT
from tests.factories import PostingFactory

PLACE = {
    "name": "幸福里南门", "address": "幸福里 1 号南门", "lng": SPOT[0], "lat": SPOT[1],
    "crs": "cgcs2000",
}  # fmt: skip


def test_a_place_is_named_drawn_and_ended(ask, world):
    made = ask("acceptor", "api_places", body=PLACE)
    assert made.status_code == 201, made.text
    place = made.json()
    assert place["url"].endswith(f"/q/{place['code']}/")
    drawn = ask("acceptor", "api_place_qr", place["code"])
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    listed = ask("acceptor", "api_places").json()["results"]
    assert [one["code"] for one in listed] == [place["code"]]
    assert ask("fire", "api_places").status_code == 403
    ended = ask("acceptor", "api_place", place["code"], body={}, method="delete")
    assert ended.json()["ended_at"]
    assert ask("acceptor", "api_place", place["code"]).status_code == 404
    assert Event.objects.filter(action="civics.end_place").count() == 1


def test_every_grid_has_its_code_once(ask, world):
    first = ask("acceptor", "api_place_grids", body={}).json()["made"]
    assert {one["area"] for one in first} == {"990101001001001", "990101001001002"}
    assert ask("acceptor", "api_place_grids", body={}).json()["made"] == []


@pytest.mark.parametrize(
    ("more", "field"), [({"name": ""}, "name"), ({"lng": None}, "lng")]
)
def test_a_place_without_its_facts_is_refused(ask, world, more, field):
    answer = ask("acceptor", "api_places", body=PLACE | more)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Place.objects.exists()


def test_a_colleague_stands_in_and_it_is_ended(ask, world):
    own = world.postings["acceptor"]
    colleague = PostingFactory(
        user__name="同事", post__organisation=own.post.organisation
    )
    form = ask("acceptor", "api_delegation_form").json()["fields"]
    offered = next(one for one in form if one["name"] == "user")["choices"]
    assert str(colleague.user_id) in [one["value"] for one in offered]
    body = {
        "user": colleague.user_id, "starts_at": "2026-11-23 09:00",
        "ends_at": "2026-11-24 18:00", "reason": "外出培训",
    }  # fmt: skip
    unsaid = ask("acceptor", "api_delegations", body={**body, "reason": ""})
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "reason")
    made = ask("acceptor", "api_delegations", body=body)
    assert made.status_code == 201, made.text
    given = ask("acceptor", "api_delegations").json()["given"]
    assert [one["person"] for one in given] == ["同事"]
    delegation = made.json()["id"]
    assert ask("fire", "api_delegation_end", delegation, body={}).status_code == 404
    assert ask("acceptor", "api_delegation_end", delegation, body={}).status_code == 200
    assert ask("acceptor", "api_delegations").json()["given"] == []
    assert Posting.objects.filter(delegated_from=own).count() == 1


def test_where_the_person_is_reached(ask, world):
    wrong = ask("acceptor", "api_reach", body={"email": "nowhere"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "email")
    kept = ask("acceptor", "api_reach", body={"email": "zhang@example.cn"})
    assert kept.status_code == 200, kept.text
    fields = ask("acceptor", "api_reach").json()["fields"]
    assert {one["name"]: one["initial"] for one in fields}["email"] == (
        "zhang@example.cn"
    )


def test_the_responsibility_list_of_the_own_area(ask, world):
    lane = world.categories["lane"]
    listed = ask("acceptor", "api_responsibilities", query={"category": lane.pk})
    rows = listed.json()["results"]
    assert {one["role"] for one in rows} == {"lead", "support"}
    assert {one["category"] for one in rows} == {lane.pk}
    assert rows[0]["legal_basis"] == "示例依据"
    unit = rows[0]["organisation"]
    narrowed = ask("acceptor", "api_responsibilities", query={"organisation": unit})
    assert {one["organisation"] for one in narrowed.json()["results"]} == {unit}
    items = ResponsibilityItem.objects.filter(category=lane)
    elsewhere = world.areas["990101002"]
    items.filter(pk=rows[0]["id"]).update(area=elsewhere)
    items.filter(pk=rows[1]["id"]).update(valid_to="2026-11-23")
    shown = {"acceptor": 2, "other_dispatcher": 1}
    for who, fewer in shown.items():
        left = ask(who, "api_responsibilities", query={"category": lane.pk}).json()
        assert len(left["results"]) == len(rows) - fewer, who
