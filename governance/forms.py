"""Shapes of what is entered about time: moments, and the working calendar."""

import json
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance import actions, clock
from governance.errors import Refused
from governance.models import Holiday, WorkScheme

WEEKDAYS = [
    (1, gettext_lazy("星期一")),
    (2, gettext_lazy("星期二")),
    (3, gettext_lazy("星期三")),
    (4, gettext_lazy("星期四")),
    (5, gettext_lazy("星期五")),
    (6, gettext_lazy("星期六")),
    (7, gettext_lazy("星期日")),
]
LARGEST_FILE = 1024 * 1024


class MomentInput(forms.DateTimeInput):
    """The browser's own picker, in local time to the minute."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MomentField(forms.DateTimeField):
    """Date and time in a year that can be reckoned with (`clock.reckonable`); cleans to
    the own zone, whatever zone was named."""

    widget = MomentInput
    default_error_messages = {
        "invalid": gettext_lazy("请填写日期和时间，例如 2026-11-30 18:00。")
    }

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        try:
            return clock.reckonable(found) if found else None
        except ValueError as error:
            said = self.error_messages["invalid"]
            raise forms.ValidationError(said, code="invalid") from error


class PeriodsField(forms.CharField):
    """Periods written as `08:00-12:00, 14:00-18:00`, kept as pairs."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return ", ".join("-".join(period) for period in value)
        return value

    def clean(self, value: Any) -> list[list[str]]:
        text = super().clean(value).replace("，", ",").replace("：", ":")
        text = text.replace("–", "-").replace("—", "-")
        return [
            [moment.strip() for moment in period.split("-")]
            for period in text.split(",")
        ]


class WorkSchemeForm(forms.ModelForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("工作日"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    periods = PeriodsField(
        label=gettext_lazy("工作时段"),
        help_text=gettext_lazy("写作 08:00-12:00, 14:00-18:00，按先后排列。"),
    )

    class Meta:
        model = WorkScheme
        fields = ["name", "starts_date", "ends_date", "weekdays", "periods"]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            actions.check_scheme(self.instance)
        except Refused as refused:
            self.add_error(refused.field, refused.message)


class OverrideForm(forms.ModelForm):
    """A day's local rule."""

    class Meta:
        model = Holiday
        fields = ["date", "kind", "name"]


class ImportHolidaysForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("放假安排文件"),
        help_text=gettext_lazy("JSON 文件，按国务院办公厅当年的放假通知填写。"),
    )

    def clean_file(self) -> Any:
        """The document in the file."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("文件过大，应不超过 1 MB。"))
        try:
            return json.loads(file.read().decode("utf-8-sig"))
        except ValueError as error:
            raise forms.ValidationError(_("文件不是有效的 JSON。")) from error
