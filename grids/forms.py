"""Shape of what administrators give about places."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from governance.geo import Crs
from grids import files, homes
from grids.codes import Level
from grids.importing import Options, ParentBy
from grids.models import Area

LARGEST_MB = 100
LARGEST_POINTS_MB = 20


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("文件"),
        help_text=_("GeoJSON、Shapefile（打包成 zip）、GeoPackage，或 CSV 编码表。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,.zip,.gpkg,.csv"}),
    )
    level = forms.TypedChoiceField(
        label=_("层级"), choices=Level, coerce=lambda value: Level(int(value))
    )
    crs = forms.TypedChoiceField(
        label=_("坐标系"),
        choices=Crs,
        coerce=Crs,
        initial=Crs.CGCS2000,
        help_text=_(
            "从高德、腾讯取得的选 GCJ-02，从百度取得的选 BD-09；编码表不用管它。"
        ),
    )
    parent_by = forms.TypedChoiceField(
        label=_("上级怎么认"),
        choices=[
            (ParentBy.CODE, _("按编码前缀")),
            (ParentBy.CONTAINMENT, _("按位置（落在哪个上级里）")),
        ],
        coerce=ParentBy,
        widget=forms.RadioSelect,
        initial=ParentBy.CODE,
    )
    parent = forms.CharField(
        label=_("全部归入这个上级"),
        required=False,
        max_length=18,
        help_text=_("填上级编码；不填则按上一项。"),
    )
    code_field = forms.CharField(
        label=_("编码字段"),
        required=False,
        max_length=50,
        help_text=_("默认 code、编码"),
    )
    name_field = forms.CharField(
        label=_("名称字段"),
        required=False,
        max_length=50,
        help_text=_("默认 name、名称"),
    )

    def clean_file(self) -> UploadedFile:
        given: UploadedFile = self.cleaned_data["file"]
        suffix = Path(given.name or "").suffix.lower()
        if suffix == ".shp" or suffix not in files.SUFFIXES:
            raise forms.ValidationError(
                _("请提供 GeoJSON、打包成 zip 的 Shapefile、GeoPackage 或 CSV。")
            )
        if (given.size or 0) > LARGEST_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("文件超过 %(mb)s MB，请用命令行 import_areas 导入。"),
                params={"mb": LARGEST_MB},
            )
        return given

    def options(self) -> Options:
        given: dict[str, Any] = dict(self.cleaned_data)
        given.pop("file")
        return Options(**given)


class ExportForm(forms.Form):
    level = forms.TypedChoiceField(
        label=_("层级"),
        choices=Level,
        coerce=lambda value: Level(int(value)),
        initial=Level.GRID,
    )
    within = forms.CharField(
        label=_("只要这个区域以内的"),
        required=False,
        max_length=18,
        help_text=_("填区域编码，例如街道的 9 位编码；不填则全部导出。"),
    )

    def clean_within(self) -> str:
        code: str = self.cleaned_data["within"].strip()
        if code and not Area.objects.filter(code=code).exists():
            raise forms.ValidationError(
                _("没有编码为 %(code)s 的区域，请核对。"), params={"code": code}
            )
        return code


class ProposalForm(forms.Form):
    """What a proposal is asked to be; a street is divided among its communities."""

    low = forms.IntegerField(
        label=_("每格最少户数"), initial=300, min_value=1, max_value=100_000
    )
    high = forms.IntegerField(
        label=_("每格最多户数"), initial=500, min_value=2, max_value=100_000
    )
    parts = forms.IntegerField(
        label=_("划成几个"),
        required=False,
        min_value=1,
        max_value=300,
        help_text=_("不填则按户数范围决定。"),
    )
    households = forms.IntegerField(
        label=_("总户数"),
        required=False,
        min_value=0,
        help_text=_("没有住户点时，按面积均匀分布。"),
    )
    points = forms.FileField(
        label=_("住户点文件"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,.geojson,.json"}),
        help_text=_("CSV（列名 lng、lat、households）或由点组成的 GeoJSON。"),
    )
    crs = forms.TypedChoiceField(
        label=_("住户点坐标系"), choices=Crs, coerce=Crs, initial=Crs.CGCS2000
    )

    def __init__(self, area: Area, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["households"].initial = area.households
        if area.level == Level.STREET:
            for name in ("low", "high"):
                del self.fields[name]
            self.fields["parts"].help_text = _("不填则与已有社区的个数相同。")

    def clean_points(self) -> UploadedFile | None:
        given: UploadedFile | None = self.cleaned_data["points"]
        if given and (given.size or 0) > LARGEST_POINTS_MB * 1024 * 1024:
            raise forms.ValidationError(
                _("文件超过 %(mb)s MB。"), params={"mb": LARGEST_POINTS_MB}
            )
        return given

    def wishes(self) -> dict[str, Any]:
        """The arguments of `actions.propose` that were given; reads the file."""
        given = dict(self.cleaned_data)
        points, crs = given.pop("points"), given.pop("crs")
        wishes = {name: value for name, value in given.items() if value is not None}
        if points:
            wishes["homes"] = homes.read(points.read(), name=points.name, crs=crs)
        return wishes
