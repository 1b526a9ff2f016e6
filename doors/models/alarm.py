"""感知设备: what their alarms mean here, the devices, and what they sent."""

from django.contrib.gis.db import models
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

YEAR = 525_600


class AlarmRule(models.Model):
    """A kind of alarm, by the word the devices send, and the case it becomes.

    Repeated alarms of one device within `window_minutes` join the case that is open.
    With `at_least` an alarm whose reading `measure` is lower makes no case, and within
    `quiet_minutes` of the closing of a case the same device makes no other; both are
    kept all the same.
    """

    kind = models.CharField(_("告警类型代码"), max_length=40, unique=True)
    name = models.CharField(_("告警名称"), max_length=40)
    category = models.ForeignKey(
        "cases.Category", models.PROTECT, related_name="+", verbose_name=_("立案小类")
    )
    condition = models.ForeignKey(
        "cases.FilingCondition",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("立案条件"),
        help_text=_("案件按这一条计算时限；不填则由受理的人选择。"),
    )
    urgent = models.BooleanField(_("紧急"), default=False)
    measure = models.CharField(
        _("读数名称"),
        max_length=40,
        blank=True,
        help_text=_("按哪个读数判断，与设备送来的名称一致，例如“倾角”。"),
    )
    at_least = models.DecimalField(
        _("达到多少才立案"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("读数低于它的告警只留存，不立案；没有这个读数的照常立案。"),
    )
    window_minutes = models.PositiveIntegerField(
        _("合并时段（分钟）"),
        default=1440,
        validators=[MaxValueValidator(YEAR)],
        help_text=_("同一设备在这段时间内再次告警，并入还没有办结的案件。"),
    )
    quiet_minutes = models.PositiveIntegerField(
        _("办结后静默（分钟）"),
        default=0,
        validators=[MaxValueValidator(YEAR)],
        help_text=_("案件办结后这段时间内，同一设备的同类告警只留存，不再立案。"),
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("告警规则")
        verbose_name_plural = _("告警规则")
        constraints = [
            models.CheckConstraint(
                condition=Q(at_least=None) | ~Q(measure=""),
                name="alarm_rule_threshold_of_a_measure",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.kind}）"


class Device(models.Model):
    """A device of a client, known from its first alarm; its place may be entered."""

    client = models.ForeignKey(
        "doors.ApiClient", models.PROTECT, related_name="devices",
        verbose_name=_("接口客户端"),
    )  # fmt: skip
    code = models.CharField(_("设备编号"), max_length=64)
    name = models.CharField(_("设备名称"), max_length=60, blank=True)
    address = models.CharField(_("安装地址"), max_length=200, blank=True)
    point = models.PointField(_("安装位置"), srid=4490, null=True, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("感知设备")
        verbose_name_plural = _("感知设备")
        constraints = [
            models.UniqueConstraint(fields=["client", "code"], name="device_once")
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Alarm(models.Model):
    """One alarm as it came; the same device and `alarm_id` again is the same alarm.

    `unfiled` says why it has no case.
    """

    class Unfiled(models.TextChoices):
        BELOW = "below", _("未达到阈值")
        QUIET = "quiet", _("办结后静默")

    device = models.ForeignKey(
        Device, models.PROTECT, related_name="alarms", verbose_name=_("感知设备")
    )
    alarm_id = models.CharField(_("告警编号"), max_length=64)
    rule = models.ForeignKey(
        AlarmRule, models.PROTECT, related_name="alarms", verbose_name=_("告警规则")
    )
    reading = models.JSONField(_("读数"), default=dict, blank=True)
    digest = models.CharField(max_length=64)
    raised_at = models.DateTimeField(_("告警时间"))
    received_at = models.DateTimeField(_("接收时间"))
    case = models.ForeignKey(
        "cases.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="alarms",
        verbose_name=_("案件"),
    )
    is_joined = models.BooleanField(_("并入已有案件"), default=False)
    unfiled = models.CharField(
        _("没有立案"), max_length=8, choices=Unfiled, blank=True, default=""
    )

    class Meta:
        verbose_name = _("设备告警")
        verbose_name_plural = _("设备告警")
        constraints = [
            models.UniqueConstraint(fields=["device", "alarm_id"], name="alarm_once"),
            models.CheckConstraint(
                condition=Q(case__isnull=False, unfiled="")
                | (Q(case=None) & ~Q(unfiled="")),
                name="alarm_case_or_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["device", "rule", "-received_at"], name="alarm_recent")
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.alarm_id}"
