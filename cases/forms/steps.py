"""What a step on the phone asks for; each form is named for its action."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.actions.handling import RESULTS
from cases.forms.fields import crs_field, photos_field
from cases.models import SiteTask


def _words(label: Any, *, required: bool, missing: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=1000,
        error_messages={"required": missing, "max_length": _("最多 1000 字。")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class StepForm(forms.Form):
    """`batch` names the photos of this step; `version` the case as it was seen."""

    batch = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class FinishSelfForm(StepForm):
    measures = _words(_("处置说明"), required=True, missing=_("请填写处置说明。"))
    photos = photos_field()


class HandUpForm(StepForm):
    opinion = _words(
        _("办不了的原因"), required=True, missing=_("请写明为什么办不了。")
    )


class SubmitResultForm(StepForm):
    result = forms.ChoiceField(
        label=_("办理结果"),
        choices=list(RESULTS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择办理结果。")},
    )
    measures = _words(_("采取的措施"), required=True, missing=_("请填写采取的措施。"))
    photos = photos_field()


class SiteTaskForm(StepForm):
    """The conclusion of 核实 or 核查; `kind` decides what may be chosen."""

    result = forms.ChoiceField(
        label=_("结论"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("请选择结论。"),
            "invalid_choice": _("请选择结论。"),
        },
    )
    photos = photos_field()
    remark = _words(_("情况说明"), required=False)
    lng = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    crs = crs_field()

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conclusions = {
            SiteTask.Kind.VERIFY: (
                SiteTask.Result.TRUE,
                SiteTask.Result.UNTRUE,
                SiteTask.Result.UNCLEAR,
            ),
            SiteTask.Kind.CHECK: (SiteTask.Result.PASSED, SiteTask.Result.FAILED),
        }[SiteTask.Kind(kind)]
        self.fields["result"].choices = [  # type: ignore[attr-defined]
            (one.value, one.label) for one in conclusions
        ]
        self.fields["crs"].widget = forms.HiddenInput()


class GuardForm(StepForm):
    """已到场 with where, or (`leaves`) 已撤离 with how the place is left."""

    remark = _words(_("撤离时的现场情况"), required=False)
    lng = forms.FloatField(widget=forms.HiddenInput, required=False)
    lat = forms.FloatField(widget=forms.HiddenInput, required=False)
    crs = crs_field()

    def __init__(self, *args: Any, leaves: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remark"].required = leaves
        self.fields["remark"].error_messages["required"] = _("请写明撤离时现场的情况。")
        self.fields["crs"].widget = forms.HiddenInput()
