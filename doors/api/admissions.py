"""网格事项准入: the list of admitted items, and the way an item gets onto it."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, asks, does, refuse_role, shape_of
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from duties import actions
from duties.forms.admissions import ApplicationForm
from duties.models import GridItemAdmission
from duties.views.steps import ADMISSION_STEPS
from duties.workflow import ADMISSION_TRANSITIONS, DRAFTERS, Action, allowed, find

ApplicationIn = shape_of("ApplicationIn", ApplicationForm)
AdmissionActionIn = shape_of(
    "AdmissionActionIn", *(one.form for one in ADMISSION_STEPS.values())
)


class AdmissionOut(serializers.Serializer):
    id = serializers.IntegerField()
    item = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    area = serializers.CharField(source="area.code")
    applicant = serializers.CharField(source="applicant.name")
    reason = serializers.CharField()
    workload = serializers.CharField()
    funding = serializers.CharField(allow_blank=True)
    starts_date = serializers.DateField()
    ends_date = serializers.DateField(allow_null=True)
    opinion = serializers.CharField(allow_blank=True)
    applied_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    in_force = serializers.SerializerMethodField(help_text="现在可以据此下发任务")
    allowed_actions = serializers.SerializerMethodField()

    def get_in_force(self, admission: Any) -> bool:
        day = timezone.localtime(self.context["at"]).date()
        return bool(admission.holds_on(day))

    def get_allowed_actions(self, admission: Any) -> list[str]:
        who, at = self.context["actor"], self.context["at"]
        rows = allowed(ADMISSION_TRANSITIONS, admission, who, at)
        return [row.action.value for row in rows if row.action in ADMISSION_STEPS]


class AdmissionPageOut(PageOut):
    results = AdmissionOut(many=True)


class AdmissionQuery(PageQuery):
    in_force = serializers.BooleanField(
        required=False, default=False, help_text="只要现在可以据此下发任务的"
    )
    waiting = serializers.BooleanField(
        required=False, default=False, help_text="只要等我审核、公布的"
    )


class AdmissionDoor(FormDoor):
    def told(self, found: Any, **more: Any) -> Any:
        context = {"actor": self.who, "at": self.at}
        return AdmissionOut(found, context=context, **more).data

    def admission(self, admission_id: int) -> Any:
        visible = GridItemAdmission.objects.visible_to(self.who).with_names()
        return get_object_or_404(visible, pk=admission_id)


class AdmissionsView(AdmissionDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="list_admissions", tags=["准入"], summary="查询网格事项清单",
        parameters=[AdmissionQuery], responses={200: AdmissionPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What is published, and what the own unit applied for or has to decide."""
        asked = asked_of(AdmissionQuery, request)
        found: Any = GridItemAdmission.objects.visible_to(self.who)
        if asked["waiting"]:
            found = GridItemAdmission.objects.waiting_for(self.who)
        if asked["in_force"]:
            found = found.in_force(timezone.localtime(self.at).date())
        shown, cursor = newest_first(request, found.with_names(), asked)
        return Response({"results": self.told(shown, many=True), "next_cursor": cursor})


class AdmissionView(AdmissionDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="read_admission", tags=["准入"], summary="一项网格事项",
        responses={200: AdmissionOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, admission_id: int) -> Response:
        return Response(self.told(self.admission(admission_id)))


class ApplyView(AdmissionDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @asks("read_application", "准入", "申请准入要填什么")
    def get(self, request: Request) -> Response:
        self._may()
        return self.told_form(self.blank(ApplicationForm), action="apply")

    @does(
        "apply_for_admission", "准入", "申请准入", request=ApplicationIn,
        out=AdmissionOut, status=201,
        example={
            "item": "独居老人走访", "kind": "regular", "reason": "养老服务条例",
            "workload": "每月 4 小时", "starts_date": "2026-12-01",
        },
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """The command centre decides."""
        self._may()
        form = self.filled(ApplicationForm)
        made = actions.apply_for_admission(
            application=form.application(), actor=self.who, at=self.at
        )
        return Response(self.told(self.admission(made.pk)), status=201)

    def _may(self) -> None:
        if self.who.role not in DRAFTERS:
            refuse_role(_("您当前的岗位不能申请网格事项准入。"))


class AdmissionActionView(AdmissionDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @asks("read_admission_action", "准入", "准入的一步要填什么")
    def get(self, request: Request, admission_id: int, action: str) -> Response:
        found = self._chosen(admission_id, action)
        find(ADMISSION_TRANSITIONS, found, Action(action), self.who, self.at)
        form = self.blank(ADMISSION_STEPS[action].form, subject=found)
        return self.told_form(form, action=action)

    @does(
        "take_admission_action", "准入", "办理准入的一步", request=AdmissionActionIn,
        out=AdmissionOut, example={"opinion": "同意"},
    )  # fmt: skip
    @once
    def post(self, request: Request, admission_id: int, action: str) -> Response:
        """Whichever of `allowed_actions`, with the fields that `GET` names."""
        found = self._chosen(admission_id, action)
        form = self.filled(ADMISSION_STEPS[action].form, subject=found)
        ADMISSION_STEPS[action].act(
            actor=self.who, at=self.at, admission_id=found.pk, **form.arguments()
        )
        return Response(self.told(self.admission(admission_id)))

    def _chosen(self, admission_id: int, action: str) -> Any:
        if action not in ADMISSION_STEPS:
            raise Http404
        return self.admission(admission_id)
