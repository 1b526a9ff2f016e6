"""What was seen at a visit or an inspection."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from duties.querysets.visits import VisitPhotoQuerySet, VisitQuerySet


class VisitRecord(models.Model):
    """One visit, kept as it was (DOMAIN D.5); a correction is a further record.

    `submission` is made by the client: the same again is the same record. `answers`
    is self-contained (`duties.checklists.answered`). `case` is what was filed from it.
    """

    submission = models.UUIDField(unique=True)
    receiver = models.ForeignKey(
        "duties.TaskReceiver", models.PROTECT, related_name="records"
    )
    target = models.ForeignKey(
        "duties.CareTarget",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
    )
    subject = models.CharField(_("对象"), max_length=100, blank=True)
    visitor = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    visited_at = models.DateTimeField(_("走访时间"))
    answers = models.JSONField(_("检查结果"), default=list)
    is_abnormal = models.BooleanField(_("异常"), default=False)
    remark = models.CharField(_("情况说明"), max_length=1000, blank=True)
    next_visit_date = models.DateField(_("下次走访日期"), null=True, blank=True)
    case = models.OneToOneField(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("走访排查记录")
        verbose_name_plural = _("走访排查记录")
        indexes = [
            models.Index(fields=["receiver", "-id"], name="visit_receiver"),
        ]

    def __str__(self) -> str:
        return f"{self.receiver_id} {self.visited_at:%Y-%m-%d}"


class KeptPhoto(models.Model):
    """A picture taken over from `cases.Photo`, where it was uploaded.

    The files stay where they were stored; `position` is SRID 4490.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    user_name = models.CharField(max_length=50)
    sha256 = models.CharField(max_length=64)
    original = models.CharField(max_length=200)
    served = models.CharField(max_length=200)
    thumb = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    taken_at = models.DateTimeField(_("拍摄时间"), null=True, blank=True)
    position = models.PointField(srid=4490, null=True, blank=True)
    received_at = models.DateTimeField(_("接收时间"))

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class VisitPhoto(KeptPhoto):
    """A picture of a visit."""

    record = models.ForeignKey(VisitRecord, models.PROTECT, related_name="photos")

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("走访照片")
        verbose_name_plural = _("走访照片")

    def get_stage_display(self) -> str:
        """As photos of cases have it, for the same gallery."""
        return str(_("走访"))
