"""The steps behind the buttons: GET asks, POST calls the one action."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from duties import actions
from duties.forms import care, steps
from duties.forms.steps import DutyForm
from duties.models import CareTarget, GridItemAdmission, Task, TaskReceiver
from duties.workflow import (
    ADMISSION_TRANSITIONS,
    RECEIVER_TRANSITIONS,
    TASK_TRANSITIONS,
    Action,
    find,
    receives,
)
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor


@dataclass(frozen=True)
class Step:
    act: Callable[..., Any]
    form: type[DutyForm]


TASK_STEPS: dict[str, Step] = {
    Action.ISSUE: Step(actions.issue, steps.IssueForm),
    Action.CLOSE: Step(actions.close, steps.CloseForm),
    Action.CANCEL: Step(actions.cancel, steps.CancelForm),
}
RECEIVER_STEPS: dict[str, Step] = {
    Action.SIGN: Step(actions.sign, steps.SignForm),
    Action.BEGIN: Step(actions.begin, steps.BeginForm),
    Action.REISSUE: Step(actions.reissue, steps.ReissueForm),
    Action.SUBMIT: Step(actions.submit, steps.SubmitForm),
    Action.ACCEPT: Step(actions.accept, steps.AcceptForm),
    Action.GIVE_BACK: Step(actions.give_back, steps.GiveBackForm),
}
ADMISSION_STEPS: dict[str, Step] = {
    Action.APPROVE: Step(actions.approve_admission, steps.ApproveForm),
    Action.REFUSE: Step(actions.refuse_admission, steps.RefuseForm),
    Action.PUBLISH: Step(actions.publish_admission, steps.PublishForm),
    Action.EVALUATE: Step(actions.evaluate_admission, steps.EvaluateForm),
    Action.WITHDRAW: Step(actions.withdraw_admission, steps.WithdrawForm),
}
CARE_STEPS: dict[str, Step] = {
    "review": Step(actions.review_care_target, care.ReviewForm),
    "end": Step(actions.end_care_target, care.EndForm),
}


@never_cache
def task_step(request: HttpRequest, task_id: int, action: str) -> HttpResponse:
    """签发, 撤销, 办结."""
    who, at, chosen = http.actor(request), clock.now(), _chosen(TASK_STEPS, action)
    visible = Task.objects.visible_to(who).with_names()
    task = get_object_or_404(visible, pk=task_id)
    if request.method != "POST":
        find(TASK_TRANSITIONS, task, Action(action), who, at)
    return _step(
        request, chosen, task, who, at,
        ids={"task_id": task.pk}, back=reverse("duty_task", args=[task.pk]),
        about=task.title,
    )  # fmt: skip


@never_cache
def receiver_step(request: HttpRequest, receiver_id: int, action: str) -> HttpResponse:
    """签收, 开始办理, 分解下发, 提交反馈, 验收, 退回, at the desk and on the phone."""
    who, at, chosen = http.actor(request), clock.now(), _chosen(RECEIVER_STEPS, action)
    receiver = visible_receiver(who, receiver_id)
    if request.method != "POST":
        find(RECEIVER_TRANSITIONS, receiver, Action(action), who, at)
    return _step(
        request, chosen, receiver, who, at,
        ids={"receiver_id": receiver.pk}, back=home_of(request, receiver, who),
        about=f"{receiver.task.title} · {receiver.name}",
    )  # fmt: skip


@never_cache
def admission_step(
    request: HttpRequest, admission_id: int, action: str
) -> HttpResponse:
    """审核, 公布, 评估, 退出."""
    who, at, chosen = http.actor(request), clock.now(), _chosen(ADMISSION_STEPS, action)
    visible = GridItemAdmission.objects.visible_to(who).with_names()
    admission = get_object_or_404(visible, pk=admission_id)
    if request.method != "POST":
        find(ADMISSION_TRANSITIONS, admission, Action(action), who, at)
    return _step(
        request, chosen, admission, who, at,
        ids={"admission_id": admission.pk},
        back=reverse("admission", args=[admission.pk]),
        about=admission.item,
    )  # fmt: skip


@never_cache
def care_step(request: HttpRequest, target_id: int, action: str) -> HttpResponse:
    """复核 and 退出服务."""
    who, at, chosen = http.actor(request), clock.now(), _chosen(CARE_STEPS, action)
    target = get_object_or_404(CareTarget.objects.visible_to(who), pk=target_id)
    return _step(
        request, chosen, target, who, at,
        ids={"target_id": target.pk}, back=reverse("care_target", args=[target.pk]),
        about=f"{actions.masked(target).name} {target.building}",
    )  # fmt: skip


def visible_receiver(who: Actor, receiver_id: int) -> TaskReceiver:
    """With all names that pages and the table need; 404 outside the scope."""
    visible = TaskReceiver.objects.visible_to(who).with_names()
    found: TaskReceiver = get_object_or_404(
        visible.select_related("task__admission"), pk=receiver_id
    )
    return found


def home_of(request: HttpRequest, receiver: TaskReceiver, who: Actor) -> str:
    """Where the person came from: the own part of the task, or the tree above it."""
    if http.surface(request) == "phone":
        return reverse("phone_duty", args=[receiver.pk])
    if receives(receiver, who):
        return reverse("duty_receiver", args=[receiver.pk])
    if receiver.parent_id is not None and receives(receiver.parent, who):
        return reverse("duty_receiver", args=[receiver.parent_id])
    return reverse("duty_task", args=[receiver.task_id])


def _chosen(known: dict[str, Step], action: str) -> Step:
    if action not in known:
        raise Http404
    return known[action]


def _step(
    request: HttpRequest,
    chosen: Step,
    subject: Any,
    who: Actor,
    at: datetime,
    *,
    ids: dict[str, int],
    back: str,
    about: str,
) -> HttpResponse:
    given = request.POST if request.method == "POST" else None
    initial = {"version": getattr(subject, "version", None)}
    form = chosen.form(given, subject=subject, actor=who, at=at, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            chosen.act(actor=who, at=at, **ids, **form.arguments())
        except Refused as refused:
            form.refuse(refused.field, str(refused))
            _renew(form, request, subject, refused)
        else:
            messages.success(request, _("“%s”已办理。") % form.submit)
            return redirect(back)
    context = {"form": form, "about": about, "back": back, "title": form.submit}
    status = 422 if form.is_bound else 200
    return render(request, "duties/step.html", context, status=status)


def _renew(
    form: DutyForm, request: HttpRequest, subject: Any, refused: Refused
) -> None:
    """A stale form goes through at the next press: the person was told what changed."""
    if refused.code == "stale":
        subject.refresh_from_db(fields=["version", "state"])
        form.data = request.POST.copy()
        form.data["version"] = str(subject.version)
