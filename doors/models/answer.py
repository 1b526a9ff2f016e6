"""What was answered to a request with an `Idempotency-Key`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class KeptAnswer(models.Model):
    """`owner` is `client:5` or `user:7`; kept for two days."""

    owner = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("接口答复")
        verbose_name_plural = _("接口答复")
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="answer_once")
        ]
        indexes = [models.Index(fields=["owner", "created_at"], name="answer_age")]

    def __str__(self) -> str:
        return f"{self.owner} {self.key}"
