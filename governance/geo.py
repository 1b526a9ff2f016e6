"""Coordinate systems met in the field, and the way to the one we store (DOMAIN E.1).

Everything is stored as SRID 4490 (CGCS2000), which agrees with WGS-84 to centimetres
and is taken as the same. GCJ-02 is the offset applied by the map providers of China,
BD-09 a second offset on top of it; both are published closed formulas, inverted here
by iteration. Outside China GCJ-02 is WGS-84.
"""

import math
from collections.abc import Callable
from math import pi, sin
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, LineString, Point, Polygon
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.errors import Refused

SRID = 4490
Position = tuple[float, float]


class Crs(models.TextChoices):
    WGS84 = "wgs84", gettext_lazy("WGS-84（手机定位）")
    GCJ02 = "gcj02", gettext_lazy("GCJ-02（高德、腾讯）")
    BD09 = "bd09", gettext_lazy("BD-09（百度）")
    CGCS2000 = "cgcs2000", gettext_lazy("CGCS2000（国家大地坐标系）")


_AS_STORED = {Crs.WGS84, Crs.CGCS2000}
# The ellipsoid of the GCJ-02 formula (Krassovsky 1940) and its usual bounds.
_AXIS = 6378245.0
_E2 = 0.00669342162296594323
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_BD_ANGLE = pi * 3000.0 / 180.0
# Degrees; a tenth of a millimetre on the ground.
_CLOSE = 1e-9
_ROUNDS = 30


def to_wgs84(lng: float, lat: float, crs: str) -> Position:
    """Longitude and latitude in WGS-84, in degrees."""
    match Crs(crs):
        case Crs.GCJ02:
            return _gcj_to_wgs(lng, lat)
        case Crs.BD09:
            return _gcj_to_wgs(*_bd_to_gcj(lng, lat))
    return lng, lat


def from_wgs84(lng: float, lat: float, crs: str) -> Position:
    """A WGS-84 position in the coordinate system named."""
    match Crs(crs):
        case Crs.GCJ02:
            return _wgs_to_gcj(lng, lat)
        case Crs.BD09:
            return _gcj_to_bd(*_wgs_to_gcj(lng, lat))
    return lng, lat


def to_point(lng: float, lat: float, crs: str) -> Point:
    """The place as it is stored; raises Refused for what is no place on earth."""
    if crs not in Crs.values:
        raise Refused(
            _("坐标系“%(crs)s”不认识，应为 wgs84、gcj02、bd09 或 cgcs2000。")
            % {"crs": crs},
            code="bad_crs",
            field="crs",
        )
    # A NaN fails both comparisons.
    if not (-180 <= lng <= 180 and -90 <= lat <= 90):
        raise Refused(
            _("坐标不正确：经度应在 -180 到 180 之间，纬度应在 -90 到 90 之间。"),
            code="bad_position",
            field="lng",
        )
    return Point(*to_wgs84(lng, lat, crs), srid=SRID)


def convert_geometry(geometry: GEOSGeometry, crs: str) -> GEOSGeometry:
    """The geometry, given in `crs`, as SRID 4490; the one given is left as it is.

    Heights are dropped. Equal vertices stay equal, so shared borders stay shared.
    """
    known: dict[tuple[float, float], Position] = {}

    def move(lng: float, lat: float, *_height: float) -> Position:
        if (lng, lat) not in known:
            known[lng, lat] = to_wgs84(lng, lat, crs)
        return known[lng, lat]

    if Crs(crs) in _AS_STORED and not geometry.hasz:
        moved = geometry.clone()
    else:
        moved = _rebuilt(geometry, move)
    moved.srid = SRID
    return moved


def distance_m(one: Point, other: Point) -> float:
    """Metres between two geographic points on the mean sphere (within 0.5 %)."""
    lat1, lat2 = math.radians(one.y), math.radians(other.y)
    east, north = math.radians(other.x - one.x), lat2 - lat1
    half = sin(north / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * sin(east / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def bearing(one: Point, other: Point) -> float:
    """Degrees clockwise from north, 0..360, in which `other` lies seen from `one`."""
    lat1, lat2 = math.radians(one.y), math.radians(other.y)
    east = math.radians(other.x - one.x)
    x = math.sin(east) * math.cos(lat2)
    y = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(
        east
    )
    return math.degrees(math.atan2(x, y)) % 360


def _rebuilt(geometry: Any, move: Callable[..., Position]) -> GEOSGeometry:
    kind = type(geometry)
    if geometry.empty:
        return geometry.clone()
    if isinstance(geometry, Point):
        return Point(*move(*geometry.coords))
    if isinstance(geometry, LineString):
        return kind([move(*position) for position in geometry.coords])
    if isinstance(geometry, Polygon):
        return Polygon(*(_rebuilt(ring, move) for ring in geometry))
    return kind([_rebuilt(part, move) for part in geometry])


def _in_china(lng: float, lat: float, margin: float = 0.0) -> bool:
    return (
        _WEST - margin <= lng <= _EAST + margin
        and _SOUTH - margin <= lat <= _NORTH + margin
    )


def _wgs_to_gcj(lng: float, lat: float) -> Position:
    return _shifted(lng, lat) if _in_china(lng, lat) else (lng, lat)


def _gcj_to_wgs(lng: float, lat: float) -> Position:
    """Undo the shift wherever it can have come from inside the bounds."""
    found = _undone(_shifted, lng, lat)
    return found if _in_china(*found, margin=10 * _CLOSE) else (lng, lat)


def _bd_to_gcj(lng: float, lat: float) -> Position:
    return _undone(_gcj_to_bd, lng, lat)


def _undone(
    forward: Callable[[float, float], Position], lng: float, lat: float
) -> Position:
    """Where `forward` leads from to here: it moves little, and smoothly."""
    x, y = lng, lat
    for _round in range(_ROUNDS):
        found_x, found_y = forward(x, y)
        x, y = x + lng - found_x, y + lat - found_y
        if abs(found_x - lng) < _CLOSE and abs(found_y - lat) < _CLOSE:
            break
    return x, y


def _shifted(lng: float, lat: float) -> Position:
    """The GCJ-02 formula, without its bounds."""
    x, y = lng - 105.0, lat - 35.0
    root, ripple = math.sqrt(abs(x)), 20 * sin(6 * pi * x) + 20 * sin(2 * pi * x)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    waves = ripple + 20 * sin(pi * x) + 40 * sin(pi * x / 3)
    east += (waves + 150 * sin(pi * x / 12) + 300 * sin(pi * x / 30)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = ripple + 20 * sin(pi * y) + 40 * sin(pi * y / 3)
    north += (waves + 160 * sin(pi * y / 12) + 320 * sin(pi * y / 30)) * 2 / 3
    phi = math.radians(lat)
    magic = 1 - _E2 * sin(phi) ** 2
    meridian = _AXIS * (1 - _E2) / (magic * math.sqrt(magic))
    parallel = _AXIS / math.sqrt(magic) * math.cos(phi)
    return lng + math.degrees(east / parallel), lat + math.degrees(north / meridian)


def _gcj_to_bd(lng: float, lat: float) -> Position:
    radius = math.hypot(lng, lat) + 0.00002 * sin(lat * _BD_ANGLE)
    theta = math.atan2(lat, lng) + 0.000003 * math.cos(lng * _BD_ANGLE)
    return radius * math.cos(theta) + 0.0065, radius * sin(theta) + 0.006
