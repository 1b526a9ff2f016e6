"""What the alarms of running clocks have marked before is set on their cases.

In batches and beginning again where it stopped: a batch that is done no longer differs.
"""

from django.db import connection, migrations

BATCH = 5000
MARKED = """
UPDATE cases_case c SET used_percent = found.percent
FROM (
    SELECT k.case_id, max(m.percent) AS percent
    FROM cases_case c
    JOIN cases_caseclock k ON k.case_id = c.id AND k.due_at = c.due_at
    JOIN cases_clockalert m ON m.clock_id = k.id AND m.limit_n = k.limit_n
    WHERE k.stopped_at IS NULL AND k.running_since IS NOT NULL
      AND k.stage <> 'FIRST_REPLY' AND c.used_percent = 0
    GROUP BY k.case_id LIMIT %s
) found
WHERE c.id = found.case_id
"""


def fill(apps, schema_editor):
    with connection.cursor() as cursor:
        while True:
            cursor.execute(MARKED, [BATCH])
            if cursor.rowcount < BATCH:
                return


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('cases', '0030_index_of_closing_days'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
