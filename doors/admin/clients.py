"""Clients and their keys. A key is shown once, on the page that answers its making."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doors import actions
from doors.models import ApiClient, ApiKey, Scope, Subscription
from governance import clock
from governance.errors import Refused
from parties.admin import administrator
from parties.channels import wire
from parties.models import Channel


class ApiClientForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("允许的范围"),
        choices=[(one, f"{one.label}（{one}）") for one in Scope],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾选对方确实需要的。"),
    )

    push_url = forms.CharField(
        label=_("推送地址"),
        required=False,
        max_length=500,
        widget=AdminTextInputWidget,
        help_text=_(
            "填写后把任职看得到的案件的每一步推送过去，签名密钥显示一次；"
            "以后在“通知渠道”里修改、停用和重试。"
        ),
    )

    class Meta:
        model = ApiClient
        fields = (
            "name", "organisation", "contact", "posting", "scopes", "per_minute",
            "is_active",
        )  # fmt: skip

    def clean_push_url(self) -> str:
        url: str = self.cleaned_data["push_url"].strip()
        if url and (words := wire.problem_of(url)):
            raise forms.ValidationError(words)
        return url

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("push_url"):
            return given
        name = actions.push_name(ApiClient(name=given.get("name", "")))
        if not given.get("posting"):
            words = _("请先指定任职：推送的是这个任职看得到的案件。")
            self.add_error("posting", words)
        elif Channel.objects.filter(name=name).exists():
            words = _("这个客户端已有推送，请在“通知渠道”里修改。")
            self.add_error("push_url", words)
        return given


class ApiKeyForm(forms.ModelForm):
    class Meta:
        model = ApiKey
        fields = ("client", "note", "expires_at")

    def clean_expires_at(self) -> datetime | None:
        expires_at: datetime | None = self.cleaned_data["expires_at"]
        if expires_at and expires_at <= clock.now():
            raise forms.ValidationError(_("有效期应晚于现在。"))
        return expires_at


@admin.register(ApiClient)
class ApiClientAdmin(admin.ModelAdmin):
    form = ApiClientForm
    list_display = ("name", "organisation", "posting", "per_minute", "is_active")
    list_filter = ("is_active",)
    list_select_related = ("organisation", "posting__user", "posting__post")
    search_fields = ("name", "organisation__name", "contact")
    autocomplete_fields = ("organisation",)
    raw_id_fields = ("posting",)
    readonly_fields = ("webhooks",)
    ordering = ("name",)
    actions = None

    @admin.display(description=_("自己订阅的推送"))
    def webhooks(self, obj: ApiClient) -> str:
        found = Subscription.objects.filter(client=obj.pk).order_by("pk")
        return "、".join(found.values_list("channel__name", flat=True)) or "—"

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        actor, at = administrator(request), clock.now()
        client = actions.save_client(client=obj, actor=actor, at=at)
        if url := form.cleaned_data["push_url"]:
            secret = actions.open_push(client=client, url=url, actor=actor, at=at)
            messages.warning(
                request,
                gettext("推送的签名密钥（只显示这一次，请交给对方）：%(secret)s")
                % {"secret": secret},
            )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are made and revoked, never changed."""

    list_display = (
        "__str__", "client", "note", "created_at", "expires_at", "last_used_at",
        "revoked_at",
    )  # fmt: skip
    list_filter = ("client",)
    list_select_related = ("client",)
    search_fields = ("prefix", "client__name", "note")
    autocomplete_fields = ("client",)
    form = ApiKeyForm
    ordering = ("-pk",)
    actions = ("revoke",)

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        key, text = actions.issue_key(
            client_id=obj.client_id,
            note=obj.note,
            expires_at=obj.expires_at,
            actor=administrator(request),
            at=clock.now(),
        )
        obj.pk, obj.prefix = key.pk, key.prefix
        obj.text = text

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("密钥已经发放"),
            "opts": self.opts,
            "key": obj,
            "text": obj.text,
        }
        answer = TemplateResponse(request, "admin/doors/apikey/made.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.action(description=_("吊销所选的密钥"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            try:
                actions.revoke_key(
                    key_id=key.pk, actor=administrator(request), at=clock.now()
                )
            except Refused as refused:
                messages.warning(request, f"{key}：{refused}")
            else:
                messages.success(request, gettext("已吊销 %(key)s。") % {"key": key})

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
