"""常用语和模板: texts for opinions and results, of a person, a unit or the city."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.querysets.phrases import PhraseQuerySet
from cases.workflow import State


class Phrase(models.Model):
    """A text with variables (`{编号}`) to be put into a field (FEATURES 54).

    With an `owner` it is that person's own quick phrase; else a template of the
    `organisation`, or of everybody without one. A template is drafted by anybody of the
    unit and offered once somebody who heads it has approved it. `public` ones are meant
    for fields whose text residents read, and only offered there.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("待审核")
        APPROVED = "approved", _("已启用")
        WITHDRAWN = "withdrawn", _("已停用")

    class Audience(models.TextChoices):
        INTERNAL = "internal", _("内部意见")
        PUBLIC = "public", _("对诉求人公开")

    owner = models.ForeignKey(
        "parties.User", models.CASCADE, null=True, blank=True, related_name="phrases"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.CASCADE, null=True, blank=True, related_name="+"
    )
    title = models.CharField(_("名称"), max_length=30)
    text = models.TextField(_("内容"), max_length=1000)
    audience = models.CharField(
        _("用途"), max_length=8, choices=Audience, default=Audience.INTERNAL
    )
    category = models.ForeignKey(
        "cases.Category", models.CASCADE, null=True, blank=True, verbose_name=_("小类")
    )
    state = models.CharField(_("状态"), max_length=20, choices=State, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    written_by = models.ForeignKey(
        "parties.User", models.SET_NULL, null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        "parties.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = _("常用语")
        verbose_name_plural = _("常用语")
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None) | Q(organisation=None),
                name="phrase_of_person_or_unit",
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=False)
                | ~Q(status="approved")
                | Q(approved_by__isnull=False),
                name="phrase_approved_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["organisation"], name="phrase_of_unit")]

    def __str__(self) -> str:
        return self.title
