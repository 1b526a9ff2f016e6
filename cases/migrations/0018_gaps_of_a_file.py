from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_community_matters'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='file_gaps',
            field=models.TextField(blank=True, default='', verbose_name='案卷缺少'),
        ),
    ]
