from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from civics.querysets.following import AreaFollowQuerySet, FollowQuerySet


class Follow(models.Model):
    """关注 by a telephone; `joined` when it said ＋1 too (FEATURES 72).

    `told_state` is the state the resident knows of; a case that stands elsewhere has
    news. It ends with the case, or when the resident does not want it any more.
    """

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="follows")
    phone = models.ForeignKey("civics.Phone", models.PROTECT, related_name="follows")
    joined = models.BooleanField("＋1", default=False)
    told_state = models.CharField(max_length=20)
    at = models.DateTimeField(_("关注时间"))
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = FollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("关注")
        verbose_name_plural = _("关注")
        constraints = [
            models.UniqueConstraint(fields=["case", "phone"], name="follow_once")
        ]
        indexes = [
            models.Index(
                fields=["case"], condition=Q(ended_at=None), name="follow_running"
            )
        ]

    def __str__(self) -> str:
        return f"{_('关注')} {self.pk}"


class AreaFollow(models.Model):
    """关注一个社区: told once a day what became public there (FEATURES 72).

    `told_at` is until when the resident was told; what became public later is news.
    """

    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("社区")
    )
    phone = models.ForeignKey(
        "civics.Phone", models.PROTECT, related_name="area_follows"
    )
    at = models.DateTimeField(_("关注时间"))
    told_at = models.DateTimeField(_("最近告知"))
    ended_at = models.DateTimeField(_("停止时间"), null=True, blank=True)

    objects = AreaFollowQuerySet.as_manager()

    class Meta:
        verbose_name = _("社区关注")
        verbose_name_plural = _("社区关注")
        constraints = [
            models.UniqueConstraint(
                fields=["area", "phone"],
                condition=Q(ended_at=None),
                name="area_follow_once",
            )
        ]

    def __str__(self) -> str:
        return str(self.area)
