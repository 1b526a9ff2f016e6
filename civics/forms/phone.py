"""A telephone and the code that was sent to it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PhoneForm(forms.Form):
    """`code` is asked for only when the form is really sent, not when a code is."""

    phone = forms.CharField(
        label=_("手机号码"),
        max_length=20,
        error_messages={"required": _("请填写手机号码。")},
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"}
        ),
    )
    code = forms.CharField(
        label=_("验证码"),
        max_length=12,
        error_messages={"required": _("请填写短信里的 6 位验证码。")},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )

    def __init__(self, *args: Any, verified: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if verified:
            del self.fields["phone"], self.fields["code"]

    def clean_code(self) -> str:
        given: str = self.cleaned_data["code"]
        return "".join(one for one in given if one.isdigit())


class AgreeingForm(PhoneForm):
    name = forms.CharField(
        label=_("怎么称呼您"),
        required=False,
        max_length=50,
        help_text=_("可以不填。只有经办人看得到，公开页面不显示。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    agreed = forms.BooleanField(
        label=_("我已阅读并同意隐私说明"),
        error_messages={"required": _("请先阅读并同意隐私说明。")},
    )

    field_order: tuple[str, ...] = ("name", "phone", "code", "agreed")
