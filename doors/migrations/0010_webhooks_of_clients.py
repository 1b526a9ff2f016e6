import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('doors', '0009_alarms_with_a_condition'),
        ('parties', '0007_cover_codes_of_sent_letters'),
    ]

    operations = [
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='subscription', serialize=False, to='parties.channel', verbose_name='通知渠道')),
            ],
            options={
                'verbose_name': '接口客户端的推送',
                'verbose_name_plural': '接口客户端的推送',
            },
        ),
        migrations.AddField(
            model_name='subscription',
            name='client',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='doors.apiclient', verbose_name='接口客户端'),
        ),
    ]
