import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0034_index_of_external_numbers'),
        ('doors', '0008_scopes_of_what_pages_do'),
    ]

    operations = [
        migrations.AddField(
            model_name='alarm',
            name='unfiled',
            field=models.CharField(blank=True, choices=[('below', '未达到阈值'), ('quiet', '办结后静默')], default='', max_length=8, verbose_name='没有立案'),
        ),
        migrations.AddField(
            model_name='alarmrule',
            name='at_least',
            field=models.DecimalField(blank=True, decimal_places=3, help_text='读数低于它的告警只留存，不立案；没有这个读数的照常立案。', max_digits=12, null=True, verbose_name='达到多少才立案'),
        ),
        migrations.AddField(
            model_name='alarmrule',
            name='condition',
            field=models.ForeignKey(blank=True, help_text='案件按这一条计算时限；不填则由受理的人选择。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.filingcondition', verbose_name='立案条件'),
        ),
        migrations.AddField(
            model_name='alarmrule',
            name='measure',
            field=models.CharField(blank=True, help_text='按哪个读数判断，与设备送来的名称一致，例如“倾角”。', max_length=40, verbose_name='读数名称'),
        ),
        migrations.AddField(
            model_name='alarmrule',
            name='quiet_minutes',
            field=models.PositiveIntegerField(default=0, help_text='案件办结后这段时间内，同一设备的同类告警只留存，不再立案。', validators=[django.core.validators.MaxValueValidator(525600)], verbose_name='办结后静默（分钟）'),
        ),
        migrations.AlterField(
            model_name='alarm',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='cases.case', verbose_name='案件'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', False), ('unfiled', '')), models.Q(('case', None), models.Q(('unfiled', ''), _negated=True)), _connector='OR'), name='alarm_case_or_reason'),
        ),
        migrations.AddConstraint(
            model_name='alarmrule',
            constraint=models.CheckConstraint(condition=models.Q(('at_least', None), models.Q(('measure', ''), _negated=True), _connector='OR'), name='alarm_rule_threshold_of_a_measure'),
        ),
    ]
