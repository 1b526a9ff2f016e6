"""What is asked beyond the usual when a case of some category is filed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.answers import CHOICE_KINDS, Kind
from cases.models.catalogue import Category


class Question(models.Model):
    """One extra question of a category (附加问题), as data.

    `choices` has one choice a line and is given exactly for the kinds that choose. A
    case keeps wording and answer of its own time (`Case.answers`); a question that is
    no longer asked is switched off, never deleted.
    """

    KINDS = [
        (Kind.TEXT.value, _("文字")),
        (Kind.NUMBER.value, _("数字")),
        (Kind.CHOICE.value, _("单选")),
        (Kind.CHOICES.value, _("多选")),
        (Kind.DATE.value, _("日期")),
    ]

    category = models.ForeignKey(
        Category,
        models.CASCADE,
        related_name="questions",
        verbose_name=_("案件类别"),
    )
    order = models.PositiveSmallIntegerField(_("序号"), default=1)
    label = models.CharField(_("问题"), max_length=100)
    kind = models.CharField(_("答法"), max_length=7, choices=KINDS)
    choices = models.TextField(_("选项"), blank=True, help_text=_("每行一个选项"))
    is_required = models.BooleanField(_("必答"), default=False)
    help_text = models.CharField(_("提示"), max_length=200, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("附加问题")
        verbose_name_plural = _("附加问题")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "label"],
                name="question_label_once",
                violation_error_message=_("这一小类已有相同的问题。"),
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=CHOICE_KINDS) & ~Q(choices=""))
                | (~Q(kind__in=CHOICE_KINDS) & Q(choices="")),
                name="question_choices_where_chosen",
                violation_error_message=_("单选、多选须填写选项，其他答法不填。"),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def options(self) -> list[str]:
        """The choices in order, each once."""
        lines = (line.strip() for line in self.choices.splitlines())
        return list(dict.fromkeys(line for line in lines if line))
