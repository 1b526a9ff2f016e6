"""What every page may say about the product itself."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, Any]:
    """product_name, city_name, demo, basemap_url, basemap_attribution."""
    return {
        "product_name": settings.PRODUCT_NAME,
        "city_name": settings.CITY_NAME,
        "demo": settings.DEMO,
        "basemap_url": settings.BASEMAP_URL,
        "basemap_attribution": settings.BASEMAP_ATTRIBUTION,
    }
