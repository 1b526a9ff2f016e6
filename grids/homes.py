"""Read household points out of a file: GeoJSON points or CSV with coordinates."""

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from governance.errors import Refused
from governance.geo import Crs, to_wgs84

MOST_ROWS = 200_000
LNG = ("lng", "lon", "longitude", "x", "经度")
LAT = ("lat", "latitude", "y", "纬度")
HOUSEHOLDS = ("households", "户数", "count")

Row = tuple[float, float, float]


def read(content: bytes, *, name: str, crs: Crs) -> list[Row]:
    """(longitude, latitude, households) in stored degrees; 1 household when unsaid.

    Raises Refused naming the first row that cannot be read.
    """
    raw = _geojson(content) if name.lower().endswith("json") else _csv(content)
    rows: list[Row] = []
    for number, (lng, lat, households) in raw:
        if len(rows) == MOST_ROWS:
            raise Refused(
                _("住户点太多，一次最多 %(most)d 个。") % {"most": MOST_ROWS},
                code="too_many",
                field="points",
            )
        rows.append(_row(number, lng, lat, households, crs))
    if not rows:
        raise Refused(_("文件里没有住户点。"), code="empty_file", field="points")
    return rows


def _row(number: int, lng: Any, lat: Any, households: Any, crs: Crs) -> Row:
    try:
        x, y = float(lng), float(lat)
        count = float(households) if str(households or "").strip() else 1.0
    except (TypeError, ValueError):
        x = y = count = math.nan
    # A NaN fails every comparison.
    if not (-180 <= x <= 180 and -90 <= y <= 90 and 0 <= count <= 100_000):
        raise Refused(
            _("第 %(row)d 个住户点的经纬度或户数不正确。") % {"row": number},
            code="bad_row",
            field="points",
        )
    return (*to_wgs84(x, y, crs), count)


def _geojson(content: bytes) -> Iterator[tuple[int, tuple[Any, Any, Any]]]:
    try:
        features = json.loads(content.decode("utf-8-sig"))["features"]
        for number, feature in enumerate(features, 1):
            lng, lat, *_height = feature["geometry"]["coordinates"]
            yield number, (lng, lat, _first(feature.get("properties"), HOUSEHOLDS))
    except (UnicodeDecodeError, ValueError, KeyError, TypeError) as error:
        raise Refused(
            _("GeoJSON 文件应当是由点组成的 FeatureCollection。"),
            code="bad_file",
            field="points",
        ) from error


def _csv(content: bytes) -> Iterator[tuple[int, tuple[Any, Any, Any]]]:
    rows = csv.DictReader(io.StringIO(_text(content)))
    names = [(name or "").strip().lower() for name in rows.fieldnames or []]
    if not (set(LNG) & set(names) and set(LAT) & set(names)):
        raise Refused(
            _("CSV 第一行应当有列名：lng（经度）、lat（纬度）、households（户数）。"),
            code="no_field",
            field="points",
        )
    rows.fieldnames = names
    for number, row in enumerate(rows, 2):
        yield number, (_first(row, LNG), _first(row, LAT), _first(row, HOUSEHOLDS))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(
        _("无法识别文件的文字编码，请另存为 UTF-8。"), code="bad_file", field="points"
    )


def _first(row: dict[str, Any] | None, names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row and name in row), None)
