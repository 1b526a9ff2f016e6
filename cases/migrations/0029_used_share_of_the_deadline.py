from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0028_underway_cases_in_one_column'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='used_percent',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='时限已用'),
        ),
    ]
