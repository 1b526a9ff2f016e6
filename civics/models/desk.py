from django.db import models
from django.utils.translation import gettext_lazy as _

from civics.querysets.desks import DataDeskQuerySet


class DataDesk(models.Model):
    """个人信息受理单位: the unit that carries out what people ask about their data, in
    its district; one at a time. It is the lead on the list of responsibility, too."""

    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+",
        verbose_name=_("受理单位"),
    )  # fmt: skip
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("地区")
    )
    opened_at = models.DateTimeField(_("开通时间"))
    ended_at = models.DateTimeField(_("停止时间"), null=True, blank=True)

    objects = DataDeskQuerySet.as_manager()

    class Meta:
        verbose_name = _("个人信息受理单位")
        verbose_name_plural = _("个人信息受理单位")
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=models.Q(ended_at=None),
                name="data_desk_one_of_area",
            )
        ]

    def __str__(self) -> str:
        return str(self.organisation)
