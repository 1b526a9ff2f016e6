"""Routes of `/open311/v2/`; the format is the suffix, XML where there is none."""

from django.urls import path, re_path

from doors.open311 import views

FORM = r"(?:\.(?P<form>[A-Za-z0-9]+))?/?$"
SHORT = r"(?:\.(?P<form>(?i:xml|json)))?/?$"
# A client may join an address that ends in a slash and a path that begins with one.
V2 = r"^open311/v2/+"

urlpatterns = [
    re_path(
        r"^open311/+(?:v2/+)?discovery" + FORM,
        views.discovery,
        name="open311_discovery",
    ),
    re_path(r"^open311/v2/?$", views.discovery, name="open311_root"),
    path("open311/v2/openapi.json", views.openapi, name="open311_openapi"),
    path("open311/v2/media/<uuid:photo_id>.jpg", views.photo, name="open311_photo"),
    re_path(V2 + r"services" + FORM, views.services, name="open311_services"),
    re_path(
        V2 + r"services/(?P<service_code>[^/]+?)" + SHORT,
        views.service_definition,
        name="open311_service",
    ),
    re_path(V2 + r"requests" + FORM, views.requests, name="open311_requests"),
    re_path(
        V2 + r"requests/(?P<service_request_id>[^/]+?)" + SHORT,
        views.service_request,
        name="open311_request",
    ),
    re_path(
        V2 + r"tokens/(?P<token>[^/]+?)" + SHORT,
        views.token,
        name="open311_token",
    ),
    re_path(
        V2 + r"(?:servicerequestupdates|update)" + FORM,
        views.updates,
        name="open311_updates",
    ),
    re_path(
        r"^open311/(?P<path>[\s\S]*?)" + SHORT, views.nothing, name="open311_nothing"
    ),
]
