"""裁定改派 and 协调结论派遣: the whistle composer of those who rule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cases import actions
from cases.actions.own_work import drop_draft
from cases.difference import seen
from cases.forms.disputes import DispatchForm, ReassignForm
from cases.forms.whistle import first_values, kind_notes
from cases.models import Case, Whistle
from cases.views import drafts
from cases.views.case import disputes_of, visible_case
from cases.views.offered import renew, went_on
from cases.workflow import Action, find
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import http
from parties.acting import Actor


@dataclass(frozen=True)
class Ruling:
    act: Callable[..., Whistle]
    form: type[ReassignForm]


RULINGS = {
    Action.REASSIGN: Ruling(actions.reassign, ReassignForm),
    Action.DISPATCH_BY_RULING: Ruling(actions.dispatch_by_ruling, DispatchForm),
}


@never_cache
def compose(request: HttpRequest, case_id: int, action: str) -> HttpResponse:
    """GET offers what the last whistle said; POST rules and calls the units."""
    who, at = http.actor(request), clock.now()
    case = visible_case(who, case_id)
    chosen, token = RULINGS[Action(action)], seen(case)
    restored: dict[str, Any] = {}
    if request.method == "POST":
        form = chosen.form(request.POST, case=case, actor=who, at=at)
        written = form.is_valid() and _ruled(chosen, form, case, who, at)
        if written:
            drop_draft(case_id=case.pk, action=action, user_id=who.user_id or 0)
            messages.success(
                request,
                _("%(number)s已生效，各单位会立即收到通知。")
                % {"number": written.ruling_number},
            )
            return went_on(request, case, who)
        renew(form, request, case, who, action, at)
    else:
        find(case, Action(action), who)
        form, restored = drafts.restored(
            chosen.form, action, _first(case, at), case, who, at
        )
    context = {
        "case": case,
        "form": form,
        "action": action,
        "title": Action(action).label,
        "kind_notes": kind_notes(),
        "suggestion": case.suggestion,
        "stale": getattr(form, "is_stale", False),
        "seen": token,
        "item": getattr(form, "item", None),
        **restored,
        **disputes_of(case),
    }
    status = 422 if form.is_bound else 200
    template = "_ruling.html" if wants_piece(request) else "ruling.html"
    return render(request, f"cases/whistle/{template}", context, status=status)


def _first(case: Case, at: datetime) -> dict[str, Any]:
    """The words of the last whistle, but nobody named: that is what is ruled on."""
    values = first_values(case, at)
    last = case.whistles.filter(status=Whistle.Status.BLOWN).order_by("-pk").first()
    values |= {"lead": None, "supports": [], "legal_basis": ""}
    if last is not None:
        values["kind"] = last.kind
    return values


def _ruled(
    chosen: Ruling, form: ReassignForm, case: Case, who: Actor, at: datetime
) -> Whistle | None:
    try:
        return chosen.act(case_id=case.pk, actor=who, at=at, **form.arguments())
    except Refused as refused:
        form.is_stale = refused.code in ("stale", "state")  # type: ignore[attr-defined]
        form.refuse(refused.field, str(refused))
        return None
