"""Tables on their way in and out; the files themselves wait in the state directory."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.querysets import ExportQuerySet, ImportQuerySet
from exchange.workplace import Workplace


class Import(models.Model):
    """An uploaded table, from its check to its confirmation (DOMAIN E.4).

    `counts` by status of its lines (`exchange.lines`), `notes` are sentences about the
    file as a whole, `refusal` why nothing came of it. What the worker has to say it
    says in `language`, that of the page on which the file was uploaded.
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("正在检查")
        CHECKED = "checked", pgettext_lazy("import", "待确认")
        WRITING = "writing", _("正在导入")
        DONE = "done", pgettext_lazy("import", "已导入")
        REFUSED = "refused", pgettext_lazy("import", "未导入")

    token = models.UUIDField(default=uuid4, unique=True)
    kind = models.CharField(max_length=24)
    name = models.CharField(_("文件"), max_length=200)
    options = models.JSONField(default=dict)
    language = models.CharField(max_length=10, default="zh-hans")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    posting = models.ForeignKey("parties.Posting", models.PROTECT, related_name="+")
    state = models.CharField(
        _("状态"), max_length=8, choices=State, default=State.CHECKING
    )
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    refusal = models.TextField(blank=True)
    created_at = models.DateTimeField(_("上传时间"))
    checked_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("表格导入")
        verbose_name_plural = _("表格导入")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["checking", "checked", "writing", "done"])
                | Q(state="refused"),
                name="import_state_known",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        return f"import:{self.pk}"

    @property
    def place(self) -> Workplace:
        return Workplace(self.token)

    @property
    def is_working(self) -> bool:
        return self.state in (self.State.CHECKING, self.State.WRITING)

    @property
    def moving(self) -> int:
        """How many lines would change anything."""
        return int(self.counts.get("new", 0)) + int(self.counts.get("changed", 0))

    @property
    def wrong(self) -> int:
        return int(self.counts.get("wrong", 0))


class Export(models.Model):
    """A list on its way out, as it was narrowed when somebody asked for it.

    `listing` and `query` say which one; it is read with the rights of `posting` as they
    are when it is written, and asked for again at every download. Its words are in
    `language`, that of the page on which it was asked for.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("正在生成")
        DONE = "done", pgettext_lazy("export", "可以下载")
        REFUSED = "refused", pgettext_lazy("export", "没有生成")

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel 工作簿（.xlsx）")
        CSV = "csv", _("CSV（UTF-8）")

    token = models.UUIDField(default=uuid4, unique=True)
    listing = models.CharField(max_length=24)
    title = models.CharField(_("清单"), max_length=100)
    query = models.TextField(blank=True)
    format = models.CharField(_("格式"), max_length=4, choices=Format)
    purpose = models.CharField(_("用途"), max_length=100, blank=True)
    language = models.CharField(max_length=10, default="zh-hans")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    posting = models.ForeignKey("parties.Posting", models.PROTECT, related_name="+")
    state = models.CharField(
        _("状态"), max_length=8, choices=State, default=State.WAITING
    )
    total = models.PositiveIntegerField(default=0)
    refusal = models.TextField(blank=True)
    created_at = models.DateTimeField(_("时间"))
    done_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(_("有效期至"))
    downloads = models.PositiveIntegerField(default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("清单导出")
        verbose_name_plural = _("清单导出")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "refused"]),
                name="export_state_known",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chain(self) -> str:
        return f"export:{self.pk}"

    @property
    def place(self) -> Workplace:
        return Workplace(self.token)
