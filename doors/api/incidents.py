"""Emergencies (突发事件): started, watched, reported on by the grids, ended."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import FormDoor, asks, does, refuse_role, shape_of
from doors.api.duties import DutyOut
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.shapes import BAD, UNKNOWN, CaseOut
from doors.models import Scope
from duties import actions
from duties.forms import incidents as forms
from duties.models import Incident, TaskReceiver
from duties.views.incidents import screen_of, visible_incident
from duties.views.steps import visible_receiver

IncidentIn = shape_of("IncidentIn", forms.StartForm)
IncidentNoteIn = shape_of("IncidentNoteIn", forms.NoteForm)
IncidentEndIn = shape_of("IncidentEndIn", forms.CloseForm)
SituationIn = shape_of("SituationIn", forms.ReportForm)
DangerIn = shape_of("DangerIn", forms.IncidentCaseForm)
MOST_LOG = 500
STEPS: dict[str, Any] = {
    "note": (actions.add_log_entry, forms.NoteForm),
    "close": (actions.close_incident, forms.CloseForm),
}


class IncidentOut(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.CharField()
    level = serializers.CharField()
    command = serializers.CharField(source="command.name")
    task = serializers.IntegerField(source="task_id")
    requirement = serializers.CharField(source="task.requirement")
    report_hours = serializers.IntegerField()
    started_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    review = serializers.CharField(allow_blank=True)
    is_running = serializers.SerializerMethodField()

    def get_is_running(self, incident: Any) -> bool:
        return bool(incident.is_running(self.context["at"]))


class StreetOut(serializers.Serializer):
    street = serializers.CharField()
    name = serializers.CharField()
    expected = serializers.IntegerField()
    signed = serializers.IntegerField()


class SilentOut(serializers.Serializer):
    part = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class IncidentDetailOut(IncidentOut):
    due_at = serializers.DateTimeField(help_text="本轮报送截止")
    streets = StreetOut(many=True, help_text="各街道签收")
    grids = serializers.IntegerField(help_text="应报送的网格数")
    silent = SilentOut(many=True, help_text="本轮还没有报送的")
    dangers = serializers.IntegerField(help_text="报险情的次数")
    cases = serializers.ListField(
        child=serializers.IntegerField(), help_text="险情案件，最近 50 件"
    )


class IncidentPageOut(PageOut):
    results = IncidentOut(many=True)


class LogOut(serializers.Serializer):
    at = serializers.DateTimeField()
    kind = serializers.CharField()
    by = serializers.CharField()
    text = serializers.CharField()


class SituationOut(serializers.Serializer):
    id = serializers.IntegerField()
    part = serializers.IntegerField(source="receiver_id")
    kind = serializers.CharField()
    text = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField(help_text="属于截止到此的一轮")
    reported_at = serializers.DateTimeField()


class IncidentDoor(FormDoor):
    def told(self, incident_id: int) -> Any:
        found: Any = visible_incident(self.who, incident_id)
        seen = screen_of(found, self.who, self.at)
        for name in ("due_at", "streets", "grids", "silent", "dangers"):
            setattr(found, name, seen[name])
        found.cases = [one.pk for one in seen["cases"]]
        return IncidentDetailOut(found, context={"at": self.at}).data

    def part(self, receiver_id: int) -> tuple[TaskReceiver, Incident]:
        receiver = visible_receiver(self.who, receiver_id)
        return receiver, get_object_or_404(Incident, task=receiver.task_id)


class IncidentsView(IncidentDoor):
    scopes = {"GET": Scope.INCIDENTS}

    @extend_schema(
        operation_id="list_incidents", tags=["应急"], summary="查询突发事件",
        parameters=[PageQuery], responses={200: IncidentPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = asked_of(PageQuery, request)
        found: Any = Incident.objects.visible_to(self.who)
        found = found.select_related("command", "task")
        shown, cursor = newest_first(request, found, asked)
        rows = IncidentOut(shown, many=True, context={"at": self.at}).data
        return Response({"results": rows, "next_cursor": cursor})


class IncidentView(IncidentDoor):
    scopes = {"GET": Scope.INCIDENTS}

    @extend_schema(
        operation_id="read_incident", tags=["应急"], summary="一起突发事件",
        responses={200: IncidentDetailOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, incident_id: int) -> Response:
        """What the one screen shows: who signed, who is silent, dangers, cases."""
        return Response(self.told(incident_id))


class StartIncidentView(IncidentDoor):
    scopes = {"GET": Scope.INCIDENTS, "POST": Scope.INCIDENTS}

    @asks("read_incident_start", "应急", "启动应急要填什么")
    def get(self, request: Request) -> Response:
        self._may()
        return self.told_form(self.blank(forms.StartForm), action="start")

    @does(
        "start_incident", "应急", "启动应急", request=IncidentIn,
        out=IncidentDetailOut, status=201,
        example={
            "title": "台风“海燕”防御", "kind": "typhoon", "level": "orange",
            "requirement": "转移低洼地带人员，每两小时报送一次。",
            "expires_at": "2026-11-30 18:00", "report_hours": 2,
        },
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """Its task goes to all below at once."""
        self._may()
        form = self.filled(forms.StartForm)
        made = actions.start_incident(actor=self.who, at=self.at, **form.arguments())
        return Response(self.told(made.pk), status=201)

    def _may(self) -> None:
        if self.who.role not in actions.STARTERS:
            refuse_role(_("应急由指挥中心或街道值班领导启动。"))


class IncidentStepView(IncidentDoor):
    """值班记录 and 结束应急."""

    scopes = {"GET": Scope.INCIDENTS, "POST": Scope.INCIDENTS}
    step = ""

    def form_of(self, incident_id: int) -> Response:
        found = visible_incident(self.who, incident_id)
        form = self.blank(STEPS[self.step][1], subject=found)
        return self.told_form(form, action=self.step)

    def take(self, incident_id: int) -> Response:
        found = visible_incident(self.who, incident_id)
        act, kind = STEPS[self.step]
        form = self.filled(kind, subject=found)
        act(actor=self.who, at=self.at, incident_id=found.pk, **form.arguments())
        return Response(self.told(found.pk))


class CloseIncidentView(IncidentStepView):
    step = "close"

    @asks("read_incident_close", "应急", "结束应急要填什么")
    def get(self, request: Request, incident_id: int) -> Response:
        return self.form_of(incident_id)

    @does(
        "close_incident", "应急", "结束应急", request=IncidentEndIn,
        out=IncidentDetailOut, example={"review": "转移 320 人，没有伤亡。"},
    )  # fmt: skip
    @once
    def post(self, request: Request, incident_id: int) -> Response:
        """With what was learnt from it."""
        return self.take(incident_id)


class IncidentLogView(IncidentStepView):
    step = "note"

    @extend_schema(
        operation_id="read_incident_log", tags=["应急"], summary="应急日志",
        responses={200: LogOut(many=True), 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, incident_id: int) -> Response:
        """The newest 500 lines, newest first."""
        found = visible_incident(self.who, incident_id)
        if self.who.role not in actions.LOGGERS:
            refuse_role(_("应急日志由指挥中心、街道、社区查看。"))
        return Response(
            LogOut(found.log.order_by("-at", "-pk")[:MOST_LOG], many=True).data
        )

    @does(
        "note_incident", "应急", "写值班记录", request=IncidentNoteIn,
        out=IncidentDetailOut, example={"text": "16:20 河道水位 4.2 米，持续上涨。"},
    )  # fmt: skip
    @once
    def post(self, request: Request, incident_id: int) -> Response:
        return self.take(incident_id)


class PassOnView(IncidentDoor):
    scopes = {"POST": Scope.INCIDENTS}

    @does(
        "pass_on_incident", "应急", "一键转发", request=None, out=DutyOut
    )  # fmt: skip
    @once
    def post(self, request: Request, receiver_id: int) -> Response:
        """Signs the own part and passes it on to all below."""
        receiver, _incident = self.part(receiver_id)
        actions.pass_on(receiver_id=receiver.pk, actor=self.who, at=self.at)
        found = visible_receiver(self.who, receiver.pk)
        return Response(DutyOut(found, context={"actor": self.who, "at": self.at}).data)


class SituationsView(IncidentDoor):
    scopes = {"GET": Scope.INCIDENTS, "POST": Scope.INCIDENTS}

    @extend_schema(
        operation_id="list_situations", tags=["应急"], summary="这个网格报送过什么",
        responses={200: SituationOut(many=True), 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, receiver_id: int) -> Response:
        receiver, found = self.part(receiver_id)
        made = found.reports.filter(receiver=receiver)
        newest = made.order_by("-reported_at", "-pk")[:MOST_LOG]
        return Response(SituationOut(newest, many=True).data)

    @does(
        "report_situation", "应急", "报平安、报险情", request=SituationIn,
        out=SituationOut, status=201, example={"kind": "safe", "text": "一切正常。"},
    )  # fmt: skip
    @once
    def post(self, request: Request, receiver_id: int) -> Response:
        """For the round that runs, by the grid whose part it is."""
        receiver, _incident = self.part(receiver_id)
        form = self.filled(forms.ReportForm, subject=receiver)
        made = actions.report_situation(
            actor=self.who, at=self.at, receiver_id=receiver.pk, **form.arguments()
        )
        return Response(SituationOut(made).data, status=201)


class DangerView(IncidentDoor):
    scopes = {"GET": Scope.INCIDENTS, "POST": Scope.CASES_WRITE}

    @asks("read_danger", "应急", "险情上报要填什么")
    def get(self, request: Request, receiver_id: int) -> Response:
        receiver, found = self.part(receiver_id)
        actions.may_report(found, receiver, self.who, self.at)
        form = self.blank(forms.IncidentCaseForm, subject=receiver)
        return self.told_form(form, action="case")

    @does(
        "report_danger", "应急", "险情上报为案件", request=DangerIn, out=CaseOut,
        status=201,
        example={
            "submission": "6a1c1df5-6b5c-4b26-8f0e-7f5c1f2b9a03", "category": 12,
            "description": "河堤出现管涌，水色发浑。", "address": "和平河 3 号闸",
            "lng": 113.0005, "lat": 28.0005,
        },
    )  # fmt: skip
    @once
    def post(self, request: Request, receiver_id: int) -> Response:
        """An urgent case; the same `submission` again is the same case."""
        receiver, _incident = self.part(receiver_id)
        form = self.filled(forms.IncidentCaseForm, subject=receiver)
        made = actions.report_incident_case(
            receiver_id=receiver.pk, submission=form.cleaned_data["submission"],
            finding=form.finding(), actor=self.who, at=self.at,
        )  # fmt: skip
        return Response(CaseOut(made).data, status=201)
