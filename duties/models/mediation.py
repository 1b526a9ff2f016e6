"""Disputes between people: the mediation of a case, its sessions and agreement."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from duties.models.visit import KeptPhoto
from duties.querysets.mediations import AgreementPhotoQuerySet, MediationQuerySet
from grids.codes import Level


def follow_up_days() -> list[int]:
    """After how many days the keeping of an agreement is looked at (DOMAIN F6)."""
    return [7, 30]


class MediationTemplate(models.Model):
    """How a city mediates (DOMAIN S1-7); its name and all its steps are content.

    `steps` has one step a line, each after the level it belongs to and a colon:
    `社区：人民调解员主持调解`.
    """

    name = models.CharField(_("名称"), max_length=40, unique=True)
    steps = models.TextField(
        _("层级和步骤"),
        max_length=4000,
        help_text=_("每行一步，先写层级：“社区：人民调解员主持调解”。"),
    )
    raise_after = models.PositiveSmallIntegerField(_("几次未达成提示上呈"), default=2)
    follow_up_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("达成协议后几天回访"),
        default=follow_up_days,
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("调解模式")
        verbose_name_plural = _("调解模式")
        constraints = [
            models.CheckConstraint(
                condition=Q(raise_after__gte=1), name="mediation_raises_after_some"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        return f"mediation_template:{self.pk}"

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(level, step) as written, blank lines left out."""
        cut = (
            line.replace(":", "：").partition("：") for line in self.steps.split("\n")
        )
        return [(level.strip(), text.strip()) for level, _colon, text in cut if level]


class Mediation(models.Model):
    """The one mediation of a dispute (DOMAIN D.7).

    `level` is where it stands, and once agreed where it was solved: the level of who
    held the last session. Who mediates are the members of the confidential case.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("调解中")
        REACHED = "reached", _("达成，待签协议")
        AGREED = "agreed", _("已签协议")
        FAILED = "failed", _("未达成")
        STOPPED = "stopped", _("中止")

    case = models.OneToOneField("cases.Case", models.PROTECT, related_name="+")
    template = models.ForeignKey(
        MediationTemplate, models.PROTECT, verbose_name=_("调解模式")
    )
    level = models.PositiveSmallIntegerField(_("调解层级"), choices=Level)
    outcome = models.CharField(
        _("结果"), max_length=7, choices=Outcome, default=Outcome.OPEN
    )
    opened_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("开始时间"))
    agreement = models.TextField(_("协议内容"), max_length=4000, blank=True)
    signed_at = models.DateTimeField(_("签订时间"), null=True, blank=True)
    judicial_confirmation = models.BooleanField(_("申请司法确认"), default=False)

    objects = MediationQuerySet.as_manager()

    class Meta:
        verbose_name = _("纠纷调解")
        verbose_name_plural = _("纠纷调解")
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="agreed")
                | (Q(signed_at__isnull=False) & ~Q(agreement="")),
                name="mediation_agreed_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"

    def get_absolute_url(self) -> str:
        return f"/mediation/{self.case_id}/"

    @property
    def chain(self) -> str:
        return f"mediation:{self.pk}"


class MediationParty(models.Model):
    """One of those in dispute; name and telephone are sealed, the rating is theirs."""

    class Side(models.TextChoices):
        APPLICANT = "applicant", _("申请人")
        RESPONDENT = "respondent", _("被申请人")
        CONCERNED = "concerned", _("利害关系人")

    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="parties")
    side = models.CharField(_("身份"), max_length=10, choices=Side)
    name = models.TextField(_("姓名"))
    telephone = models.TextField(_("联系电话"), blank=True)
    score = models.CharField(
        _("评价"), max_length=16, choices=Case.Score, blank=True, default=""
    )
    rated_at = models.DateTimeField(_("评价时间"), null=True, blank=True)
    rated_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, blank=True, related_name="+"
    )
    rating_remark = models.CharField(_("评价说明"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("纠纷当事人")
        verbose_name_plural = _("纠纷当事人")

    def __str__(self) -> str:
        return f"{self.get_side_display()} #{self.pk}"


class MediationSession(models.Model):
    """One sitting: when, where, who was there, how it ended, the minutes."""

    class Outcome(models.TextChoices):
        FAILED = "failed", _("未达成")
        REACHED = "reached", _("达成")
        STOPPED = "stopped", _("中止")

    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField(_("次序"))
    level = models.PositiveSmallIntegerField(_("层级"), choices=Level)
    held_at = models.DateTimeField(_("调解时间"))
    place = models.CharField(_("地点"), max_length=100)
    present = models.CharField(_("参加人"), max_length=300)
    outcome = models.CharField(_("结果"), max_length=7, choices=Outcome)
    minutes = models.TextField(_("调解笔录"), max_length=4000)
    recorded_by = models.ForeignKey("parties.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("记录时间"))

    class Meta:
        verbose_name = _("调解会")
        verbose_name_plural = _("调解会")
        constraints = [
            models.UniqueConstraint(
                fields=["mediation", "number"], name="mediation_session_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mediation_id} #{self.number}"


class AgreementPhoto(KeptPhoto):
    """A page of the signed agreement."""

    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="photos")

    objects = AgreementPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("协议照片")
        verbose_name_plural = _("协议照片")

    def get_stage_display(self) -> str:
        return str(_("协议"))


class MediationFollowUp(models.Model):
    """The visit task that looks whether an agreement is kept, so many days after."""

    mediation = models.ForeignKey(Mediation, models.PROTECT, related_name="follow_ups")
    days = models.PositiveSmallIntegerField(_("天数"))
    task = models.OneToOneField("duties.Task", models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("协议履行回访")
        verbose_name_plural = _("协议履行回访")
        constraints = [
            models.UniqueConstraint(
                fields=["mediation", "days"], name="mediation_follow_up_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mediation_id} +{self.days}"
