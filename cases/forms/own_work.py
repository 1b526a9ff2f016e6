"""Forms of what people keep for their own work."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ViewForm(forms.Form):
    name = forms.CharField(
        label=_("视图名称"),
        max_length=30,
        error_messages={
            "required": _("请给视图起个名称。"),
            "max_length": _("名称最多 30 个字。"),
        },
    )
    is_shared = forms.BooleanField(label=_("本单位共享"), required=False)

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class NewViewForm(ViewForm):
    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
