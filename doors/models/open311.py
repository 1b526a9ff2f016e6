"""What came in by GeoReport v2: requests, and updates to them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from doors.models.client import ApiClient
from doors.querysets import Open311RequestQuerySet


class Open311Request(models.Model):
    """A service request as a client sent it; `id` is its submission and its token.

    `case` stays empty while nobody knows where an address that was given in words lies;
    `area` is the street or district it names, whose desk can tell. Until then `sealed`
    holds what the case will be filed with, encrypted, for it has names and telephone
    numbers; afterwards it is empty. `description` and `address` are given out again as
    they came.
    """

    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey(
        ApiClient, models.PROTECT, related_name="+", verbose_name=_("接口客户端")
    )
    case = models.OneToOneField(
        "cases.Case",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("案件"),
    )
    category = models.ForeignKey(
        "cases.Category", models.PROTECT, related_name="+", verbose_name=_("小类")
    )
    area = models.ForeignKey(
        "grids.Area",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("所在街道或区"),
    )
    description = models.TextField(_("问题描述"), blank=True)
    address = models.CharField(_("地址"), max_length=256, blank=True)
    account_id = models.CharField(_("对方账号"), max_length=100, blank=True)
    media_urls = ArrayField(
        models.CharField(max_length=500), verbose_name=_("图片网址"), default=list
    )
    sealed = models.TextField(blank=True, editable=False)
    received_at = models.DateTimeField(_("收到时间"))

    objects = Open311RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("Open311 请求")
        verbose_name_plural = _("Open311 请求")
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(case=None),
                name="open311_unplaced",
            ),
            models.Index(fields=["address"], name="open311_address"),
        ]

    def __str__(self) -> str:
        return self.address or str(self.pk)

    @property
    def chain(self) -> str:
        return f"open311:{self.pk}"


class Open311Update(models.Model):
    """An update that a client posted; the same `external_id` twice is one.

    The journal of the case has the words (`event_id`), `batch` its pictures.
    """

    client = models.ForeignKey(ApiClient, models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=100)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    batch = models.UUIDField(unique=True)
    status = models.CharField(max_length=30)
    event_id = models.BigIntegerField(unique=True)
    account_id = models.CharField(max_length=100, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("Open311 更新")
        verbose_name_plural = _("Open311 更新")
        constraints = [
            models.UniqueConstraint(
                fields=["client", "external_id"], name="open311_update_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.external_id}"
