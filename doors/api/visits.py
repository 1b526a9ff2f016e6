"""Records of visits and inspections (走访、排查): written, read, reported as a case."""

import uuid
from typing import Any

from django.http import FileResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases.models import Case
from cases.views.photos import served
from doors.api.base import Door, once
from doors.api.by_form import FormDoor, asks, does, shape_of
from doors.api.filing import IMAGE
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN, CaseOut
from doors.models import Scope
from duties import actions, checklists
from duties.forms.visits import FindingForm, RecordForm
from duties.models import VisitPhoto, VisitRecord
from duties.views.steps import visible_receiver
from duties.views.visits import visible_record
from duties.workflow import RECEIVER_TRANSITIONS, Action, find
from governance.errors import Refused

# One of the two, as the kind of the task has it.
VisitIn = shape_of(
    "VisitIn",
    RecordForm,
    target=serializers.IntegerField(
        required=False, allow_null=True, help_text="走访对象"
    ),
    subject_name=serializers.CharField(
        required=False, allow_null=True, help_text="对象，走访、检查了谁或哪里。"
    ),
)
VisitIn.__doc__ = "Besides these an answer to each question of the checklist, by `key`."
FindingIn = shape_of("FindingIn", FindingForm)


class AnswerOut(serializers.Serializer):
    key = serializers.CharField()
    text = serializers.CharField()
    answer = serializers.SerializerMethodField()
    abnormal = serializers.BooleanField()

    def get_answer(self, one: Any) -> str:
        return checklists.spoken(one)


class VisitOut(serializers.Serializer):
    id = serializers.IntegerField()
    submission = serializers.UUIDField()
    duty = serializers.IntegerField(source="receiver_id")
    target = serializers.IntegerField(source="target_id", allow_null=True)
    subject = serializers.CharField(allow_blank=True)
    visitor = serializers.CharField(source="visitor.name")
    visited_at = serializers.DateTimeField()
    answers = AnswerOut(many=True)
    is_abnormal = serializers.BooleanField()
    remark = serializers.CharField(allow_blank=True)
    next_visit_date = serializers.DateField(allow_null=True)
    photos = serializers.SerializerMethodField(
        help_text="照片编号，见 /visits/photos/{id}/"
    )
    case = serializers.SerializerMethodField(help_text="由此上报、看得到的案件")

    def get_photos(self, record: Any) -> list[uuid.UUID]:
        return [one.pk for one in record.photos.all()]

    def get_case(self, record: Any) -> int | None:
        return record.case_id if record.case_id in self.context["cases"] else None


class VisitPageOut(PageOut):
    results = VisitOut(many=True)


class VisitQuery(PageQuery):
    duty = serializers.IntegerField(
        required=False, min_value=1, max_value=2**53, help_text="只要这项任务的"
    )
    target = serializers.IntegerField(
        required=False, min_value=1, max_value=2**53, help_text="只要走访这位对象的"
    )
    abnormal = serializers.BooleanField(required=False, default=False)


class VisitDoor(FormDoor):
    def told(self, records: list[Any]) -> Any:
        filed = [one.case_id for one in records if one.case_id]
        seen = Case.objects.visible_to(self.who).filter(pk__in=filed)
        cases = set(seen.order_by().values_list("pk", flat=True)) if filed else set()
        return VisitOut(records, many=True, context={"cases": cases}).data


class VisitsView(VisitDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="list_visits", tags=["走访"], summary="查询走访、排查记录",
        parameters=[VisitQuery], responses={200: VisitPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The records of tasks in one's scope, newest first."""
        asked = asked_of(VisitQuery, request)
        found: Any = VisitRecord.objects.visible_to(self.who).newest()
        for name, path in (("duty", "receiver"), ("target", "target")):
            if name in asked:
                found = found.filter(**{path: asked[name]})
        if asked["abnormal"]:
            found = found.filter(is_abnormal=True)
        shown, cursor = newest_first(request, found, asked)
        return Response({"results": self.told(shown), "next_cursor": cursor})


class VisitView(VisitDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="read_visit", tags=["走访"], summary="一条走访、排查记录",
        responses={200: VisitOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, record_id: int) -> Response:
        return Response(self.told([visible_record(self.who, record_id)])[0])


class RecordView(VisitDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @asks("read_record", "走访", "走访、排查记录要填什么")
    def get(self, request: Request, receiver_id: int) -> Response:
        """The fields, one for each question of the task's checklist among them."""
        receiver = visible_receiver(self.who, receiver_id)
        find(RECEIVER_TRANSITIONS, receiver, Action.RECORD, self.who, self.at)
        form = self.blank(RecordForm, subject=receiver)
        return self.told_form(form, action="record")

    @does(
        "record_visit", "走访", "填写走访、排查记录", request=VisitIn, out=VisitOut,
        status=201,
        example={
            "submission": "6a1c1df5-6b5c-4b26-8f0e-7f5c1f2b9a02", "target": 4,
            "q1": "yes", "q2": "no", "remark": "燃气软管老化。",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request, receiver_id: int) -> Response:
        """The same `submission` again is the same record."""
        receiver = visible_receiver(self.who, receiver_id)
        form = self.filled(RecordForm, subject=receiver)
        try:
            made = actions.record_visit(
                receiver_id=receiver.pk, submission=form.cleaned_data["submission"],
                visit=form.visit(), actor=self.who, at=self.at,
            )  # fmt: skip
        except Refused as refused:
            if refused.field == "subject" and "subject_name" in form.fields:
                refused.field = "subject_name"
            raise
        return Response(self.told([visible_record(self.who, made.pk)])[0], status=201)


class FindingView(VisitDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.CASES_WRITE}

    @asks("read_finding", "走访", "异常上报要填什么")
    def get(self, request: Request, record_id: int) -> Response:
        form = self.blank(FindingForm, subject=visible_record(self.who, record_id))
        return self.told_form(form, action="report")

    @does(
        "report_finding", "走访", "异常上报为案件", request=FindingIn, out=CaseOut,
        status=201,
        example={
            "category": 31, "description": "独居老人家中燃气软管老化开裂。",
            "address": "和平路 12 号院 3 幢 301",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request, record_id: int) -> Response:
        """The case of an abnormal record; its photos go along."""
        found = visible_record(self.who, record_id)
        form = self.filled(FindingForm, subject=found)
        case = actions.report_finding(
            record_id=found.pk, finding=form.finding(), actor=self.who, at=self.at
        )
        return Response(CaseOut(case).data, status=201)


class VisitPhotoView(Door):
    scopes = {"GET": Scope.DUTIES}
    thumb = False

    @extend_schema(
        operation_id="read_visit_photo", tags=["走访"], summary="走访照片",
        responses=IMAGE,
    )  # fmt: skip
    def get(self, request: Request, photo_id: uuid.UUID) -> FileResponse:
        visible = VisitPhoto.objects.visible_to(self.who)
        photo = get_object_or_404(visible, pk=photo_id)
        return served(photo.thumb if self.thumb else photo.served)


class VisitThumbView(VisitPhotoView):
    thumb = True

    @extend_schema(
        operation_id="read_visit_photo_thumb", tags=["走访"],
        summary="走访照片的缩略图", responses=IMAGE,
    )  # fmt: skip
    def get(self, request: Request, photo_id: uuid.UUID) -> FileResponse:
        """The same, small."""
        return super().get(request, photo_id)
