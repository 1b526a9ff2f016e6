"""The kernel's named reads."""

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


def calendar_text(*, since: date) -> str:
    """All that the working calendar knows from the day `since` on, as JSON text."""
    with connection.cursor() as cursor:
        cursor.execute(_CALENDAR, [since.year, since, since])
        text: str = cursor.fetchone()[0]
    return text
