"""The kernel's tables: journal, jobs, anchors, heartbeats, calendar."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """One thing that happened; append-only, chained within its `chain`.

    `chain` names what it happened to (`case:17`, `area:440305001`). `hash` covers the
    canonical JSON of the row and the hash before it (`governance.events`); a database
    trigger refuses UPDATE, DELETE and TRUNCATE.
    """

    chain = models.CharField(max_length=64)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=64)
    actor = models.JSONField()
    detail = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("流水")
        verbose_name_plural = _("流水")
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="event_chain_seq")
        ]
        # The journal grows in the order of time: a small index finds a window in it.
        indexes = [BrinIndex(fields=["at"], autosummarize=True, name="event_at")]

    def __str__(self) -> str:
        return f"{self.chain}#{self.seq} {self.action}"


class Anchor(models.Model):
    """The heads of all chains that grew since the last anchor, pinned by one digest.

    Cutting the newest events off a chain leaves the rest well chained; the anchor is
    what shows that they are gone.
    """

    at = models.DateTimeField()
    first_event_id = models.BigIntegerField()
    last_event_id = models.BigIntegerField()
    chains = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("流水锚点")
        verbose_name_plural = _("流水锚点")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.hash[:12]}"


class Job(models.Model):
    """A follow-up of an action, written in the action's transaction.

    `task` is a Celery task name; it is run with this row's id once `run_at` has come.
    The effect and `done_at` are written in one transaction (`governance.jobs.claimed`).
    `key`, when given, makes the job unique among all jobs ever written.
    """

    task = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    key = models.CharField(max_length=128, null=True, blank=True, unique=True)
    args = models.JSONField(default=dict)
    run_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("后续任务")
        verbose_name_plural = _("后续任务")
        indexes = [
            models.Index(
                fields=["run_at"], condition=Q(done_at=None), name="job_open_run_at"
            ),
            models.Index(
                fields=["subject"], condition=Q(done_at=None), name="job_open_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.subject}"


class Heartbeat(models.Model):
    """When a process was last seen alive (real time, never the moved clock)."""

    process = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("心跳")
        verbose_name_plural = _("心跳")

    def __str__(self) -> str:
        return self.process


class CalendarYear(models.Model):
    """A year whose public holidays are imported; without it no deadline is computed."""

    year = models.PositiveIntegerField(primary_key=True)
    source = models.CharField(_("文号"), max_length=200)
    imported_at = models.DateTimeField()

    class Meta:
        verbose_name = _("放假安排年度")
        verbose_name_plural = _("放假安排年度")

    def __str__(self) -> str:
        return str(self.year)


class Holiday(models.Model):
    """A 法定放假 or 调休上班 day; `override` is the tenant's own and wins (C.4)."""

    class Kind(models.TextChoices):
        REST = "rest", _("放假")
        WORK = "work", _("上班")

    date = models.DateField(_("日期"))
    kind = models.CharField(_("类型"), max_length=4, choices=Kind)
    name = models.CharField(_("名称"), max_length=50)
    override = models.BooleanField(_("本地规定"), default=False)

    class Meta:
        verbose_name = _("节假日与调休")
        verbose_name_plural = _("节假日与调休")
        constraints = [
            models.UniqueConstraint(
                fields=["date", "override"], name="holiday_date_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class WorkScheme(models.Model):
    """计时管理方案: the work periods in a range of dates.

    `periods` is a list of ["HH:MM", "HH:MM"] pairs, ascending, in Asia/Shanghai;
    `weekdays` lists the ISO weekdays (1 = Monday) worked in it. The scheme without
    dates is the default and must exist.
    """

    name = models.CharField(_("名称"), max_length=50)
    starts_date = models.DateField(_("开始日期"), null=True, blank=True)
    ends_date = models.DateField(_("结束日期（不含）"), null=True, blank=True)
    weekdays = models.JSONField(_("工作日"))
    periods = models.JSONField(_("工作时段"))

    class Meta:
        verbose_name = _("计时管理方案")
        verbose_name_plural = _("计时管理方案")
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(starts_date=None),
                name="work_scheme_default_once",
            )
        ]

    def __str__(self) -> str:
        return self.name
