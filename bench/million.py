"""A database of very many cases, written with set-based SQL into a scratch database.

Three ways of a case, each a list of transitions of the table and of events beside it.
Of a thousand cases 958 have gone to the end; two stand after each step before it. The
clocks, jobs, messages and side tables are what the actions would have left, except
that the hashes of the journal are well linked but not those of its contents.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.apps import apps
from django.db import connection

from cases.models import Category
from cases.workflow import OPEN_STATES, RESUME, TRANSITIONS, State
from cases.workflow.running import resume_state_after
from grids.codes import Level
from grids.models import Area
from parties.models import Organisation, User

SLOTS = 1000
SPREAD = 7919  # strews the slots of a variant over the thousand
PER_STEP = 2
MINUTES = {"T46": 7 * 1440}  # after the step before; the others take an hour
# The way, and its share of the cases that have gone to the end.
WAYS = (
    (45, ("T02", "T05", "T46")),
    (35, ("T01", "route", "T11", "T16", "T37", "submit_check", "T40", "T46")),
    (20, ("T01", "route", "T12", "route", "draft_whistle", "T20", "T24", "T36", "T37",
          "submit_check", "T39", "T42", "T46")),
)  # fmt: skip
ROWS = {row.id: row for row in reversed(TRANSITIONS)}
ACTOR = {
    "user_id": 1, "name": "受理员", "role": "community_acceptor", "posting_id": 1,
    "post_name": "社区受理岗", "organisation_id": 1, "organisation_name": "幸福社区",
    "area_id": 4, "area_code": "990201001001", "area_level": 4, "ip": "192.0.2.17",
    "on_behalf_of": "",
    "on_behalf_of_id": None,
}  # fmt: skip
TABLES = (
    "cases_case", "governance_event", "cases_caseclock", "cases_clockalert",
    "governance_job", "parties_notification", "cases_submission", "cases_photo",
    "cases_whistle", "cases_whistleassignment", "cases_sitetask", "cases_support",
    "cases_rating",
)  # fmt: skip


@dataclass
class Variant:
    """A case that went so many steps of a way, and what it left behind."""

    steps: tuple[str, ...]
    state: str = State.DRAFT
    kept: str = ""
    minutes: int = 0
    events: list[tuple[int, int, str, str]] = field(default_factory=list)
    clocks: list[list[object]] = field(default_factory=list)

    def go(self) -> "Variant":
        for seq, step in enumerate(self.steps, start=1):
            self.minutes += MINUTES.get(step, 60) if seq > 1 else 0
            action, detail = step, {"opinion": "按规定办理。", "clocks": []}
            if step in ROWS:
                action, detail = self._advance(step, detail)
            self.events.append(
                (seq, self.minutes, f"cases.{action}",
                 json.dumps(detail, ensure_ascii=False))
            )  # fmt: skip
        return self

    def _advance(self, step: str, detail: dict) -> tuple[str, dict]:
        row, before = ROWS[step], self.state
        self.state = self.kept if row.target == RESUME else str(row.target)
        self.kept = resume_state_after(before, self.state, self.kept)
        for name, stage in row.clocks:
            running = [c for c in self.clocks if c[0] == stage and c[2] is None]
            if name in ("start", "resume") and not running:
                self.clocks.append([stage, self.minutes, None])
            elif running and name == "stop":
                running[0][2] = self.minutes
            detail["clocks"].append(
                {"do": name, "clock": 1, "stage": stage, "limit": "4",
                 "unit": "WORK_HOUR", "consumed_minutes": "0"}
            )  # fmt: skip
        given = {"given": {"measures": "已现场处理，恢复原状。"}}
        return str(row.action), {
            **detail, **given, "transition": step, "from": before, "to": self.state,
            "holder": {"org": 1, "user": None},
        }  # fmt: skip


def variants() -> Iterator[tuple[int, Variant]]:
    """How many of a thousand, and what they are."""
    parts = [
        (PER_STEP, Variant(steps[:end]).go())
        for _share, steps in WAYS
        for end in range(1, len(steps))
    ]
    rest = SLOTS - sum(many for many, _one in parts)
    shares = [rest * share // 100 for share, _steps in WAYS]
    shares[0] += rest - sum(shares)
    whole = [Variant(steps).go() for _share, steps in WAYS]
    yield from parts
    yield from zip(shares, whole, strict=True)


def build(many: int) -> int:
    """Write so many cases, the open ones of this hour; answers how many events."""
    now = datetime.now(UTC)
    given = {"many": many, "now": now, "actor": json.dumps(ACTOR, ensure_ascii=False)}
    _world(now)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_LAYOUT)
        _lay_out(cursor)
        give_defaults(cursor)
        for statement in _FILL:
            cursor.execute(statement, given)
        cursor.execute("DROP TABLE bench_slot, bench_variant, bench_event, bench_clock")
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("SELECT count(*) FROM governance_event")
        return int(cursor.fetchone()[0])


def give_defaults(cursor) -> None:  # type: ignore[no-untyped-def]
    """What the statements below do not name is as in a new row of the model."""
    for model in apps.get_models():
        table = model._meta.db_table
        if table not in TABLES:
            continue
        for one in model._meta.concrete_fields:
            value = one.get_db_prep_save(one.get_default(), connection)
            if value is not None and not one.primary_key:
                column = f"ALTER TABLE {table} ALTER {one.column}"
                cursor.execute(f"{column} SET DEFAULT %s", [value])


def _world(now: datetime) -> None:
    parent = None
    for number, (level, code) in enumerate(
        zip(list(Level)[:5], ("9902", "990201", "990201001", "990201001001",
                              "990201001001001"), strict=True)
    ):  # fmt: skip
        parent = Area.objects.create(
            level=level, code=code, name=code, parent=parent, valid_from=now.date(),
            kind="general" if number == 4 else "",
        )  # fmt: skip
    Organisation.objects.create(
        pk=1,
        name="幸福社区",
        kind="community",
        level=Level.COMMUNITY,
        area=parent.parent,
    )
    User.objects.create(pk=1, username="million", name="受理员")
    Category.objects.create(
        pk=1, standard_ref="bench", kind="matter", code5="09006", parent_code="09",
        name="占道经营", major_name="街面秩序",
    )  # fmt: skip


def _lay_out(cursor) -> None:  # type: ignore[no-untyped-def]
    slot = 0
    for number, (many, one) in enumerate(variants()):
        cursor.execute(
            "INSERT INTO bench_variant VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [number, one.state, one.kept, len(one.steps), one.minutes,
             one.state in OPEN_STATES or one.state == State.CLOSED, list(one.steps)],
        )  # fmt: skip
        for row in one.events:
            cursor.execute("INSERT INTO bench_event VALUES (%s, %s, %s, %s, %s)",
                           [number, *row])  # fmt: skip
        for row in one.clocks:
            cursor.execute("INSERT INTO bench_clock VALUES (%s, %s, %s, %s)",
                           [number, *row])  # fmt: skip
        slots = [((slot + n) * SPREAD % SLOTS, number) for n in range(many)]
        cursor.executemany("INSERT INTO bench_slot VALUES (%s, %s)", slots)
        slot += many


_LAYOUT = """
CREATE UNLOGGED TABLE bench_variant (id int PRIMARY KEY, state text, kept text,
    version int, minutes int, lives boolean, steps text[]);
CREATE UNLOGGED TABLE bench_event (variant int, seq int, minutes int, action text,
    detail jsonb);
CREATE UNLOGGED TABLE bench_clock (variant int, stage text, begun int, ended int);
CREATE UNLOGGED TABLE bench_slot (slot int PRIMARY KEY, variant int);
"""
# Cases that live are young, so that nothing is due; the others fill a year.
_FILL = (
    """
    INSERT INTO cases_case (id, case_no, state, resume_state, version, source,
        category_id, description, urgent, crs, method, address, placement_note,
        placement_code, city_id, district_id, street_id, community_id, grid_id,
        reporter_id, reporter_name, has_complainant, complainant_name,
        complainant_contact, query_code, code_failures, holder_org_id, lead_org_id,
        suggestion, check_result, last_score, rework_count, supporters_count,
        duplicates_count, closed_type, origin_label, origin_url, found_at, reported_at,
        due_at, updated_at)
    SELECT n, '990201' || to_char(date '2025-01-01' + n / 90000, 'YYYYMMDD')
               || lpad((n %% 90000)::text, 5, '0'),
        v.state, v.kept, v.version, 'grid', 1,
        '人行道被摊位占满，行人只能走机动车道。', false, 'wgs84', 'gps',
        '和平路' || n %% 900 || '号门前', '', '990201001001001',
        a.city, a.district, a.street, a.community, a.grid, 1, '网格员',
        'T39' = ANY(v.steps), '', '', 'sealed', 0, 1,
        CASE WHEN 'T20' = ANY(v.steps) THEN 1 END, '{}',
        CASE WHEN 'submit_check' = ANY(v.steps) THEN 'passed' ELSE '' END,
        CASE WHEN 'T42' = ANY(v.steps) THEN 'satisfied' ELSE '' END,
        0, (n %% 50 = 0)::int, 0, CASE WHEN v.lives THEN '' ELSE 'normal' END, '', '',
        t.begun, t.begun, d.due_at, t.begun + make_interval(mins => v.minutes)
    FROM generate_series(1, %(many)s) n
    JOIN bench_slot s ON s.slot = n %% 1000
    JOIN bench_variant v ON v.id = s.variant
    CROSS JOIN LATERAL (SELECT CASE WHEN v.lives
        THEN %(now)s - make_interval(mins => v.minutes + 5)
        ELSE %(now)s - interval '1 year' * (1.05 - n::float / %(many)s) END) t(begun)
    CROSS JOIN (SELECT
        max(id) FILTER (WHERE level = 1), max(id) FILTER (WHERE level = 2),
        max(id) FILTER (WHERE level = 3), max(id) FILTER (WHERE level = 4),
        max(id) FILTER (WHERE level = 5) FROM grids_area WHERE code LIKE '9902%%'
        ) a(city, district, street, community, grid)
    LEFT JOIN LATERAL (
        SELECT t.begun + make_interval(mins => min(k.begun)) + interval '5 days'
        FROM bench_clock k WHERE k.variant = v.id AND k.ended IS NULL) d(due_at) ON true
    """,
    """
    INSERT INTO governance_event (chain, seq, at, action, actor, detail, prev_hash,
        hash)
    SELECT 'case:' || c.id, e.seq, c.reported_at + make_interval(mins => e.minutes),
        e.action, %(actor)s, e.detail,
        CASE WHEN e.seq = 1 THEN ''
             ELSE encode(sha256((c.id || '#' || e.seq - 1)::bytea), 'hex') END,
        encode(sha256((c.id || '#' || e.seq)::bytea), 'hex')
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_event e ON e.variant = s.variant
    ORDER BY c.reported_at + make_interval(mins => e.minutes)
    """,
    """
    INSERT INTO cases_whistle (id, case_id, number, kind, status, legal_basis, risk,
        gather_place, drafted_at, blown_at)
    SELECT c.id, c.id, c.case_no || '-S01', 'routine',
        CASE WHEN 'T20' = ANY(v.steps) THEN 'blown' ELSE 'draft' END, '', '', '',
        c.reported_at, CASE WHEN 'T20' = ANY(v.steps) THEN c.reported_at END
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_variant v ON v.id = s.variant WHERE 'draft_whistle' = ANY(v.steps)
    """,
    """
    INSERT INTO cases_whistleassignment (id, whistle_id, case_id, organisation_id, role,
        task, status, checkin_mode, checkin_overdue, opinion)
    SELECT c.id, c.id, c.id, 1, 'lead', '现场清理',
        CASE WHEN 'T36' = ANY(v.steps) THEN 'done' WHEN 'T24' = ANY(v.steps)
             THEN 'on_site' ELSE 'pending' END, '', false, ''
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_variant v ON v.id = s.variant WHERE 'draft_whistle' = ANY(v.steps)
    """,
    """
    INSERT INTO cases_caseclock (case_id, stage, assignment_id, organisation_id,
        limit_n, base_n, limit_unit, started_at, running_since, consumed_minutes,
        due_at, stopped_at, is_overdue, overtime_minutes, exempt, superseded)
    SELECT c.id, k.stage, CASE WHEN k.stage = 'CHECKIN' THEN c.id END, 1, 40, 40,
        'WORK_HOUR', x.begun, CASE WHEN k.ended IS NULL THEN x.begun END, 60,
        CASE WHEN k.ended IS NULL THEN x.begun + interval '5 days' END,
        c.reported_at + make_interval(mins => k.ended), false, 0, false, false
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_clock k ON k.variant = s.variant
    CROSS JOIN LATERAL (SELECT c.reported_at + make_interval(mins => k.begun)) x(begun)
    """,
    """
    INSERT INTO cases_clockalert (clock_id, percent, limit_n, at)
    SELECT id, 50, limit_n, started_at FROM cases_caseclock
    WHERE stage = 'HANDLE' AND id %% 4 = 0
    """,
    """
    INSERT INTO governance_job (task, subject, args, run_at, attempts, error,
        created_at, done_at)
    SELECT 'cases.tasks.watch_clock', 'case:' || k.case_id,
        jsonb_build_object('clock_id', k.id, 'percent', p.n), x.run_at, 1, '',
        k.started_at, CASE WHEN x.run_at <= %(now)s THEN x.run_at END
    FROM cases_caseclock k CROSS JOIN (VALUES (50), (80), (100)) p(n)
    CROSS JOIN LATERAL (SELECT k.started_at + interval '5 days' * p.n / 100) x(run_at)
    """,
    """
    INSERT INTO governance_job (task, subject, args, run_at, attempts, error,
        created_at, done_at)
    SELECT 'cases.tasks.tell', chain, jsonb_build_object('version', seq, 'circles',
        '["community_desk"]'::jsonb, 'action', action), at, 1, '', at, at
    FROM governance_event WHERE detail ? 'transition'
    """,
    """
    INSERT INTO parties_notification (user_id, kind, title, body, url, subject, key,
        urgent, created_at, read_at)
    SELECT 1, 'notice', '上报：占道经营', '和平路',
        '/cases/' || substr(chain, 6) || '/', chain,
        chain || ':' || seq || ':1', false, at, at
    FROM governance_event WHERE detail ? 'transition'
    """,
    """
    INSERT INTO cases_submission (id, user_id, digest, body, case_id, received_at)
    SELECT gen_random_uuid(), 1, encode(sha256(id::text::bytea), 'hex'),
        jsonb_build_object('address', address, 'description', description), id,
        reported_at FROM cases_case
    """,
    """
    INSERT INTO cases_photo (id, batch, case_id, stage, user_id, user_name, sha256,
        original, served, thumb, width, height, size, received_at)
    SELECT gen_random_uuid(), gen_random_uuid(), id, stage, 1, '网格员',
        repeat('0', 64), 'o.jpg', 's.jpg', 't.jpg', 1600, 1200, 300000, reported_at
    FROM cases_case CROSS JOIN (VALUES ('report'), ('after')) p(stage)
    """,
    """
    INSERT INTO cases_sitetask (case_id, kind, worker_id, requirement, sent_by_id,
        sent_at, result, note, submitted_at)
    SELECT c.id, 'check', 1, '看是否恢复', 1, c.reported_at,
        CASE WHEN c.check_result <> '' THEN 'passed' ELSE '' END, '',
        CASE WHEN c.check_result <> '' THEN c.reported_at END
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_variant v ON v.id = s.variant WHERE 'T37' = ANY(v.steps)
    """,
    """
    INSERT INTO cases_support (case_id, user_id, name, note, at)
    SELECT id, 1, '居民', '', reported_at FROM cases_case WHERE supporters_count = 1
    """,
    """
    INSERT INTO cases_rating (case_id, score, comment, channel, at)
    SELECT id, 'satisfied', '', 'portal', reported_at FROM cases_case
    WHERE last_score <> ''
    """,
)
