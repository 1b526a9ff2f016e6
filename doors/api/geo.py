"""Areas and cases for GIS: GeoJSON (RFC 7946) and vector tiles (docs/geo.md)."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from doors import http
from doors.api.base import Door
from doors.api.shapes import BAD, UNKNOWN, MomentField
from doors.models import Scope
from doors.querysets.tiles import case_tile
from governance import clock
from governance.renderers import JSONRenderer
from grids.codes import LEVELS, Level
from grids.models import AreaBoundary
from grids.querysets.tiles import tile as area_tile

DEEPEST = 22
MOST = 1000
USUAL = 200


class GeoJsonRenderer(JSONRenderer):
    media_type = "application/geo+json"
    format = "geojson"


class TileRenderer(BaseRenderer):
    media_type = "application/vnd.mapbox-vector-tile"
    format = "mvt"
    charset = None
    render_style = "binary"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return bytes(data)


class BoxField(serializers.CharField):
    """`west,south,east,north` in degrees."""

    def to_internal_value(self, data: Any) -> Any:
        words = super().to_internal_value(data).split(",")
        try:
            west, south, east, north = map(float, words)
        except ValueError:
            west, south, east, north = 1, 1, 0, 0
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise serializers.ValidationError(
                _("bbox 应为“西,南,东,北”四个经纬度，例如 113.0,28.0,113.1,28.1。")
            )
        return west, south, east, north


class FeaturesQuery(serializers.Serializer):
    bbox = BoxField(required=False, max_length=120, help_text="西,南,东,北")
    within = serializers.RegexField(
        r"^[0-9A-Z]{4,18}$", required=False, help_text="区域编码，只要它以内的"
    )
    limit = serializers.IntegerField(
        required=False, default=USUAL, min_value=1, max_value=MOST
    )


class AreasQuery(FeaturesQuery):
    level = serializers.ChoiceField(choices=list(LEVELS))
    at = MomentField(required=False, help_text="这一时刻有效的边界")
    after = serializers.RegexField(
        r"^[0-9A-Z]{4,18}$", required=False, help_text="上一页最后的编码"
    )


class NarrowedQuery(serializers.Serializer):
    since = MomentField(required=False, help_text="上报不早于")
    until = MomentField(required=False, help_text="上报早于")
    open = serializers.BooleanField(required=False, default=False)


class CasesQuery(NarrowedQuery, FeaturesQuery):
    before = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="上一页最后的编号"
    )


class FeatureCollectionOut(serializers.Serializer):
    type = serializers.ChoiceField(choices=["FeatureCollection"])
    features = serializers.ListField(child=serializers.DictField())
    numberReturned = serializers.IntegerField()
    next = serializers.URLField(allow_null=True, help_text="下一页的地址")


FEATURES = {
    (200, GeoJsonRenderer.media_type): FeatureCollectionOut,
    (200, JSONRenderer.media_type): FeatureCollectionOut,
    (400, JSONRenderer.media_type): BAD,
}


class Geo(Door):
    """Reading with a key of the scope `geo:read`, in a header or in the address."""

    scopes = {"GET": Scope.GEO_READ}
    authentication_classes = [http.AddressKeyAuthentication, SessionAuthentication]
    renderer_classes = [GeoJsonRenderer, JSONRenderer]

    def finalize_response(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """What was refused is plain JSON, as at every other door."""
        answer = super().finalize_response(request, *args, **kwargs)
        if isinstance(answer, Response) and answer.status_code >= 400:
            answer.accepted_renderer = JSONRenderer()
            answer.accepted_media_type = JSONRenderer.media_type
        return answer


class AreasView(Geo):
    @extend_schema(
        operation_id="areas_geojson",
        tags=["空间数据"],
        summary="区划与网格的边界",
        parameters=[AreasQuery],
        responses=FEATURES,
    )
    def get(self, request: Request) -> Response:
        """Boundaries of one level by code, as in force now or at a moment."""
        asked = _asked(AreasQuery, request)
        level = LEVELS[asked["level"]]
        at = asked.get("at") or clock.now()
        found = AreaBoundary.objects.at(at).filter(area__level=level)
        if "bbox" in asked:
            found = found.touching(asked["bbox"])
        if "within" in asked:
            found = found.filter(area__code__startswith=asked["within"])
        if "after" in asked:
            found = found.filter(area__code__gt=asked["after"])
        features = found.features(asked["limit"] + 1)
        return _page(request, features, asked["limit"], "after")


class CasesView(Geo):
    @extend_schema(
        operation_id="cases_geojson",
        tags=["空间数据"],
        summary="案件的位置",
        parameters=[CasesQuery],
        responses=FEATURES,
    )
    def get(self, request: Request) -> Response:
        """Located cases of one's scope as points, the newest first."""
        asked = _asked(CasesQuery, request)
        found = _narrowed(Case.objects.visible_to(self.who), asked)
        if "bbox" in asked:
            found = found.inside(asked["bbox"])
        if "within" in asked:
            found = found.filter(placement_code__startswith=asked["within"])
        if "before" in asked:
            found = found.filter(pk__lt=asked["before"])
        rows = found.with_names().order_by("-pk")[: asked["limit"] + 1]
        return _page(request, [_feature(one) for one in rows], asked["limit"], "before")


class Tile(Geo):
    renderer_classes = [TileRenderer, JSONRenderer]

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """A tile is a tile, whatever was asked for."""
        return TileRenderer(), TileRenderer.media_type


TILES = {
    (200, TileRenderer.media_type): OpenApiResponse(
        OpenApiTypes.BINARY, description="Mapbox 矢量瓦片"
    ),
    (404, JSONRenderer.media_type): UNKNOWN,
}


class TileView(Tile):
    @extend_schema(
        operation_id="area_tile",
        tags=["空间数据"],
        summary="区划与网格的矢量瓦片",
        responses=TILES,
    )
    def get(self, request: Request, layer: str, z: int, x: int, y: int) -> HttpResponse:
        """The areas of one level, layer named as the level, and their label points."""
        level = Level.of_word(layer)
        if level is None or not _is_tile(z, x, y):
            raise Http404
        return _tile(area_tile(level, layer, z, x, y))


class CaseTileView(Tile):
    @extend_schema(
        operation_id="case_tile",
        tags=["空间数据"],
        summary="案件的矢量瓦片",
        parameters=[NarrowedQuery],
        responses={**TILES, (400, JSONRenderer.media_type): BAD},
    )
    def get(self, request: Request, z: int, x: int, y: int) -> HttpResponse:
        """The located cases of one's scope, layer `cases`: from zoom 13 on each by
        itself, with the fields of `cases.geojson`; below it how many (`n`), how many
        of them open and urgent."""
        if not _is_tile(z, x, y):
            raise Http404
        asked = _asked(NarrowedQuery, request)
        found = _narrowed(Case.objects.visible_to(self.who), asked)
        return _tile(case_tile(found, z, x, y))


def _tile(content: bytes) -> HttpResponse:
    """An empty one is a tile too: REST framework takes the type from what is empty."""
    return HttpResponse(content, content_type=TileRenderer.media_type)


def _is_tile(z: int, x: int, y: int) -> bool:
    return z <= DEEPEST and x < 2**z and y < 2**z


def _narrowed(cases: Any, asked: dict[str, Any]) -> Any:
    found = cases.filter(point__isnull=False)
    if asked["open"]:
        found = found.open()
    for name, lookup in (("since", "reported_at__gte"), ("until", "reported_at__lt")):
        if name in asked:
            found = found.filter(**{lookup: asked[name]})
    return found


def _asked(kind: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    given = kind(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def _page(
    request: Request, features: list[dict[str, Any]], limit: int, cursor: str
) -> Response:
    """The features and where the next ones are; never with the key of the address."""
    shown, following, headers = features[:limit], None, {}
    if len(features) > limit:
        kept = {
            name: text
            for name, text in request.query_params.items()
            if name not in (cursor, "api_key")
        }
        query = urlencode({**kept, cursor: shown[-1]["id"]})
        following = request.build_absolute_uri(f"{request.path}?{query}")
        headers["Link"] = f'<{following}>; rel="next"'
    answer = {
        "type": "FeatureCollection",
        "features": shown,
        "numberReturned": len(shown),
        "next": following,
    }
    return Response(answer, headers=headers)


def _feature(case: Case) -> dict[str, Any]:
    at = case.point
    return {
        "type": "Feature",
        "id": case.pk,
        "geometry": {"type": "Point", "coordinates": [at.x, at.y] if at else []},
        "properties": {
            "case_no": case.case_no,
            "state": case.state,
            "state_label": str(case.get_state_display()),
            "open": case.is_open,
            "urgent": case.urgent,
            "category": case.category.code5,
            "category_name": case.category.name,
            "address": case.address,
            "placement_code": case.placement_code,
            "holder": case.holder_org.name if case.holder_org else None,
            "reported_at": case.reported_at,
            "due_at": case.due_at,
            "closed_at": case.closed_at,
        },
    }
