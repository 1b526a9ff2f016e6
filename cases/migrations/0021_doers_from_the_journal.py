"""Who did something of the cases that are there, by the steps that handed in work."""

from django.db import migrations

BATCH = 10_000
FILL = """
UPDATE cases_case c SET doers = e.people
FROM (
    SELECT chain, array_agg(DISTINCT (actor->>'user_id')::int) AS people
    FROM governance_event
    WHERE chain = ANY(%s) AND actor->>'user_id' IS NOT NULL
      AND action IN ('cases.resolve_on_spot', 'cases.finish_self',
          'cases.submit_result', 'cases.feed_back', 'cases.finish_support')
    GROUP BY chain
) e
WHERE e.chain = 'case:' || c.id AND c.doers = '{}'
"""


def fill(apps, schema_editor):
    """In batches; running it again goes on where it stopped."""
    with schema_editor.connection.cursor() as cursor:
        last = 0
        while True:
            cursor.execute(
                "SELECT id FROM cases_case WHERE id > %s ORDER BY id LIMIT %s",
                [last, BATCH],
            )
            ids = [pk for (pk,) in cursor.fetchall()]
            if not ids:
                return
            cursor.execute(FILL, [[f"case:{pk}" for pk in ids]])
            last = ids[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0020_doers_call_back_and_lapsed_supports")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
