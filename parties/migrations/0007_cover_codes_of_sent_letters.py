"""Codes stay no longer in letters that have gone out.

In batches by id, each a transaction of its own; running it again does what is left.
"""

from typing import Any

from django.db import migrations, transaction

BATCH = 5000
COVER = """
    UPDATE parties_delivery
       SET body = replace(body, '{code}', '******'), sealed = '{}'::jsonb
     WHERE id > %s AND id <= %s AND state IN ('sent', 'dropped')
       AND sealed <> '{}'::jsonb
"""


def cover(apps: Any, schema_editor: Any) -> None:
    letters = apps.get_model("parties", "Delivery").objects
    last = letters.order_by("-id").values_list("id", flat=True).first() or 0
    for start in range(0, last, BATCH):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(COVER, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("parties", "0006_webhooks_of_other_systems"),
    ]

    operations = [
        migrations.RunPython(cover, migrations.RunPython.noop, elidable=True),
    ]
