from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from civics.querysets.places import PlaceQuerySet


class Place(models.Model):
    """A place that a QR code in the street stands for: a grid, or a named place in one.

    `code` is what the QR code carries; it is never used again for another place.
    `accuracy_m` says how far from `point` (SRID 4490) the matter may be.
    """

    code = models.CharField(_("编号"), max_length=8, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    address = models.CharField(_("地址"), max_length=256)
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("所在网格")
    )
    whole_area = models.BooleanField(_("整个网格"), default=False)
    point = models.PointField(srid=4490)
    accuracy_m = models.FloatField()
    created_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("二维码地点")
        verbose_name_plural = _("二维码地点")
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                condition=models.Q(whole_area=True, ended_at=None),
                name="place_one_of_grid",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        return f"place:{self.pk}"
