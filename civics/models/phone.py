"""Residents have no account: a telephone that answered a code stands for the person."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from civics.querysets.phones import PhoneQuerySet
from governance import crypto


class Phone(models.Model):
    """A mobile number, found by its `digest` (`crypto.fingerprint`), kept sealed.

    `code_hash` is of the last code sent; once used it counts again only for the very
    thing it was used for (`used_for`, its fingerprint), so that a form sent twice is
    answered twice.
    Failures count over all codes until a right one comes (DOMAIN E.6).
    """

    digest = models.CharField(max_length=64, unique=True)
    number = models.TextField(_("手机号码"))
    code_hash = models.CharField(max_length=64, blank=True)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    used_for = models.CharField(max_length=64, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(_("最近验证"), null=True, blank=True)
    created_at = models.DateTimeField()

    objects = PhoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("居民手机")
        verbose_name_plural = _("居民手机")

    def __str__(self) -> str:
        return f"{_('居民手机')} {self.pk}"

    @property
    def chain(self) -> str:
        return f"resident_phone:{self.pk}"

    @property
    def masked(self) -> str:
        """138****1234 (DOMAIN E.7); empty when it was deleted."""
        clear = crypto.unseal(self.number)
        return clear and f"{clear[:3]}****{clear[-4:]}"


class Attempt(models.Model):
    """Something that is limited was tried: a code sent or mistaken, a report, a photo.

    `who` is the fingerprint of a telephone or of a network address, never the thing
    itself. Rows older than a day have no meaning and are swept away.
    """

    class Kind(models.TextChoices):
        CODE = "code", _("发送验证码")
        WRONG = "wrong", _("验证码错误")
        PHOTO = "photo", _("上传照片")
        REPORT = "report", _("上报")
        FOLLOW = "follow", _("关注")
        TEXT = "text", _("关注短信")
        PLACE = "place", _("查重地点")

    kind = models.CharField(max_length=8, choices=Kind)
    who = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("尝试次数")
        verbose_name_plural = _("尝试次数")
        indexes = [
            models.Index(fields=["kind", "who", "at"], name="attempt_counted"),
            models.Index(fields=["at"], name="attempt_age"),
        ]

    def __str__(self) -> str:
        return self.kind
