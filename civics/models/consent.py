"""Privacy (PIPL 14–17, 44–50; DOMAIN E.7): notice, consent, and what people ask for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from civics.querysets.consents import ConsentQuerySet, DataRequestQuerySet


class PrivacyNotice(models.Model):
    """A version of 个人信息处理规则 as it was shown; never changed, only followed."""

    version = models.CharField(
        _("版本"),
        max_length=20,
        unique=True,
        help_text=_("例如 2026-11-01，写入每一条同意记录。"),
    )
    text = models.TextField(_("全文"), help_text=_("空一行另起一段。"))
    published_at = models.DateTimeField(_("公布时间"))

    class Meta:
        verbose_name = _("隐私说明")
        verbose_name_plural = _("隐私说明")

    def __str__(self) -> str:
        return self.version


class Consent(models.Model):
    """Who agreed to which version of the notice, when and what for; taken back it
    stays, with the time."""

    class Purpose(models.TextChoices):
        REPORT = "report", _("上报和办理诉求")
        FOLLOW = "follow", _("关注进展的短信")
        AREA = "area", _("关注社区的短信")
        REQUEST = "request", _("办理个人信息请求")

    phone = models.ForeignKey("civics.Phone", models.PROTECT, related_name="consents")
    purpose = models.CharField(_("用途"), max_length=8, choices=Purpose)
    notice = models.CharField(_("隐私说明版本"), max_length=20)
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("案件"),
    )  # fmt: skip
    given_at = models.DateTimeField(_("同意时间"))
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("同意记录")
        verbose_name_plural = _("同意记录")
        constraints = [
            models.UniqueConstraint(
                fields=["phone", "purpose", "case"],
                condition=models.Q(withdrawn_at=None),
                name="consent_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.notice}"


class PersonalDataRequest(models.Model):
    """查询、更正、删除个人信息: what was asked; the case is how it is dealt with.

    `outcome` has figures of what was carried out, never the data; `waiting` the cases
    whose name and number are deleted once they are over.
    """

    class Kind(models.TextChoices):
        SEE = "see", _("查询、复制我的个人信息")
        CORRECT = "correct", _("更正、补充我的个人信息")
        DELETE = "delete", _("删除我的个人信息")

    case = models.OneToOneField(
        "cases.Case", models.PROTECT, related_name="personal_data_request",
        verbose_name=_("案件"),
    )  # fmt: skip
    kind = models.CharField(_("请求"), max_length=8, choices=Kind)
    phone = models.ForeignKey(
        "civics.Phone", models.PROTECT, related_name="data_requests"
    )
    about = models.ForeignKey(
        "cases.Case", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("涉及案件"),
    )  # fmt: skip
    asked_at = models.DateTimeField(_("提出时间"))
    carried_out_at = models.DateTimeField(_("办理时间"), null=True, blank=True)
    carried_out_by_name = models.CharField(_("办理人"), max_length=50, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    open_until = models.DateTimeField(_("本人可下载到"), null=True, blank=True)
    waiting = ArrayField(models.BigIntegerField(), default=list, blank=True)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("个人信息请求")
        verbose_name_plural = _("个人信息请求")

    def __str__(self) -> str:
        return self.get_kind_display()
