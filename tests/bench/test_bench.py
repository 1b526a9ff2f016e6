"""The benchmark measures what it says: same statements, a whole city, a true ratio."""

import re
from collections import defaultdict
from datetime import timedelta

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from bench import city, million, people, pgbench, tables
from bench.load import Rate
from bench.row import Figures, middle
from bench.script import Script, sent
from cases.models import Case
from cases.querysets import invariants
from exchange.models import Export
from governance import clock
from governance.models import Event, Heartbeat
from grids import codes
from grids.codes import Level
from parties.acting import Actor
from parties.models import Posting, User
from tests.cases.conftest import file_case, photos, snapshot, world
from tests.factories import area_of

__all__ = ["file_case", "photos", "snapshot", "world"]

CASE = "7000000000"


def script(*statements, **names):
    found = Script(list(statements))
    found.put(CASE, "cases_case_id")
    for variable, text in names.items():
        found.put(text, variable)
    return found.text().splitlines()


def test_a_number_given_by_the_database_is_kept_and_used():
    lines = script(
        'INSERT INTO "cases_case" ("state") VALUES (\'A\') RETURNING "cases_case"."id"',
        f'UPDATE "cases_photo" SET "case_id" = {CASE}',  # noqa: S608
    )
    assert lines == [
        "BEGIN;",
        'INSERT INTO "cases_case" ("state") VALUES (\'A\')'
        ' RETURNING "cases_case"."id" \\gset cases_case_',
        'UPDATE "cases_photo" SET "case_id" = :cases_case_id;',
        "COMMIT;",
    ]


def test_a_number_that_is_not_used_is_not_kept():
    insert = 'INSERT INTO "cases_case" ("n") VALUES (1) RETURNING "cases_case"."id"'
    assert script(insert)[1] == f"{insert};"


def test_a_number_inside_text_and_json_is_filled_in():
    lines = script(
        f"SELECT 'case:{CASE}'",
        f"""SELECT '{{"case_id": {CASE}, "chain": "case:{CASE}"}}'""",
        "SELECT '0000-101', '2026-01-02'::date, '2026-01-02T01:30'::timestamptz",
        number="101",
        date="'2026-01-02'",
    )
    assert lines[1] == "SELECT ('case:' || :cases_case_id || '')::text;"
    assert lines[2] == (
        """SELECT ('{"case_id": :cases_case_id, "chain": "case:' || :cases_case_id"""
        """ || '"}')::jsonb;"""
    )
    assert lines[3] == (
        "SELECT '0000-:number', :date::date, '2026-01-02T01:30'::timestamptz;"
    )


@pytest.mark.django_db
def test_what_is_sent_is_seen_with_its_values():
    (statement,) = sent(lambda: Heartbeat.objects.filter(process="it's").exists())
    assert "= 'it''s'" in statement
    assert "%s" not in statement


def test_the_city_has_100000_grids_and_codes_that_fit():
    found = list(city.blocks())
    by_level = {level: [b for b in found if b.level == level] for level in Level}
    assert [len(by_level[level]) for level in list(Level)[:5]] == [
        1,
        10,
        100,
        1000,
        100_000,
    ]
    assert len({block.code for block in found}) == len(found)
    assert all(codes.fits(block.code, block.level) for block in found)
    cells = {(block.x, block.y) for block in by_level[Level.GRID]}
    assert cells == {(x, y) for x in range(500) for y in range(200)}


def test_neighbours_share_their_border_and_parents_are_filled():
    parent, *grids = [
        block for block in city.blocks() if block.code.startswith("990101001001")
    ]
    shapes = [GEOSGeometry(block.outline()) for block in grids]
    assert all(shape.valid for shape in shapes)
    border = shapes[0].intersection(shapes[1])
    assert border.length == pytest.approx(city.CELL, rel=0.1)
    whole = GEOSGeometry(parent.outline())
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)


def test_the_ratio_is_the_median_of_the_rounds():
    rates = [Rate(10, 5), Rate(30, 1), Rate(20, 3)]
    assert middle(rates) == Rate(20, 3)
    figures = Figures(
        name="x",
        clients=1,
        product=rates[0],
        database=rates[1],
        ratios=[0.2, 0.9, 0.5],
    )
    assert figures.ratio == 0.5


def test_without_pgbench_the_package_is_named(monkeypatch):
    monkeypatch.setattr(pgbench, "PROGRAMS", "/nowhere")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="postgresql-contrib"):
        pgbench.program()


@pytest.mark.django_db
def test_what_is_filled_in_leaves_no_column_without_a_value() -> None:
    named: dict[str, set[str]] = defaultdict(set)
    for statement in (*people.STATEMENTS, *million._FILL):
        table, columns = re.search(r"INSERT INTO (\w+) \(([^)]*)\)", statement).groups()
        named[table] |= set(re.split(r",\s*", columns))
    with connection.cursor() as cursor:
        million.give_defaults(cursor)
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE "
            "table_name = ANY(%s) AND is_nullable = 'NO' AND column_default IS NULL "
            "AND is_identity = 'NO'",
            [list(named)],
        )
        missing = [(table, one) for table, one in cursor if one not in named[table]]
    assert set(named) == {*people.TABLES, *million.TABLES}
    assert not missing


@pytest.fixture
def thousands(db):
    """Two thousand cases in two streets, written into a transaction."""
    for code in ("990101001001", "990101001002", "990102001001"):
        area_of(f"{code}001"), area_of(f"{code}002")
    with connection.cursor() as cursor:
        million.fill(cursor, many=2000, now=clock.now())


def test_the_cases_filled_in_break_no_invariant(thousands) -> None:
    found = invariants.check(at=clock.now(), grace=timedelta(minutes=1))
    broken = {one.invariant.name: one.examples for one in found if not one.holds}
    assert not broken


def test_every_surface_has_somebody_with_work(thousands) -> None:
    assert Case.objects.open().count() == 216
    assert set(Case.objects.open().values_list("state", flat=True)) >= {
        "REPORTED", "STREET_PENDING", "WHISTLED", "JOINT_HANDLING", "RATING",
    }  # fmt: skip
    for role in people.OFFSETS:
        postings = Posting.objects.with_post().filter(post__role=role)
        seen = [
            Case.objects.visible_to(Actor.of(posting)).open().count()
            for posting in postings
        ]
        assert any(seen), role
    assert Case.objects.search("铁皮").exists()


def test_indexes_dropped_for_filling_come_back(db) -> None:
    def indexes() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname FROM pg_indexes WHERE tablename = 'cases_case'"
            )
            return {row[0] for row in cursor}

    before = indexes()
    with connection.cursor() as cursor, million.without_indexes(cursor):
        assert len(indexes()) < 5
    assert indexes() == before


@pytest.mark.django_db
def test_a_list_is_taken_out_and_nothing_is_left(world, file_case, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    file_case()
    before = Event.objects.count()
    found = tables.taken_out("desk", "queue=open")
    assert found.rows == 1
    assert found.product > 0
    assert found.database > 0
    assert 0 < found.before <= found.highest
    assert Event.objects.count() == before
    assert not Export.objects.exists()
    assert not list(tmp_path.glob("exchange/*/*"))


@pytest.mark.django_db
def test_people_are_brought_in_and_nothing_is_left(settings, tmp_path, monkeypatch):
    settings.STATE_DIR = tmp_path
    monkeypatch.setattr(tables, "PART", 20)
    found = tables.brought_in(30)
    assert found.rows == 30
    assert found.product > 0
    assert found.database > 0
    assert not User.objects.exists()
    assert not Event.objects.exists()
    assert not list(tmp_path.glob("exchange/*/*"))
