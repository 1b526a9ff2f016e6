from django.db import migrations

BATCH = 10_000
# Only what differs is written, so that an interrupted run goes on where it stopped.
FILL = """
UPDATE cases_case c SET called_ids = a.ids
FROM (SELECT a.case_id, array_agg(DISTINCT a.organisation_id ORDER BY a.organisation_id)
      FROM cases_whistleassignment a JOIN cases_whistle w ON w.id = a.whistle_id
      WHERE w.status = 'blown' AND a.case_id >= %(first)s AND a.case_id < %(after)s
      GROUP BY a.case_id) a(case_id, ids)
WHERE c.id = a.case_id AND c.called_ids <> a.ids
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM cases_case")
        lowest, highest = cursor.fetchone()
        for first in range(lowest, highest + 1, BATCH):
            cursor.execute(FILL, {"first": first, "after": first + BATCH})


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('cases', '0024_units_called_on_the_case'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
