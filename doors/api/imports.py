"""Boundaries on their way in: a file is looked at, its findings accepted, imported."""

from typing import Any, cast
from uuid import UUID

from django.http import Http404, QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.by_form import FormDoor, Unfilled, does, shape_of
from doors.api.shapes import UNKNOWN
from doors.models import Scope
from governance.errors import Refused
from grids import actions, uploads
from grids.forms import LARGEST_MB, ImportForm
from grids.importing import Plan, plan
from parties.roles import Role

AreaFileIn = shape_of("AreaFileIn", ImportForm, file=serializers.FileField())
MOST = 300


class AcceptIn(serializers.Serializer):
    accept = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, default=list,
        max_length=20, help_text="接受哪些警告，如 gap；错误不能接受",
    )  # fmt: skip


class FindingOut(serializers.Serializer):
    kind = serializers.CharField()
    severity = serializers.CharField(help_text="error 或 warning")
    message = serializers.CharField()
    areas = serializers.ListField(child=serializers.CharField())
    value_m2 = serializers.FloatField(allow_null=True)


class AreaImportOut(serializers.Serializer):
    token = serializers.UUIDField()
    name = serializers.CharField()
    new = serializers.ListField(child=serializers.CharField())
    renamed = serializers.ListField(child=serializers.CharField())
    redrawn = serializers.ListField(child=serializers.CharField())
    unchanged = serializers.ListField(child=serializers.CharField())
    findings = FindingOut(many=True, help_text="最多 300 条")
    is_done = serializers.BooleanField(help_text="已经导入")


class AreaImportDoor(FormDoor):
    scopes = {"GET": Scope.AREAS_WRITE, "POST": Scope.AREAS_WRITE}

    def administrator(self) -> Any:
        if self.who.role != Role.SYSTEM_ADMIN:
            raise Http404
        return self.who

    def kept(self, token: UUID) -> uploads.Upload:
        found = uploads.find(token, self.administrator().user_id or 0)
        if found is None:
            raise Http404
        return found

    def told(self, kept: uploads.Upload, drafted: Plan, *, is_done: bool) -> Any:
        return AreaImportOut(
            {
                "token": kept.token, "name": kept.name, "is_done": is_done,
                "new": drafted.new, "renamed": drafted.renamed,
                "redrawn": drafted.redrawn, "unchanged": drafted.unchanged,
                "findings": drafted.findings[:MOST],
            }
        ).data  # fmt: skip


class AreaImportsView(AreaImportDoor):
    scopes = {"POST": Scope.AREAS_WRITE}
    parser_classes = [MultiPartParser]
    largest = LARGEST_MB * 1024 * 1024

    @does(
        "upload_areas", "区划导入", "上传区划边界文件", request=AreaFileIn,
        out=AreaImportOut, status=201, is_kept=False,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """GeoJSON, zipped Shapefile, GeoPackage or CSV of codes. Nothing changes until
        it is confirmed; the file is kept for a day."""
        who, sent = self.administrator(), cast(QueryDict, request.data)
        form = ImportForm(sent, request.FILES)
        if not form.is_valid():
            raise Unfilled(form)
        given = form.cleaned_data["file"]
        token = uploads.keep(
            name=given.name, chunks=given.chunks(), options=form.options(),
            user_id=who.user_id or 0, at=self.at,
        )  # fmt: skip
        kept = self.kept(token)
        try:
            drafted = plan(kept.path, kept.options, source=kept.name)
        except Refused:
            uploads.forget(token)
            raise
        return Response(self.told(kept, drafted, is_done=False), status=201)


class AreaImportView(AreaImportDoor):
    @extend_schema(
        operation_id="preview_areas", tags=["区划导入"], summary="预览区划导入",
        responses={200: AreaImportOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, token: UUID) -> Response:
        """What it would do now, every overlap, gap and fault by name."""
        kept = self.kept(token)
        drafted = plan(kept.path, kept.options, source=kept.name)
        return Response(self.told(kept, drafted, is_done=False))

    @does(
        "import_areas", "区划导入", "确认区划导入", request=AcceptIn,
        out=AreaImportOut, example={"accept": ["gap"]}, is_kept=False,
    )  # fmt: skip
    def post(self, request: Request, token: UUID) -> Response:
        """All of it or nothing; 422 while there are errors or warnings that nobody
        has accepted. After it the token is gone."""
        kept = self.kept(token)
        given = AcceptIn(data=request.data)
        given.is_valid(raise_exception=True)
        drafted = plan(kept.path, kept.options, source=kept.name)
        actions.import_areas(
            plan=drafted, accepted=given.validated_data["accept"], actor=self.who,
            at=self.at,
        )  # fmt: skip
        uploads.forget(token)
        return Response(self.told(kept, drafted, is_done=True))
