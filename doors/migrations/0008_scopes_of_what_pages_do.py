import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('doors', '0007_use_by_strangers'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apiclient',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('cases:read', '查询案件'), ('cases:write', '上报和办理案件'), ('master:read', '查询网格、目录和单位'), ('messages', '收取消息'), ('duties', '查询和办理任务、走访、巡查、准入'), ('care', '查询和登记关爱服务对象'), ('incidents', '查询和处置突发事件'), ('mediation', '查询和办理纠纷调解'), ('figures:read', '查询统计指标'), ('alarms:write', '上报设备告警'), ('geo:read', '查询空间数据'), ('open311', 'Open311 接口'), ('bridge', '工单对接'), ('tables', '导入和导出表格'), ('areas:write', '导入区划和边界'), ('places', '管理二维码点位'), ('delegations', '授权代办')], max_length=20), size=None, verbose_name='允许的范围'),
        ),
    ]
