"""推诿治理: what departments dispute, how it is ruled, and what nobody answers for."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.models.case import Case
from cases.models.whistle import WhistleAssignment
from cases.querysets.disputes import ResponsibilityGapQuerySet


class DocumentNumber(models.Model):
    """The last number that a body gave to a kind of document in a year."""

    class Kind(models.TextChoices):
        RULING = "ruling", _("吹裁")
        MINUTES = "minutes", _("联席会议纪要")

    kind = models.CharField(max_length=8, choices=Kind)
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("文号序列")
        verbose_name_plural = _("文号序列")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "area", "year"], name="document_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}〔{self.year}〕{self.last}"


class Dispute(models.Model):
    """异议: the lead says that the matter is not its own (DOMAIN C.3, disputes).

    Once for each organisation and case. `outcome` is empty while it waits for a
    ruling. 无理退回 is counted of the upheld ones only.
    """

    class Reason(models.TextChoices):
        NOT_OUR_DUTY = "not_our_duty", _("不属本单位职责")
        OTHER_UNIT = "other_unit", _("应由其他单位主办")
        NO_JURISDICTION = "no_jurisdiction", _("不在本单位管辖范围")
        NO_LAW = "no_law", _("无执法依据")

    class Outcome(models.TextChoices):
        PENDING = "", _("待裁定")
        REASSIGNED = "reassigned", _("改派")
        UPHELD = "upheld", _("维持原派")
        TAKEN_OVER = "taken_over", _("街道兜底")
        REFERRED = "referred", pgettext_lazy("outcome", "提请区级协调")

    class Referral(models.TextChoices):
        """Why the street hands the ruling to the district (T29); in the journal."""

        NOT_ACCEPTED = "not_accepted", _("街道裁定不被接受")
        DISTRICT_UNITS = "district_units", _("跨区直部门")

    case = models.ForeignKey(Case, models.PROTECT, related_name="disputes")
    assignment = models.ForeignKey(
        WhistleAssignment, models.PROTECT, related_name="disputes"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("理由"), max_length=16, choices=Reason)
    legal_basis = models.CharField(_("法规依据"), max_length=500)
    suggested_organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, null=True, related_name="+"
    )
    suggested = models.CharField(_("建议承办单位"), max_length=200)
    opinion = models.CharField(_("意见"), max_length=1000)
    raised_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    raised_at = models.DateTimeField()
    outcome = models.CharField(
        _("裁定结果"), max_length=12, choices=Outcome, blank=True, default=""
    )
    ruling_number = models.CharField(_("裁定书文号"), max_length=40, blank=True)
    ruling = models.CharField(_("裁定意见"), max_length=1000, blank=True)
    ruled_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    ruled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "organisation"],
                name="dispute_once_each",
                violation_error_message=_("贵单位对本案已经提出过异议。"),
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(outcome=""), name="dispute_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.get_outcome_display()}"


class ResponsibilityFinding(models.Model):
    """责任认定 after an emergency: whose it was. For the statistics; the case stays."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="finding")
    organisation = models.ForeignKey(
        "parties.Organisation", models.PROTECT, related_name="+"
    )
    legal_basis = models.CharField(_("法规依据"), max_length=500)
    opinion = models.CharField(_("认定意见"), max_length=1000)
    found_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    found_at = models.DateTimeField()

    class Meta:
        verbose_name = _("责任认定")
        verbose_name_plural = _("责任认定")

    def __str__(self) -> str:
        return f"{self.case_id} {self.organisation_id}"


class ResponsibilityGap(models.Model):
    """职责空白: nobody answers for it, so the street took over (属地兜底).

    Material for the next revision of the 权责清单; `settled_by` is the line that was
    then written.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="gaps")
    category = models.ForeignKey("cases.Category", models.PROTECT, related_name="+")
    area = models.ForeignKey("grids.Area", models.PROTECT, related_name="+")
    note = models.CharField(_("说明"), max_length=1000)
    at = models.DateTimeField()
    settled_by = models.ForeignKey(
        "cases.ResponsibilityItem", models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ResponsibilityGapQuerySet.as_manager()

    class Meta:
        verbose_name = _("职责空白")
        verbose_name_plural = _("职责空白")

    def __str__(self) -> str:
        return self.note[:40]

    @property
    def chain(self) -> str:
        return f"gap:{self.pk}"
