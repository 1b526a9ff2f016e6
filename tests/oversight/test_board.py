"""The board: who reads it, what moves it, how it is ranked, and what it costs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.querysets.kpi import INDICATORS, Ratio
from governance.errors import Refused
from governance.models import Event
from grids.models import Area
from oversight import actions
from oversight.models import Board, BoardCode, BoardRule
from oversight.querysets import changes, lists, tables, tallies
from oversight.querysets.boards import NONE, fields
from oversight.querysets.colours import COLOURS, with_colour
from oversight.querysets.sight import Sight, month_of, week_of
from oversight.querysets.tiles import NEAR, tile
from parties.acting import Actor
from parties.http import NAVIGATION
from parties.roles import BOARD_ROLES
from tests.cases.conftest import COMMUNITY, MONDAY_9, SPOT, STREET, at
from tests.cases.road import signed_in
from tests.oversight.conftest import NOON

PAGES = ("", "now/", "month/", "pulse/", "loads/", "tiles/12/3300/1700.mvt",
         "lists/open/")  # fmt: skip


def sight(road, name="dispatcher", now=NOON, code=None) -> Sight:
    actor = road.world.actor(name)
    area = Area.objects.get(code=code or actor.area_code)
    return Sight(actor, area, now, month_of(now))


# --- who reads it --------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_only_who_answers_for_an_area_reads_it(road, client, page) -> None:
    url = f"/desk/board/{page}"
    for name in ("grid_a", "fire", "street_handler"):
        assert signed_in(road.world, name).get(url).status_code == 404, name
    assert client.get(url).status_code == 302
    assert signed_in(road.world, "dispatcher").get(url).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_another_street_is_not_found(road, page) -> None:
    reader = signed_in(road.world, "dispatcher")
    assert reader.get(f"/desk/board/{page}?area=990101002").status_code == 404
    assert reader.get(f"/desk/board/{page}?area={COMMUNITY}").status_code == 200


def test_the_board_stands_in_the_navigation_of_its_readers(road, read) -> None:
    for name in ("acceptor", "dispatcher", "district", "city", "assessor"):
        assert 'href="/desk/board/"' in read(name, "/desk/"), name
    assert 'href="/desk/board/"' not in read("fire", "/inbox/")
    readers = next(one[3] for one in NAVIGATION if one[0] == "board")
    assert readers == BOARD_ROLES


def test_an_unknown_list_or_board_is_not_found(road) -> None:
    reader = signed_in(road.world, "dispatcher")
    assert reader.get("/desk/board/lists/nothing/").status_code == 404
    assert reader.get("/desk/board/lists/open/?board=999").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-11-01&to=0001-01-01", "from=0001-01-01&to=9999-12-31", "from=x&to=y",
        f"page={'9' * 18}", f"category={'9' * 18}", f"unit={'9' * 18}",
        f"board={'9' * 5000}",
    ],
)  # fmt: skip
def test_an_address_that_makes_no_sense_breaks_nothing(road, query) -> None:
    road.reported()
    reader = signed_in(road.world, "dispatcher")
    for code in ("open", "closing_in_time-all"):
        page = reader.get(f"/desk/board/lists/{code}/?{query}")
        assert page.status_code == 200, code
    assert reader.get(f"/desk/board/pulse/?since={'9' * 5000}").status_code == 200


def test_a_list_of_the_board_offers_nothing_to_pick(road, read) -> None:
    road.reported()
    text = read("dispatcher", "/desk/board/lists/open/")
    assert 'class="case-row' in text and "data-pick" not in text


# --- numbers and scope ---------------------------------------------------------------


def test_a_confidential_case_is_counted_for_those_let_in_alone(busy) -> None:
    def counted(name: str) -> int:
        return tallies.summed(tallies.standing(sight(busy, name)))["open"]

    leader, assessor = counted("street_leader"), counted("assessor")
    assert leader == assessor + 1  # the one that lies with the street
    assert sight(busy, "assessor").cases.filter(confidential=True).count() == 0


def test_the_boards_make_up_the_whole(busy) -> None:
    parts = tallies.standing(sight(busy)), tallies.flowing(sight(busy))
    whole = tallies.summed(*parts)
    by_board = [tallies.summed(*parts, only=one.categories) for one in fields()]
    for code in ("open", "red", "reported", "closed"):
        assert sum(one[code] for one in by_board) == whole[code], code
    assert whole["open"] == sum(whole[code] for code in COLOURS)


def test_tallies_count_what_their_lists_hold(busy) -> None:
    here = sight(busy)
    for own, codes in (
        (tallies.standing(here), ("open", "urgent", "suspended", *COLOURS)),
        (tallies.flowing(here), ("reported", "closed")),
    ):
        for code in codes:
            rows = lists.BY_CODE[code].rows
            assert tallies.summed(own)[code] == rows(here).count(), code
            for board in fields():
                n = tallies.summed(own, only=board.categories)[code]
                assert n == rows(here.of_categories(board.categories)).count()
    for code, n in tallies.presence(here).items():
        assert n == lists.BY_CODE[code].rows(here).count(), code


def test_the_cost_does_not_grow_with_the_cases(road, boards) -> None:
    reader = signed_in(road.world, "dispatcher")

    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert reader.get("/desk/board/now/").status_code == 200
        return len(seen)

    road.whistled("urban")
    few = statements()
    for _number in range(3):
        road.whistled("urban", "property")
    assert statements() <= few < 40


def test_the_colours_are_those_of_the_lamps(road, turn) -> None:
    """An HANDLE limit of two hours: half past ten it is half used."""
    case = road.joint()
    for now, colour in (
        ("09:00", "green"), ("10:05", "blue"), ("10:40", "yellow"), ("11:05", "red"),
    ):  # fmt: skip
        moment = at(f"2026-11-23 {now}")
        turn(moment)
        found = with_colour(sight(road, now=moment).cases, moment)
        assert found.get(pk=case.pk).colour == colour, now


def test_what_is_suspended_or_waits_is_grey(road) -> None:
    case = road.suspended()
    found = with_colour(sight(road).cases, NOON)
    assert found.get(pk=case.pk).colour == "grey"


# --- the map -------------------------------------------------------------------------


def place_of(z: int) -> tuple[int, int]:
    import math

    lng, lat = SPOT
    tiles = 2**z
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * tiles
    return int((lng + 180) / 360 * tiles), int(row)


def test_a_tile_sums_up_far_away_and_shows_each_case_near(road) -> None:
    road.reported()
    road.reported("stall")
    here = sight(road)
    far, near = tile(here, 8, *place_of(8)), tile(here, NEAR, *place_of(NEAR))
    assert "占道经营".encode() not in far
    assert "占道经营".encode() in near and "占用消防通道".encode() in near
    assert tile(here, 8, 0, 0) == b""


def test_a_tile_holds_nothing_of_cases_out_of_sight(road) -> None:
    case = road.reported("stall")
    type(case).objects.filter(pk=case.pk).update(confidential=True)
    z, (x, y) = NEAR, place_of(NEAR)
    assert tile(sight(road, "acceptor"), z, x, y)
    assert tile(sight(road, "dispatcher"), z, x, y) == b""
    assert tile(sight(road, "other_dispatcher"), z, x, y) == b""


def test_no_tile_lies_beyond_the_scheme(road) -> None:
    reader = signed_in(road.world, "dispatcher")
    assert reader.get("/desk/board/tiles/2/4/0.mvt").status_code == 404
    assert reader.get("/desk/board/tiles/23/0/0.mvt").status_code == 404


def test_the_load_is_of_grids_and_above_of_larger_areas(road, read) -> None:
    road.reported()
    road.reported()
    grid = f"{COMMUNITY}001"
    for name, code in (("dispatcher", grid), ("district", COMMUNITY), ("city", STREET)):
        [feature] = signed_in(road.world, name).get("/desk/board/loads/").json()[
            "features"
        ] or [None]
        if feature is None:  # only grids are drawn in this small city
            n, areas = tallies.load(sight(road, name))
            assert [(area.code, n[area.pk]) for area in areas] == [(code, 2)]
            continue
        assert feature["properties"]["n"] == 2
        assert f"area={code}" in feature["properties"]["url"]


# --- what moves it -------------------------------------------------------------------


def beat(road, since: int, name="dispatcher") -> dict:
    reader = signed_in(road.world, name)
    return reader.get(f"/desk/board/pulse/?since={since}").json()


def test_a_step_of_a_case_of_the_area_moves_the_board(road) -> None:
    quiet = changes.newest()
    told = beat(road, quiet)
    assert told["moved"] is False
    assert told["at"].startswith("2026-11-23")  # the platform's time, not the device's
    road.reported()
    assert beat(road, quiet)["moved"] is True
    assert beat(road, quiet, "other_dispatcher")["moved"] is False
    assert beat(road, changes.newest())["moved"] is False


def test_a_young_event_is_looked_at_once_more(road, monkeypatch) -> None:
    """Its number may be larger than that of one that is committed later."""
    before = changes.newest()
    road.at = NOON
    road.reported()
    assert changes.seen_until(before, NOON) == before
    assert changes.seen_until(before, at("2026-11-23 12:01")) == changes.newest()


def test_a_piece_that_did_not_change_answers_304(road) -> None:
    reader = signed_in(road.world, "dispatcher")
    first = reader.get("/desk/board/now/")
    known = {"HTTP_IF_NONE_MATCH": first.headers["ETag"]}
    with CaptureQueriesContext(connection) as seen:
        assert reader.get("/desk/board/now/", **known).status_code == 304
    assert len(seen) <= 6
    road.reported()
    again = reader.get("/desk/board/now/", **known)
    assert again.status_code == 200
    other = signed_in(road.world, "acceptor").get("/desk/board/now/", **known)
    assert other.status_code == 200


def test_a_month_that_took_long_is_kept_for_its_reader_alone(
    road, boards, read, monkeypatch
) -> None:
    monkeypatch.setattr("oversight.views.month.WORTH_KEEPING", 0)
    monkeypatch.setattr("oversight.views.month.REST", 10_000)
    before = read("dispatcher", "/desk/board/month/")
    road.closed()
    assert read("dispatcher", "/desk/board/month/") == before
    assert read("acceptor", "/desk/board/month/") != before
    assert read("dispatcher", "/desk/board/month/?by=overdue") != before


# --- whistles, repeats, rankings -----------------------------------------------------


def test_who_has_not_come_stands_first_and_moves_when_it_comes(road, read) -> None:
    case = road.whistled("urban")
    text = read("dispatcher", "/desk/board/")
    assert text.index("区消防大队") < text.index("区城管局")
    assert "还没有报到" in text
    here = sight(road)
    assert tallies.presence(here)["absent"] == 2
    road.check_in(case, "fire")
    assert tallies.presence(here) | {"absent": 1, "came": 1} == tallies.presence(here)
    late = sight(road, now=at("2026-11-23 16:00"))
    assert tallies.presence(late)["late"] == 1


def test_the_same_matter_often_in_a_grid_is_listed(road, boards, read) -> None:
    for _number in range(3):
        road.reported("stall")
    assert "没有多发的点位" in read("dispatcher", "/desk/board/month/")
    actions.set_board_rule(
        repeats=3, repeat_days=30, least_sample=5, actor=Actor.system(), at=NOON
    )
    text = read("dispatcher", "/desk/board/month/")
    assert "没有多发的点位" not in text
    url = re.search(r'"(/desk/board/lists/counted/[^"]+)"', text)[1]
    opened = read("dispatcher", url.replace("&amp;", "&"))
    assert '<b data-n="3">' in opened and "占道经营" in opened


def test_too_few_are_shown_and_not_ranked() -> None:
    chosen = next(one for one in INDICATORS if one.code == "closing_in_time")
    worse = next(one for one in INDICATORS if one.code == "overdue")

    def row(key: int, *parts: int, group: str = "") -> tables.Row:
        return tables.Row(key, "", str(key), group, [Ratio(*parts)])

    rows = [row(1, 8, 10), row(2, 4, 4), row(3, 16, 20), row(4, 9, 10)]
    ranks = {
        one.key: one.rank
        for one in tables._ranked([chosen], rows, "closing_in_time", 5).rows
    }
    assert ranks == {4: 1, 1: 2, 3: 2, 2: None}
    rows = [row(1, 8, 10), row(3, 1, 20), row(5, 5, 10, group="物业")]
    ranks = {one.key: one.rank for one in tables._ranked([worse], rows, "", 5).rows}
    assert ranks == {3: 1, 1: 2, 5: 1}


# --- what is set ---------------------------------------------------------------------


def test_the_four_boards_are_installed_once(boards) -> None:
    names = ["党的建设", "经济发展", "民生服务", "平安法治"]
    assert list(Board.objects.order_by("order").values_list("name", flat=True)) == names
    events = Event.objects.count()
    actions.install_boards(actor=Actor.system(), at=MONDAY_9)
    assert (Board.objects.count(), Event.objects.count()) == (4, events)


def test_a_category_stands_where_its_longer_code_is(road, boards) -> None:
    by_name = {one.name: one.categories for one in fields()}
    stall, lane = road.world.categories["stall"], road.world.categories["lane"]
    assert stall.pk in by_name["经济发展"] and lane.pk in by_name["平安法治"]
    assert fields()[-1].key == NONE


def test_an_administrator_moves_a_category_and_leaves_an_event(road, boards) -> None:
    law = Board.objects.get(name="平安法治")
    codes = [*law.codes.values_list("kind", "code"), ("matter", "09006")]
    with pytest.raises(Refused, match="已经归入“经济发展”"):
        actions.set_codes(
            board_id=law.pk, codes=codes, actor=Actor.system(), at=MONDAY_9
        )
    BoardCode.objects.get(code="09006").delete()
    before = Event.objects.count()
    actions.set_codes(board_id=law.pk, codes=codes, actor=Actor.system(), at=MONDAY_9)
    assert Event.objects.count() == before + 1
    here = {one.name: one.categories for one in fields()}["平安法治"]
    assert road.world.categories["stall"].pk in here


def test_only_the_administrator_sets_the_rule(road) -> None:
    given = {"repeats": 3, "repeat_days": 30, "least_sample": 5, "at": MONDAY_9}
    with pytest.raises(Refused, match="只有系统管理员"):
        actions.set_board_rule(**given, actor=road.world.actor("dispatcher"))
    with pytest.raises(Refused, match="至少 2 件"):
        actions.set_board_rule(**{**given, "repeats": 1}, actor=Actor.system())
    assert not BoardRule.objects.exists()
    before = Event.objects.count()
    actions.set_board_rule(**given, actor=Actor.system())
    actions.set_board_rule(**{**given, "repeats": 4}, actor=Actor.system())
    assert Event.objects.count() == before + 2
    assert BoardRule.objects.get().repeats == 4


def test_a_week_begins_on_monday() -> None:
    week = week_of(at("2026-11-29 23:30"))
    assert (week.starts_at, week.ends_at) == (
        at("2026-11-23 00:00"), at("2026-11-30 00:00"),
    )  # fmt: skip
