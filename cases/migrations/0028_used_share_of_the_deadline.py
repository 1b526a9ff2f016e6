from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0027_extra_questions_of_a_category'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='used_percent',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='时限已用'),
        ),
    ]
