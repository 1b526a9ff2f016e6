"""On the spot and before filing: errands, standing guard, likely duplicates, ＋1, and a
picture taken back."""

import uuid
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from cases import actions
from cases.forms.fields import position_of
from cases.forms.filing import PlaceForm
from cases.forms.steps import GuardForm
from cases.models import Case, SiteTask
from cases.querysets.duplicates import Matter
from cases.querysets.field import open_site_tasks
from cases.views import words
from cases.views.case import visible_case
from cases.views.filing import matter_of, may_report
from doors.api.base import once
from doors.api.filing import PhotoView
from doors.api.performing import IDEMPOTENCY, posted
from doors.api.shapes import BAD, REFUSED, UNKNOWN
from doors.api.working import GONE, OVERTAKEN, Working, filled, given_as
from doors.models import Scope
from governance import clock
from governance.geo import Crs

DONE = {400: BAD, 404: UNKNOWN, 409: OVERTAKEN, 422: REFUSED}


class SiteTaskOut(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="verify、check 或 guard")
    kind_label = serializers.CharField(source="get_kind_display")
    case = serializers.IntegerField(source="case_id")
    case_no = serializers.CharField(source="case.case_no")
    category_name = serializers.CharField(source="case.category.name")
    address = serializers.CharField(source="case.address", allow_blank=True)
    requirement = serializers.CharField(allow_blank=True)
    sent_at = serializers.DateTimeField()
    due_at: Any = serializers.DateTimeField(source="case.due_at", allow_null=True)
    arrived_at = serializers.DateTimeField(allow_null=True, help_text="值守：已到场")
    action = serializers.SerializerMethodField(
        help_text="以案件的哪一步提交；值守没有结论，用 arrive 和 leave"
    )

    def get_action(self, task: Any) -> str:
        return STEP_OF.get(task.kind, "")


STEP_OF = {
    SiteTask.Kind.VERIFY.value: "submit_verification",
    SiteTask.Kind.CHECK.value: "submit_check",
}


class SiteTasksOut(serializers.Serializer):
    tasks = SiteTaskOut(many=True, help_text="紧急的和时限近的在前")


class ArriveIn(serializers.Serializer):
    lng = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)


class LeaveIn(serializers.Serializer):
    remark = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class MatterIn(serializers.Serializer):
    """A category at a place, and the words so far."""

    category = serializers.IntegerField()
    lng = serializers.FloatField(required=False, allow_null=True)
    lat = serializers.FloatField(required=False, allow_null=True)
    crs = serializers.ChoiceField(choices=Crs.choices, default=Crs.WGS84.value)
    community_code = serializers.CharField(
        required=False, allow_blank=True, max_length=12, help_text="没有坐标时"
    )
    address = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)


class AlikeOut(serializers.Serializer):
    id = serializers.IntegerField(source="case.pk")
    display_no = serializers.CharField(source="case.display_no")
    category_name = serializers.CharField(source="case.category.name")
    reported_at = serializers.DateTimeField(source="case.reported_at")
    state_words = serializers.SerializerMethodField(help_text="到哪一步，用白话")
    reason = serializers.SerializerMethodField(help_text="为什么像：相距、类别、文字")
    score = serializers.FloatField()

    def get_state_words(self, one: Any) -> str:
        return str(words.STATE_WORDS.get(one.case.state, ""))

    def get_reason(self, one: Any) -> str:
        return words.reason(one)


class AlikesOut(serializers.Serializer):
    cases = AlikeOut(many=True, help_text="最像的在前，至多 5 件")


class JoinIn(MatterIn):
    """The category and place for which `find_duplicates` named the case."""


class SupportedOut(serializers.Serializer):
    display_no = serializers.CharField()
    supporters_count = serializers.IntegerField()


class SiteTasksView(Working):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_site_tasks", tags=["现场任务"], summary="我的核实核查和值守",
        responses={200: SiteTasksOut},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What waits on the spot for the person of this post."""
        found = open_site_tasks(self.who.user_id or 0)
        return Response({"tasks": SiteTaskOut(found, many=True).data})


class Guard(Working):
    scopes = {"POST": Scope.CASES_WRITE}

    def task(self, task_id: int) -> SiteTask:
        own = open_site_tasks(self.who.user_id or 0).filter(kind=SiteTask.Kind.GUARD)
        task: SiteTask = get_object_or_404(own, pk=task_id)
        visible_case(self.who, task.case_id)
        return task

    def told(self, task_id: int) -> Response:
        task = SiteTask.objects.select_related("case__category").get(pk=task_id)
        return Response(SiteTaskOut(task).data)


class ArriveView(Guard):
    @extend_schema(
        operation_id="arrive_on_guard", tags=["现场任务"], summary="值守到场",
        parameters=[IDEMPOTENCY], request=ArriveIn,
        responses={200: SiteTaskOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, task_id: int) -> Response:
        task, given = self.task(task_id), given_as(ArriveIn, request)
        actions.arrive_on_guard(
            case_id=task.case_id, position=position_of(given), actor=self.who,
            at=clock.now(),
        )  # fmt: skip
        return self.told(task_id)


class LeaveView(Guard):
    @extend_schema(
        operation_id="leave_guard", tags=["现场任务"], summary="值守撤离",
        parameters=[IDEMPOTENCY], request=LeaveIn,
        responses={200: SiteTaskOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, task_id: int) -> Response:
        """After arriving; the errand is over with it."""
        task = self.task(task_id)
        given = filled(GuardForm(posted(request), leaves=True))
        actions.leave_guard(
            case_id=task.case_id, remark=given["remark"], actor=self.who,
            at=clock.now(),
        )  # fmt: skip
        return self.told(task_id)


class DuplicatesView(Working):
    scopes = {"POST": Scope.CASES_READ}

    @extend_schema(
        operation_id="find_duplicates", tags=["案件"], summary="上报前查重",
        request=MatterIn, responses={200: AlikesOut, 400: BAD, 422: REFUSED},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Likely duplicates of what is about to be filed. To join one of them instead:
        `support_case`. Nothing is written."""
        if not may_report(self.who):
            return Response({"cases": []})
        given = filled(PlaceForm(posted(request)))
        found = Case.objects.alike(matter_of(given, clock.now()))
        return Response({"cases": AlikeOut(found, many=True).data})


class CaseAlikeView(Working):
    scopes = {"GET": Scope.CASES_READ}

    @extend_schema(
        operation_id="list_alike_cases", tags=["案件"], summary="疑似重复的案件",
        responses={200: AlikesOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, case_id: int) -> Response:
        """In one's scope; merged by the step `merge`, tied together by `link`."""
        case = visible_case(self.who, case_id)
        found = Case.objects.visible_to(self.who).alike(Matter.of(case))
        return Response({"cases": AlikeOut(found, many=True).data})


class SupportView(Working):
    scopes = {"POST": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="support_case", tags=["案件"], summary="＋1，不再另报",
        parameters=[IDEMPOTENCY], request=JoinIn,
        responses={200: SupportedOut, **DONE},
    )  # fmt: skip
    @once
    def post(self, request: Request, case_id: int) -> Response:
        """Joins a case that `find_duplicates` may name for this category and place;
        404 for any other. Twice counts once. `description` is what one adds."""
        at = clock.now()
        given = filled(PlaceForm(posted(request)))
        if not may_report(self.who):
            raise Http404
        likely = Case.objects.candidates_for(matter_of(given, at))
        case = get_object_or_404(likely, pk=case_id)
        remark = given["description"].strip()[:500]
        done = actions.support(case_id=case.pk, remark=remark, actor=self.who, at=at)
        return Response(SupportedOut(done).data)


class OwnPhotoView(PhotoView):
    """A picture, also to be taken back."""

    scopes = {"GET": Scope.CASES_READ, "DELETE": Scope.CASES_WRITE}

    @extend_schema(
        operation_id="remove_photo", tags=["照片"], summary="收回还没有用的照片",
        responses={204: GONE, 422: REFUSED},
    )  # fmt: skip
    def delete(self, request: Request, photo_id: uuid.UUID) -> Response:
        """One's own that no case has yet; gone already is fine."""
        actions.remove_photo(photo_id=photo_id, actor=self.who)
        return Response(status=204)
