"""Channels: how messages leave the house, to whom, and what became of each."""

import hashlib
import json

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance import crypto
from parties.channels import Kind, kind_of
from parties.querysets import ChannelQuerySet, DeliveryQuerySet
from parties.roles import Role


class Importance(models.TextChoices):
    """What a message asks for, the most pressing first."""

    URGENT = "urgent", _("紧急")
    ALERT = "alert", _("预警")
    TODO = "todo", _("待办")
    NOTICE = "notice", _("知会")

    @classmethod
    def of(cls, kind: str, urgent: bool) -> "Importance":
        """Of a message of this kind; what is neither alert nor to-do is a notice."""
        if urgent:
            return cls.URGENT
        return cls(kind) if kind in {cls.ALERT, cls.TODO} else cls.NOTICE


class Channel(models.Model):
    """One way out, set up by the administrator.

    It serves people of `organisation`, with `role`, or `person`; what is empty does not
    restrict. With `posting` it gets the steps of the cases that this post sees, of the
    `event_kinds` named (`case.whistle`; all when empty). A `reserved` one belongs to a
    system outside: a floor above opens it and may write to it by name. `secrets` is
    sealed JSON. While the other side cannot be reached, nothing is sent before
    `rest_until`. `busy_until` (real time) is the lease of the job that is sending at
    the moment.
    """

    kind = models.CharField(_("类型"), max_length=40)
    name = models.CharField(
        _("名称"),
        max_length=60,
        unique=True,
        error_messages={"unique": _("已有同名渠道，请换一个名称。")},
    )
    options = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    enabled = models.BooleanField(pgettext_lazy("channel", "启用"), default=True)
    organisation = models.ForeignKey(
        "parties.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="channels",
        verbose_name=_("服务单位"),
    )
    role = models.CharField(_("服务角色"), max_length=24, choices=Role, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("服务人员"),
    )
    importances = models.JSONField(_("发送哪些消息"), default=list)
    case_events = models.BooleanField(_("推送案件的每一步"), default=False)
    complainants = models.BooleanField(_("给诉求人发短信"), default=False)
    posting = models.ForeignKey(
        "parties.Posting",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("按任职的范围推送"),
    )
    event_kinds = models.JSONField(_("推送哪些步骤"), default=list, blank=True)
    reserved = models.BooleanField(_("专供系统对接"), default=False)
    quiet_starts = models.TimeField(_("静默开始"), null=True, blank=True)
    quiet_ends = models.TimeField(_("静默结束"), null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    rest_until = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    busy_by = models.CharField(max_length=64, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("通知渠道")
        verbose_name_plural = _("通知渠道")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_starts=None, quiet_ends=None)
                | Q(quiet_starts__isnull=False, quiet_ends__isnull=False),
                name="channel_quiet_both_or_none",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def chain(self) -> str:
        return f"channel:{self.pk}"

    @property
    def way(self) -> Kind | None:
        """The code that sends; None for a kind that this instance no longer has."""
        return kind_of(self.kind)

    @property
    def kind_label(self) -> str:
        return str(self.way.label) if self.way else self.kind

    @property
    def ready(self) -> bool:
        """Switched on, and of a kind that this instance can offer."""
        return self.enabled and self.way is not None and not self.way.missing()

    @property
    def importance_labels(self) -> list[str]:
        return [str(one.label) for one in Importance if one in self.importances]

    @property
    def option_texts(self) -> list[tuple[str, str]]:
        """Label and text of each option that is set; never of a secret."""
        own = self.way.settings if self.way else ()
        texts = [(str(one.label), self.options.get(one.name, "")) for one in own]
        return [(label, text) for label, text in texts if text]

    def open_secrets(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(crypto.unseal(self.secrets) or "{}")
        return found

    def given(self) -> dict[str, str]:
        """Options and secrets together, as the kind takes them."""
        return {**self.options, **self.open_secrets()}


class Delivery(models.Model):
    """One letter on one channel; `key` makes writing it twice the same as once.

    `lane` is what keeps its order: the thing it is about, and the person it goes to.
    `to` is the sealed address of somebody without an account; `sealed` what stands for
    marks in the body, put in when it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发送")
        SENDING = "sending", _("发送中")
        SENT = "sent", _("已送达")
        STUCK = "stuck", _("待处理")
        DROPPED = "dropped", _("已放弃")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="deliveries", verbose_name=_("渠道")
    )
    key = models.CharField(max_length=220, unique=True)
    subject = models.CharField(_("关联"), max_length=64, blank=True)
    lane = models.CharField(max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("收件人"),
    )
    address = models.ForeignKey(
        "parties.Address", models.SET_NULL, null=True, related_name="+"
    )
    to = models.TextField(blank=True)
    importance = models.CharField(_("重要程度"), max_length=8, choices=Importance)
    title = models.CharField(_("标题"), max_length=120)
    body = models.TextField(_("正文"), blank=True)
    url = models.CharField(_("链接"), max_length=200, blank=True)
    data = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)
    state = models.CharField(
        _("状态"), max_length=8, choices=State, default=State.WAITING
    )
    attempts = models.PositiveIntegerField(_("次数"), default=0)
    next_try_at = models.DateTimeField(_("下次重试"))
    last_try_at = models.DateTimeField(_("上次发送"), null=True, blank=True)
    last_error = models.CharField(_("原因"), max_length=400, blank=True)
    created_at = models.DateTimeField(_("时间"))
    sent_at = models.DateTimeField(_("送达时间"), null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("发送记录")
        verbose_name_plural = _("发送记录")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="delivery_sent_when",
            )
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_try_at"],
                condition=Q(state__in=["waiting", "sending"]),
                name="delivery_open",
            ),
            models.Index(
                fields=["channel", "lane", "id"],
                condition=Q(state__in=["waiting", "sending", "stuck"]),
                name="delivery_lane",
            ),
            models.Index(fields=["channel", "-id"], name="delivery_of_channel"),
            models.Index(fields=["channel", "last_try_at"], name="delivery_tried"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def reader(self) -> str:
        """Whom it goes to, for the list: a name, or the ends of a telephone number."""
        if self.user is not None:
            return self.user.name
        number = crypto.unseal(self.to)
        return f"{number[:3]}****{number[-4:]}" if number else ""

    @property
    def body_covered(self) -> str:
        """The body for those who look after the channel: what is sealed is covered."""
        body = self.body
        for mark in self.sealed:
            body = body.replace(mark, "******")
        return body

    def cover(self) -> None:
        """Nothing sealed stays in a letter that will not be sent again: whoever gets at
        the rows and the key later finds no code in it (DOMAIN E.7, minimum)."""
        self.body, self.sealed = self.body_covered, {}

    @property
    def letter_id(self) -> str:
        """The same for every attempt; says nothing of what the letter is about."""
        return "wg_" + hashlib.sha256(self.key.encode()).hexdigest()[:32]


class Address(models.Model):
    """Where a person is reached outside: an e-mail address, a phone, a browser.

    `value` is sealed; `digest` (HMAC) keeps the same one from being kept twice.
    """

    class Kind(models.TextChoices):
        EMAIL = "email", _("邮箱")
        PHONE = "phone", _("手机")
        PUSH = "push", _("浏览器")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    value = models.TextField()
    digest = models.CharField(max_length=64)
    label = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("联系地址")
        verbose_name_plural = _("联系地址")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "digest"], name="address_once"
            ),
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=~Q(kind="push"),
                name="address_one_of_a_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.get_kind_display()


class Preference(models.Model):
    """Which messages a person wants on a channel; without a row, what it carries."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences"
    )
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="preferences")
    importances = models.JSONField(default=list)

    class Meta:
        verbose_name = _("接收偏好")
        verbose_name_plural = _("接收偏好")
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}@{self.channel_id}"
