"""A form with a field of every kind, for the style page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import photos_field


class EveryFieldForm(forms.Form):
    words = forms.CharField(
        label=_("处置意见"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写清怎么处理的、结果怎样。"),
        error_messages={"required": _("请填写处置意见。")},
    )
    line = forms.CharField(label=_("地址"), required=False)
    number = forms.IntegerField(label=_("时限"), initial=5, required=False)
    choice = forms.ChoiceField(
        label=_("立案条件"),
        choices=[("", _("请选择")), ("a", _("井盖缺失")), ("b", _("井盖破损"))],
        required=False,
    )
    radio = forms.ChoiceField(
        label=_("核查结论"),
        choices=[("passed", _("通过")), ("failed", _("不通过"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择核查结论。")},
    )
    checks = forms.MultipleChoiceField(
        label=_("协办单位"),
        choices=[("a", _("城管局")), ("b", _("住建局")), ("c", _("消防大队"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    date = forms.DateField(
        label=_("计划恢复日期"),
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )
    photos = photos_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"].label = _("处置后照片")
