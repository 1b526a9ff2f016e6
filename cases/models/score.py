"""How the street marked the units of a whistle, and how a fault is shared."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.models.whistle import WhistleAssignment
from cases.querysets.scores import BundledSharesQuerySet, UnitScoreQuerySet


class UnitScore(models.Model):
    """The street's mark for one called unit, 1 to 5, after closing (DOMAIN C.3)."""

    assignment = models.OneToOneField(
        WhistleAssignment, models.PROTECT, related_name="score", verbose_name=_("单位")
    )
    score = models.PositiveSmallIntegerField(_("评分"))
    remark = models.CharField(_("评语"), max_length=1000, blank=True)
    scored_by = models.ForeignKey(
        "parties.User", models.PROTECT, null=True, related_name="+"
    )
    scorer_role = models.CharField(max_length=24)
    scored_at = models.DateTimeField(_("评分时间"))

    objects = UnitScoreQuerySet.as_manager()

    class Meta:
        verbose_name = _("单位评分")
        verbose_name_plural = _("单位评分")
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=1, score__lte=5), name="unit_score_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(score__gt=2) | ~Q(remark=""), name="unit_score_low_has_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.score}"


class BundledShares(models.Model):
    """捆绑考核: the tenant's own shares of a joint case's fault, in percent.

    At most one row, before `workflow.BUNDLED_SHARES` (DOMAIN C.9).
    """

    lead = models.PositiveSmallIntegerField(
        _("主办 %"), validators=[MaxValueValidator(100)]
    )
    supports = models.PositiveSmallIntegerField(
        _("协办合计 %"), validators=[MaxValueValidator(100)]
    )
    street = models.PositiveSmallIntegerField(
        _("街道 %"), validators=[MaxValueValidator(100)]
    )
    only = models.BooleanField(default=True, editable=False, unique=True)

    objects = BundledSharesQuerySet.as_manager()

    class Meta:
        verbose_name = _("捆绑考核分担")
        verbose_name_plural = _("捆绑考核分担")
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="bundled_shares_one"),
            models.CheckConstraint(
                condition=Q(street=100 - F("lead") - F("supports")),
                name="bundled_shares_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lead}/{self.supports}/{self.street}"

    @property
    def percents(self) -> dict[str, int]:
        return {"lead": self.lead, "supports": self.supports, "street": self.street}
