"""Providers to sign in by, and the binding of who comes from them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from doors import actions
from doors.models import ExternalIdentity, IdentityProvider
from governance import clock
from parties.admin import administrator


class IdentityProviderForm(forms.ModelForm):
    new_secret = forms.CharField(
        label=_("客户端密钥"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("已保存的不显示；留空则不变。"),
    )

    class Meta:
        model = IdentityProvider
        fields = ("code", "name", "issuer", "client_id", "scopes", "is_active")
        help_texts = {
            "code": _(
                "例如 gov。在对方登记的回调地址是：本站网址/login/oidc/代号/back/。"
            ),
            "name": _("登录页的按钮写作“用……登录”。"),
            "client_id": _("对方登记本平台后给出的编号。"),
            "scopes": _("一般不用改。"),
        }


@admin.register(IdentityProvider)
class IdentityProviderAdmin(admin.ModelAdmin):
    form = IdentityProviderForm
    list_display = ("name", "code", "issuer", "is_active")
    search_fields = ("name", "code")
    ordering = ("name",)
    actions = None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actions.save_provider(
            provider=obj,
            secret=form.cleaned_data["new_secret"],
            actor=administrator(request),
            at=clock.now(),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ExternalIdentity)
class ExternalIdentityAdmin(admin.ModelAdmin):
    """Who came and is not bound yet stands first."""

    list_display = ("subject", "name", "provider", "user", "seen_at")
    list_filter = ("provider", ("user", admin.EmptyFieldListFilter))
    list_select_related = ("provider", "user")
    search_fields = ("subject", "name", "user__username", "user__name")
    autocomplete_fields = ("user",)
    fields = ("provider", "subject", "user")
    ordering = ("-seen_at", "-pk")
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("provider", "subject") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actions.bind_identity(
            identity=obj,
            user_id=obj.user_id,
            actor=administrator(request),
            at=clock.now(),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
