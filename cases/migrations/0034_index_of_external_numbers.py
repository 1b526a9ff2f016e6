from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('cases', '0033_number_in_the_system_it_came_from'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='case',
            index=models.Index(condition=models.Q(('external_no', ''), _negated=True), fields=['external_no'], name='case_external_no'),
        ),
    ]
