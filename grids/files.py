"""Read areas out of the files that people have: what each feature says, unjudged."""

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.gis.gdal import DataSource, GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.utils.translation import gettext as _

from governance.errors import Refused

SUFFIXES = (".geojson", ".json", ".shp", ".zip", ".gpkg", ".csv")
MAGIC = {
    ".geojson": (b"{", b"\xef\xbb\xbf{"),
    ".json": (b"{", b"\xef\xbb\xbf{"),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".zip": (b"PK\x03\x04",),
}
ENCODINGS = ("utf-8-sig", "gb18030")
UNPACKED_LIMIT = 500 * 1024 * 1024
SHAPEFILE_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}
CODE_NAMES = ("code", "编码", "代码", "区划代码")
NAME_NAMES = ("name", "名称")


@dataclass(frozen=True)
class Feature:
    """One row of a file; `broken` says why its geometry could not be read."""

    row: int
    code: str
    name: str
    geometry: GEOSGeometry | None = None
    broken: str = ""


def read(path: Path, *, code_field: str = "", name_field: str = "") -> list[Feature]:
    """The features of a GeoJSON, Shapefile (.shp or .zip), GeoPackage or CSV file.

    Coordinates are those of the file; a projected file with its system in it is brought
    to CGCS2000 degrees. Without field names the usual ones are looked for. Raises
    Refused for a file that cannot be read and a field that is not in it.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Refused(
            _("不支持这种文件；可用 GeoJSON、Shapefile（zip、shp）、GeoPackage、CSV。"),
            code="bad_file",
            field="file",
        )
    _check_start(path, suffix)
    wanted = (code_field, name_field)
    if suffix == ".csv":
        return _read_csv(path, *wanted)
    if suffix != ".zip":
        return _read_layer(path, *wanted)
    with tempfile.TemporaryDirectory() as folder:
        try:
            shapefile = _unpacked(path, Path(folder))
        except zipfile.BadZipFile as error:
            raise Refused(
                _("压缩包已损坏，无法解开。"), code="bad_file", field="file"
            ) from error
        return _read_layer(shapefile, *wanted)


def _check_start(path: Path, suffix: str) -> None:
    """A file is opened as what it says it is: GDAL would follow others anywhere."""
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    if suffix in MAGIC and not start.startswith(MAGIC[suffix]):
        raise Refused(
            _("文件内容与扩展名 %(suffix)s 不符。") % {"suffix": suffix},
            code="bad_file",
            field="file",
        )


def _unpacked(path: Path, folder: Path) -> Path:
    """The one shapefile of a zip, its parts renamed alike."""
    with zipfile.ZipFile(path) as archive:
        entries = [one for one in archive.infolist() if not one.is_dir()]
        shapes = [one for one in entries if one.filename.lower().endswith(".shp")]
        if len(shapes) != 1:
            raise Refused(
                _("压缩包里应当正好有一个 .shp 文件。"), code="bad_file", field="file"
            )
        if sum(one.file_size for one in entries) > UNPACKED_LIMIT:
            raise Refused(_("压缩包解开后太大。"), code="bad_file", field="file")
        stem = shapes[0].filename[:-4]
        for one in entries:
            part = Path(one.filename).suffix.lower()
            if part in SHAPEFILE_PARTS and one.filename[: -len(part)] == stem:
                with (
                    archive.open(one) as source,
                    (folder / f"set{part}").open("wb") as target,
                ):
                    shutil.copyfileobj(source, target)
    return folder / "set.shp"


# --- code lists --------------------------------------------------------------------


def _read_csv(path: Path, code_field: str, name_field: str) -> list[Feature]:
    rows = csv.DictReader(io.StringIO(_decoded(path.read_bytes())))
    fields = [name for name in rows.fieldnames or [] if name]
    code = _field(fields, code_field, CODE_NAMES)
    name = _field(fields, name_field, NAME_NAMES)
    return [
        Feature(row, (one[code] or "").strip(), (one[name] or "").strip())
        for row, one in enumerate(rows, start=2)
    ]


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(
        _("无法识别文件的文字编码，请另存为 UTF-8。"), code="bad_file", field="file"
    )


def _field(fields: list[str], wanted: str, usual: tuple[str, ...]) -> str:
    names = (wanted,) if wanted else usual
    by_lower = {field.strip().lower(): field for field in fields}
    for name in names:
        if name.strip().lower() in by_lower:
            return by_lower[name.strip().lower()]
    raise Refused(
        _("文件里没有字段 %(wanted)s；现有字段：%(fields)s。")
        % {"wanted": " / ".join(names), "fields": "、".join(fields) or _("无")},
        code="no_field",
        field="code_field" if usual is CODE_NAMES else "name_field",
    )


# --- layers ------------------------------------------------------------------------


def _read_layer(path: Path, code_field: str, name_field: str) -> list[Feature]:
    for encoding in ("utf-8", "gb18030"):
        try:
            return list(_features(path, encoding, code_field, name_field))
        except UnicodeDecodeError:
            continue
        except GDALException as error:
            raise Refused(
                _("文件无法读取，可能已损坏或缺少 .shx/.dbf。"),
                code="bad_file",
                field="file",
            ) from error
    raise Refused(
        _("无法识别文件的文字编码，请附上 .cpg 文件。"), code="bad_file", field="file"
    )


def _features(
    path: Path, encoding: str, code_field: str, name_field: str
) -> Iterator[Feature]:
    layer = DataSource(path, encoding=encoding)[0]
    fields = layer.fields
    code = fields.index(_field(fields, code_field, CODE_NAMES))
    name = fields.index(_field(fields, name_field, NAME_NAMES))
    projected = bool(layer.srs and layer.srs.projected)
    for row, feature in enumerate(layer, start=1):
        geometry, broken = _geometry(feature, projected)
        yield Feature(
            row,
            _text(feature[code].value),
            _text(feature[name].value),
            geometry,
            broken,
        )


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _geometry(feature: Any, projected: bool) -> tuple[GEOSGeometry | None, str]:
    """The feature's shape without heights; or None and what is wrong with it."""
    try:
        shape = feature.geom
        if shape is None or shape.empty:
            return None, ""
        shape.set_3d(False)
        if projected:
            shape.transform(4490)
        geometry = shape.geos
    except GDALException:
        return None, ""
    except GEOSException:
        return None, _("边界环没有闭合或顶点太少")
    geometry.srid = 4490
    return geometry, ""
