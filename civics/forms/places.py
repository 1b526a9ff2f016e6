from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases.forms.fields import crs_field, degrees_field


class PlaceForm(forms.Form):
    name = forms.CharField(
        label=_("地点名称"),
        max_length=60,
        error_messages={"required": _("请填写地点名称，例如“幸福里南门”。")},
    )
    address = forms.CharField(
        label=_("地址"),
        max_length=256,
        error_messages={"required": _("请填写地址，居民扫码后会自动填好。")},
    )
    lng = degrees_field(_("经度"))
    lat = degrees_field(_("纬度"))
    crs = crs_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("lng", "lat"):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _("请在地图上点选位置。")
