"""The kernel's named reads, and the lock that has a name."""

from datetime import date

from django.db import connection

# One round trip, answered as text: the caller keeps what it parsed by this very text,
# so a change of any row is a different calendar at once, in every process.
_CALENDAR = """
SELECT json_build_object(
  'years', (SELECT coalesce(json_agg(year ORDER BY year), '[]')
            FROM governance_calendaryear WHERE year >= %s),
  'days', (SELECT coalesce(json_agg(json_build_array(date, kind, override)
                                    ORDER BY date, override), '[]')
           FROM governance_holiday WHERE date >= %s),
  'schemes', (SELECT coalesce(json_agg(json_build_array(
                starts_date, ends_date, weekdays, periods)
                ORDER BY starts_date NULLS FIRST, id), '[]')
              FROM governance_workscheme
              WHERE ends_date IS NULL OR ends_date > %s)
)::text
"""


def hold(name: str) -> None:
    """Wait until no other transaction holds `name`, and hold it until this one ends.

    For what no row stands for yet, or what concerns more rows than can be named.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def calendar_text(*, since: date) -> str:
    """All that the working calendar knows from the day `since` on, as JSON text."""
    with connection.cursor() as cursor:
        cursor.execute(_CALENDAR, [since.year, since, since])
        text: str = cursor.fetchone()[0]
    return text
