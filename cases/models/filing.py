"""What comes in with a filing: its number, the submission, the photos."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.case import Case


class CaseNumber(models.Model):
    """The last number given in a district on a day."""

    district_code = models.CharField(max_length=6)
    date = models.DateField()
    last = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("案卷号序列")
        verbose_name_plural = _("案卷号序列")
        constraints = [
            models.UniqueConstraint(
                fields=["district_code", "date"], name="case_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.district_code} {self.date} {self.last}"


class Submission(models.Model):
    """What a client sent under an id of its own making, so that twice is once.

    The same id with the same digest gets the same case; a different digest under a
    known id is a conflict, and both bodies are kept (`SubmissionConflict`).
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey("parties.User", models.PROTECT, null=True)
    digest = models.CharField(max_length=64)
    body = models.JSONField()
    case = models.ForeignKey(Case, models.PROTECT, null=True)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("提交")
        verbose_name_plural = _("提交")

    def __str__(self) -> str:
        return str(self.id)


class SubmissionConflict(models.Model):
    submission = models.ForeignKey(Submission, models.PROTECT)
    digest = models.CharField(max_length=64)
    body = models.JSONField()
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("提交冲突")
        verbose_name_plural = _("提交冲突")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "digest"], name="conflict_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.digest[:8]}"


class Photo(models.Model):
    """A picture of the spot; sent by itself, tied to a case when its form arrives.

    `original` is as received (kept, never served to a browser); `served` and `thumb`
    are re-encoded JPEGs, upright and without EXIF. When and where it was taken are
    kept as fields (position SRID 4490).
    """

    class Stage(models.TextChoices):
        REPORT = "report", _("上报")
        BEFORE = "before", _("处置前")
        AFTER = "after", _("处置后")
        VERIFY = "verify", _("核实")
        CHECK = "check", _("核查")
        CHECK_IN = "check_in", _("报到")
        RATING = "rating", _("评价")
        REOPEN = "reopen", _("复发")
        EVIDENCE = "evidence", _("佐证")

    id = models.UUIDField(primary_key=True)
    batch = models.UUIDField(db_index=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="photos")
    stage = models.CharField(_("环节"), max_length=8, choices=Stage)
    user = models.ForeignKey("parties.User", models.PROTECT, null=True)
    user_name = models.CharField(max_length=50, blank=True)
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
        verbose_name = _("照片")
        verbose_name_plural = _("照片")
        indexes = [models.Index(fields=["case", "received_at"], name="photo_case")]

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.id}"
