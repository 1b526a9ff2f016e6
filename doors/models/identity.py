"""Signing in by another system: OpenID Connect providers, and who is who there."""

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance import crypto


class IdentityProvider(models.Model):
    """An OpenID Connect provider; `secret` is sealed, empty for a public client."""

    code = models.SlugField(_("代号"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=60, unique=True)
    issuer = models.CharField(
        _("签发者网址"),
        max_length=200,
        validators=[URLValidator(["https", "http"])],
        help_text=_("与对方发现文档中的 issuer 一致。"),
    )
    client_id = models.CharField(_("客户端编号"), max_length=200)
    secret = models.TextField(blank=True, editable=False)
    scopes = models.CharField(_("申请的范围"), max_length=200, default="openid profile")
    is_active = models.BooleanField(pgettext_lazy("source", "启用"), default=True)

    class Meta:
        verbose_name = _("统一身份认证")
        verbose_name_plural = _("统一身份认证")

    def __str__(self) -> str:
        return self.name

    def open_secret(self) -> str:
        return crypto.unseal(self.secret)


class ExternalIdentity(models.Model):
    """Somebody at a provider (`subject`), and which account here is theirs.

    Without `user` the person came and could not sign in; only an administrator binds
    (DOMAIN E.3: no account is ever made by itself).
    """

    provider = models.ForeignKey(
        IdentityProvider,
        models.PROTECT,
        related_name="identities",
        verbose_name=_("统一身份认证"),
    )
    subject = models.CharField(_("外部身份编号"), max_length=255)
    name = models.CharField(_("对方登记的名称"), max_length=100, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="external_identities",
        verbose_name=_("绑定账号"),
    )
    seen_at = models.DateTimeField(_("最近来访"), null=True, blank=True)

    class Meta:
        verbose_name = _("外部身份")
        verbose_name_plural = _("外部身份")
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "subject"], name="external_identity_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.name or self.subject}"
