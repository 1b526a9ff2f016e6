"""The map and what it is made of: tiles, one area, children, locating.

Boundaries are public knowledge: residents see them on the portal's map too.
"""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_GET

from governance import clock
from governance.errors import Refused
from governance.geo import Crs, to_point
from grids.codes import Level
from grids.models import Area, TileVersion
from grids.querysets import placement_of
from grids.querysets.tiles import tile as make_tile

MVT = "application/vnd.mapbox-vector-tile"
# Part of every ETag: raise it when the tiles or the JSON themselves change.
FORMAT = 1
DEEPEST = 22


def _level(word: str) -> Level:
    level = Level.of_word(word)
    if level is None:
        raise Http404
    return level


def _tile_etag(request: HttpRequest, level: str, **_place: int) -> str:
    version = TileVersion.objects.of_level(_level(level))
    return f'"{level}-{FORMAT}-{version}"'


@login_not_required
@require_GET
@cache_control(private=True, no_cache=True)
@gzip_page
@condition(etag_func=_tile_etag)
def tile(request: HttpRequest, level: str, z: int, x: int, y: int) -> HttpResponse:
    if z > DEEPEST or x >= 2**z or y >= 2**z:
        raise Http404
    content = make_tile(_level(level), level, z, x, y)
    return HttpResponse(content, content_type=MVT)


@login_not_required
@require_GET
@cache_control(private=True, no_cache=True)
def area_geojson(request: HttpRequest, code: str) -> JsonResponse:
    """A GeoJSON Feature; its geometry is null for an area without a boundary."""
    feature = Area.objects.filter(code=code).feature()
    if feature is None:
        raise Http404
    return JsonResponse(feature, content_type="application/geo+json")


@require_GET
@cache_control(private=True, no_cache=True)
def children(request: HttpRequest, code: str = "") -> JsonResponse:
    """The areas in use right below `code` (cities for none), for pickers."""
    if code:
        below = get_object_or_404(Area, code=code).children.all()
    else:
        below = Area.objects.at_level(Level.CITY)
    rows = below.active(timezone.localdate(clock.now())).listed()
    return JsonResponse({"areas": list(rows)})


@login_not_required
@require_GET
@cache_control(private=True, no_store=True)
def locate(request: HttpRequest) -> JsonResponse:
    """?lng&lat&crs (default wgs84) → the grid there, or 422 with a message."""
    try:
        point = to_point(
            _number(request, "lng"),
            _number(request, "lat"),
            request.GET.get("crs") or Crs.WGS84,
        )
        located = Area.objects.locate(point)
    except Refused as refused:
        return JsonResponse(refused.as_dict(), status=422)
    above = placement_of(located.area)
    return JsonResponse(
        {
            **_named(located.area),
            "placement": {
                word: _named(area) if isinstance(area, Area) else None
                for word, area in above.items()
            },
            "on_border": located.on_border,
            "neighbours": [_named(area) for area in located.neighbours],
            "nearest": located.nearest,
            "distance_m": round(located.distance_m, 1),
        }
    )


@require_GET
def area_map(request: HttpRequest) -> HttpResponse:
    extent = Area.objects.at_level(Level.CITY).extent()
    return render(request, "grids/map.html", {"extent": extent, "levels": Level})


def _number(request: HttpRequest, name: str) -> float:
    try:
        return float(request.GET.get(name, ""))
    except ValueError as error:
        raise Refused(
            _("请提供经度 lng 和纬度 lat（数字）。"), code="bad_position", field=name
        ) from error


def _named(area: Area) -> dict[str, Any]:
    return {"code": area.code, "name": area.name}
