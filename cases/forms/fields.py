"""Form fields that the forms of cases share."""

from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext_lazy as _

from governance import geo
from governance.geo import Crs


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Any number of files; cleans to a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(ManyFilesField, self).clean(one, initial) for one in data or []]


def photos_field() -> ManyFilesField:
    return ManyFilesField(
        label=_("照片"),
        required=False,
        widget=ManyFilesInput(
            attrs={"multiple": True, "accept": "image/jpeg,image/png,image/webp"}
        ),
    )


def degrees_field(label: Any) -> forms.FloatField:
    return forms.FloatField(
        label=label,
        required=False,
        error_messages={"invalid": _("请填写数字，例如 113.012345。")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


def crs_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("坐标系"),
        choices=Crs.choices,
        required=False,
        initial=Crs.WGS84,
        error_messages={"invalid_choice": _("请选择坐标系。")},
    )


def position_of(given: dict[str, Any]) -> Point | None:
    """The Point of lng, lat and crs; None when one of the pair is missing."""
    if given.get("lng") is None or given.get("lat") is None:
        return None
    return geo.to_point(given["lng"], given["lat"], given.get("crs") or Crs.WGS84)
