"""The whistle composer: one lead, any supports, and a preview while it is written."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases import actions
from cases.actions import checkins, clocks
from cases.actions.calls import listed_basis
from cases.actions.own_work import drop_draft
from cases.actions.whistling import may_blow
from cases.difference import seen
from cases.forms.whistle import WhistleForm, first_values, kind_notes
from cases.limits import Limit
from cases.models import Case, Whistle
from cases.offers import offers
from cases.views import drafts
from cases.views.case import visible_case
from cases.views.offered import renew, went_on
from cases.workflow import (
    Action,
    Stage,
    WhistleKind,
    find,
)
from governance import calendar, clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import http
from parties.acting import Actor


@never_cache
def compose(request: HttpRequest, case_id: int) -> HttpResponse:
    """GET offers what the list suggests; POST blows, or drafts for signature."""
    who, at = http.actor(request), clock.now()
    case = visible_case(who, case_id)
    token = seen(case)
    restored: dict[str, Any] = {}
    if request.method == "POST":
        form = WhistleForm(request.POST, case=case, actor=who, at=at)
        written = form.is_valid() and _written(form, case, who, at)
        if written:
            drop_draft(case_id=case.pk, action=Action.WHISTLE, user_id=who.user_id or 0)
            messages.success(request, _told(written))
            return went_on(request, case, who)
        renew(form, request, case, who, Action.WHISTLE, at)
    else:
        if any(one.name == "withdraw_whistle" for one in offers(case, who, at)):
            messages.info(request, _("本案已有一份待签发的吹哨单，请先签发或撤回。"))
            return redirect("case", case.pk)
        find(case, Action.WHISTLE, who)
        form, restored = drafts.restored(
            WhistleForm, Action.WHISTLE, first_values(case, at), case, who, at
        )
    context = {
        "case": case,
        "form": form,
        "kind_notes": kind_notes(),
        "stale": getattr(form, "is_stale", False),
        "seen": token,
        "suggestion": case.suggestion,
        "listed_basis": listed_basis(case),
        **restored,
        **foreseen(form, case, who, at),
    }
    status = 422 if form.is_bound else 200
    template = "_form.html" if wants_piece(request) else "compose.html"
    return render(request, f"cases/whistle/{template}", context, status=status)


@require_POST
def preview(request: HttpRequest, case_id: int) -> HttpResponse:
    """Who will be told what and by when, of what is written so far; changes nothing."""
    who, at = http.actor(request), clock.now()
    case = visible_case(who, case_id)
    form = WhistleForm(request.POST, case=case, actor=who, at=at)
    form.is_valid()
    context = {"case": case, "form": form, **foreseen(form, case, who, at)}
    return render(request, "cases/whistle/_preview.html", context)


def _written(form: WhistleForm, case: Case, who: Actor, at: datetime) -> Whistle | None:
    try:
        return actions.whistle(
            case_id=case.pk,
            call=form.call(),
            actor=who,
            at=at,
            version=form.cleaned_data["version"],
        )
    except Refused as refused:
        form.is_stale = refused.code in ("stale", "state")  # type: ignore[attr-defined]
        form.refuse(refused.field, str(refused))
        return None


def _told(written: Whistle) -> str:
    if written.status == Whistle.Status.BLOWN:
        return _("已吹哨，%(number)s。各单位会立即收到通知。") % {
            "number": written.display_no
        }
    return _("吹哨单%(number)s已提交，等待街道值班领导签发。") % {
        "number": written.display_no
    }


def foreseen(form: WhistleForm, case: Case, who: Actor, at: datetime) -> dict[str, Any]:
    """kind, lines, joint, blows (else it is drafted), dues; `missing` says why not."""
    checkin = None
    if form.is_bound:
        call = form.call()
        kind, called, checkin = call.kind, call.called, call.checkin
        condition_id = call.condition_id
    else:
        kind = str(form["kind"].value() or "")
        condition_id = form["condition"].value()
        called = _first_called(form)
    if kind not in WhistleKind.values:
        return {"kind": "", "lines": []}
    names = {one.pk: one.name for one in form.organisations}
    joint = len(called) > 1
    found: dict[str, Any] = {
        "kind": Whistle(kind=kind, is_joint=joint).title,
        "lines": [(one, names.get(one.organisation_id, "")) for one in called],
        "joint": joint,
        "blows": may_blow(who, kind, joint=joint),
    }
    limit = checkin or checkins.checkin_limit_of(kind)
    try:
        return {**found, **_dues(case, limit, condition_id, at)}
    except Refused as refused:
        return {**found, "missing": str(refused)}


def _first_called(form: WhistleForm) -> tuple[actions.Called, ...]:
    called = []
    if form["lead"].value():
        called.append(actions.Called(form["lead"].value(), "lead", ""))
    for pk in form["supports"].value() or []:
        called.append(actions.Called(pk, "support", ""))
    return tuple(called)


def _dues(
    case: Case, limit: Limit, condition_id: int | None, at: datetime
) -> dict[str, Any]:
    """By the same limits as the clocks will be started with, were it blown now."""
    chosen = case.category.conditions.filter(pk=condition_id or 0)
    case.condition = chosen.first() or case.condition
    handle = clocks.limit_of(Stage.HANDLE, case)
    return {
        "checkin_limit": limit.spoken,
        "checkin_due": calendar.due_at(at, limit.n, limit.unit),
        "handle_due": calendar.due_at(at, handle.n, handle.unit),
        "handle_limit": handle.spoken,
    }
