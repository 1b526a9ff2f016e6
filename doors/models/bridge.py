"""Work orders of other systems (12345 and the like), and how their words map here."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doors.models.client import ApiClient
from doors.querysets import WorkOrderQuerySet


class BridgeSource(models.Model):
    """A system that sends work orders.

    Its orders are filed by the post of `client`. What cannot be filed by itself lies
    with the people of `desk`. How each order stands is written back by `channel`.
    """

    code = models.SlugField(_("代号"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    client = models.ForeignKey(
        ApiClient,
        models.PROTECT,
        related_name="sources",
        verbose_name=_("接口客户端"),
        help_text=_("工单以它的任职上报，一般是热线坐席。"),
    )
    desk = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        related_name="+",
        verbose_name=_("受理单位"),
        help_text=_("认不出类别、地点的工单由这个单位的人员处理。"),
    )
    channel = models.OneToOneField(
        "parties.Channel",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("状态回写渠道"),
    )
    is_active = models.BooleanField(pgettext_lazy("source", "启用"), default=True)

    class Meta:
        verbose_name = _("对接来源")
        verbose_name_plural = _("对接来源")

    def __str__(self) -> str:
        return self.name


class CategoryMapping(models.Model):
    """What a source calls a category, and which one it is here."""

    source = models.ForeignKey(
        BridgeSource, models.CASCADE, related_name="categories", verbose_name=_("来源")
    )
    external_code = models.CharField(_("来源的类别代码"), max_length=60)
    category = models.ForeignKey(
        "cases.Category", models.PROTECT, related_name="+", verbose_name=_("小类")
    )

    class Meta:
        verbose_name = _("类别对照")
        verbose_name_plural = _("类别对照")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_code"], name="category_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_code} → {self.category_id}"


class AreaMapping(models.Model):
    """What a source calls a place, and which community or street it is here."""

    source = models.ForeignKey(
        BridgeSource, models.CASCADE, related_name="areas", verbose_name=_("来源")
    )
    external_code = models.CharField(_("来源的区域代码"), max_length=60)
    area = models.ForeignKey(
        "grids.Area", models.PROTECT, related_name="+", verbose_name=_("社区")
    )

    class Meta:
        verbose_name = _("区域对照")
        verbose_name_plural = _("区域对照")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_code"], name="area_mapping_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_code} → {self.area_id}"


class OrderStatus(models.TextChoices):
    """How an order stands, as its source is told."""

    HELD = "held", _("待人工处理")
    RECEIVED = "received", _("已收到")
    DISPATCHED = "dispatched", _("办理中")
    SUSPENDED = "suspended", _("挂账")
    CLOSED = "closed", _("已办结")
    REJECTED = "rejected", _("不予受理")
    TRANSFERRED = "transferred", _("已转出")
    MERGED = "merged", _("已并案")
    VOIDED = "voided", _("已作废")
    RETURNED = "returned", _("已退回来源")


class WorkOrder(models.Model):
    """One order of a source, once under its number there.

    `problem` says why it could not be filed by itself; `told_seq` up to which Event of
    the case its source was told, `letters` how often.
    """

    source = models.ForeignKey(
        BridgeSource, models.PROTECT, related_name="orders", verbose_name=_("来源")
    )
    external_id = models.CharField(_("来源工单号"), max_length=64)
    submission_id = models.UUIDField(default=uuid.uuid4, unique=True)
    case = models.OneToOneField(
        "cases.Case", models.PROTECT, null=True, related_name="work_order"
    )
    status = models.CharField(
        _("状态"), max_length=12, choices=OrderStatus, default=OrderStatus.HELD
    )
    problem_code = models.CharField(max_length=30, blank=True)
    problem = models.CharField(_("原因"), max_length=400, blank=True)
    told_seq = models.PositiveIntegerField(default=0)
    letters = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(_("收到时间"))
    updated_at = models.DateTimeField(_("更新时间"))

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("来件工单")
        verbose_name_plural = _("来件工单")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="work_order_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=OrderStatus.values), name="work_order_status"
            ),
            models.CheckConstraint(
                condition=Q(status="held", case=None) | ~Q(status="held"),
                name="work_order_held_has_no_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["source", "-id"],
                condition=Q(status="held"),
                name="work_order_held",
            )
        ]

    def __str__(self) -> str:
        return self.external_id

    @property
    def chain(self) -> str:
        return f"work_order:{self.pk}"

    @property
    def is_held(self) -> bool:
        return self.status == OrderStatus.HELD


class WorkOrderContent(models.Model):
    """What was sent under the order's number: first, and each time it was different.

    Names and numbers of the complainant are sealed in the body.
    """

    class Outcome(models.TextChoices):
        FIRST = "first", _("首次送达")
        REPLACED = "replaced", _("替换原内容")
        NOTED = "noted", _("变更已记入案件")
        REFUSED = "refused", _("案件已办完，未采纳")

    order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="contents")
    number = models.PositiveIntegerField(_("次序"))
    digest = models.CharField(max_length=64)
    body = models.JSONField()
    outcome = models.CharField(_("处理"), max_length=8, choices=Outcome)
    received_at = models.DateTimeField(_("收到时间"))

    class Meta:
        verbose_name = _("来件内容")
        verbose_name_plural = _("来件内容")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "number"], name="order_content_number_once"
            ),
            models.UniqueConstraint(
                fields=["order", "digest"], name="order_content_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} #{self.number}"
