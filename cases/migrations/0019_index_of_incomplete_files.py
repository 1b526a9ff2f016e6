from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('cases', '0018_gaps_of_a_file'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='case',
            index=models.Index(condition=models.Q(('file_gaps', ''), _negated=True), fields=['street', 'community'], name='case_incomplete'),
        ),
    ]
