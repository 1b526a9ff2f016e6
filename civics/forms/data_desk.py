"""How the data desk carries out what somebody asked about personal data."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.filing import PHONE_NUMBER

REASON = _("例如：已电话核对身份，与工单一致，依据个人信息保护法第四十六条。")


def _reason() -> forms.CharField:
    return forms.CharField(
        label=_("核对情况和依据"),
        max_length=500,
        help_text=REASON,
        error_messages={
            "required": _("请写明核对情况和依据。"),
            "max_length": _("最多 500 字，请精简。"),
        },
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def _kind(case: Any) -> str:
    """What a confidential case is about is not the desk's business."""
    return str(_("保密案件")) if case.confidential else case.category.name


class HandOverForm(forms.Form):
    """查询、复制: nothing to be filled in."""


class CorrectForm(forms.Form):
    case_ids = forms.MultipleChoiceField(
        label=_("更正哪些案件"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选择要更正的案件。")},
    )
    name = forms.CharField(label=_("更正后的姓名"), required=False, max_length=50)
    contact = forms.CharField(
        label=_("更正后的电话"),
        required=False,
        max_length=20,
        validators=[PHONE_NUMBER],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    reason = _reason()

    def __init__(self, *args: Any, cases: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case_ids"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.display_no} {_kind(one)}") for one in cases
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        empty = not given.get("name", "").strip() and not given.get("contact")
        if empty and "contact" not in self.errors:
            self.add_error("name", _("请填写更正后的姓名或电话。"))
        return given


class DeleteForm(forms.Form):
    reason = _reason()
    sure = forms.BooleanField(
        label=_("我已核对本人身份，知道删除以后不能恢复"),
        error_messages={"required": _("请确认已核对身份。删除以后不能恢复。")},
    )
