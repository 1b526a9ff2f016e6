"""What people keep for their own work with cases; nothing here changes a case."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.querysets.own_work import (
    CaseViewerQuerySet,
    FormDraftQuerySet,
    SavedViewQuerySet,
)


class SavedView(models.Model):
    """A list narrowed in a way worth a name; `query` is the address after the `?`.

    A shared one is offered to everybody of the owner's unit and shows each of them what
    lies in their own scope (FEATURES 52). `place` is where it stands among the owner's.
    """

    owner = models.ForeignKey(
        "parties.User", models.CASCADE, related_name="saved_views"
    )
    organisation = models.ForeignKey(
        "parties.Organisation", models.CASCADE, related_name="+"
    )
    name = models.CharField(_("视图名称"), max_length=30)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(_("本单位共享"), default=False)
    place = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("列表视图")
        verbose_name_plural = _("列表视图")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="view_name_once")
        ]
        indexes = [
            models.Index(
                fields=["organisation"],
                condition=models.Q(is_shared=True),
                name="view_shared_in_unit",
            )
        ]

    def __str__(self) -> str:
        return self.name


class FormDraft(models.Model):
    """What somebody typed into the form of a step and has not sent (FEATURES 56).

    `fields` are the values as a form sends them, a list for each name; `seen` is the
    token of the case as it was when the form was opened (`cases.difference`).
    """

    user = models.ForeignKey("parties.User", models.CASCADE, related_name="+")
    case = models.ForeignKey(
        "cases.Case", models.CASCADE, related_name="drafts", db_index=False
    )
    action = models.CharField(max_length=40)
    fields = models.JSONField()
    seen = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    objects = FormDraftQuerySet.as_manager()

    class Meta:
        verbose_name = _("表单草稿")
        verbose_name_plural = _("表单草稿")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user", "action"], name="draft_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.action}"


class CaseViewer(models.Model):
    """That somebody has a case open; old rows mean nothing (FEATURES 49)."""

    user = models.ForeignKey(
        "parties.User", models.CASCADE, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        "cases.Case", models.CASCADE, related_name="viewers", db_index=False
    )
    seen_at = models.DateTimeField()

    objects = CaseViewerQuerySet.as_manager()

    class Meta:
        verbose_name = _("案件查看人")
        verbose_name_plural = _("案件查看人")
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], name="viewer_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
