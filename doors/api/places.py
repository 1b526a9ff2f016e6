"""Places with a QR code in the street (二维码点位): for posts that put them up."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from civics import actions, qr
from civics.forms.places import PlaceForm
from civics.models import Place
from doors.api.base import once
from doors.api.by_form import Unfilled, does, shape_of
from doors.api.files import FileDoor
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.performing import posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.models import Scope
from governance.geo import Crs, to_point

SVG = "image/svg+xml"
PlaceIn = shape_of(
    "PlaceIn", PlaceForm, lng=serializers.FloatField(help_text="经度"),
    lat=serializers.FloatField(help_text="纬度"),
)  # fmt: skip


class PlaceOut(serializers.Serializer):
    code = serializers.CharField(help_text="二维码的编号")
    name = serializers.CharField()
    address = serializers.CharField()
    area = serializers.CharField(source="area.code")
    whole_area = serializers.BooleanField(help_text="代表整个网格")
    lng = serializers.FloatField(source="point.x")
    lat = serializers.FloatField(source="point.y", help_text="CGCS2000")
    url = serializers.SerializerMethodField(help_text="扫码后打开的网址")
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, place: Place) -> str:
        return address_of(place, self.context["request"])


class PlacePageOut(PageOut):
    results = PlaceOut(many=True)


class NamedGridsOut(serializers.Serializer):
    made = PlaceOut(many=True, help_text="这次新建的")


def address_of(place: Place, request: Request) -> str:
    path = reverse("resident_scan", args=[place.code])
    if settings.SITE_URL:
        return f"{settings.SITE_URL}{path}"
    return str(request.build_absolute_uri(path))


class PlaceDoor(FileDoor):
    def own(self) -> Any:
        actions.require_keeper(self.who)
        found = Place.objects.in_use().visible_to(self.who)
        return found.select_related("area")

    def place(self, code: str) -> Place:
        found: Place = get_object_or_404(self.own(), code=code)
        return found

    def told(self, places: Any, **more: Any) -> Any:
        return PlaceOut(places, context={"request": self.request}, **more).data


class PlacesView(PlaceDoor):
    scopes = {"GET": Scope.PLACES, "POST": Scope.PLACES}

    @extend_schema(
        operation_id="list_places", tags=["二维码"], summary="查询二维码点位",
        parameters=[PageQuery], responses={200: PlacePageOut, 400: BAD, 422: REFUSED},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Those in use in the area of the post, newest first."""
        asked = asked_of(PageQuery, request)
        shown, cursor = newest_first(request, self.own(), asked)
        return Response({"results": self.told(shown, many=True), "next_cursor": cursor})

    @does(
        "name_place", "二维码", "建立点位", request=PlaceIn, out=PlaceOut, status=201,
        example={
            "name": "幸福里南门", "address": "幸福里 1 号南门", "lng": 113.0005,
            "lat": 28.0005, "crs": "cgcs2000",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """A place with a name, whose code prefills where a report is from."""
        actions.require_keeper(self.who)
        form = PlaceForm(posted(request))
        if not form.is_valid():
            raise Unfilled(form)
        given = form.cleaned_data
        place = actions.name_place(
            name=given["name"], address=given["address"],
            point=to_point(given["lng"], given["lat"], given["crs"] or Crs.WGS84),
            actor=self.who, at=self.at,
        )  # fmt: skip
        return Response(self.told(place), status=201)


class NameGridsView(PlaceDoor):
    scopes = {"POST": Scope.PLACES}

    @does(
        "name_grids", "二维码", "为网格建立二维码", request=None, out=NamedGridsOut
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """One for every grid of the own area that has none yet."""
        made = actions.name_grids(actor=self.who, at=self.at)
        return Response({"made": self.told(made, many=True)})


class PlaceView(PlaceDoor):
    scopes = {"GET": Scope.PLACES, "DELETE": Scope.PLACES}

    @extend_schema(
        operation_id="read_place", tags=["二维码"], summary="一个点位",
        responses={200: PlaceOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        return Response(self.told(self.place(code)))

    @extend_schema(
        operation_id="end_place", tags=["二维码"], summary="停用点位",
        responses={200: PlaceOut, 404: UNKNOWN},
    )  # fmt: skip
    def delete(self, request: Request, code: str) -> Response:
        """Who still scans it is asked for the place as usual."""
        place = self.place(code)
        ended = actions.end_place(place_id=place.pk, actor=self.who, at=self.at)
        return Response(self.told(ended))


class PlaceCodeView(PlaceDoor):
    scopes = {"GET": Scope.PLACES}

    @extend_schema(
        operation_id="read_place_qr", tags=["二维码"], summary="点位的二维码",
        responses={
            (200, SVG): OpenApiResponse(OpenApiTypes.STR, "SVG 图形"), 404: UNKNOWN,
        },
    )  # fmt: skip
    def get(self, request: Request, code: str) -> HttpResponse:
        drawn = qr.svg(address_of(self.place(code), request))
        return HttpResponse(drawn, content_type=SVG)
