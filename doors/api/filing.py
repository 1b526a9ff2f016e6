"""File a case, send photos, bring a step that was written without a signal."""

import uuid
from typing import Any

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions, story
from cases.actions.restaging import restage_photos
from cases.forms.fields import position_of
from cases.forms.submission import SubmissionIn, report_of
from cases.models import Case, Photo, Submission
from cases.querysets.field import photos_visible_to
from cases.views.case import visible_case
from cases.views.photos import served
from cases.workflow import Action
from doors.api.base import Door
from doors.api.shapes import (
    BAD,
    CONFLICT,
    FASTER,
    REFUSED,
    UNKNOWN,
    CaseOut,
    MomentField,
    PhotoOut,
)
from doors.models import Scope
from governance import clock
from governance.api import refusal
from governance.errors import Refused
from governance.geo import Crs

STEP_WORDS = ("result", "measures", "opinion", "remark")
OVERTAKEN = ("stale", "state", "role", "guard")
FILED = OpenApiExample(
    "上报占道经营",
    value={
        "id": "6a1c1df5-6b5c-4b26-8f0e-7f5c1f2b9a01",
        "category": 96,
        "description": "门前摆摊占住了整条人行道，行人只能走车道。",
        "address": "和平路 12 号门前",
        "lng": 113.0005,
        "lat": 28.0005,
        "photos": "6a1c1df5-6b5c-4b26-8f0e-7f5c1f2b9a01",
    },
    request_only=True,
)


class StepIn(serializers.Serializer):
    id = serializers.UUIDField(help_text="客户端生成；照片以它为批次先行上传")
    case = serializers.IntegerField()
    action = serializers.ChoiceField(choices=list(actions.FIELD_STEPS))
    version = serializers.IntegerField(
        allow_null=True, default=None, help_text="填写时看到的案件版本"
    )
    result = serializers.CharField(max_length=20, default="", allow_blank=True)
    measures = serializers.CharField(max_length=1000, default="", allow_blank=True)
    opinion = serializers.CharField(max_length=1000, default="", allow_blank=True)
    remark = serializers.CharField(max_length=1000, default="", allow_blank=True)
    lng = serializers.FloatField(required=False, allow_null=True, default=None)
    lat = serializers.FloatField(required=False, allow_null=True, default=None)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)


class PhotoIn(serializers.Serializer):
    id = serializers.UUIDField(help_text="客户端生成；再送一次不会重复")
    batch = serializers.UUIDField(help_text="批次；上报和办理时以它引用")
    stage = serializers.ChoiceField(choices=Photo.Stage.choices)
    photo = serializers.FileField()
    taken_at = MomentField(required=False, allow_null=True, default=None)
    lng = serializers.FloatField(required=False, allow_null=True, default=None)
    lat = serializers.FloatField(required=False, allow_null=True, default=None)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)


class SubmissionsView(Door):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="submit",
        tags=["案件"],
        summary="上报案件",
        request=SubmissionIn,
        examples=[FILED],
        responses={200: CaseOut, 201: CaseOut, 409: CONFLICT, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """File a case. 201 the first time, 200 for the same again, 409 for other
        content under a known id (both are kept)."""
        taken = SubmissionIn(data=request.data)
        taken.is_valid(raise_exception=True)
        given = dict(taken.validated_data)
        submission, kind = given.pop("id"), given.pop("kind")
        who, on_spot = self.who, kind == Action.RESOLVE_ON_SPOT
        known = Submission.objects.filter(pk=submission).exists()
        restage_photos(batch=given["photos"] or submission, on_spot=on_spot, actor=who)
        act = actions.resolve_on_spot if on_spot else actions.report
        try:
            case = act(
                submission_id=submission,
                report=report_of(given, submission),
                actor=who,
                at=clock.now(),
            )
        except actions.Conflict as conflict:
            actions.keep_conflict(conflict=conflict)
            return Response(refusal(conflict), status=409)
        return Response(CaseOut(case).data, status=200 if known else 201)


class StepsView(Door):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="take_step",
        tags=["案件"],
        summary="补送断网时写下的步骤",
        request=StepIn,
        responses={200: CaseOut, 404: UNKNOWN, 409: FASTER, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """A step on a case, once under its id. 409 with the case as it is now when
        somebody was faster: decide, and send the same id with the newer version."""
        sent = StepIn(data=request.data)
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        who, at = self.who, clock.now()
        submission, case_id = given.pop("id"), given["case"]
        if not Submission.objects.filter(pk=submission, user=who.user_id).exists():
            get_object_or_404(Case.objects.visible_to(who), pk=case_id)
        try:
            case = actions.take_step(
                submission_id=submission, taken=_taken(given), actor=who, at=at
            )
        except actions.Conflict as conflict:
            actions.keep_conflict(conflict=conflict)
            return Response(refusal(conflict), status=409)
        except Refused as refused:
            if refused.code not in OVERTAKEN:
                raise
            now = visible_case(who, case_id)
            may_repeat = actions.may_take(now, given["action"], who)
            current = as_it_is(now, may_repeat=may_repeat)
            return Response({**refusal(refused), "current": current}, status=409)
        return Response(CaseOut(case).data)


def _taken(given: dict[str, Any]) -> actions.StepTaken:
    position = position_of(given)
    written = {name: given[name] for name in STEP_WORDS}
    return actions.StepTaken(
        action=given["action"],
        case_id=given["case"],
        version=given["version"],
        position=position,
        **written,
    )


def as_it_is(case: Case, *, may_repeat: bool) -> dict[str, Any]:
    """What somebody must see who was overtaken, and whether the step still fits."""
    entries = [one for one in story.timeline(case) if not one.is_note]
    return {
        "version": case.version,
        "state_label": case.get_state_display(),
        "holder": case.holder_org.name if case.holder_org else "",
        "may_repeat": may_repeat,
        "events": [
            {"verb": str(one.verb), "by": one.by, "at": one.at, "opinion": one.opinion}
            for one in entries[:3]
        ],
    }


class PhotosView(Door):
    scopes = {"POST": Scope.CASES_WRITE}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="upload_photo",
        tags=["照片"],
        summary="上传一张照片",
        request=PhotoIn,
        responses={201: PhotoOut, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Send one picture under its own id; the same again changes nothing."""
        taken = PhotoIn(data=request.data)
        taken.is_valid(raise_exception=True)
        given = taken.validated_data
        photo = actions.upload_photo(
            photo_id=given["id"],
            batch=given["batch"],
            stage=given["stage"],
            content=actions.content_of(given["photo"]),
            actor=self.who,
            at=clock.now(),
            taken_at=given["taken_at"],
            position=position_of(given),
        )
        return Response(PhotoOut(photo).data, status=201)


IMAGE = {
    (200, "image/jpeg"): OpenApiResponse(OpenApiTypes.BINARY, "JPEG，不含元数据"),
    400: BAD,
    404: UNKNOWN,
}


class PhotoView(Door):
    scopes = {"GET": Scope.CASES_READ}
    thumb = False

    @extend_schema(
        operation_id="read_photo", tags=["照片"], summary="取一张照片", responses=IMAGE
    )
    def get(self, request: Request, photo_id: uuid.UUID) -> FileResponse:
        """The picture, turned upright and without metadata; the original stays in."""
        photo = get_object_or_404(photos_visible_to(self.who), pk=photo_id)
        return served(photo.thumb if self.thumb else photo.served)


class ThumbView(PhotoView):
    thumb = True

    @extend_schema(
        operation_id="read_photo_thumb",
        tags=["照片"],
        summary="取照片的缩略图",
        responses=IMAGE,
    )
    def get(self, request: Request, photo_id: uuid.UUID) -> FileResponse:
        """The same, small."""
        return super().get(request, photo_id)
