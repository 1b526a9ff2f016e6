"""Who comes in by the interfaces: other systems, their keys and how often they ask."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doors.querysets import ApiKeyQuerySet


class Scope(models.TextChoices):
    """What a client may be allowed; each endpoint names the one that it asks for."""

    CASES_READ = "cases:read", _("查询案件")
    CASES_WRITE = "cases:write", _("上报和办理案件")
    CONTACTS = "cases:contacts", _("查看诉求人联系方式")
    MASTER_READ = "master:read", _("查询网格、目录和单位")
    MESSAGES = "messages", _("收取消息")
    DUTIES = "duties", _("查询和办理任务、走访、巡查、准入")
    CARE = "care", _("查询和登记关爱服务对象")
    INCIDENTS = "incidents", _("查询和处置突发事件")
    MEDIATION = "mediation", _("查询和办理纠纷调解")
    FIGURES_READ = "figures:read", _("查询统计指标")
    ALARMS_WRITE = "alarms:write", _("上报设备告警")
    GEO_READ = "geo:read", _("查询空间数据")
    OPEN311 = "open311", _("Open311 接口")
    BRIDGE = "bridge", _("工单对接")
    TABLES = "tables", _("导入和导出表格")
    AREAS_WRITE = "areas:write", _("导入区划和边界")
    PLACES = "places", _("管理二维码点位")
    DELEGATIONS = "delegations", _("授权代办")


class ApiClient(models.Model):
    """A system outside. With a posting it acts as that post and sees what it sees.

    Without one it may only use what needs no post: alarms of devices, Open311, bridges.
    """

    name = models.CharField(_("名称"), max_length=60, unique=True)
    organisation = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        related_name="api_clients",
        verbose_name=_("所属单位"),
    )
    posting = models.ForeignKey(
        "parties.Posting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="api_clients",
        verbose_name=_("以此任职办理"),
        help_text=_("接口看到和能办的，与这个任职登录后一样；任职结束，接口随即停止。"),
    )
    scopes = ArrayField(
        models.CharField(max_length=20, choices=Scope),
        verbose_name=_("允许的范围"),
    )
    per_minute = models.PositiveIntegerField(
        _("每分钟最多请求数"),
        default=120,
        validators=[MinValueValidator(1), MaxValueValidator(100_000)],
    )
    contact = models.CharField(
        _("联系人"),
        max_length=100,
        help_text=_("对方负责人的姓名和电话，出现问题时找谁。"),
    )
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("建立时间"), editable=False)

    class Meta:
        verbose_name = _("接口客户端")
        verbose_name_plural = _("接口客户端")

    def __str__(self) -> str:
        return self.name

    def may(self, scope: str) -> bool:
        return scope in self.scopes


class ApiKey(models.Model):
    """A key: `wg_`, a public prefix, `_` and a secret; only a hash of it is kept."""

    client = models.ForeignKey(
        ApiClient, models.PROTECT, related_name="keys", verbose_name=_("接口客户端")
    )
    prefix = models.CharField(_("密钥开头"), max_length=8, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    note = models.CharField(_("用途"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("发放时间"), editable=False)
    expires_at = models.DateTimeField(_("有效期至"), null=True, blank=True)
    revoked_at = models.DateTimeField(
        _("吊销时间"), null=True, blank=True, editable=False
    )
    last_used_at = models.DateTimeField(
        _("最近使用"), null=True, blank=True, editable=False
    )

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")
        constraints = [
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="api_key_is_hashed"
            )
        ]

    def __str__(self) -> str:
        return f"wg_{self.prefix}_…"


class AddressUse(models.Model):
    """How often somebody without a key has asked in the current minute.

    `who` is the fingerprint of a network address, never the address itself. A row has
    no meaning after its minute and is swept away.
    """

    who = models.CharField(max_length=64, primary_key=True)
    minute = models.DateTimeField(db_index=True)
    used = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("无密钥用量")
        verbose_name_plural = _("无密钥用量")

    def __str__(self) -> str:
        return f"{self.who[:8]} {self.minute:%H:%M} {self.used}"


class ApiUse(models.Model):
    """How often a client has asked in the current minute; one row each."""

    client = models.OneToOneField(
        ApiClient, models.CASCADE, primary_key=True, related_name="use"
    )
    minute = models.DateTimeField()
    used = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("接口用量")
        verbose_name_plural = _("接口用量")

    def __str__(self) -> str:
        return f"{self.client_id} {self.minute:%H:%M} {self.used}"
