"""三级预警: what was raised, the urgings it led to, and the orders that supervise."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case, dashed
from cases.models.clock import CaseClock
from cases.querysets.escalation import EscalationQuerySet, SupervisionOrderQuerySet


class Escalation(models.Model):
    """That a case reached a level of the 三级预警 for a reason (DOMAIN C.6).

    Unique, so that each reason raises each level once in each `round`, which is how
    often the case was reopened before. Those with a clock hold while it is open, the
    others while the case is in that round.
    """

    class Level(models.IntegerChoices):
        YELLOW = 1, _("一级预警")
        ORANGE = 2, _("二级预警")
        RED = 3, _("三级预警")

    class Trigger(models.TextChoices):
        NEARLY_DUE = "nearly_due", _("时限将到")
        OVERDUE = "overdue", _("超时")
        ABSENT = "absent", _("超时未报到")
        RETURNED = "returned", _("二次审核退回")
        LONG_OVERDUE = "long_overdue", _("严重超时")
        REWORKED = "reworked", _("二次返工")
        DISSATISFIED = "dissatisfied", _("二次不满意")
        URGED = "urged", _("人工催办")
        SUPERVISED = "supervised", _("人工督办")

    case = models.ForeignKey(Case, models.PROTECT, related_name="escalations")
    clock = models.ForeignKey(
        CaseClock, models.PROTECT, null=True, related_name="escalations"
    )
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level)
    trigger = models.CharField(_("触发"), max_length=12, choices=Trigger)
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    round = models.PositiveSmallIntegerField(_("轮次"), default=0)
    at = models.DateTimeField(_("时间"))

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("预警")
        verbose_name_plural = _("预警")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "clock", "level", "trigger"],
                nulls_distinct=False,
                name="escalation_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.get_trigger_display()}"

    def get_level_display(self) -> str:  # type: ignore[no-redef]
        """As `Case.get_state_display`."""
        return str(self.Level(self.level).label)

    def get_trigger_display(self) -> str:  # type: ignore[no-redef]
        return str(self.Trigger(self.trigger).label)


class Urging(models.Model):
    """催办单, written by the platform at 二级预警 or by a person; counted (C.6)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="urgings")
    number = models.CharField(_("催办单号"), max_length=24, unique=True)
    escalation = models.OneToOneField(
        Escalation, models.PROTECT, null=True, related_name="urging"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+"
    )
    opinion = models.CharField(_("催办事由"), max_length=1000)
    urged_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("催办单")
        verbose_name_plural = _("催办单")

    def __str__(self) -> str:
        return self.display_no

    @property
    def display_no(self) -> str:
        return dashed(self.number)


class SupervisionOrder(models.Model):
    """督办单 (C.6): a unit must answer it within one working day.

    `round` counts how often it was put to the unit (again after each return), and
    `late_round` is the last of them whose answer was late; 0 when none was.
    """

    class Status(models.TextChoices):
        ISSUED = "issued", _("待回复")
        ANSWERED = "answered", _("已回复待审")
        RETURNED = "returned", pgettext_lazy("state", "退回重新回复")
        ACCEPTED = "accepted", _("已办结")

    case = models.ForeignKey(Case, models.PROTECT, related_name="supervision_orders")
    sub_number = models.CharField(_("督办子号"), max_length=24, unique=True)
    district = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    escalation = models.OneToOneField(
        Escalation, models.PROTECT, null=True, related_name="supervision_order"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+"
    )
    opinion = models.CharField(_("督办事由"), max_length=1000)
    issued_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField(_("下达时间"))
    due_at = models.DateTimeField(_("回复时限"))
    status = models.CharField(_("状态"), max_length=8, choices=Status)
    round = models.PositiveSmallIntegerField(default=1)
    late_round = models.PositiveSmallIntegerField(default=0)
    reply = models.CharField(_("回复"), max_length=1000, blank=True)
    replied_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)
    review = models.CharField(_("审核意见"), max_length=1000, blank=True)
    reviewed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    objects = SupervisionOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("督办单")
        verbose_name_plural = _("督办单")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "year", "serial"], name="supervision_number_once"
            ),
            models.UniqueConstraint(
                fields=["case", "organisation"],
                condition=Q(escalation=None) & ~Q(status="accepted"),
                name="supervision_by_hand_one_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["district", "due_at"],
                condition=~Q(status="accepted"),
                name="supervision_open",
            ),
            models.Index(fields=["due_at"], name="supervision_due"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def display_sub_no(self) -> str:
        return dashed(self.sub_number)

    @property
    def number(self) -> str:
        """`吹督〔2026〕12号`, within its district."""
        return f"吹督〔{self.year}〕{self.serial}号"

    @property
    def awaits_reply(self) -> bool:
        return self.status in (self.Status.ISSUED, self.Status.RETURNED)


class SupervisionNumber(models.Model):
    """The last number given in a district in a year."""

    district = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("督办单号序列")
        verbose_name_plural = _("督办单号序列")
        constraints = [
            models.UniqueConstraint(
                fields=["district", "year"], name="supervision_sequence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.district_id} {self.year} {self.last}"


class StageProgress(models.Model):
    """An earlier stage of a staged limit: told when it ran out, or done (B.5)."""

    clock = models.ForeignKey(CaseClock, models.PROTECT, related_name="progress")
    name = models.CharField(_("阶段"), max_length=20)
    told_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    done_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    note = models.CharField(_("说明"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("阶段办理")
        verbose_name_plural = _("阶段办理")
        constraints = [
            models.UniqueConstraint(fields=["clock", "name"], name="stage_once")
        ]

    def __str__(self) -> str:
        return self.name


class QuietHours(models.Model):
    """静默时段: from `starts` until `ends` of the next morning, Asia/Shanghai.

    At most one row; without one, 21:00 to 08:00 holds. Clock alerts, automatic urgings
    and the reminders of supervision orders about cases that are not urgent are told
    when it ends. Told at once: urgent cases and emergency whistles, whatever a person
    does to a case, urgings and orders by hand. What an alert records is never delayed.
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    enabled = models.BooleanField(_("启用"), default=True)
    starts = models.TimeField(_("开始"))
    ends = models.TimeField(_("结束"))

    class Meta:
        verbose_name = _("静默时段")
        verbose_name_plural = _("静默时段")
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="quiet_hours_only_one")
        ]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"
