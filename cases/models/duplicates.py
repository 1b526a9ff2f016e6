"""What counts as a likely duplicate here."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.likeness import LIKE, Limits
from cases.querysets.duplicates import DuplicateRuleQuerySet


class DuplicateRule(models.Model):
    """The tenant's own limits of the duplicate finder; one row, or the defaults of
    DOMAIN C.7 (`cases.likeness.Limits`). docs/duplicates.md explains them."""

    near_m = models.PositiveSmallIntegerField(
        _("附近（米）"),
        default=50,
        validators=[MinValueValidator(1)],
        help_text=_("这个距离以内，同一小类或易混小类的案件都提示。"),
    )
    far_m = models.PositiveSmallIntegerField(
        _("稍远（米）"),
        default=200,
        validators=[MinValueValidator(1), MaxValueValidator(2000)],
        help_text=_("这个距离以内，文字相似的案件也提示。"),
    )
    days = models.PositiveSmallIntegerField(
        _("几天以内"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    likeness = models.FloatField(
        _("文字相似度下限"),
        default=LIKE,
        validators=[MinValueValidator(0.05), MaxValueValidator(1)],
        help_text=_("0.05 到 1；越小提示越多。"),
    )

    objects = DuplicateRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("重复案件规则")
        verbose_name_plural = _("重复案件规则")
        constraints = [
            models.CheckConstraint(
                condition=Q(far_m__gte=F("near_m")),
                name="duplicate_rule_far_beyond_near",
                violation_error_message=_("“稍远”不能小于“附近”。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.near_m} / {self.far_m} m, {self.days} d, {self.likeness}"

    @property
    def limits(self) -> Limits:
        return Limits(self.near_m, self.far_m, self.days, self.likeness)
