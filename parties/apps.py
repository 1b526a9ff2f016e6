from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.utils.translation import gettext_lazy as _


class PartiesConfig(AppConfig):
    name = "parties"
    verbose_name = _("组织与人员")


class AdministrationConfig(admin.AdminConfig):
    """Django's own, whose site is ours."""

    default = False
    default_site = "parties.views.administration.Administration"
