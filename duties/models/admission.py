"""What departments may ask of communities and grids."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duties.querysets.admissions import AdmissionQuerySet
from duties.workflow import IN_FORCE, AdmissionState


class GridItemAdmission(models.Model):
    """网格事项准入 (DOMAIN D.3): no task reaches a community or a grid without one.

    `area` is the district that keeps the list; the item holds from `starts_date`
    (included) to `ends_date` (included), which a temporary item must have.
    """

    class Kind(models.TextChoices):
        REGULAR = "regular", _("常态")
        TEMPORARY = "temporary", _("临时")

    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("适用范围")
    )
    applicant = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("申请单位"),
    )
    item = models.CharField(_("事项"), max_length=80)
    reason = models.CharField(_("依据和理由"), max_length=500)
    workload = models.CharField(_("工作量"), max_length=200)
    funding = models.CharField(_("经费保障"), max_length=200, blank=True)
    kind = models.CharField(_("类型"), max_length=9, choices=Kind)
    starts_date = models.DateField(_("开始日期"))
    ends_date = models.DateField(_("结束日期"), null=True, blank=True)
    state = models.CharField(
        _("状态"), max_length=9, choices=AdmissionState, default=AdmissionState.APPLIED
    )
    opinion = models.CharField(_("意见"), max_length=500, blank=True)
    applied_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(_("申请时间"))
    reviewed_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("退出时间"), null=True, blank=True)

    objects = AdmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("网格事项准入")
        verbose_name_plural = _("网格事项准入")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=AdmissionState.values),
                name="admission_state_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="regular") | Q(ends_date__isnull=False),
                name="admission_temporary_ends",
            ),
            models.UniqueConstraint(
                fields=["area", "item"],
                condition=~Q(state__in=["REFUSED", "WITHDRAWN"]),
                name="admission_item_once",
            ),
        ]

    def __str__(self) -> str:
        return self.item

    @property
    def chain(self) -> str:
        return f"admission:{self.pk}"

    def holds_on(self, day: date) -> bool:
        return (
            self.state in IN_FORCE
            and self.starts_date <= day
            and (self.ends_date is None or day <= self.ends_date)
        )
