"""The same thing done with several selected cases: each by its own action, each in a
transaction of its own, and told one by one how it went."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cases import actions
from cases.actions.assigning import ASSIGNERS, HANDLERS
from cases.actions.escalation import URGERS
from cases.forms import bulk as forms
from cases.models import Case
from cases.workflow import CALLED
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_json, wants_piece
from governance.numbers import number_of
from parties import actions as parties
from parties import http
from parties.acting import Actor
from parties.models import Notification

logger = logging.getLogger(__name__)
MOST = 200


@dataclass(frozen=True)
class Bulk:
    """`roles` may be offered it (empty: everybody); `is_versioned` refuses a case that
    changed since its row was shown, where what is done would overwrite something."""

    act: Callable[..., Any]
    form: type[forms.BulkForm]
    icon: str
    roles: tuple[str, ...] = ()
    is_versioned: bool = False

    @property
    def label(self) -> Any:
        return self.form.submit

    @property
    def asks(self) -> bool:
        return bool(self.form.base_fields)


def _read(*, case_id: int, actor: Actor, at: datetime) -> None:
    own = Notification.objects.visible_to(actor.user_id or 0).unread()
    found = own.filter(subject=f"case:{case_id}").values_list("pk", flat=True)
    parties.mark_read(user_id=actor.user_id or 0, ids=list(found), at=at)


BULK: dict[str, Bulk] = {
    "claim": Bulk(actions.claim, forms.ClaimAllForm, "hand-grab", HANDLERS),
    "assign_handler": Bulk(
        actions.assign_handler, forms.AssignAllForm, "user-share", ASSIGNERS, True
    ),
    "check_in": Bulk(
        actions.check_in, forms.CheckInAllForm, "map-pin-check", tuple(CALLED)
    ),
    "urge": Bulk(actions.urge, forms.UrgeAllForm, "bell-ringing", URGERS),
    "read": Bulk(_read, forms.ReadAllForm, "mail-opened"),
}


def bulk_for(who: Actor) -> dict[str, Bulk]:
    """What this person is offered to do with several cases at once."""
    return {
        name: one
        for name, one in BULK.items()
        if not one.roles or who.role in one.roles
    }


@dataclass
class Outcome:
    """What was done, and what was refused with the reason; every case is in one."""

    done: list[Case] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        unseen = _("这件案件已不在您的范围内，请刷新列表。")
        return {
            "done": [case.pk for case in self.done],
            "refused": [
                {"id": case.pk, "no": case.display_no, "why": why}
                for case, why in self.refused
            ]
            + [{"id": pk, "no": "", "why": unseen} for pk in self.unseen],
        }


@never_cache
@require_POST
def bulk(request: HttpRequest, action: str) -> HttpResponse:
    """Asks what is needed; with `sent` does it and tells the result item by item.

    Answers JSON to a script that sends a long selection in parts, else a page.
    """
    who, at = http.actor(request), clock.now()
    chosen = bulk_for(who).get(action)
    if chosen is None:
        raise Http404
    picked = _picked(request)
    sent = "sent" in request.POST or not chosen.asks
    form = chosen.form(request.POST if sent else None, actor=who, at=at)
    context = {"action": action, "bulk": chosen, "form": form, "picked": picked}
    context |= {"back": _back(request)}
    if not (sent and form.is_valid()):
        status = 422 if form.is_bound else 200
        template = "_ask.html" if wants_piece(request) else "ask.html"
        return render(request, f"cases/bulk/{template}", context, status=status)
    outcome = carry_out(chosen, picked, form.arguments(), who, at)
    if wants_json(request):
        return JsonResponse(outcome.as_dict())
    return render(request, "cases/bulk/done.html", {**context, "outcome": outcome})


def _picked(request: HttpRequest) -> dict[int, int | None]:
    """Version by id of what was ticked, `17.3`, in the order of the list."""
    found: dict[int, int | None] = {}
    for text in request.POST.getlist("picked"):
        pk, _dot, version = text.partition(".")
        if (number := number_of(pk)) is not None:
            found[number] = number_of(version)
    if not found:
        raise Refused(_("请先勾选要办理的案件。"), code="nothing")
    if len(found) > MOST:
        raise Refused(
            _("一次最多办理 %(most)d 件，请分批勾选。") % {"most": MOST}, code="many"
        )
    return found


def _back(request: HttpRequest) -> str:
    """The list it came from, within the site."""
    url = request.POST.get("back", "")
    return url if url.startswith("/") and not url.startswith(("//", "/\\")) else "/"


def carry_out(
    chosen: Bulk,
    picked: dict[int, int | None],
    given: dict[str, Any],
    who: Actor,
    at: datetime,
) -> Outcome:
    """Try each case by itself: what fails leaves the others as they are."""
    seen = Case.objects.visible_to(who).in_bulk(list(picked))
    outcome = Outcome(unseen=[pk for pk in picked if pk not in seen])
    for pk, version in picked.items():
        if pk not in seen:
            continue
        more = {"version": version} if chosen.is_versioned else {}
        try:
            chosen.act(case_id=pk, actor=who, at=at, **given, **more)
        except Refused as refused:
            outcome.refused.append((seen[pk], str(refused)))
        except Exception:
            logger.exception("case %d in a bulk step", pk)
            said = _("系统出错，这件没有办成，请稍后再试。")
            outcome.refused.append((seen[pk], said))
        else:
            outcome.done.append(seen[pk])
    return outcome
