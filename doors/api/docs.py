"""The OpenAPI document, for whoever may use the interface."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularYAMLAPIView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from doors.api.base import Door
from doors.models import Scope


class SchemaView(SpectacularYAMLAPIView):
    """OpenAPI as YAML."""

    scopes = dict.fromkeys(["GET"], Scope.MASTER_READ)


class SchemaJsonView(SpectacularJSONAPIView):
    """OpenAPI as JSON."""

    scopes = SchemaView.scopes


class NowhereView(Door):
    """An address below `/api/v1/` that there is not, answered as all errors are."""

    schema: Any = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound

    def get(self, request: Request) -> HttpResponseBase:
        raise NotFound

    post = put = patch = delete = get
