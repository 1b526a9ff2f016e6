"""The form of an internal note."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    opinion = forms.CharField(
        label=_("备注"),
        max_length=1000,
        widget=forms.Textarea,
        error_messages={
            "required": _("请填写备注。"),
            "max_length": _("最多 1000 字，请精简。"),
        },
    )
