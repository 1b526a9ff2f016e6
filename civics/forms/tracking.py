"""What a resident fills in about a case that was filed: look up, rate, take back."""

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.models import Case


class LookupForm(forms.Form):
    """案卷号 with or without its dashes, and the six digits."""

    case_no = forms.CharField(
        label=_("案卷号"),
        max_length=30,
        error_messages={"required": _("请填写案卷号。")},
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "placeholder": "990101-20261122-00001",
            }
        ),
    )
    code = forms.CharField(
        label=_("查询码"),
        max_length=12,
        help_text=_("上报时给您的 6 位数字。"),
        error_messages={"required": _("请填写 6 位查询码。")},
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}
        ),
    )

    def clean_case_no(self) -> str:
        given: str = self.cleaned_data["case_no"]
        return "".join(one for one in given if one.isdigit())

    def clean_code(self) -> str:
        given: str = self.cleaned_data["code"]
        return "".join(one for one in given if one.isdigit())


class RatingForm(forms.Form):
    score = forms.ChoiceField(
        label=_("您对办理结果满意吗？"),
        choices=[one for one in Case.Score.choices if one[0]],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择满意程度。"),
            "invalid_choice": _("请选择满意程度。"),
        },
    )
    solved = forms.TypedChoiceField(
        label=_("您反映的问题解决了吗？"),
        choices=[("yes", _("已解决")), ("no", _("没有解决"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("还想说点什么（可不填）"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ResidentWithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("为什么撤回（可不填）"),
        required=False,
        max_length=1000,
        error_messages={"max_length": _("最多 1000 字，请精简。")},
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AskAgainForm(forms.Form):
    words = forms.CharField(
        label=_("问题现在怎样了"),
        max_length=500,
        error_messages={
            "required": _("请写明问题现在怎样了。"),
            "max_length": _("最多 500 字，请精简。"),
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )
