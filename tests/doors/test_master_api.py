"""Master data, messages and figures of the interface."""

import pytest
from django.urls import reverse

from governance import clock
from parties.actions import notify
from parties.models import Notification
from tests.cases.conftest import MONDAY_9, SPOT


@pytest.fixture
def get(client, key_of, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY_9)
    keys = {}

    def ask(name, who="acceptor", **query):
        if who not in keys:
            keys[who] = key_of(who)[1]
        return client.get(reverse(name), query, headers={"X-Api-Key": keys[who]})

    return ask


def test_areas_and_the_grid_of_a_spot(get):
    grids = get("api_areas", level=5, within="990101001").json()["results"]
    assert {one["code"] for one in grids} == {"990101001001001", "990101001001002"}
    spot = get("api_locate", lng=SPOT[0], lat=SPOT[1]).json()
    assert spot["area"]["code"] == "990101001001001"
    assert get("api_locate", lng=0, lat=0).status_code == 422
    assert get("api_locate", lng="x", lat=0).status_code == 400


def test_the_catalogue_with_conditions(get, world):
    found = get("api_categories", limit=200).json()["results"]
    stall = next(one for one in found if one["id"] == world.categories["stall"].pk)
    assert stall["conditions"]


def test_organisations_by_name(get, world):
    found = get("api_organisations", q="城管").json()["results"]
    assert world.orgs["urban"].pk in {one["id"] for one in found}


def test_messages_are_ones_own(get, client):
    assert get("api_messages", unread="true").json()["results"] == []


def test_the_bell_counts_and_all_are_marked_read(program, world):
    notify(
        user_ids=[world.user_id("acceptor")], kind=Notification.Kind.NOTICE,
        title="请看", key="bell", at=MONDAY_9,
    )  # fmt: skip
    acceptor = program("acceptor")
    before = acceptor.get("api_messages", limit=1).json()
    assert (before["unread"], before["results"][0]["title"]) == (1, "请看")
    assert acceptor.post("api_messages").json() == {"read": 1}
    assert acceptor.get("api_messages").json()["unread"] == 0
    assert program("dispatcher").post("api_messages").json() == {"read": 0}


def test_figures_are_for_who_answers_for_an_area(get):
    figures = get("api_figures", month="2026-11").json()
    assert figures["area"] == "990101001001"
    assert {"code", "percent", "definition"} <= set(figures["figures"][0])
    assert get("api_figures", who="housing").status_code == 404
