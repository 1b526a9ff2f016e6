"""The application for a grid item."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.offered import radio, words
from duties.actions import Application
from duties.forms.steps import DutyForm
from duties.models import GridItemAdmission


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> Any:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        error_messages={"invalid": _("请填写日期，例如 2026-11-30。")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ApplicationForm(DutyForm):
    submit = _("提交申请")

    item = forms.CharField(
        label=_("事项名称"), max_length=80, help_text=_("例如“独居老人走访”。")
    )
    kind = radio(_("类型"), GridItemAdmission.Kind.choices)
    reason = words(_("依据和理由"), help_text=_("写明文件依据，为什么要由网格办。"))
    workload = forms.CharField(
        label=_("工作量"),
        max_length=200,
        help_text=_("每个网格要花多少时间，例如“每月 4 小时”。"),
    )
    funding = forms.CharField(label=_("经费保障"), max_length=200, required=False)
    starts_date = date_field(_("开始日期"))
    ends_date = date_field(
        _("结束日期"), required=False, help_text=_("临时事项必须填写。")
    )

    def application(self) -> Application:
        return Application(**self.cleaned_data)
