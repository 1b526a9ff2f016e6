"""Who works in the synthetic city: a unit and people for every area.

The numbers are told from those of the areas, so that set-based SQL finds them without a
join: the unit of an area has the area's number, department k of a district is
`department(district, k)`, and of each role the person of an area or a unit has its
number and a thousand-fold offset (`OFFSETS`); post and posting have the same number.
"""

from typing import Any

from parties.roles import Role

DEPARTMENTS = (
    "公安分局", "城市管理局", "住房和建设局", "消防救援大队", "生态环境局", "民政局",
    "市场监督管理局", "交通运输局", "水务局", "卫生健康局", "应急管理局", "司法局",
)  # fmt: skip
FIRST_DEPARTMENT = 2000
# Role: where its people's numbers begin, and whose level or kind their units have.
OFFSETS: dict[str, int] = {
    Role.COMMUNITY_ACCEPTOR: 10_000,
    Role.COMMUNITY_HANDLER: 20_000,
    Role.GRID_WORKER: 30_000,
    Role.STREET_DISPATCHER: 40_000,
    Role.STREET_ACCEPTOR: 50_000,
    Role.DISTRICT_COMMAND: 60_000,
    Role.CITY_COMMAND: 70_000,
    Role.DEPARTMENT_LIAISON: 80_000,
}
LEVELS = {
    Role.COMMUNITY_ACCEPTOR: 4, Role.COMMUNITY_HANDLER: 4, Role.GRID_WORKER: 4,
    Role.STREET_DISPATCHER: 3, Role.STREET_ACCEPTOR: 3, Role.DISTRICT_COMMAND: 2,
    Role.CITY_COMMAND: 1,
}  # fmt: skip
TABLES = ("parties_organisation", "parties_user", "parties_post", "parties_posting")
# A row for each community, numbered from 0, with what a case in it is given.
PLACES = """
CREATE UNLOGGED TABLE bench_place AS
SELECT (row_number() OVER (ORDER BY c.id) - 1)::int AS place, d.parent_id AS city,
    s.parent_id AS district, c.parent_id AS street, c.id AS community, d.code AS code,
    array_agg(g.id ORDER BY g.id) AS grids
FROM grids_area c JOIN grids_area s ON s.id = c.parent_id
JOIN grids_area d ON d.id = s.parent_id
JOIN grids_area g ON g.parent_id = c.id
WHERE c.level = 4
GROUP BY c.id, s.id, d.id;
ALTER TABLE bench_place ADD PRIMARY KEY (place)
"""
STATEMENTS = (
    """
    INSERT INTO parties_organisation (id, code, name, short_name, kind, level, area_id)
    SELECT id, '', code, '', (ARRAY['command_centre', 'command_centre',
        'street_office', 'community'])[level], level, id
    FROM grids_area WHERE level <= 4
    """,
    """
    INSERT INTO parties_organisation (id, code, name, short_name, kind, level, area_id)
    SELECT %(first)s + a.id * 12 + d.k - 1, '', a.code || d.name, d.name, 'department',
        2, a.id
    FROM grids_area a
    CROSS JOIN unnest(%(departments)s) WITH ORDINALITY d(name, k) WHERE a.level = 2
    """,
    """
    INSERT INTO parties_user (id, username, name, password)
    SELECT r.first + o.id, r.role || '-' || o.id, o.name, ''
    FROM parties_organisation o JOIN bench_role r ON r.role = 'department_liaison'
        AND o.kind = 'department' OR r.level = o.level AND o.kind <> 'department'
    """,
    """
    INSERT INTO parties_post (id, role, organisation_id, area_id, name)
    SELECT r.first + o.id, r.role, o.id,
        CASE r.role WHEN 'grid_worker' THEN p.grids[1] ELSE o.area_id END, r.role
    FROM parties_organisation o JOIN bench_role r ON r.role = 'department_liaison'
        AND o.kind = 'department' OR r.level = o.level AND o.kind <> 'department'
    LEFT JOIN bench_place p ON p.community = o.area_id
    """,
    """
    INSERT INTO parties_posting (id, user_id, post_id, starts_at, is_primary)
    SELECT id, id, id, '2026-01-01', true FROM parties_post
    """,
)


def settle(cursor: Any) -> None:
    """Write them for whatever areas there are; leaves the table `bench_place`."""
    cursor.execute(PLACES)
    cursor.execute("CREATE TEMP TABLE bench_role (role text, first int, level int)")
    cursor.executemany(
        "INSERT INTO bench_role VALUES (%s, %s, %s)",
        [(str(role), first, LEVELS.get(role)) for role, first in OFFSETS.items()],
    )
    given = {"first": FIRST_DEPARTMENT, "departments": list(DEPARTMENTS)}
    for statement in STATEMENTS:
        cursor.execute(statement, given)
    cursor.execute("DROP TABLE bench_role")
