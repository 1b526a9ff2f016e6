"""The board's map: tiles of cases, and how loaded each area is."""

from typing import Any

from django.contrib.gis.geos import Point
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_GET

from grids.models import Area
from oversight.querysets import tallies
from oversight.querysets.tiles import tile as make_tile
from oversight.views.seen import etag, list_url, sight_of

MVT = "application/vnd.mapbox-vector-tile"
DEEPEST = 22


@require_GET
@cache_control(private=True, no_cache=True)
@gzip_page
@condition(etag_func=etag)
def tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    if z > DEEPEST or x >= 2**z or y >= 2**z:
        raise Http404
    return HttpResponse(make_tile(sight_of(request), z, x, y), content_type=MVT)


@require_GET
@cache_control(private=True, no_cache=True)
@condition(etag_func=etag)
def loads(request: HttpRequest) -> JsonResponse:
    """The open cases of each area below, as GeoJSON points in their middle."""
    n, areas = tallies.load(sight_of(request))
    features = [
        _feature(one, one.centre, n[one.pk]) for one in areas if one.centre is not None
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _feature(area: Area, centre: Point, n: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(centre.coords)},
        "properties": {
            "id": area.pk, "level": area.level, "name": area.short_name or area.name,
            "n": n, "url": list_url("open", area.code),
        },
    }  # fmt: skip
