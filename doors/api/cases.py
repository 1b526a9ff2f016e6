"""The API of cases: file, send photos, read. Serializers are for shape only."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases import actions, story
from cases.actions.restaging import restage_photos
from cases.explain import explain
from cases.forms.fields import position_of
from cases.forms.submission import SubmissionIn, report_of
from cases.models import Case, Photo, Submission
from cases.offers import offers
from cases.workflow import OPEN_STATES, Action, State
from doors import http
from doors.models import Scope
from governance import clock
from governance.errors import Refused
from governance.geo import Crs
from parties.acting import Actor

PAGE = 50


STEP_WORDS = ("result", "measures", "opinion", "remark")
OVERTAKEN = ("stale", "state", "role", "guard")


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


class EventOut(serializers.Serializer):
    verb = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    opinion = serializers.CharField()


class CurrentOut(serializers.Serializer):
    version = serializers.IntegerField()
    state_label = serializers.CharField()
    holder = serializers.CharField()
    may_repeat = serializers.BooleanField(help_text="看过后仍可按现在的版本再提交")
    events = EventOut(many=True)


class PhotoIn(serializers.Serializer):
    id = serializers.UUIDField()
    batch = serializers.UUIDField()
    stage = serializers.ChoiceField(choices=Photo.Stage.choices)
    photo = serializers.FileField()
    taken_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    lng = serializers.FloatField(required=False, allow_null=True, default=None)
    lat = serializers.FloatField(required=False, allow_null=True, default=None)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)


class PhotoOut(serializers.Serializer):
    id = serializers.UUIDField()
    batch = serializers.UUIDField()
    stage = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    taken_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField()


class CaseOut(serializers.Serializer):
    id = serializers.IntegerField()
    case_no = serializers.CharField()
    display_no = serializers.CharField()
    state = serializers.ChoiceField(choices=State.choices)
    state_label = serializers.CharField(source="get_state_display")
    category = serializers.IntegerField(source="category_id")
    category_name = serializers.CharField(source="category.name")
    description = serializers.CharField()
    urgent = serializers.BooleanField()
    answers = serializers.JSONField(
        help_text="[{question, label, answer}]，按上报时的问法"
    )
    address = serializers.CharField()
    lng = serializers.SerializerMethodField()
    lat = serializers.SerializerMethodField()
    crs = serializers.SerializerMethodField()
    placement_code = serializers.CharField()
    holder = serializers.CharField(source="holder_org.name", default="")
    reported_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()

    def get_lng(self, case: Case) -> float | None:
        return case.point.x if case.point else None

    def get_lat(self, case: Case) -> float | None:
        return case.point.y if case.point else None

    def get_crs(self, case: Case) -> str:
        return str(Crs.CGCS2000.value)


class AllowedActionOut(serializers.Serializer):
    action = serializers.CharField(source="name")
    label = serializers.CharField()  # type: ignore[assignment]


class CaseDetailOut(CaseOut):
    allowed_actions = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField(
        help_text="为什么在这一步；谁须在何时前办什么，逾期会怎样"
    )

    @extend_schema_field(AllowedActionOut(many=True))
    def get_allowed_actions(self, case: Case) -> list[dict[str, Any]]:
        offered = offers(case, self.context["actor"], clock.now())
        return list(AllowedActionOut(offered, many=True).data)

    def get_explanation(self, case: Case) -> str:
        return str(explain(case, self.context["at"]))


class CasePageOut(serializers.Serializer):
    results = CaseOut(many=True)
    next_before = serializers.IntegerField(allow_null=True)


class RefusedOut(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()
    field = serializers.CharField(allow_null=True)


REFUSED = OpenApiResponse(RefusedOut, description="不能办理，message 说明原因")


class OvertakenOut(RefusedOut):
    current = CurrentOut(required=False)


class SubmissionsView(APIView):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="submit",
        request=SubmissionIn,
        responses={200: CaseOut, 201: CaseOut, 409: REFUSED, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """File a case. 201 the first time, 200 for the same again, 409 for other
        content under a known id (both are kept)."""
        taken = SubmissionIn(data=request.data)
        taken.is_valid(raise_exception=True)
        given = dict(taken.validated_data)
        submission, kind = given.pop("id"), given.pop("kind")
        who, on_spot = http.actor(request), kind == Action.RESOLVE_ON_SPOT
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
            return Response(conflict.as_dict(), status=409)
        return Response(CaseOut(case).data, status=200 if known else 201)


class StepsView(APIView):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="take_step",
        request=StepIn,
        responses={200: CaseOut, 404: None, 409: OvertakenOut, 422: REFUSED},
    )
    def post(self, request: Request) -> Response:
        """A step on a case, once under its id. 409 with the case as it is now when
        somebody was faster: decide, and send the same id with the newer version."""
        sent = StepIn(data=request.data)
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        who, at = http.actor(request), clock.now()
        submission, case_id = given.pop("id"), given["case"]
        if not Submission.objects.filter(pk=submission, user=who.user_id).exists():
            get_object_or_404(Case.objects.visible_to(who), pk=case_id)
        try:
            case = actions.take_step(
                submission_id=submission, taken=_taken(given), actor=who, at=at
            )
        except actions.Conflict as conflict:
            actions.keep_conflict(conflict=conflict)
            return Response(conflict.as_dict(), status=409)
        except Refused as refused:
            if refused.code not in OVERTAKEN:
                raise
            current = _as_it_is(case_id, given["action"], who)
            return Response({**refused.as_dict(), "current": current}, status=409)
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


def _as_it_is(case_id: int, action: str, who: Actor) -> dict[str, Any]:
    """What somebody must see who was overtaken, and whether the step still fits."""
    case = Case.objects.visible_to(who).with_names().get(pk=case_id)
    return {
        "version": case.version,
        "state_label": case.get_state_display(),
        "holder": case.holder_org.name if case.holder_org else "",
        "may_repeat": actions.may_take(case, action, who),
        "events": [
            {"verb": str(one.verb), "by": one.by, "at": one.at, "opinion": one.opinion}
            for one in story.timeline(case)[:3]
        ],
    }


class PhotosView(APIView):
    scopes = {"POST": Scope.CASES_WRITE}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="upload_photo",
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
            actor=http.actor(request),
            at=clock.now(),
            taken_at=given["taken_at"],
            position=position_of(given),
        )
        return Response(PhotoOut(photo).data, status=201)


class CasesView(APIView):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_cases",
        parameters=[
            OpenApiParameter("state", OpenApiTypes.STR, enum=State.values),
            OpenApiParameter("open", OpenApiTypes.BOOL),
            OpenApiParameter("before", OpenApiTypes.INT, description="上一页的末尾"),
        ],
        responses={200: CasePageOut},
    )
    def get(self, request: Request) -> Response:
        """The cases in one's scope, newest first, 50 at a time."""
        actor = http.actor(request)
        found = Case.objects.visible_to(actor).with_names().order_by("-id")
        state, before = request.GET.get("state"), request.GET.get("before", "")
        if state:
            found = found.in_state(state)
        if request.GET.get("open") in ("1", "true"):
            found = found.in_state(*OPEN_STATES)
        if before.isdecimal():
            found = found.filter(pk__lt=int(before))
        page = list(found[: PAGE + 1])
        shown = page[:PAGE]
        more = len(page) > PAGE
        return Response(
            {
                "results": CaseOut(shown, many=True).data,
                "next_before": shown[-1].pk if more else None,
            }
        )


class CaseView(APIView):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(operation_id="read_case", responses={200: CaseDetailOut, 404: None})
    def get(self, request: Request, case_id: int) -> Response:
        """One case and what may be done with it now; 404 outside one's scope."""
        actor = http.actor(request)
        visible = Case.objects.visible_to(actor).with_names()
        case = get_object_or_404(visible, pk=case_id)
        return Response(
            CaseDetailOut(case, context={"actor": actor, "at": clock.now()}).data
        )


class SchemaView(SpectacularAPIView):
    """OpenAPI, for who is signed in."""

    permission_classes = [http.MayUse]
    scopes = {"GET": Scope.CASES_READ}
