"""The live diagram: everything of the table is in it, numbers are of the own scope."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from cases import diagram
from cases.workflow import (
    HANDLING_STATES,
    JOURNEY,
    OPEN_STATES,
    RESUME,
    TRANSITIONS,
    State,
)
from tests.cases.conftest import MONDAY_9
from tests.cases.road import Road, piece, signed_in
from tests.factories import PostingFactory

URL = "/workflow/"


@pytest.fixture
def road(world: Any, file_case: Any, photos: Any, monkeypatch: Any) -> Road:
    monkeypatch.setattr("governance.clock.now", lambda: MONDAY_9)
    return Road(world, file_case, photos)


def count(html: str, state: str) -> int:
    node = html.split(f'data-state="{state}"', 1)[1].split("</g>", 1)[0]
    found = re.search(r'class="flow-count" data-n="(\d+)"', node)
    assert found, state
    return int(found[1])


def test_every_state_and_row_is_drawn() -> None:
    picture = diagram.svg()
    assert set(diagram.PLACES) == {*State, RESUME}
    for state in State:
        assert (
            f'data-state="{state}"' in picture and f">{state.label}</text>" in picture
        )
    ids = {one for found in re.findall(r'data-ids="([^"]+)"', picture)
           for one in found.split()}  # fmt: skip
    assert ids == {row.id for row in TRANSITIONS}
    for row in TRANSITIONS:
        assert f"{row.id} {row.action.label}" in picture
    assert picture.count("↩") == len(HANDLING_STATES)


def test_states_stand_in_the_column_of_their_stage() -> None:
    for column, (_label, states) in enumerate(JOURNEY):
        assert {diagram.PLACES[state][0] for state in states} == {column}


def test_no_label_covers_a_state_or_another_label() -> None:
    drawn = diagram.drawn()
    taken = [diagram.box_of(name) for name in diagram.PLACES]
    assert len(set(taken)) == len(State) + 1
    for one in drawn:
        assert not any(diagram.overlap(one.label, box) for box in taken), one.edge
        assert one.label[0] > 0 and one.label[2] < diagram.SIZE[0]
        taken.append(one.label)


def test_a_long_label_stands_in_two_lines() -> None:
    with override("en"):
        picture = diagram.svg()
    assert re.search(r"<tspan[^>]*>Whistled,</tspan><tspan[^>]*>awaiting", picture)


def test_states_do_not_cover_each_other() -> None:
    boxes = [diagram.box_of(name) for name in diagram.PLACES]
    for number, box in enumerate(boxes):
        assert not any(diagram.overlap(box, other) for other in boxes[:number])


def test_numbers_are_of_open_cases_in_scope(road: Road) -> None:
    road.pending()
    road.pending()
    road.whistled()
    road.closed()
    html = signed_in(road.world, "dispatcher").get(URL).content.decode()
    assert count(html, State.STREET_PENDING) == 2
    assert count(html, State.WHISTLED) == 1
    assert count(html, State.RATING) == 0
    node = html.split('data-state="CLOSED"', 1)[1].split("</g>", 1)[0]
    assert "flow-count" not in node
    assert "在办 <b>3</b> 件，其中超时 <b>0</b> 件" in html
    other = signed_in(road.world, "other_dispatcher").get(URL).content.decode()
    assert count(other, State.STREET_PENDING) == 0


def test_a_number_leads_to_the_cases_in_that_state(road: Road) -> None:
    pending, whistled = road.pending(), road.whistled()
    client = signed_in(road.world, "dispatcher")
    url = f"{reverse('desk_queue')}?queue=open&state=STREET_PENDING"
    assert url.replace("&", "&amp;") in client.get(URL).content.decode()
    listed = client.get(url).content.decode()
    assert pending.display_no in listed and whistled.display_no not in listed
    assert whistled.display_no in client.get(
        f"{reverse('desk_queue')}?queue=open&state=nonsense"
    ).content.decode()  # fmt: skip


def test_overdue_cases_are_counted(road: Road, monkeypatch: Any) -> None:
    road.pending()
    later = MONDAY_9 + timedelta(days=3)
    monkeypatch.setattr("governance.clock.now", lambda: later)
    html = signed_in(road.world, "dispatcher").get(URL).content.decode()
    assert "其中超时 <b>1</b> 件" in html and "超时 1</span>" in html


def test_an_administrator_sees_the_numbers_of_all_but_no_case(road: Road) -> None:
    road.pending()
    posting = PostingFactory(
        post__role="system_admin", post__organisation=road.world.orgs["district"]
    )
    road.world.postings["admin"] = posting
    html = signed_in(road.world, "admin").get(URL).content.decode()
    assert count(html, State.STREET_PENDING) == 1
    assert "/admin/cases/case/?state__exact=STREET_PENDING" in html
    assert reverse("desk_queue") not in html


@pytest.mark.parametrize(
    ("name", "status"),
    [("dispatcher", 200), ("street_leader", 200), ("district", 200), ("acceptor", 404),
     ("grid_a", 404), ("fire", 404), ("street_handler", 404)],
)  # fmt: skip
def test_who_may_see_it(road: Road, name: str, status: int) -> None:
    assert signed_in(road.world, name).get(URL).status_code == status


def test_anonymous_is_sent_to_sign_in(db: None, client: Any) -> None:
    response = client.get(URL)
    assert response.status_code == 302 and "/login/" in response["Location"]


def test_a_state_shows_only_its_rows(road: Road) -> None:
    client = signed_in(road.world, "dispatcher")
    html = client.get(URL, {"state": State.RATING}).content.decode()
    shown = set(re.findall(r'<td class="case-no">([A-Z]\d\d)</td>', html))
    touching = {
        row.id
        for row in TRANSITIONS
        if State.RATING in row.sources or row.target == State.RATING
    }
    assert shown == touching and "“待评价”的流转规则" in html
    every = client.get(URL, {"state": "nonsense"}).content.decode()
    assert set(re.findall(r'<td class="case-no">([A-Z]\d\d)</td>', every)) == {
        row.id for row in TRANSITIONS
    }


def test_the_piece_is_only_the_piece_and_asks_again(road: Road) -> None:
    client = signed_in(road.world, "dispatcher")
    html = piece(client, f"{URL}?state=RATING").content.decode()
    assert html.lstrip().startswith('<div id="workflow"') and "<html" not in html
    assert 'hx-get="/workflow/?state=RATING" hx-trigger="every 30s"' in html


def test_the_list_for_a_narrow_screen_has_every_state(road: Road) -> None:
    html = signed_in(road.world, "dispatcher").get(URL).content.decode()
    listed = html.split('class="flow-list"', 1)[1].split('id="rows"', 1)[0]
    assert all(f'data-state="{state}"' in listed for state in State)
    assert listed.count('class="flow-n"') == len(OPEN_STATES)


def test_one_query_counts(road: Road) -> None:
    client = signed_in(road.world, "dispatcher")
    client.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(URL)
    for _n in range(3):
        road.pending()
    with CaptureQueriesContext(connection) as more:
        client.get(URL)
    assert len(more) == len(few)
    counting = [one for one in more if "cases_case" in one["sql"]]
    assert len(counting) == 1


def test_the_desk_leads_to_it_where_it_may_be_seen(road: Road) -> None:
    desk = reverse("desk_queue")
    assert (
        f'href="{URL}"'
        in signed_in(road.world, "dispatcher").get(desk).content.decode()
    )
    assert (
        f'href="{URL}"'
        not in signed_in(road.world, "acceptor").get(desk).content.decode()
    )
