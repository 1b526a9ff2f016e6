"""A webhook that a post subscribed to belongs to the client that acts as it.

Of several the active one that is oldest: until now each of them saw it.
"""

from typing import Any

from django.db import migrations

BATCH = 500


def forwards(apps: Any, schema_editor: Any) -> None:
    channels = apps.get_model("parties", "Channel").objects
    clients = apps.get_model("doors", "ApiClient").objects
    subscriptions = apps.get_model("doors", "Subscription").objects
    unowned = channels.filter(
        reserved=True, posting__isnull=False, subscription=None
    ).order_by("pk")
    last = 0
    while page := list(unowned.filter(pk__gt=last)[:BATCH]):
        for channel in page:
            owners = clients.filter(posting=channel.posting_id)
            owner = owners.order_by("-is_active", "pk").first()
            if owner is not None:
                subscriptions.get_or_create(
                    channel=channel, defaults={"client": owner}
                )
        last = page[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("doors", "0010_webhooks_of_clients"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
