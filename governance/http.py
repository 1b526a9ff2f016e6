"""What every page may say about the product itself."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from governance import calendar, clock


def product(request: HttpRequest) -> dict[str, Any]:
    """product_name, city_name, demo, basemap_url, basemap_attribution, missing_years
    (of the working calendar; read only where a template asks for it)."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "city_name": settings.CITY_NAME,
        "demo": settings.DEMO,
        "basemap_url": settings.BASEMAP_URL,
        "basemap_attribution": settings.BASEMAP_ATTRIBUTION,
        "missing_years": cache(lambda: calendar.missing_years(clock.now())),
    }
