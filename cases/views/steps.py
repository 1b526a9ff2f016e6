"""What people in the grid do with a case, each step on a page of its own."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from cases import actions
from cases.difference import seen
from cases.forms.fields import position_of
from cases.forms.steps import (
    FinishSelfForm,
    GuardForm,
    HandUpForm,
    SiteTaskForm,
    StepForm,
    SubmitResultForm,
)
from cases.models import Case, Photo, SiteTask
from cases.querysets.field import waiting_photos
from cases.views import words
from cases.views.offered import refuse, renew
from cases.views.photos import take_files
from cases.workflow import Action, allowed
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor


@dataclass(frozen=True)
class Step:
    """`fields` of the form are handed to the action as they are named."""

    act: Callable[..., Case]
    form: type[StepForm]
    advice: Any
    fields: tuple[str, ...] = ()
    photo_stage: str = ""


STEPS: dict[str, Step] = {
    Action.SELF_RESOLVE: Step(
        actions.self_resolve,
        StepForm,
        gettext_lazy("由您来办这件事，办好后拍照提交，社区审核后结案。"),
    ),
    Action.FINISH_SELF: Step(
        actions.finish_self,
        FinishSelfForm,
        gettext_lazy("写清怎么处理的，拍一张处置后的照片。"),
        ("measures",),
        Photo.Stage.AFTER,
    ),
    Action.HAND_UP: Step(
        actions.hand_up,
        HandUpForm,
        gettext_lazy("网格办不了的，写明原因，交给社区接报。"),
        ("opinion",),
    ),
    Action.SUBMIT_RESULT: Step(
        actions.submit_result,
        SubmitResultForm,
        gettext_lazy("写清办理结果，拍一张处置后的照片，社区负责人审核。"),
        ("result", "measures"),
        Photo.Stage.AFTER,
    ),
}


@never_cache
def step(request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    """GET asks, POST does it; the table says who may (`workflow.allowed`)."""
    if action not in STEPS:
        raise Http404
    who, at = http.actor(request), clock.now()
    case = get_object_or_404(Case.objects.visible_to(who).with_names(), pk=case_id)
    chosen = STEPS[action]
    if request.method == "POST":
        form = chosen.form(request.POST, request.FILES)
        batch = _take(request, form, chosen.photo_stage, who, at)
        if not form.errors and _done(form, chosen, case, batch, who, at):
            messages.success(request, _("“%s”已提交。") % Action(action).label)
            return redirect("phone_case", case.pk)
        renew(form, request, case, who, action, at)
    elif action not in [row.action for row in allowed(case, who)]:
        messages.warning(request, _("案件已经往前走了，这一步不用再办。"))
        return redirect("phone_case", case.pk)
    else:
        batch = uuid.uuid4()
        form = chosen.form(initial={"version": case.version})
    context = {
        "case": case,
        "row": words.row(case, who, at),
        "form": form,
        "step": chosen,
        "action": action,
        "title": Action(action).label,
        "seen": seen(case),
        **_photo_context(form, batch, chosen.photo_stage, who),
    }
    status = 422 if form.is_bound else 200
    return render(request, "cases/phone/step.html", context, status=status)


def _take(
    request: HttpRequest, form: StepForm, stage: str, who: Actor, at: datetime
) -> uuid.UUID:
    """The batch of the form, with the pictures that came with the form itself."""
    form.is_valid()
    batch: uuid.UUID = form.cleaned_data.get("batch") or uuid.uuid4()
    files = request.FILES.getlist("photos") if stage else []
    for fault in take_files(files, batch=batch, stage=stage, actor=who, at=at):
        form.add_error("photos", fault)
    return batch


def _done(
    form: StepForm, chosen: Step, case: Case, batch: uuid.UUID, who: Actor, at: datetime
) -> bool:
    given = {name: form.cleaned_data[name] for name in chosen.fields}
    if chosen.photo_stage:
        given["photos"] = str(batch)
    version = form.cleaned_data["version"]
    try:
        chosen.act(case_id=case.pk, actor=who, at=at, version=version, **given)
    except Refused as refused:
        refuse(form, refused)
        return False
    return True


def _photo_context(
    form: StepForm, batch: uuid.UUID, stage: str, who: Actor
) -> dict[str, Any]:
    photos = waiting_photos(batch, who.user_id or 0) if form.is_bound and stage else []
    return {"batch": batch, "photos": list(photos), "stage": stage}


@never_cache
def site_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """核实 or 核查: what to look at, where, and what was found."""
    who, at = http.actor(request), clock.now()
    own = SiteTask.objects.filter(worker_id=who.user_id).select_related("case")
    task = get_object_or_404(own, pk=task_id)
    if task.submitted_at is not None:
        return redirect("phone_case", task.case_id)
    case = get_object_or_404(Case.objects.visible_to(who).with_names(), pk=task.case_id)
    if task.kind == SiteTask.Kind.GUARD:
        return _guard(request, task, case, who, at)
    if request.method == "POST":
        form = SiteTaskForm(request.POST, request.FILES, kind=task.kind)
        batch = _take(request, form, task.kind, who, at)
        if not form.errors and _submitted(form, task, batch, who, at):
            messages.success(request, _("%s结论已提交。") % task.get_kind_display())
            return redirect("phone_home")
    else:
        batch = uuid.uuid4()
        form = SiteTaskForm(kind=task.kind)
    context = {
        "task": task,
        "case": case,
        "row": words.row(case, who, at),
        "form": form,
        "case_photos": list(case.photos.order_by("received_at", "id")),
        **_photo_context(form, batch, task.kind, who),
    }
    status = 422 if form.is_bound else 200
    return render(request, "cases/phone/site_task.html", context, status=status)


def _submitted(
    form: SiteTaskForm, task: SiteTask, batch: uuid.UUID, who: Actor, at: datetime
) -> bool:
    given = form.cleaned_data
    act = (
        actions.submit_verification
        if task.kind == SiteTask.Kind.VERIFY
        else actions.submit_check
    )
    try:
        act(
            case_id=task.case_id,
            result=given["result"],
            remark=given["remark"],
            position=position_of(given),
            photos=str(batch),
            actor=who,
            at=at,
        )
    except Refused as refused:
        refuse(form, refused)
        return False
    return True


def _guard(
    request: HttpRequest, task: SiteTask, case: Case, who: Actor, at: datetime
) -> HttpResponse:
    """值守: 已到场, and later 已撤离; the case goes its way without it."""
    leaves = task.arrived_at is not None
    posted = request.POST if request.method == "POST" else None
    form = GuardForm(posted, leaves=leaves)
    if request.method == "POST" and form.is_valid() and _guarded(form, task, who, at):
        come = _("已登记到场，离开时请点“已撤离”。")
        messages.success(request, _("已登记撤离。") if leaves else come)
        return redirect("phone_home" if leaves else request.path)
    context = {
        "task": task,
        "case": case,
        "row": words.row(case, who, at),
        "form": form,
        "leaves": leaves,
        "case_photos": list(case.photos.order_by("received_at", "id")),
    }
    status = 422 if form.is_bound else 200
    return render(request, "cases/phone/guard.html", context, status=status)


def _guarded(form: GuardForm, task: SiteTask, who: Actor, at: datetime) -> bool:
    given: dict[str, Any] = {"case_id": task.case_id, "actor": who, "at": at}
    try:
        if task.arrived_at is None:
            position = position_of(form.cleaned_data)
            actions.arrive_on_guard(position=position, **given)
        else:
            actions.leave_guard(remark=form.cleaned_data["remark"], **given)
    except Refused as refused:
        refuse(form, refused)
        return False
    return True
