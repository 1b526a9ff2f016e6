"""Sources of work orders and their mapping tables."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doors import actions
from doors.models import AreaMapping, BridgeSource, CategoryMapping
from governance import clock
from parties.admin import administrator
from parties.channels import wire


class BridgeSourceForm(forms.ModelForm):
    callback_url = forms.CharField(
        label=_("状态回写地址"),
        required=False,
        max_length=500,
        widget=AdminTextInputWidget,
        help_text=_("填写后生成签名密钥并显示一次；以后在“通知渠道”里修改。"),
    )

    class Meta:
        model = BridgeSource
        fields = ("code", "name", "client", "desk", "is_active")

    def clean_callback_url(self) -> str:
        url: str = self.cleaned_data["callback_url"].strip()
        if url and (words := wire.problem_of(url)):
            raise forms.ValidationError(words)
        return url


class CategoryMappingInline(admin.TabularInline):
    model = CategoryMapping
    autocomplete_fields = ("category",)
    extra = 1


class AreaMappingInline(admin.TabularInline):
    model = AreaMapping
    autocomplete_fields = ("area",)
    extra = 1


@admin.register(BridgeSource)
class BridgeSourceAdmin(admin.ModelAdmin):
    form = BridgeSourceForm
    list_display = ("name", "code", "client", "desk", "channel", "is_active")
    list_select_related = ("client", "desk", "channel")
    search_fields = ("code", "name")
    autocomplete_fields = ("desk", "client")
    inlines = (CategoryMappingInline, AreaMappingInline)
    ordering = ("name",)
    actions = None

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        secret = actions.save_source(
            source=obj,
            callback_url=form.cleaned_data["callback_url"],
            actor=administrator(request),
            at=clock.now(),
        )
        if secret:
            messages.warning(
                request,
                gettext("回写的签名密钥（只显示这一次，请交给对方）：%(secret)s")
                % {"secret": secret},
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
