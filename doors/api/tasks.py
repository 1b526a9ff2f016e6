"""Tasks as their unit sends them down (下发): drafted, issued, closed, cancelled."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from doors.api.base import once
from doors.api.by_form import (
    FormDoor,
    Unfilled,
    asks,
    does,
    refuse_role,
    shape_of,
)
from doors.api.paging import PageOut, PageQuery, asked_of, newest_first
from doors.api.performing import faults_of, posted
from doors.api.shapes import BAD, UNKNOWN
from doors.models import Scope
from duties import actions
from duties.checklists import QuestionKind
from duties.forms.compose import ComposeForm, QuestionFormSet, questions_of
from duties.models import Task, TaskReceiver
from duties.views.steps import TASK_STEPS
from duties.workflow import DRAFTERS, TASK_TRANSITIONS, Action, allowed, find
from governance.api import faulty

MOST_QUESTIONS = 20
TaskActionIn = shape_of("TaskActionIn", *(one.form for one in TASK_STEPS.values()))


class QuestionIn(serializers.Serializer):
    text = serializers.CharField(max_length=80, help_text="检查内容")
    kind = serializers.CharField(
        default=QuestionKind.YES_NO, max_length=8, help_text="yes_no choice text photo"
    )
    options = serializers.ListField(
        child=serializers.CharField(max_length=60), default=list, max_length=20
    )
    abnormal = serializers.ListField(
        child=serializers.CharField(max_length=60), default=list, max_length=20,
        help_text="算异常的回答：是、否，或选项之一",
    )  # fmt: skip
    category = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**53,
        help_text="异常时的上报类别",
    )  # fmt: skip
    required: Any = serializers.BooleanField(default=True, help_text="必答")


class ChecklistIn(serializers.Serializer):
    checklist = QuestionIn(many=True, required=False, default=list)

    def validate_checklist(self, value: list[Any]) -> list[Any]:
        if len(value) > MOST_QUESTIONS:
            raise serializers.ValidationError(
                _("检查表最多 %(n)d 题。") % {"n": MOST_QUESTIONS}
            )
        return value


TaskIn = shape_of(
    "TaskIn", ComposeForm, checklist=QuestionIn(many=True, required=False)
)
DRAFT = {
    "title": "独居老人走访", "kind": "visit", "service_kind": "living_alone",
    "requirement": "逐户走访独居老人，检查用气用电安全。", "limit_n": 5,
    "limit_unit": "WORK_DAY", "admission": 3, "addressees": ["area:17"],
    "checklist": [{"text": "燃气软管完好", "kind": "yes_no", "abnormal": ["否"]}],
}  # fmt: skip


class ChecklistQuestionOut(serializers.Serializer):
    key = serializers.CharField()
    text = serializers.CharField()
    kind = serializers.CharField()
    required: Any = serializers.BooleanField()
    options = serializers.ListField(child=serializers.CharField())
    abnormal = serializers.ListField(child=serializers.CharField())
    category = serializers.IntegerField(allow_null=True)


class CountsOut(serializers.Serializer):
    """应签收, 已签收, 已反馈, 已验收, 逾期 of all who received it (DOMAIN C.8)."""

    expected = serializers.IntegerField()
    signed = serializers.IntegerField()
    answered = serializers.IntegerField()
    accepted = serializers.IntegerField()
    overdue = serializers.IntegerField()


class TaskOut(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()
    kind = serializers.CharField()
    requirement = serializers.CharField()
    state = serializers.CharField()
    state_label = serializers.CharField(source="get_state_display")
    issuer = serializers.CharField(source="issuer.name")
    admission = serializers.IntegerField(source="admission_id", allow_null=True)
    service_kind = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    drafted_at = serializers.DateTimeField()
    issued_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    allowed_actions = serializers.SerializerMethodField()

    def get_allowed_actions(self, task: Any) -> list[str]:
        who, at = self.context["actor"], self.context["at"]
        rows = allowed(TASK_TRANSITIONS, task, who, at)
        return [row.action.value for row in rows if row.action in TASK_STEPS]


class TaskDetailOut(TaskOut):
    checklist = ChecklistQuestionOut(many=True)
    counts: Any = CountsOut(help_text="看得到的接收单位；逐个查询用 /duties/?task=")


class TaskPageOut(PageOut):
    results = TaskOut(many=True)


class TaskQuery(PageQuery):
    issued = serializers.BooleanField(
        required=False, default=False, help_text="只要本单位下发的"
    )


class TaskDoor(FormDoor):
    @property
    def context(self) -> dict[str, Any]:
        return {"actor": self.who, "at": self.at}

    def task(self, task_id: int) -> Any:
        return get_object_or_404(
            Task.objects.visible_to(self.who).with_names(), pk=task_id
        )

    def told(self, task_id: int) -> Any:
        found = self.task(task_id)
        seen = TaskReceiver.objects.visible_to(self.who).filter(task=found.pk)
        found.counts = seen.counts()
        return TaskDetailOut(found, context=self.context).data


class TasksView(TaskDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="list_tasks", tags=["任务"], summary="查询下发的任务",
        parameters=[TaskQuery], responses={200: TaskPageOut, 400: BAD},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """The papers: the own unit's, drafts included, and what runs in the scope."""
        asked = asked_of(TaskQuery, request)
        found: Any = Task.objects.visible_to(self.who).with_names()
        if asked["issued"]:
            found = found.filter(issuer_id=self.who.organisation_id)
        shown, cursor = newest_first(request, found, asked)
        rows = TaskOut(shown, many=True, context=self.context).data
        return Response({"results": rows, "next_cursor": cursor})


class TaskView(TaskDoor):
    scopes = {"GET": Scope.DUTIES}

    @extend_schema(
        operation_id="read_task", tags=["任务"], summary="一项下发的任务",
        responses={200: TaskDetailOut, 404: UNKNOWN},
    )  # fmt: skip
    def get(self, request: Request, task_id: int) -> Response:
        return Response(self.told(task_id))


class DraftTaskView(TaskDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @asks("read_task_draft", "任务", "拟任务要填什么")
    def get(self, request: Request) -> Response:
        """Besides these fields `checklist`, the questions of the checklist."""
        self._may()
        return self.told_form(self.blank(ComposeForm), action="draft")

    @does(
        "draft_task", "任务", "拟任务", request=TaskIn, out=TaskDetailOut, status=201,
        example=DRAFT,
    )  # fmt: skip
    @once
    def post(self, request: Request) -> Response:
        """Kept as a draft; the action `issue` sends it down."""
        self._may()
        form = ComposeForm(
            posted(request, but=["checklist"]), actor=self.who, at=self.at
        )
        lines = ChecklistIn(data=request.data)
        lines.is_valid(raise_exception=True)
        asked = QuestionFormSet(_lines(lines.validated_data["checklist"]), prefix="q")
        if not form.is_valid():
            raise Unfilled(form)
        if not asked.is_valid():
            return Response(faulty(_faults_of(asked)), status=422)
        made = actions.draft_task(
            paper=form.paper(questions_of(asked)), actor=self.who, at=self.at
        )
        return Response(self.told(made.pk), status=201)

    def _may(self) -> None:
        if self.who.role not in DRAFTERS:
            refuse_role(_("您当前的岗位不下发任务。"))


def _lines(questions: list[Any]) -> dict[str, Any]:
    """The checklist as the page of a draft would post it."""
    given: dict[str, Any] = {
        "q-TOTAL_FORMS": len(questions), "q-INITIAL_FORMS": 0
    }  # fmt: skip
    for n, one in enumerate(questions):
        listed = {name: "、".join(one[name]) for name in ("options", "abnormal")}
        for name, value in {**one, **listed}.items():
            if value not in (None, False):
                given[f"q-{n}-{name}"] = value
    return given


def _faults_of(asked: Any) -> list[dict[str, Any]]:
    found = []
    for n, form in enumerate(asked.forms):
        for one in faults_of(form):
            path = ["checklist", str(n), *([one["field"]] if one["field"] else [])]
            found.append({**one, "field": ".".join(path)})
    return found


class TaskActionView(TaskDoor):
    scopes = {"GET": Scope.DUTIES, "POST": Scope.DUTIES}

    @asks("read_task_action", "任务", "签发、办结、撤销要填什么")
    def get(self, request: Request, task_id: int, action: str) -> Response:
        """The fields of this step; 409 when it does not fit now."""
        task = self._chosen(task_id, action)
        find(TASK_TRANSITIONS, task, Action(action), self.who, self.at)
        form = self.blank(TASK_STEPS[action].form, subject=task)
        return self.told_form(form, action=action, version=task.version)

    @does(
        "take_task_action", "任务", "签发、办结、撤销任务", request=TaskActionIn,
        out=TaskDetailOut, example={"version": 0},
    )  # fmt: skip
    @once
    def post(self, request: Request, task_id: int, action: str) -> Response:
        """Whichever of `allowed_actions`, with the fields that `GET` names."""
        task = self._chosen(task_id, action)
        form = self.filled(TASK_STEPS[action].form, subject=task)
        TASK_STEPS[action].act(
            actor=self.who, at=self.at, task_id=task.pk, **form.arguments()
        )
        return Response(self.told(task_id))

    def _chosen(self, task_id: int, action: str) -> Task:
        if action not in TASK_STEPS:
            raise Http404
        return self.task(task_id)
