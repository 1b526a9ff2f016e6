from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("cases", "0037_digests_of_earlier_contacts")]

    operations = [
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                condition=models.Q(("complainant_digest", ""), _negated=True),
                fields=["complainant_digest"],
                name="case_complainant",
            ),
        ),
    ]
