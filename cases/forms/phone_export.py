"""The file that a phone exported."""

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

LARGEST = 100 * 1024 * 1024


class PhoneExportForm(forms.Form):
    file = forms.FileField(
        label=_("手机导出的文件（ZIP）"),
        error_messages={"required": _("请选择手机导出的 ZIP 文件。")},
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(
                _("文件超过 %(n)d MB，请在手机上分几次导出。")
                % {"n": LARGEST // 1024 // 1024}
            )
        return file
