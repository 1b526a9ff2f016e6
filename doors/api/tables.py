"""Tables on their way in (导入): template, upload, check, look, confirm or drop."""

import io
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.http import FileResponse, Http404, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, Unfilled, does
from doors.api.files import CSV, XLSX, FileDoor, a_file, attached
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from exchange import actions
from exchange.actions.importing import errors_of
from exchange.blanks import template
from exchange.files import MAX_BYTES
from exchange.forms import CatalogueForm, UploadForm
from exchange.kinds import BY_CODE, KINDS
from exchange.lines import Lines, Status
from exchange.models import Import
from governance.errors import Refused
from parties.roles import TABLE_KEEPERS

SHOWN = 200


class ColumnOut(serializers.Serializer):
    name = serializers.CharField()
    required: Any = serializers.BooleanField()
    explanation = serializers.CharField()


class TableOut(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField(source="title")
    suffixes = serializers.ListField(child=serializers.CharField())
    columns = ColumnOut(many=True)


class ImportIn(serializers.Serializer):
    table = serializers.CharField(max_length=24, help_text="导入哪种表，见 list_tables")
    file = serializers.FileField()
    standard_ref = serializers.CharField(
        required=False, max_length=50, help_text="案件目录：依据标准"
    )
    hours_mean = serializers.CharField(
        required=False, allow_blank=True, max_length=12,
        help_text="案件目录：文件中的“小时”，WORK_HOUR 或 URGENT_HOUR",
    )  # fmt: skip
    days_mean = serializers.CharField(
        required=False, allow_blank=True, max_length=12,
        help_text="案件目录：文件中的“天”，WORK_DAY 或 NATURAL_DAY",
    )  # fmt: skip


class CountsOfLinesOut(serializers.Serializer):
    new = serializers.IntegerField(default=0)
    changed = serializers.IntegerField(default=0)
    same = serializers.IntegerField(default=0)
    wrong = serializers.IntegerField(default=0)


class ImportOut(serializers.Serializer):
    token = serializers.UUIDField()
    table = serializers.CharField(source="kind")
    name = serializers.CharField(help_text="文件名")
    state = serializers.CharField(
        help_text="checking 正在检查，checked 待确认，writing 正在导入，done 已导入，"
        "refused 未导入"
    )
    done = serializers.SerializerMethodField(help_text="已经处理的行数")
    total = serializers.SerializerMethodField(help_text="总行数，0 是还不知道")
    counts = CountsOfLinesOut()
    notes = serializers.ListField(child=serializers.CharField())
    refusal = serializers.CharField(allow_blank=True, help_text="为什么没有导入")
    created_at = serializers.DateTimeField()

    def get_done(self, one: Import) -> int:
        return one.place.progress()[0] if one.is_working else 0

    def get_total(self, one: Import) -> int:
        return one.place.progress()[1] if one.is_working else 0


class ImportPageOut(PageOut):
    results = ImportOut(many=True)


class LineQuery(serializers.Serializer):
    show = serializers.ChoiceField(
        choices=[str(one) for one in Status], default=str(Status.WRONG),
        help_text="看哪些行：错误、新增、更新、不变",
    )  # fmt: skip
    offset = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=1_000_000
    )


class CellOut(serializers.Serializer):
    column = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class LineOut(serializers.Serializer):
    row = serializers.IntegerField(help_text="文件中的行号")
    label: Any = serializers.CharField(allow_blank=True)
    changes = CellOut(many=True)
    reasons = serializers.ListField(child=serializers.CharField())
    note = serializers.CharField(allow_blank=True)


class TableDoor(FormDoor):
    """Tables are the administrators', each their own; nobody else has any."""

    def administrator(self) -> Any:
        if self.who.role not in TABLE_KEEPERS:
            raise Http404
        return self.who

    def kept(self, token: UUID) -> Import:
        mine = Import.objects.visible_to(self.administrator())
        found: Import = get_object_or_404(mine, token=token)
        return found

    def told(self, token: UUID) -> Any:
        return ImportOut(self.kept(token)).data


class TablesView(TableDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="list_tables", tags=["导入导出"], summary="可以导入的表",
        responses={200: TableOut(many=True), 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Every table with its columns; the responsibility list is one of them."""
        self.administrator()
        own = [one for one in KINDS if one.is_kept_by(self.who, self.at)]
        return Response(TableOut(own, many=True).data)


class TemplateView(TableDoor, FileDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="read_table_template", tags=["导入导出"], summary="导入模板",
        responses=a_file(XLSX, said="空白模板，带填写说明和下拉"),
    )  # fmt: skip
    def get(self, request: Request, code: str) -> FileResponse:
        self.administrator()
        kind = BY_CODE.get(code)
        if kind is None or not kind.is_kept_by(self.who, self.at):
            raise Http404
        return attached(io.BytesIO(template(kind)), f"{kind.title}导入模板.xlsx", XLSX)


class ImportsView(TableDoor):
    scopes = {"GET": Scope.TABLES, "POST": Scope.TABLES}
    parser_classes = [MultiPartParser]
    largest = MAX_BYTES

    @extend_schema(
        operation_id="list_imports", tags=["导入导出"], summary="导入记录",
        parameters=[PageQuery], responses={200: ImportPageOut, 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = asked_of(PageQuery, request)
        mine = Import.objects.visible_to(self.administrator())
        shown, cursor = newest_first(request, mine, asked)
        rows = ImportOut(shown, many=True).data
        return Response({"results": rows, "next_cursor": cursor})

    @does(
        "start_import", "导入导出", "上传要导入的表", request=ImportIn, out=ImportOut,
        status=201, is_kept=False,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """The file is checked in the background; nothing changes until it is
        confirmed."""
        who, sent = self.administrator(), cast(QueryDict, request.data)
        code = sent.get("table", "")
        if code not in BY_CODE:
            raise Refused(
                _("没有“%(code)s”这种表，请对照接口文档。") % {"code": code[:40]},
                code="table", field="table",
            )  # fmt: skip
        shape = CatalogueForm if code == "catalogue" else UploadForm
        form = shape(sent, request.FILES)
        if not form.is_valid():
            raise Unfilled(form)
        file = form.cleaned_data["file"]
        kept = actions.upload(
            kind=code, name=file.name, chunks=file.chunks(), options=form.options(),
            actor=who, at=self.at,
        )  # fmt: skip
        return Response(self.told(kept.token), status=201)


class ImportView(TableDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="read_import", tags=["导入导出"], summary="一次导入到了哪一步",
        responses={200: ImportOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, token: UUID) -> Response:
        return Response(self.told(token))


class ImportLinesView(TableDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="list_import_lines", tags=["导入导出"], summary="导入前逐行预览",
        parameters=[LineQuery],
        responses={200: LineOut(many=True), 400: BAD, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, token: UUID) -> Response:
        """What the file would do, 200 lines at a time; 404 once it is over."""
        kept, asked = self.kept(token), asked_of(LineQuery, request)
        lines = Lines(kept.place.folder)
        if kept.state != Import.State.CHECKED or not lines.path.exists():
            raise Http404
        rows = [
            {
                "row": one.row, "label": one.label, "reasons": one.reasons,
                "note": one.note,
                "changes": [
                    {"column": name, "before": before, "after": after}
                    for name, before, after in one.changes
                ],
            }
            for one in lines.of(asked["show"], asked["offset"], SHOWN)
        ]  # fmt: skip
        return Response(LineOut(rows, many=True).data)


class ImportErrorsView(TableDoor, FileDoor):
    scopes = {"GET": Scope.TABLES}

    @extend_schema(
        operation_id="read_import_errors", tags=["导入导出"], summary="错误文件",
        responses=a_file(XLSX, CSV, said="原文件，多一列“错误原因”"),
    )  # fmt: skip
    def get(self, request: Request, token: UUID) -> FileResponse:
        kept = self.kept(token)
        path = errors_of(kept)
        if not path.exists():
            raise Http404
        name = Path(kept.name)
        kind = CSV if path.suffix == ".csv" else XLSX
        return attached(path.open("rb"), f"{name.stem}-错误原因{path.suffix}", kind)


class ConfirmImportView(TableDoor):
    scopes = {"POST": Scope.TABLES}

    @does(
        "confirm_import", "导入导出", "确认导入", request=None, out=ImportOut
    )  # fmt: skip
    @once
    def post(self, request: Request, token: UUID) -> Response:
        """All of it is written, or nothing; `read_import` tells how far."""
        kept = self.kept(token)
        actions.confirm_import(import_id=kept.pk, actor=self.who, at=self.at)
        return Response(self.told(token))


class DropImportView(TableDoor):
    scopes = {"POST": Scope.TABLES}

    @does("drop_import", "导入导出", "放弃导入", request=None, out=ImportOut)
    @once
    def post(self, request: Request, token: UUID) -> Response:
        """The file is thrown away; nothing has changed."""
        kept = self.kept(token)
        actions.drop_import(import_id=kept.pk, actor=self.who, at=self.at)
        return Response(self.told(token))
