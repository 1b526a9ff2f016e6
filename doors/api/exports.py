"""Lists on their way out (导出): asked for, written in the background, fetched."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, QueryDict
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, Unfilled, does
from doors.api.files import CSV, XLSX, FileDoor, a_file, attached
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from exchange import actions
from exchange.forms import ExportForm
from exchange.http import asked_by, outgoing, outgoing_again
from exchange.lists import BY_CODE, LISTINGS
from exchange.models import Export
from governance.errors import Refused
from governance.parsers import NOT_STORABLE, UNSTORABLE_CODE, has_unstorable
from parties.models import Posting

KINDS = {Export.Format.XLSX: XLSX, Export.Format.CSV: CSV}


class ListingOut(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.SerializerMethodField()

    def get_name(self, listing: Any) -> str:
        return str(listing.label)


class ExportIn(serializers.Serializer):
    listing = serializers.CharField(
        max_length=24, help_text="哪份清单，见 list_listings"
    )
    query = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=2000,
        help_text="怎样筛选：这份清单的网页地址里“?”后面的部分，如 queue=open&q=井盖",
    )  # fmt: skip
    format: Any = serializers.ChoiceField(
        choices=Export.Format.values, default=Export.Format.XLSX.value
    )
    purpose = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=100,
        help_text="用途，清单含个人信息时必填；会写在文件上",
    )  # fmt: skip

    def validate_query(self, value: str) -> str:
        """A page would not have been asked so either."""
        if has_unstorable(dict(QueryDict(value).lists())):
            raise serializers.ValidationError(str(NOT_STORABLE), UNSTORABLE_CODE)
        return value


class ExportOut(serializers.Serializer):
    token = serializers.UUIDField()
    listing = serializers.CharField()
    title = serializers.CharField()
    format: Any = serializers.CharField()
    state = serializers.CharField(
        help_text="waiting 正在生成，done 可以下载，refused 没有生成"
    )
    done = serializers.SerializerMethodField(help_text="已经写好的行数")
    total = serializers.IntegerField()
    refusal = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()

    def get_done(self, one: Export) -> int:
        waiting = one.state == Export.State.WAITING
        return one.place.progress()[0] if waiting else one.total


class ExportPageOut(PageOut):
    results = ExportOut(many=True)


class ExportDoor(FormDoor):
    def mine(self) -> Any:
        return Export.objects.visible_to(self.who)

    def found(self, token: UUID) -> Export:
        export: Export = get_object_or_404(self.mine(), token=token)
        return export


class ListingsView(ExportDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="list_listings", tags=["导入导出"], summary="可以导出的清单",
        responses={200: ListingOut(many=True)},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """By the code that an export is asked for with; one that is not for this post
        is 404 there."""
        return Response(ListingOut(LISTINGS, many=True).data)


class ExportsView(ExportDoor):
    scopes = {"GET": Scope.TABLES, "POST": Scope.TABLES}

    @extend_schema(
        operation_id="list_exports", tags=["导入导出"], summary="导出记录",
        parameters=[PageQuery], responses={200: ExportPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What was asked for in this very post, newest first."""
        asked = asked_of(PageQuery, request)
        shown, cursor = newest_first(request, self.mine(), asked)
        rows = ExportOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})

    @does(
        "start_export", "导入导出", "导出一份清单", request=ExportIn, out=ExportOut,
        status=201,
        example={"listing": "desk", "query": "queue=open", "purpose": "统计分析"},
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """A short list is there at once, a long one is written in the background. It
        holds what the page of this post would show, with a mark of who and what for."""
        given = ExportIn(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        if asked["listing"] not in BY_CODE:
            raise Refused(
                _("没有“%(code)s”这份清单，请对照接口文档。")
                % {"code": asked["listing"]},
                code="listing", field="listing",
            )  # fmt: skip
        posting = self._posting()
        leaving = outgoing(asked["listing"], asked_by(posting, asked["query"]))
        form = ExportForm(asked, sensitive=leaving.sensitive)
        if not form.is_valid():
            raise Unfilled(form)
        export = actions.request_export(
            listing=asked["listing"], query=asked["query"], outgoing=leaving,
            file_format=asked["format"], purpose=asked["purpose"],
            actor=self.who, at=self.at,
        )  # fmt: skip
        return Response(ExportOut(self.found(export.token)).data, status=201)

    def _posting(self) -> Posting:
        """The post that acts, with all that a page reads of it."""
        found: Posting = get_object_or_404(
            Posting.objects.current(self.at).with_post(), pk=self.who.posting_id
        )
        return found


class ExportView(ExportDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="read_export", tags=["导入导出"], summary="一次导出到了哪一步",
        responses={200: ExportOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, token: UUID) -> Response:
        return Response(ExportOut(self.found(token)).data)


class ExportFileView(ExportDoor, FileDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="read_export_file", tags=["导入导出"], summary="取导出的文件",
        responses=a_file(XLSX, CSV, said="写好的清单"),
    )  # fmt: skip
    def get(self, request: Request, token: UUID) -> FileResponse:
        """The rights are asked for once more; every fetch goes into the journal."""
        export = self.found(token)
        outgoing_again(export)
        path = actions.download(export_id=export.pk, actor=self.who, at=self.at)
        when = f"{localtime(export.created_at):%Y%m%d-%H%M}"
        name = f"{export.title}-{when}.{export.format}"
        return attached(path.open("rb"), name, KINDS[Export.Format(export.format)])
