"""Shape of a catalogue upload."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.workbooks import MAX_BYTES
from governance.calendar import Unit

UNDECIDED = ("", _("不认定，逐条标出"))


class CatalogueUploadForm(forms.Form):
    """A workbook, its standard, and what 小时 and 天 mean in it."""

    file = forms.FileField(
        label=_("Excel 工作簿"),
        help_text=_(
            "九列：大类代码、大类名称、小类代码、小类名称、处置单位、主管部门、"
            "立案条件、结案条件、处置时限；可加一列“社区事项”（是、否）；"
            "工作表名写明“部件”“事件”“事项”或“本地”。"
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _("请选择 Excel 文件。")},
    )
    standard_ref = forms.CharField(
        label=_("依据标准"),
        max_length=50,
        help_text=_("同一标准再次导入即为更新。"),
        error_messages={"required": _("请填写依据标准，如“某市2024版”。")},
    )
    hours_mean = forms.ChoiceField(
        label=_("文件中的“小时”是指"),
        required=False,
        choices=[
            UNDECIDED,
            (Unit.WORK_HOUR, _("工作时：夜间和节假日不计")),
            (Unit.URGENT_HOUR, _("紧急工作时：昼夜连续计")),
        ],
    )
    days_mean = forms.ChoiceField(
        label=_("文件中的“天”是指"),
        required=False,
        choices=[
            UNDECIDED,
            (Unit.WORK_DAY, _("工作日：节假日不计")),
            (Unit.NATURAL_DAY, _("自然日：连续计")),
        ],
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("文件超过20 MB，请拆分后上传。"))
        return file

    def units(self) -> dict[str, Unit]:
        """The meanings given, by the spelling in the file."""
        meanings = {
            "小时": self.cleaned_data["hours_mean"],
            "天": self.cleaned_data["days_mean"],
        }
        return {spelling: Unit(value) for spelling, value in meanings.items() if value}
