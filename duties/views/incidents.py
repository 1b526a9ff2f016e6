"""Emergencies: the list, the one screen, its log, and the phone of a grid."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cases.models import Case
from duties import actions
from duties.forms import incidents as forms
from duties.forms.steps import DutyForm
from duties.models import Incident, SituationReport, TaskReceiver
from duties.querysets.incidents import in_grids, sign_in_by_street, unreported
from duties.views.downloads import csv_file
from duties.views.steps import visible_receiver
from duties.views.visits import photo_context, take_photos
from duties.workflow import RECEIVER_TRANSITIONS, Action, allowed, receives
from governance import clock
from governance.errors import Refused
from grids.models import Area
from parties import http
from parties.acting import Actor

PAGE, LATEST = 30, 50


def visible_incident(who: Actor, incident_id: int) -> Incident:
    visible = Incident.objects.visible_to(who).select_related(
        "command", "task__issuer", "started_by", "closed_by"
    )
    found: Incident = get_object_or_404(visible, pk=incident_id)
    return found


@require_GET
def incidents(request: HttpRequest) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    found = listed(request)
    context = {
        "rows": [(one, one.is_running(at)) for one in found[:PAGE]],
        "may_start": who.role in actions.STARTERS,
        "most": PAGE,
    }
    return render(request, "duties/incidents/incidents.html", context)


def listed(request: HttpRequest) -> Any:
    """All that the reader sees, the newest first."""
    return Incident.objects.visible_to(http.actor(request)).newest()


@require_GET
def incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The one screen; its figures come again by themselves while it runs."""
    who, at = http.actor(request), clock.now()
    found = visible_incident(who, incident_id)
    context = {**screen_of(found, who, at), **_offers(found, who, at)}
    context["note"] = forms.NoteForm(subject=found, actor=who, at=at)
    return render(request, "duties/incidents/incident.html", context)


@require_GET
def screen(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The piece of the screen that is renewed."""
    who, at = http.actor(request), clock.now()
    context = screen_of(visible_incident(who, incident_id), who, at)
    return render(request, "duties/incidents/_screen.html", context)


def screen_of(found: Incident, who: Actor, at: datetime) -> dict[str, Any]:
    """Sign-in per street, silent grids of the round, reports, log, and cases."""
    is_running = found.is_running(at)
    due_at = found.round_of(at)
    mine = TaskReceiver.objects.visible_to(who).values("pk")
    silent = unreported(found, due_at).filter(pk__in=mine) if is_running else []
    late = found.missed.filter(receiver__in=mine)
    cases = Case.objects.visible_to(who).filter(origin_url=found.get_absolute_url())
    return {
        "incident": found,
        "is_running": is_running,
        "due_at": due_at,
        "streets": _streets(found, who),
        "grids": in_grids(found.task_id).filter(pk__in=mine).count(),
        "silent": list(silent),
        "late_before": set(late.values_list("receiver", flat=True)),
        "dangers": found.reports.filter(
            kind=SituationReport.Kind.DANGER, receiver__in=mine
        ).count(),
        "cases": list(cases.select_related("category").order_by("-pk")[:LATEST]),
        "may_read_log": who.role in actions.LOGGERS,
        "log": list(found.log.order_by("-at", "-pk")[:LATEST]),
    }


def _streets(found: Incident, who: Actor) -> list[dict[str, Any]]:
    rows = sign_in_by_street(found, who)
    names = dict(
        Area.objects.filter(code__in=[one["street"] for one in rows]).values_list(
            "code", "name"
        )
    )
    return [
        {
            **one,
            "name": names.get(one["street"], one["street"]),
            "percent": one["signed"] * 100 // one["expected"],
        }
        for one in rows
    ]


def _offers(found: Incident, who: Actor, at: datetime) -> dict[str, Any]:
    """The emergency buttons; none once it is closed or has expired."""
    is_running = found.is_running(at)
    own = TaskReceiver.objects.addressed_to(who).with_names()
    mine = own.select_related("task__admission").filter(task=found.task_id)
    may_pass, report_part = None, None
    for one in mine if is_running else []:
        rows = {row.action for row in allowed(RECEIVER_TRANSITIONS, one, who, at)}
        if rows & {Action.SIGN, Action.REISSUE} and who.role in actions.LOGGERS:
            may_pass = one
        if in_grids(found.task_id).filter(pk=one.pk).exists():
            report_part = one
    return {
        "pass_part": may_pass,
        "report_part": report_part,
        "may_close": actions.may_close_incident(found, who),
        "may_note": found.closed_at is None and who.role in actions.LOGGERS,
    }


@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """启动应急."""
    who, at = http.actor(request), clock.now()
    if who.role not in actions.STARTERS:
        raise Refused(_("应急由指挥中心或街道值班领导启动。"), code="role")
    given = request.POST if request.method == "POST" else None
    form = forms.StartForm(given, actor=who, at=at)
    made = _try(form, actions.start_incident, who, at)
    if made is not None:
        messages.success(request, _("应急已启动，任务已下发。"))
        return redirect("incident", made.pk)
    return _form_page(request, form, back=reverse("incidents"), about=_("突发事件"))


@never_cache
def close(request: HttpRequest, incident_id: int) -> HttpResponse:
    """结束应急, with what was learnt from it."""
    who, at = http.actor(request), clock.now()
    found = visible_incident(who, incident_id)
    given = request.POST if request.method == "POST" else None
    form = forms.CloseForm(given, subject=found, actor=who, at=at)
    if _try(form, actions.close_incident, who, at, incident_id=found.pk):
        messages.success(request, _("应急已结束。"))
        return redirect("incident", found.pk)
    back = reverse("incident", args=[found.pk])
    return _form_page(request, form, back=back, about=found.title)


@never_cache
def note(request: HttpRequest, incident_id: int) -> HttpResponse:
    """值班记录."""
    who, at = http.actor(request), clock.now()
    found = visible_incident(who, incident_id)
    given = request.POST if request.method == "POST" else None
    form = forms.NoteForm(given, subject=found, actor=who, at=at)
    if _try(form, actions.add_log_entry, who, at, incident_id=found.pk):
        return redirect("incident", found.pk)
    back = reverse("incident", args=[found.pk])
    return _form_page(request, form, back=back, about=found.title)


def _try(
    form: DutyForm, act: Callable[..., Any], who: Actor, at: datetime, **ids: int
) -> Any:
    """What the action made; None when the form asks on, with the refusal in it."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return act(actor=who, at=at, **ids, **form.arguments())
    except Refused as refused:
        form.refuse(refused.field, str(refused))
        return None


def _form_page(
    request: HttpRequest, form: DutyForm, *, back: str, about: str
) -> HttpResponse:
    context = {"form": form, "about": about, "back": back, "title": form.submit}
    status = 422 if form.is_bound else 200
    return render(request, "duties/step.html", context, status=status)


@require_POST
def pass_on(request: HttpRequest, receiver_id: int) -> HttpResponse:
    """一键转发; a refusal is said on the screen."""
    who, at = http.actor(request), clock.now()
    receiver = visible_receiver(who, receiver_id)
    found = get_object_or_404(Incident, task=receiver.task_id)
    try:
        actions.pass_on(receiver_id=receiver.pk, actor=who, at=at)
        messages.success(request, _("已签收，并转发所有下级。"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("incident", found.pk)


@require_GET
def log(request: HttpRequest, incident_id: int) -> HttpResponse:
    """The whole log in the order of time, as a table."""
    who = http.actor(request)
    found = visible_incident(who, incident_id)
    if who.role not in actions.LOGGERS:
        raise Refused(_("应急日志由指挥中心、街道、社区查看。"), code="role")
    rows = (
        (
            f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}",
            one.get_kind_display(), one.by, one.text,
        )
        for one in found.log.order_by("at", "pk")
    )  # fmt: skip
    header = (_("时间"), _("类别"), _("记录人"), _("内容"))
    return csv_file(f"incident-{found.pk}", header, rows)


def _own_part(request: HttpRequest, receiver_id: int) -> tuple[TaskReceiver, Incident]:
    who = http.actor(request)
    receiver = visible_receiver(who, receiver_id)
    found: Incident = get_object_or_404(Incident, task=receiver.task_id)
    return receiver, found


@never_cache
def report(request: HttpRequest, receiver_id: int) -> HttpResponse:
    """报平安, 报险情 on the phone, and what was reported before."""
    who, at = http.actor(request), clock.now()
    receiver, found = _own_part(request, receiver_id)
    given = request.POST if request.method == "POST" else None
    form = forms.ReportForm(given, subject=receiver, actor=who, at=at)
    if _try(form, actions.report_situation, who, at, receiver_id=receiver.pk):
        messages.success(request, _("已报送。"))
        return redirect("incident_report", receiver.pk)
    made = found.reports.filter(receiver=receiver).select_related("reported_by", "case")
    due_at = found.round_of(at)
    context = {
        "incident": found,
        "receiver": receiver,
        "form": form,
        "is_running": found.is_running(at),
        "may_report": found.is_running(at) and receives(receiver, who),
        "due_at": due_at,
        "is_reported": made.filter(due_at=due_at).exists(),
        "reports": list(made.order_by("-reported_at", "-pk")[:LATEST]),
    }
    status = 422 if form.is_bound else 200
    return render(request, "duties/incidents/report.html", context, status=status)


@never_cache
def incident_case(request: HttpRequest, receiver_id: int) -> HttpResponse:
    """险情上报为案件 from the phone page of the incident."""
    who, at = http.actor(request), clock.now()
    receiver, found = _own_part(request, receiver_id)
    back = reverse("incident_report", args=[receiver.pk])
    if request.method == "POST":
        form = forms.IncidentCaseForm(
            request.POST, request.FILES, subject=receiver, actor=who, at=at
        )
        batch = take_photos(request, form, who, at)
        if not form.errors and _filed(form, receiver.pk, who, at):
            messages.success(request, _("险情已上报。"))
            return redirect(back)
    else:
        actions.may_report(found, receiver, who, at)
        batch = uuid.uuid4()
        initial = {"submission": uuid.uuid4()}
        form = forms.IncidentCaseForm(
            subject=receiver, actor=who, at=at, initial=initial
        )
    context = {
        "incident": found,
        "form": form,
        "back": back,
        **photo_context(form, batch, who),
    }
    status = 422 if form.is_bound else 200
    return render(request, "duties/incidents/case.html", context, status=status)


def _filed(
    form: forms.IncidentCaseForm, receiver_id: int, who: Actor, at: datetime
) -> bool:
    try:
        actions.report_incident_case(
            receiver_id=receiver_id,
            submission=form.cleaned_data["submission"],
            finding=form.finding(),
            actor=who,
            at=at,
        )
    except Refused as refused:
        form.refuse(refused.field, str(refused))
        return False
    return True
