"""Note of earlier cases that they have photos, in batches; again does no harm."""

from django.db import migrations

BATCH = 20_000
NOTE = """
UPDATE cases_case SET has_photos = true
WHERE id >= %s AND id < %s AND NOT has_photos
  AND EXISTS (SELECT 1 FROM cases_photo p WHERE p.case_id = cases_case.id)
"""


def note(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM cases_case")
        (last,) = cursor.fetchone()
        for first in range(0, last + 1, BATCH):
            cursor.execute(NOTE, [first, first + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0015_photos_of_a_case")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
