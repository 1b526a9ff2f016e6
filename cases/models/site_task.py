"""Errands: who is sent to the spot, to verify, to check or to stand guard."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class SiteTask(models.Model):
    """Somebody is sent to the spot: 核实 before filing, 核查 after handling.

    The platform itself sends for 值守: to stand by the danger of an urgent case until
    the unit has made it safe (F2). It has no conclusion, only coming and leaving.
    """

    class Kind(models.TextChoices):
        VERIFY = "verify", _("核实")
        CHECK = "check", _("核查")
        GUARD = "guard", _("值守")

    class Result(models.TextChoices):
        TRUE = "true", _("属实")
        UNTRUE = "untrue", _("不属实")
        UNCLEAR = "unclear", _("无法核实")
        PASSED = "passed", _("通过")
        FAILED = "failed", _("不通过")
        RECALLED = "recalled", _("已撤销")

    case = models.ForeignKey(Case, models.PROTECT, related_name="site_tasks")
    kind = models.CharField(max_length=6, choices=Kind)
    worker = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    requirement = models.CharField(_("要求"), max_length=500)
    sent_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField()
    arrived_at = models.DateTimeField(_("到场时间"), null=True, blank=True)
    result = models.CharField(_("结论"), max_length=8, choices=Result, blank=True)
    note = models.CharField(_("说明"), max_length=1000, blank=True)
    position = models.PointField(srid=4490, null=True, blank=True)
    distance_m = models.FloatField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("核实核查任务")
        verbose_name_plural = _("核实核查任务")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(submitted_at=None),
                name="site_task_one_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["worker"],
                condition=Q(submitted_at=None),
                name="site_task_open_worker",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case_id}"
