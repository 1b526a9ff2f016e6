"""What can be filed, within which limits, and whose responsibility it is."""

from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.limits import Limit, Stage
from cases.querysets.catalogue import CategoryQuerySet, ResponsibilityItemQuerySet
from governance.calendar import Unit
from grids.models import Level

if TYPE_CHECKING:
    from cases.models.question import Question


class Category(models.Model):
    """A 小类 of one standard, e.g. 09006 占道经营 (DOMAIN B.4).

    `code5` is 大类 (2) + 小类 (3); `legacy_code4` keeps the 2+2 spelling of older
    standards. `confusables` lists the categories it is often taken for, as
    {"code5": …, "hint": …}. `community_matter` puts it on the community's list of
    matters (DOMAIN C.3, T11 and T18); until a city strikes what is not, all are.
    """

    class Kind(models.TextChoices):
        COMPONENT = "component", _("部件")
        MATTER = "matter", _("事项")
        LOCAL = "local", _("本地")

    class PhotoRule(models.TextChoices):
        REQUIRED = "required", _("至少一张现场照片")
        OPTIONAL = "optional", _("可不拍照")

    standard_ref = models.CharField(_("依据标准"), max_length=50)
    kind = models.CharField(_("类别"), max_length=9, choices=Kind)
    code5 = models.CharField(
        _("小类代码"),
        max_length=5,
        validators=[RegexValidator(r"^\d{5}\Z", _("小类代码是5位数字。"))],
    )
    legacy_code4 = models.CharField(_("旧版4位代码"), max_length=4, blank=True)
    name = models.CharField(_("小类名称"), max_length=50)
    parent_code = models.CharField(_("大类代码"), max_length=2)
    major_name = models.CharField(_("大类名称"), max_length=50)
    plain_words = models.TextField(_("通俗说法"), blank=True)
    pinyin = models.TextField(_("拼音"), blank=True, editable=False)
    handling_unit = models.CharField(_("处置单位"), max_length=200, blank=True)
    competent_unit = models.CharField(_("主管部门"), max_length=200, blank=True)
    self_resolvable = models.BooleanField(_("可即报即结"), default=False)
    community_matter = models.BooleanField(
        _("社区事项"),
        default=True,
        help_text=_("列入社区事项清单：社区可以接报自办，街道可以退回社区办理。"),
    )
    urgent_default = models.BooleanField(_("默认紧急"), default=False)
    auto_dispatch = models.BooleanField(_("自动派遣"), default=False)
    is_confidential = models.BooleanField(
        _("保密"),
        default=False,
        help_text=_("如矛盾纠纷：只有经办人和办理成员看得到这类案件。"),
    )
    is_local_extension = models.BooleanField(_("本地扩展"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    photo_rule = models.CharField(
        _("照片要求"), max_length=8, choices=PhotoRule, default=PhotoRule.REQUIRED
    )
    confusables = models.JSONField(_("易混类别"), default=list, blank=True)

    objects = CategoryQuerySet.as_manager()

    # Read by `with_conditions`, `with_questions` and `with_responsibilities`.
    active_conditions: "list[FilingCondition]"
    active_questions: "list[Question]"
    valid_responsibilities: "list[ResponsibilityItem]"

    class Meta:
        verbose_name = _("案件类别")
        verbose_name_plural = _("案件类别")
        constraints = [
            models.UniqueConstraint(
                fields=["standard_ref", "kind", "code5"],
                name="category_code_once",
                violation_error_message=_("这一标准中已有相同类别、相同代码的小类。"),
            ),
            models.CheckConstraint(
                condition=Q(code5__regex=r"^\d{5}$")
                & Q(code5__startswith=models.F("parent_code")),
                name="category_code5_below_parent",
                violation_error_message=_("小类代码须为5位数字，前两位是大类代码。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code5} {self.name}"


class FilingCondition(models.Model):
    """A 立案条件 of a category: when it is filed, how fast, and when it is closed.

    Either one limit (`limit_n` of `limit_unit`), or `stages` [{name, n, unit}], or
    `is_unparsed`: then only `raw_limit` is known and a person must set the limit.
    `beyond_community` takes it off the community's list though its category is on it.
    """

    category = models.ForeignKey(
        Category,
        models.CASCADE,
        related_name="conditions",
        verbose_name=_("案件类别"),
    )
    order = models.PositiveSmallIntegerField(_("序号"), default=1)
    text = models.CharField(_("立案条件"), max_length=500)
    limit_n = models.DecimalField(
        _("时限"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    limit_unit = models.CharField(
        _("时限单位"), max_length=11, choices=Unit, blank=True
    )
    stages = models.JSONField(_("分段时限"), default=list, blank=True)
    raw_limit = models.CharField(_("时限原文"), max_length=200, blank=True)
    is_unparsed = models.BooleanField(_("时限待人工认定"), default=False)
    closing_condition = models.CharField(_("结案条件"), max_length=500, blank=True)
    legal_basis = models.CharField(_("法律依据"), max_length=500, blank=True)
    collect_rule = models.CharField(_("采集要求"), max_length=500, blank=True)
    beyond_community = models.BooleanField(
        _("超出社区事项"),
        default=False,
        help_text=_("小类属社区事项，但这一条社区办不了。"),
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("立案条件")
        verbose_name_plural = _("立案条件")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "text"],
                name="filing_condition_text_once",
                violation_error_message=_("这一小类已有相同的立案条件。"),
            ),
            models.CheckConstraint(
                condition=Q(is_unparsed=True, limit_n=None, limit_unit="", stages=[])
                | (
                    Q(is_unparsed=False, limit_n__gt=0, stages=[])
                    & Q(limit_unit__in=Unit.values)
                )
                | (Q(is_unparsed=False, limit_n=None, limit_unit="") & ~Q(stages=[])),
                name="filing_condition_limit_or_stages_or_unparsed",
                violation_error_message=_(
                    "请填写时限和单位，或分段时限；都没有时勾选“时限待人工认定”。"
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def limits(self) -> list[Stage]:
        """The limits in order, each from the same start; one without a name when the
        limit is not staged; none when it is unparsed."""
        if self.limit_n is not None:
            return [Stage("", Limit(self.limit_n, Unit(self.limit_unit)))]
        return [Stage.of_json(stage) for stage in self.stages]

    @property
    def limit_text(self) -> str:
        """The limit as people read it; the raw text when it is unparsed."""
        if self.is_unparsed:
            return self.raw_limit
        return " / ".join(
            f"{stage.name} {stage.limit}".strip() for stage in self.limits
        )


class ResponsibilityItem(models.Model):
    """One line of the 权责清单: who answers for a category in an area (DOMAIN D.3).

    It holds for `area` and everything below. `level` is where the responsibility
    lies; without `organisation` it lies with the community or street of the case
    itself. An item for one `condition` goes before one for the whole category.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("主责")
        SUPPORT = "support", _("配合")

    category = models.ForeignKey(
        Category,
        models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("案件类别"),
    )
    condition = models.ForeignKey(
        FilingCondition,
        models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("立案条件"),
        null=True,
        blank=True,
    )
    level = models.PositiveSmallIntegerField(_("责任层级"), choices=Level)
    organisation = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        related_name="responsibilities",
        verbose_name=_("责任单位"),
        null=True,
        blank=True,
    )
    area = models.ForeignKey(
        "grids.Area",
        models.PROTECT,
        related_name="+",
        verbose_name=_("适用区域"),
    )
    role = models.CharField(_("主责或配合"), max_length=7, choices=Role)
    legal_basis = models.CharField(_("法律依据"), max_length=500, blank=True)
    valid_from = models.DateField(_("生效日期"))
    valid_to = models.DateField(_("失效日期（不含）"), null=True, blank=True)
    version = models.PositiveSmallIntegerField(_("版本"), default=1)

    objects = ResponsibilityItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("权责清单")
        verbose_name_plural = _("权责清单")
        indexes = [
            models.Index(fields=["category", "area"], name="responsibility_where")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "condition", "area"],
                condition=Q(role="lead", valid_to=None),
                nulls_distinct=False,
                name="responsibility_one_lead",
                violation_error_message=_("同一区域同一事项只能有一个主责单位。"),
            ),
            models.UniqueConstraint(
                fields=["category", "condition", "area", "level", "organisation"],
                condition=Q(valid_to=None),
                nulls_distinct=False,
                name="responsibility_organisation_once",
                violation_error_message=_("这一单位已在该区域该事项的权责清单中。"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=models.F("valid_from")),
                name="responsibility_period",
                violation_error_message=_("失效日期须晚于生效日期。"),
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False)
                | Q(level__in=[Level.STREET, Level.COMMUNITY]),
                name="responsibility_names_organisation",
                violation_error_message=_("只有街道和社区本级可以不指定责任单位。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.get_role_display()} {self.area_id}"

    @property
    def who(self) -> str:
        """The unit as people read it; read with `select_related("organisation")`."""
        if self.organisation is not None:
            return self.organisation.name
        return _("属地%(level)s") % {"level": self.get_level_display()}
