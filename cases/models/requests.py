"""What is asked for beside the way of a case: 延期, 挂账, 超期申诉 (DOMAIN B.5)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case
from cases.models.clock import CaseClock
from cases.querysets.requests import SuspensionQuerySet
from cases.workflow import OPEN_REQUESTS, RequestStatus

IS_OPEN = Q(status__in=OPEN_REQUESTS)


class CaseRequest(models.Model):
    """Asked by the handling party, reviewed desk by desk.

    `reviews` holds in order what each reviewer said: `status` (at which desk), `user`,
    `by` (unit, post and name), `approved`, `opinion`, `at`.
    """

    status = models.CharField(_("状态"), max_length=16, choices=RequestStatus)
    reason = models.CharField(_("理由"), max_length=1000)
    asked_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    reviews = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_REQUESTS


class Extension(CaseRequest):
    """延期: one original limit more for the handling clock."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="extensions")
    clock = models.ForeignKey(CaseClock, models.PROTECT, related_name="+")
    due_before = models.DateTimeField(_("原截止"))
    due_after = models.DateTimeField(_("延期后截止"), null=True, blank=True)

    class Meta:
        verbose_name = _("延期申请")
        verbose_name_plural = _("延期申请")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=IS_OPEN, name="extension_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.case_id}"


class Suspension(CaseRequest):
    """挂账: the case stands still until 09:00 of `resume_date`.

    `held_by` had the case in hand and gets it back; `special_reason` is why the
    district granted a second one (特批).
    """

    class Ground(models.TextChoices):
        PLAN = "plan", _("需列入改造计划/资金")
        PROCEDURE = "procedure", _("需法定程序（诉讼、复议、听证、公告期）")
        WEATHER = "weather", _("季节/天气")
        OWNERSHIP = "ownership", _("产权不明")
        EVENT = "event", _("重大活动管制")
        OTHER = "other", _("其他（区级批准）")

    case = models.ForeignKey(Case, models.PROTECT, related_name="suspensions")
    ground = models.CharField(_("挂账原因"), max_length=12, choices=Ground)
    resume_date = models.DateField(_("计划恢复日期"))
    safety_measure = models.CharField(_("期间安全措施"), max_length=1000)
    special_reason = models.CharField(_("特批理由"), max_length=1000, blank=True)
    held_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    resumed_at = models.DateTimeField(_("恢复办理"), null=True, blank=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        verbose_name = _("挂账申请")
        verbose_name_plural = _("挂账申请")
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=IS_OPEN, name="suspension_one_open"
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status=RequestStatus.APPROVED, resumed_at=None),
                name="suspension_one_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.case_id}"


class OverdueAppeal(CaseRequest):
    """超期申诉: once for a case; granted, the overdue clock does not count."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="appeals")
    clock = models.ForeignKey(CaseClock, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("超期申诉")
        verbose_name_plural = _("超期申诉")
        constraints = [models.UniqueConstraint(fields=["case"], name="appeal_once")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.case_id}"
