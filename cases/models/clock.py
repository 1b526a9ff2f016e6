"""Clocks of a case, their limits and the alerts they fired."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.limits import Limit
from cases.models.case import Case
from cases.models.whistle import WhistleAssignment
from cases.workflow import Stage, WhistleKind
from governance.calendar import Unit


class CaseClock(models.Model):
    """The time a stage may take, and has taken.

    It runs while `running_since` is set. `consumed_minutes` is what earlier stretches
    used, in the unit's own measure (working minutes for work units), never wall-clock
    difference. `due_at` is a pure function of these and the working calendar; it is
    empty while the clock stands still. A restart is a new row (DOMAIN C.4). `base_n` is
    the limit it began with, `limit_n` that with all extensions. An overdue clock stays
    overdue; `exempt` (申诉通过) only takes it out of the statistics.
    `round` is how often the case was reopened before; a reopened case begins new clocks
    and leaves the old ones as they were (T47).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="clocks")
    stage = models.CharField(_("环节"), max_length=20, choices=Stage)
    assignment = models.ForeignKey(
        WhistleAssignment, models.PROTECT, null=True, related_name="clocks"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    limit_n = models.DecimalField(_("时限"), max_digits=8, decimal_places=2)
    base_n = models.DecimalField(_("原时限"), max_digits=8, decimal_places=2)
    limit_unit = models.CharField(_("单位"), max_length=12, choices=Unit)
    started_at = models.DateTimeField()
    running_since = models.DateTimeField(null=True, blank=True)
    consumed_minutes = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    due_at = models.DateTimeField(_("截止"), null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    is_overdue = models.BooleanField(_("超时"), default=False)
    overtime_minutes = models.DecimalField(
        _("超时分钟"), max_digits=12, decimal_places=3, default=0
    )
    exempt = models.BooleanField(_("不计超时"), default=False)
    superseded = models.BooleanField(default=False)
    round = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("计时")
        verbose_name_plural = _("计时")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "stage", "assignment"],
                condition=Q(stopped_at=None),
                nulls_distinct=False,
                name="clock_one_open",
            )
        ]
        indexes = [models.Index(fields=["stage", "due_at"], name="clock_stage_due")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.limit_n} {self.limit_unit}"


class ClockAlert(models.Model):
    """That a clock reached a percentage of a limit was told; unique, so it is told
    once. An extended clock is told again for its new limit."""

    clock = models.ForeignKey(CaseClock, models.PROTECT, related_name="alerts")
    percent = models.PositiveSmallIntegerField()
    limit_n = models.DecimalField(_("时限"), max_digits=8, decimal_places=2)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("时限提醒")
        verbose_name_plural = _("时限提醒")
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "percent", "limit_n"], name="alert_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock_id} {self.percent}%"


class StageLimit(models.Model):
    """The tenant's own limit for a stage, before `workflow.DEFAULT_LIMITS`.

    报到 has one for each kind of whistle (`kind`) instead of one for urgent cases.
    """

    stage = models.CharField(_("环节"), max_length=20, choices=Stage)
    kind = models.CharField(_("哨型"), max_length=12, choices=WhistleKind, blank=True)
    urgent = models.BooleanField(_("紧急案件"), default=False)
    n = models.DecimalField(_("时限"), max_digits=8, decimal_places=2)
    unit = models.CharField(_("单位"), max_length=12, choices=Unit)

    class Meta:
        verbose_name = _("环节时限")
        verbose_name_plural = _("环节时限")
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "urgent", "kind"], name="stage_limit_once"
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.CHECKIN, urgent=False) & ~Q(kind="")
                | ~Q(stage=Stage.CHECKIN) & Q(kind=""),
                name="stage_limit_kind_of_checkin",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.n} {self.get_unit_display()}"

    @property
    def limit(self) -> Limit:
        return Limit(self.n, Unit(self.unit))
