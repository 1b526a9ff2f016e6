"""What the board sorts by, and from when it speaks up."""

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models import Category


class Board(models.Model):
    """板块: one of the fields a street is run by (DOMAIN D.2).

    A city begins with 党的建设, 经济发展, 民生服务 and 平安法治, and may rename them.
    `shows_party_work` sets the figures of Party building beside those of the cases.
    """

    name = models.CharField(_("名称"), max_length=20, unique=True)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    shows_party_work = models.BooleanField(_("列出党建数据"), default=False)

    class Meta:
        verbose_name = _("板块")
        verbose_name_plural = _("板块")

    def __str__(self) -> str:
        return self.name


class BoardCode(models.Model):
    """Which categories belong to a board, by the digits of their code.

    Two digits name a 大类, five a 小类; the longer one wins, so that a 小类 may stand
    on another board than the rest of its 大类.
    """

    board = models.ForeignKey(
        Board, models.CASCADE, related_name="codes", verbose_name=_("板块")
    )
    kind = models.CharField(_("类别"), max_length=9, choices=Category.Kind)
    code = models.CharField(
        _("大类或小类代码"),
        max_length=5,
        validators=[
            RegexValidator(r"^\d{2}(\d{3})?\Z", _("大类代码是2位数字，小类是5位。"))
        ],
    )

    class Meta:
        verbose_name = _("板块类别")
        verbose_name_plural = _("板块类别")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"],
                name="board_code_once",
                violation_error_message=_("这个代码已经归入一个板块。"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.code}"


class BoardRule(models.Model):
    """From when the board speaks up; at most one row, the defaults hold without it.

    未诉先办: the same category so often in a grid within so many days (FEATURES 65).
    A unit with fewer cases than `least_sample` is shown but not ranked (FEATURES 64).
    """

    only = models.BooleanField(default=True, unique=True, editable=False)
    repeats = models.PositiveSmallIntegerField(
        _("同点同类件数"), default=5, validators=[MinValueValidator(2)]
    )
    repeat_days = models.PositiveSmallIntegerField(
        _("统计天数"), default=30, validators=[MinValueValidator(1)]
    )
    least_sample = models.PositiveSmallIntegerField(
        _("参加排名的最少件数"), default=5, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("看板规则")
        verbose_name_plural = _("看板规则")
        constraints = [
            models.CheckConstraint(condition=Q(only=True), name="board_rule_only_one"),
            models.CheckConstraint(
                condition=Q(repeats__gte=2, repeat_days__gte=1, least_sample__gte=1),
                name="board_rule_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(
            _("%(days)d 天内 %(n)d 件") % {"days": self.repeat_days, "n": self.repeats}
        )
