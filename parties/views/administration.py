"""The administration of Django, with the doors of this house."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from parties import http


class Administration(AdminSite):
    site_header = _("网格 Wangge 系统管理")
    site_title = _("系统管理")
    index_title = _("配置与主数据")

    def has_permission(self, request: HttpRequest) -> bool:
        """It is the system administrator's, while in that post."""
        return http.administers(request)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return own_page("login", request)

    # Django's own answers a redirect as well; its stub knows only the form.
    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return own_page("password_change", request)


def own_page(name: str, request: HttpRequest) -> HttpResponse:
    """Signing in and passwords have one page, not a second one here."""
    query = request.GET.urlencode()
    address = http.address(name)
    return redirect(f"{address}?{query}" if query else address)
