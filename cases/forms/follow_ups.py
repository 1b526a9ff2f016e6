"""Forms of what follows a case up: talking with the resident and rating for him."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.offered import OfferedForm, radio, words
from cases.models import CallBack, Case

Method = CallBack.Method
YES_NO = (("yes", _("是")), ("no", _("否")))


def yes_no(label: Any, *, required: bool = True) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=YES_NO,
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=required,
        widget=forms.RadioSelect,
    )


class CallBackForm(OfferedForm):
    method = radio(_("回访方式"), Method.choices)
    result = radio(_("回访结果"), CallBack.Result.choices)
    satisfied = yes_no(_("诉求人是否满意"), required=False)
    words = words(_("回访记录"), help_text=_("何时、向谁、怎么说的。"))
    submit = _("记录回访")

    def prepare(self) -> None:
        self.initial.setdefault("method", Method.PHONE)


class LogContactForm(OfferedForm):
    method = radio(
        _("联系方式"),
        [(one.value, one.label) for one in (Method.PHONE, Method.IN_PERSON)],
    )
    words = words(_("联系了谁、说了什么"))
    submit = _("记录联系")
    intro = _("首次联系诉求人后，“首次响应”停止计时。")

    def prepare(self) -> None:
        self.initial.setdefault("method", Method.PHONE)


class RateByCallBackForm(OfferedForm):
    method = radio(_("回访方式"), Method.choices)
    score = radio(_("满意程度"), [one for one in Case.Score.choices if one[0]])
    solved = yes_no(_("问题是否解决"))
    words = words(_("回访记录"), help_text=_("何时、向谁、怎么说的。"))
    submit = _("代为评价")
    intro = _("按诉求人在回访中说的代为评价；“不满意”的不结案，由街道返工或认定。")

    def prepare(self) -> None:
        self.initial.setdefault("method", Method.PHONE)
