"""Which client a webhook belongs to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Subscription(models.Model):
    """The webhook (推送) that a client opened; it alone sees and changes it.

    Two clients that act as one post each have their own. One that a person opened in
    the own name has none.
    """

    channel = models.OneToOneField(
        "parties.Channel",
        models.PROTECT,
        primary_key=True,
        related_name="subscription",
        verbose_name=_("通知渠道"),
    )
    client = models.ForeignKey(
        "doors.ApiClient",
        models.PROTECT,
        related_name="subscriptions",
        verbose_name=_("接口客户端"),
    )

    class Meta:
        verbose_name = _("接口客户端的推送")
        verbose_name_plural = _("接口客户端的推送")

    def __str__(self) -> str:
        return f"{self.client_id}@{self.channel_id}"
