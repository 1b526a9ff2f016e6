"""People who are looked after, with as little about them as the service needs."""

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duties.querysets.care import CareTargetQuerySet

if TYPE_CHECKING:
    from datetime import date


class CareTarget(models.Model):
    """关爱服务对象 (DOMAIN D.6), never a register of suspicion.

    Name, room and telephone are sealed (`governance.crypto`) and emptied when the
    service ends; the address goes down to the building only. No 上访, 宗教, 民族,
    政治, 病种 or 犯罪记录 is kept, and nothing biometric.
    """

    class Service(models.TextChoices):
        LIVING_ALONE = "living_alone", _("独居老人")
        DISABLED = "disabled", _("残疾人")
        CHILD = "child", _("困境儿童")
        HARDSHIP = "hardship", _("困难家庭")
        VETERAN = "veteran", _("优抚对象")

    class Basis(models.TextChoices):
        CONSENT = "consent", _("本人或监护人同意")
        STATUTORY = "statutory", _("法定职责")

    grid = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("所在网格")
    )
    name = models.TextField(_("姓名"), blank=True)
    telephone = models.TextField(_("联系电话"), blank=True)
    building = models.CharField(_("楼栋"), max_length=100)
    room = models.TextField(_("房号"), blank=True)
    services = ArrayField(
        models.CharField(max_length=12, choices=Service), verbose_name=_("服务类别")
    )
    legal_basis = models.CharField(_("处理依据"), max_length=10, choices=Basis)
    basis_note = models.CharField(_("依据说明"), max_length=200, blank=True)
    consent_date = models.DateField(_("同意日期"), null=True, blank=True)
    worker = models.ForeignKey(
        "parties.User", models.PROTECT, related_name="+", verbose_name=_("责任网格员")
    )
    every_days = models.PositiveSmallIntegerField(_("走访间隔（天）"))
    next_visit_date = models.DateField(_("下次走访日期"))
    last_visited_at = models.DateTimeField(_("最近走访"), null=True, blank=True)
    review_date = models.DateField(_("复核日期"))
    created_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("登记时间"))
    ended_at = models.DateTimeField(_("退出服务时间"), null=True, blank=True)
    end_reason = models.CharField(_("退出原因"), max_length=200, blank=True)

    objects = CareTargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("关爱服务对象")
        verbose_name_plural = _("关爱服务对象")
        constraints = [
            models.CheckConstraint(
                condition=~Q(legal_basis="consent") | Q(consent_date__isnull=False),
                name="care_consent_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(every_days__gte=1), name="care_visits_have_a_pace"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(name="", telephone="", room=""),
                name="care_ended_is_emptied",
            ),
        ]
        indexes = [
            models.Index(
                fields=["grid", "next_visit_date"],
                condition=Q(ended_at=None),
                name="care_open_grid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.building} #{self.pk}"

    @property
    def chain(self) -> str:
        return f"care:{self.pk}"

    @property
    def service_names(self) -> str:
        return "、".join(str(self.Service(one).label) for one in self.services)

    def is_due_for_review(self, day: "date") -> bool:
        return self.review_date <= day
