"""A database of very many cases, written with set-based SQL into a scratch database.

The cases stand on the ways of `bench.ways`, spread over all communities of the city and
over the categories; some are urgent, now and then one is confidential. Clocks, jobs,
messages and side tables are what the actions would have left, except that the hashes
of the journal are well linked but not those of its contents.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection

from bench import people
from bench.ways import SLOTS, SPREAD, variants
from cases.models import Case
from cases.workflow import OPEN_STATES, State

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
ACTOR = {
    "user_id": 1, "name": "受理员", "role": "community_acceptor", "posting_id": 1,
    "post_name": "社区受理岗", "organisation_id": 1, "organisation_name": "幸福社区",
    "area_id": 4, "area_code": "990201001001", "area_level": 4, "ip": "192.0.2.17",
    "on_behalf_of": "",
    "on_behalf_of_id": None,
    "via": "",
}  # fmt: skip
TABLES = (
    "cases_category", "cases_case", "governance_event", "cases_caseclock",
    "cases_clockalert", "governance_job", "parties_notification", "cases_submission",
    "cases_photo", "cases_whistle", "cases_whistleassignment", "cases_sitetask",
    "cases_support", "cases_rating",
)  # fmt: skip

CATEGORIES = (
    "占道经营", "占用消防通道", "雨水井盖", "违法建设", "道路破损", "垃圾堆积",
    "路灯不亮", "噪声扰民", "积水内涝", "油烟污染", "乱停车辆", "树木倒伏", "矛盾纠纷",
)  # fmt: skip
TEXTS = (
    "人行道被摊位占满，行人只能走机动车道。", "楼道口堆满旧家具，消防车进不来。",
    "井盖松动，车辆压过时响声很大。", "楼顶加盖铁皮房，昨天夜里还在施工。",
    "路面塌陷一个坑，电动车容易摔倒。", "装修垃圾倒在绿化带里三天没有清运。",
    "整条巷子的路灯不亮，老人夜里不敢出门。", "夜市音响到凌晨，影响休息。",
    "下雨后低洼处积水没过膝盖。", "餐馆油烟直排居民窗口。",
    "车辆停满应急车道，救护车绕行。", "台风后大树倒在路中间。",
    "幼儿园门口高峰时段拥堵，家长随意掉头。", "外墙瓷砖脱落，砸到楼下雨棚。",
    "施工围挡没有警示灯，夜间有人撞上。", "充电桩插座烧焦，有焦糊味。",
    "电梯连续两天停运，高层住户出行困难。", "流浪犬在小区游荡，孩子害怕。",
    "共享单车堆放在盲道上。", "下水道返味，夏天无法开窗。",
)  # fmt: skip
FIRST = "和平文化建设人民解放中山东风光明新华胜利青年友谊长江黄河红旗"
SECOND = "路街巷里道"


def built(many: int) -> None:
    """So many cases, kept from another run or built now."""
    kept = Case.objects.count()
    if kept not in (0, many):
        raise ValueError(
            f"the kept database has {kept} cases; drop it, or ask for them"
        )
    if not kept:
        build(many)


def build(many: int) -> None:
    """Write so many cases, the open ones of these days."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SET work_mem = '256MB'")
        with without_indexes(cursor):
            fill(cursor, many=many, now=datetime.now(UTC))
        cursor.execute("RESET ALL")
        cursor.execute("VACUUM ANALYZE")


def fill(cursor: Any, *, many: int, now: datetime) -> None:
    cursor.execute("SET session_replication_role = replica")
    give_defaults(cursor)
    people.settle(cursor)
    cursor.execute(_LAYOUT)
    _lay_out(cursor)
    cursor.execute("SELECT count(*) FROM bench_place")
    given = {
        **people.OFFSETS,
        "many": many, "now": now, "places": cursor.fetchone()[0],
        "actor": json.dumps(ACTOR, ensure_ascii=False),
        "first_department": people.FIRST_DEPARTMENT, "categories": list(CATEGORIES),
        "texts": list(TEXTS), "roads": roads(),
    }  # fmt: skip
    for statement in _FILL:
        cursor.execute(statement, given)
    cursor.execute(
        "DROP TABLE bench_slot, bench_variant, bench_event, bench_clock, bench_place"
    )
    cursor.execute("SET session_replication_role = origin")


def _default(one: Any) -> Any:
    return EPOCH if getattr(one, "auto_now_add", False) else one.get_default()


def roads() -> list[str]:
    """和平路, 和平街, …: 75 names."""
    pairs = [FIRST[n : n + 2] for n in range(0, len(FIRST), 2)]
    return [pair + kind for pair in pairs for kind in SECOND]


@contextmanager
def without_indexes(cursor: Any) -> Iterator[None]:
    """Written to without indexes, which are made at the end, in a third of the time."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) "
        "FROM pg_index i WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)",
        [list(TABLES)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    yield
    for _name, definition in found:
        cursor.execute(definition)


def give_defaults(cursor: Any) -> None:
    """What the statements below do not name is as in a new row of the model."""
    for model in apps.get_models():
        table = model._meta.db_table
        if table not in (*TABLES, *people.TABLES):
            continue
        for one in model._meta.concrete_fields:
            value = one.get_db_prep_save(_default(one), connection)
            if value is not None and not (one.primary_key or one.generated):
                column = f"ALTER TABLE {table} ALTER {one.column}"
                cursor.execute(f"{column} SET DEFAULT %s", [value])


def _lay_out(cursor: Any) -> None:
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
    INSERT INTO cases_category (id, standard_ref, kind, code5, parent_code, name,
        major_name, is_confidential)
    SELECT c.id, 'bench', 'matter', '09' || lpad(c.id::text, 3, '0'), '09', c.name,
        '街面秩序', c.id = cardinality(%(categories)s)
    FROM unnest(%(categories)s) WITH ORDINALITY c(name, id)
    """,
    """
    INSERT INTO cases_case (id, case_no, state, resume_state, version, source,
        category_id, description, urgent, confidential, point, crs, method, address,
        placement_note, placement_code, city_id, district_id, street_id, community_id,
        grid_id, reporter_id, reporter_name, has_complainant, complainant_name,
        complainant_contact, query_code, code_failures, holder_org_id, holder_user_id,
        lead_org_id, first_handler_org_id, called_ids, suggestion, check_result,
        last_score, rework_count, supporters_count, duplicates_count, closed_type,
        origin_label, origin_url, found_at, reported_at, due_at, updated_at, closed_at)
    SELECT n, left(a.code, 6) || to_char(date '2025-01-01' + n / 90000, 'YYYYMMDD')
               || lpad((n %% 90000)::text, 5, '0'),
        v.state, v.kept, v.version, 'grid', m.category,
        (%(texts)s)[1 + m.k * 7 %% cardinality(%(texts)s)], m.k %% 41 = 0,
        m.category = cardinality(%(categories)s),
        ST_SetSRID(ST_MakePoint(113 + m.k * 17 %% 5000 / 10000.0,
                                28 + m.k * 13 %% 2000 / 10000.0), 4490),
        'wgs84', 'gps', (%(roads)s)[1 + m.k * 11 %% cardinality(%(roads)s)]
            || 1 + m.k %% 300 || '号门前', '', a.code, a.city, a.district, a.street,
        a.community, a.grids[1 + m.k %% cardinality(a.grids)],
        %(grid_worker)s + a.community, '网格员', 'T39' = ANY(v.steps), '', '', 'sealed',
        0, CASE WHEN v.state IN ('WHISTLED', 'JOINT_HANDLING') THEN m.lead
                WHEN 'T12' = ANY(v.steps) THEN a.street ELSE a.community END,
        CASE WHEN v.state = 'COMMUNITY_HANDLING'
             THEN %(community_handler)s + a.community END,
        w.lead, w.lead, CASE WHEN w.lead IS NULL THEN '{}' ELSE ARRAY[w.lead] END, '{}',
        CASE WHEN 'submit_check' = ANY(v.steps) THEN 'passed' ELSE '' END,
        CASE WHEN 'T42' = ANY(v.steps) THEN 'satisfied' ELSE '' END,
        0, (n %% 50 = 0)::int, 0, CASE WHEN v.lives THEN '' ELSE 'normal' END, '', '',
        t.begun, t.begun, d.due_at, t.begun + make_interval(mins => v.minutes),
        CASE WHEN v.state IN ('CLOSED', 'ARCHIVED')
             THEN t.begun + make_interval(mins => v.minutes) END
    FROM generate_series(1, %(many)s) n
    JOIN bench_slot s ON s.slot = n %% 1000
    JOIN bench_variant v ON v.id = s.variant
    CROSS JOIN LATERAL (SELECT n + n / 1000 * 31) k(k)
    JOIN bench_place a ON a.place = k.k %% %(places)s
    CROSS JOIN LATERAL (SELECT CASE WHEN k.k %% 199 = 0
        THEN cardinality(%(categories)s)
        ELSE 1 + k.k %% (cardinality(%(categories)s) - 1) END) c(category)
    CROSS JOIN LATERAL (SELECT k.k, c.category,
        %(first_department)s + a.district * 12 + c.category %% 12) m(k, category, lead)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN 'T20' = ANY(v.steps) THEN m.lead::bigint END) w(lead)
    CROSS JOIN LATERAL (SELECT CASE WHEN v.lives
        THEN %(now)s - make_interval(mins => v.minutes + 5 + k.k %% 4320)
        ELSE %(now)s - interval '1 year' * (1.05 - n::float / %(many)s) END) t(begun)
    LEFT JOIN LATERAL (
        SELECT t.begun + make_interval(mins => min(k.begun)) + interval '5 days'
        FROM bench_clock k WHERE k.variant = v.id AND k.ended IS NULL) d(due_at) ON true
    ORDER BY t.begun
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
    SELECT c.id, c.id, c.id, coalesce(c.lead_org_id, c.street_id), 'lead', '现场清理',
        CASE WHEN 'T36' = ANY(v.steps) THEN 'done' WHEN 'T24' = ANY(v.steps)
             THEN 'on_site' ELSE 'pending' END, '', false, ''
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_variant v ON v.id = s.variant WHERE 'draft_whistle' = ANY(v.steps)
    """,
    """
    INSERT INTO cases_caseclock (case_id, stage, assignment_id, organisation_id,
        limit_n, base_n, limit_unit, started_at, running_since, consumed_minutes,
        due_at, stopped_at, is_overdue, overtime_minutes, exempt, superseded)
    SELECT c.id, k.stage, CASE WHEN k.stage = 'CHECKIN' THEN c.id END, c.holder_org_id,
        40, 40,
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
    SELECT u.id, 'notice', '上报：占道经营', c.address, '/cases/' || c.id || '/',
        e.chain, e.chain || ':' || e.seq || ':' || u.id, false, e.at,
        CASE WHEN e.seq < c.version OR c.id %% 4 > 0 THEN e.at END
    FROM governance_event e JOIN cases_case c ON e.chain = 'case:' || c.id
    CROSS JOIN LATERAL (SELECT CASE WHEN c.lead_org_id IS NOT NULL AND c.id %% 2 = 0
        THEN %(department_liaison)s + c.lead_org_id
        ELSE %(community_acceptor)s + c.community_id END) u(id)
    WHERE e.detail ? 'transition'
    """,
    """
    INSERT INTO cases_submission (id, user_id, digest, body, case_id, received_at)
    SELECT gen_random_uuid(), reporter_id, encode(sha256(id::text::bytea), 'hex'),
        jsonb_build_object('address', address, 'description', description), id,
        reported_at FROM cases_case
    """,
    """
    INSERT INTO cases_photo (id, batch, case_id, stage, user_id, user_name, sha256,
        original, served, thumb, width, height, size, received_at)
    SELECT gen_random_uuid(), gen_random_uuid(), id, stage, reporter_id, '网格员',
        repeat('0', 64), 'o.jpg', 's.jpg', 't.jpg', 1600, 1200, 300000, reported_at
    FROM cases_case CROSS JOIN (VALUES ('report'), ('after')) p(stage)
    """,
    """
    INSERT INTO cases_sitetask (case_id, kind, worker_id, requirement, sent_by_id,
        sent_at, result, note, submitted_at)
    SELECT c.id, 'check', c.reporter_id, '看是否恢复',
        %(community_acceptor)s + c.community_id, c.reported_at,
        CASE WHEN c.check_result <> '' THEN 'passed' ELSE '' END, '',
        CASE WHEN c.check_result <> '' THEN c.reported_at END
    FROM cases_case c JOIN bench_slot s ON s.slot = c.id %% 1000
    JOIN bench_variant v ON v.id = s.variant WHERE 'T37' = ANY(v.steps)
    """,
    """
    INSERT INTO cases_support (case_id, user_id, name, note, at)
    SELECT id, reporter_id, '居民', '', reported_at
    FROM cases_case WHERE supporters_count = 1
    """,
    """
    INSERT INTO cases_rating (case_id, score, comment, channel, at)
    SELECT id, 'satisfied', '', 'portal', reported_at FROM cases_case
    WHERE last_score <> ''
    """,
)
