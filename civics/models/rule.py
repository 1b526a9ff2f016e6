from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicRule(models.Model):
    """What everybody may see on the public map (FEATURES 74). One row at most; without
    it the defaults hold. Confidential cases are never shown, whatever stands here."""

    is_open = models.BooleanField(_("公开地图和列表"), default=True)
    delay_hours = models.PositiveSmallIntegerField(
        _("上报后多少小时才公开"), default=24, validators=[MaxValueValidator(24 * 90)]
    )
    keep_days = models.PositiveSmallIntegerField(
        _("办结后公开多少天"), default=30, validators=[MaxValueValidator(3650)]
    )
    blur_m = models.PositiveSmallIntegerField(
        _("位置模糊到多少米"),
        default=100,
        validators=[MinValueValidator(20), MaxValueValidator(2000)],
        help_text=_("公开的点是所在方格的中心，同一方格里的案件在同一个点。"),
    )
    hidden = models.ManyToManyField(
        "cases.Category",
        blank=True,
        related_name="+",
        verbose_name=_("不公开的类别"),
        help_text=_("保密类别（如矛盾纠纷）本来就不公开，不用选。"),
    )
    told_at = models.PositiveSmallIntegerField(
        _("多少人“＋1”时提醒办理单位"), default=5, validators=[MinValueValidator(2)]
    )

    class Meta:
        verbose_name = _("公开规则")
        verbose_name_plural = _("公开规则")

    def __str__(self) -> str:
        return str(_("公开规则"))


class ServiceRule(models.Model):
    """How much one telephone number may have of the portal, and how long a number that
    nobody proved is kept (PIPL 19, 47). One row at most; without it the defaults hold.
    """

    follows_a_day = models.PositiveSmallIntegerField(
        _("每个号码每天最多关注多少件"), default=20, validators=[MinValueValidator(1)]
    )
    texts_a_day = models.PositiveSmallIntegerField(
        _("每个号码每天最多收到多少条关注短信"),
        default=10,
        validators=[MinValueValidator(1)],
        help_text=_("多出的第二天再发。验证码和自己上报的进展短信不算在内。"),
    )
    places_an_hour = models.PositiveSmallIntegerField(
        _("同一网络每小时最多在多少个地点查重"),
        default=30,
        validators=[MinValueValidator(5)],
        help_text=_("防止有人换着地点试探别人上报的位置；超出后照样可以上报。"),
    )
    unproven_days = models.PositiveSmallIntegerField(
        _("没有验证的号码保留多少天"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        help_text=_("要过验证码却没有填的号码，到期自动删除。"),
    )

    class Meta:
        verbose_name = _("居民服务设置")
        verbose_name_plural = _("居民服务设置")

    def __str__(self) -> str:
        return str(_("居民服务设置"))
