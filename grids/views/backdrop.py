"""Roads and river of 示例市, so that its map is a city without any base map."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET
from shapely.geometry import mapping

from grids.demo import plan
from grids.models import Area

FINE_DEGREES = 5e-6


@login_not_required
@require_GET
@cache_control(private=True, max_age=86400)
def backdrop(request: HttpRequest) -> HttpResponse:
    """GeoJSON lines with their `kind`; 204 where the demo city does not exist."""
    if not Area.objects.filter(code=plan.CITY_CODE).exists():
        return HttpResponse(status=204)
    features = [
        {
            "type": "Feature",
            "properties": {"kind": way.kind},
            "geometry": mapping(way.lines.simplify(FINE_DEGREES)),
        }
        for way in plan.ways()
    ]
    return JsonResponse(
        {"type": "FeatureCollection", "features": features},
        content_type="application/geo+json",
    )
