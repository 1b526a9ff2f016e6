"""The board, the lists behind its numbers, the tables, and the catalogue."""

import pytest

from tests.cases.road import Road


@pytest.fixture
def road(world, file_case, photos, program):
    return Road(world, file_case, photos)


def numbers(rows):
    return {one["code"]: one["n"] for one in rows}


def test_every_number_of_the_board_is_that_of_its_list(road, program):
    road.whistled()
    road.reported()
    street = program("dispatcher")
    board = street.get("api_board").json()
    assert numbers(board["counters"])["open"] == 2
    assert numbers(board["whistles"])["absent"] == 1
    today = board["at"][:10]
    for one in board["counters"] + board["colours"] + board["whistles"]:
        is_of_today = one["code"] in ("reported", "closed")
        days = {"first": today, "last": today} if is_of_today else {}
        listed = street.get("api_board_rows", one["code"], limit=1, **days).json()
        assert listed["total"] == one["n"], one
        assert len(listed["results"]) == min(one["n"], 1)
    assert sum(one["open"] for one in board["loads"]) == 2


def test_rows_turn_pages_and_name_their_case(road, program):
    first, second = road.reported(), road.reported()
    street = program("dispatcher")
    page = street.get("api_board_rows", "open", limit=1).json()
    rest = street.get("api_board_rows", "open", cursor=page["next_cursor"]).json()
    found = {one["case"]["id"] for one in page["results"] + rest["results"]}
    assert found == {first.pk, second.pk}
    assert rest["next_cursor"] is None
    none = street.get("api_board_rows", "open", category=1).json()
    assert none["total"] == 0
    assert street.get("api_board_rows", "open", board=999).status_code == 404
    grids = street.get("api_board_rows", "grids").json()
    assert grids["results"][0]["case"] is None
    assert grids["results"][0]["name"]


def test_a_period_counts_what_came_in_it(road, program):
    road.reported()
    street = program("dispatcher")
    month = street.get("api_board_period").json()
    assert (month["first"], month["last"]) == ("2026-11-01", "2026-11-30")
    assert sum(one["reported"] for one in month["boards"]) == 1
    assert sum(one["reported"] for one in month["trend"]) == 1
    before = street.get("api_board_period", first="2026-11-01", last="2026-11-10")
    assert sum(one["reported"] for one in before.json()["boards"]) == 0


def test_tables_and_rows_of_the_indicators(road, program):
    road.whistled()
    street = program("dispatcher")
    tables = street.get("api_figure_tables", month="2026-11").json()
    assert tables["area"] == "990101001"
    assert tables["units"]["ranked_by"] == "check_in"
    rows = street.get("api_figure_rows", "check_in", month="2026-11").json()
    assert rows["total"] == len(rows["results"])
    assert street.get("api_figure_rows", "nothing").status_code == 404
    assert program("acceptor").get("api_figure_tables").json()["communities"] is None


@pytest.mark.parametrize("name", ["api_board", "api_board_period", "api_figure_tables"])
def test_figures_are_for_who_answers_for_an_area(road, program, name):
    assert program("urban").get(name).status_code == 404
    assert program("dispatcher").get(name, area="990101002").status_code == 404


def test_the_catalogue_is_searched_by_everyday_words(program, world):
    stall = world.categories["stall"]
    worker = program("grid_a")
    found = worker.get("api_suggestions", q=stall.name[:2]).json()["categories"]
    assert stall.pk in {one["id"] for one in found}
    assert worker.get("api_suggestions", q="没有这样的事").json()["categories"] == []
    assert worker.get("api_suggestions").status_code == 400
    whole = worker.get("api_category", stall.pk).json()
    assert whole["conditions"]
    assert {one["role"] for one in whole["responsibilities"]} <= {"lead", "support"}
    assert worker.get("api_category", 999_999).status_code == 404
