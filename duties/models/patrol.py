"""Rounds through the grid."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duties.querysets.patrols import PatrolQuerySet


class PatrolRecord(models.Model):
    """A round of a grid worker, from start to end (DOMAIN D.5).

    Nobody's way is tracked: what shows where somebody was are only the points of the
    cases filed meanwhile.
    """

    user = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    grid = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    started_at = models.DateTimeField(_("开始时间"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    remark = models.CharField(_("情况说明"), max_length=500, blank=True)

    objects = PatrolQuerySet.as_manager()

    class Meta:
        verbose_name = _("巡查记录")
        verbose_name_plural = _("巡查记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="patrol_period_runs_forward",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(ended_at=None),
                name="patrol_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["grid", "-started_at"], name="patrol_grid"),
        ]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def chain(self) -> str:
        return f"patrol:{self.pk}"
