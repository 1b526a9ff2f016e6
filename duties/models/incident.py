"""Emergencies: an incident, its log, and the reports of the grids."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duties.querysets.incidents import IncidentQuerySet


class Incident(models.Model):
    """突发事件 (DOMAIN D.7, F8). Its `task` of kind 应急 carries it down to the grids.

    `next_due_at` is when the reports of the running round are due; none once there
    are no more rounds. The four colours are those of emergency practice, not the three
    levels of alerts (DOMAIN C.6).
    """

    class Level(models.TextChoices):
        BLUE = "blue", _("蓝色（一般）")
        YELLOW = "yellow", _("黄色（较大）")
        ORANGE = "orange", _("橙色（重大）")
        RED = "red", _("红色（特别重大）")

    class Kind(models.TextChoices):
        TYPHOON = "typhoon", _("台风")
        RAINSTORM = "rainstorm", _("暴雨洪涝")
        COLD = "cold", _("低温雨雪冰冻")
        FIRE = "fire", _("火灾")
        GEOLOGICAL = "geological", _("地质灾害")
        UTILITY = "utility", _("水电气中断")
        HEALTH = "health", _("公共卫生")
        OTHER = "other", _("其他")

    title = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=10, choices=Kind)
    level = models.CharField(_("级别"), max_length=6, choices=Level)
    command = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("指挥机构"),
    )
    task = models.OneToOneField("duties.Task", models.PROTECT, related_name="incident")
    report_hours = models.PositiveSmallIntegerField(_("报送间隔（小时）"), default=2)
    started_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("启动时间"))
    expires_at = models.DateTimeField(_("失效时间"))
    next_due_at = models.DateTimeField(_("下次报送截止"), null=True, blank=True)
    closed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    review = models.TextField(_("复盘总结"), max_length=4000, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("突发事件")
        verbose_name_plural = _("突发事件")
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_at=None) | ~Q(review=""),
                name="incident_closed_is_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("started_at")), name="incident_expires"
            ),
            models.CheckConstraint(
                condition=Q(report_hours__gte=1), name="incident_reports_have_a_pace"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/desk/incidents/{self.pk}/"

    @property
    def chain(self) -> str:
        return f"incident:{self.pk}"

    def is_running(self, at: datetime) -> bool:
        """Emergency mode is on: neither closed nor expired."""
        return self.closed_at is None and at < self.expires_at

    def round_of(self, at: datetime) -> datetime:
        """When the round that `at` falls into is due; a report at the end is in it."""
        pace = timedelta(hours=self.report_hours)
        over = max(at - self.started_at, timedelta(microseconds=1))
        return self.started_at + -(-over // pace) * pace


class IncidentLogEntry(models.Model):
    """A line of the incident's log, kept as it was written."""

    class Kind(models.TextChoices):
        START = "start", _("启动")
        NOTE = "note", _("值班记录")
        DANGER = "danger", _("险情")
        CASE = "case", _("险情案件")
        MISSED = "missed", _("未报送")
        CLOSE = "close", _("结束")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="log")
    kind = models.CharField(_("类别"), max_length=6, choices=Kind)
    at = models.DateTimeField(_("时间"))
    by = models.CharField(_("记录人"), max_length=120)
    text = models.TextField(_("内容"), max_length=4000)

    class Meta:
        verbose_name = _("突发事件日志")
        verbose_name_plural = _("突发事件日志")
        indexes = [models.Index(fields=["incident", "at"], name="incident_log_order")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at:%Y-%m-%d %H:%M}"


class SituationReport(models.Model):
    """报平安 or 险情 of one grid in one round; `case` is what was filed with it."""

    class Kind(models.TextChoices):
        SAFE = "safe", _("报平安")
        DANGER = "danger", _("报险情")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="reports")
    receiver = models.ForeignKey(
        "duties.TaskReceiver", models.PROTECT, related_name="situation_reports"
    )
    due_at = models.DateTimeField(_("报送截止"))
    kind = models.CharField(_("情况"), max_length=6, choices=Kind)
    text = models.CharField(_("情况说明"), max_length=1000, blank=True)
    case = models.OneToOneField(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+"
    )
    submission = models.UUIDField(null=True, unique=True)
    reported_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(_("报送时间"))

    class Meta:
        verbose_name = _("情况报送")
        verbose_name_plural = _("情况报送")
        indexes = [
            models.Index(
                fields=["incident", "due_at", "receiver"], name="situation_round"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver_id} {self.get_kind_display()}"


class MissedReport(models.Model):
    """A grid that reported nothing in a round; the level above was told once."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="missed")
    receiver = models.ForeignKey(
        "duties.TaskReceiver", models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField(_("报送截止"))

    class Meta:
        verbose_name = _("未按时报送")
        verbose_name_plural = _("未按时报送")
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "receiver", "due_at"], name="missed_report_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver_id} {self.due_at:%Y-%m-%d %H:%M}"
