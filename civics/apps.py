from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CivicsConfig(AppConfig):
    name = "civics"
    verbose_name = _("居民服务")
