"""Shape of an upload and of the wish for an export."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.catalogue import CatalogueUploadForm
from exchange.models import Export

PURPOSES = (_("日常办理"), _("统计分析"), _("会议材料"), _("上级调阅"), _("数据核对"))


class UploadForm(forms.Form):
    """A filled-in template."""

    file = forms.FileField(
        label=_("填好的表格"),
        help_text=_(".xlsx 或 .csv（UTF-8、GB18030），最多 20 万行、60 MB。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": _("请选择要上传的文件。"),
            "empty": _("文件是空的，请重新选择。"),
        },
    )

    def options(self) -> dict[str, str]:
        return {}


class CatalogueForm(CatalogueUploadForm):
    """Besides the file: which standard it is, and what 小时 and 天 mean in it."""

    def options(self) -> dict[str, str]:
        names = ("standard_ref", "hours_mean", "days_mean")
        return {name: str(self.cleaned_data[name]) for name in names}


class ExportForm(forms.Form):
    """`purpose` is asked for where the list has personal data."""

    format = forms.ChoiceField(
        label=_("格式"), choices=Export.Format, widget=forms.RadioSelect
    )
    purpose = forms.CharField(
        label=_("用途"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"list": "purposes", "autocomplete": "off"}),
        error_messages={"required": _("这份清单含个人信息，请填写用途。")},
    )

    def __init__(self, *args: Any, sensitive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("format", Export.Format.XLSX)
        self.fields["purpose"].required = sensitive
        self.fields["purpose"].help_text = (
            _("清单含个人信息：文件上会写明导出人、时间和用途。") if sensitive else ""
        )
