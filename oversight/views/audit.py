"""For the audit administrator: the journal, whole objects, and whether it is intact.

三员分立 (DOMAIN E.6): read and exported here and changed nowhere. The pages are not
there for anybody else, but for the system administrator as long as the post is vacant.
"""

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from cases.models import Case
from governance import clock, journal
from governance.errors import Refused
from governance.middleware import wants_piece
from governance.models import Event
from oversight import actions
from oversight.querysets.audit import anchors, checks, last_check, narrowed
from oversight.querysets.sight import DAY, day_of
from oversight.verbs import FLOORS, name_of, object_of
from oversight.views.seen import day_in
from parties import http
from parties.acting import Actor
from parties.models import User
from parties.roles import Role

PAGE = 50
DAYS = 7
LONGEST = 2000
LATEST = 10
TITLE = gettext_lazy("审计流水")


def _auditor(request: HttpRequest) -> Actor:
    return http.in_charge(request, Role.AUDIT_ADMIN)


@require_GET
def audit(request: HttpRequest) -> HttpResponse:
    """The journal of a period, narrowed; one object whole, and whether it is intact."""
    _auditor(request)
    given = _given(request)
    found = _found(given)
    before = http.number_in(request, "before")
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE + 1])
    older = rows[PAGE - 1].pk if len(rows) > PAGE else 0
    context = {
        "given": given,
        "floors": FLOORS,
        "rows": [_Row(event) for event in rows[:PAGE]],
        "faults": _faults(given["chain"]) if given["chain"] and rows else None,
        "object": object_of(given["chain"]) if given["chain"] else "",
        "older_url": http.here_with(request, before=older) if older else "",
        "shown": http.here_with(
            request, **{name: given[name].date() for name in ("since", "until")}
        ),
    }
    return render(request, "oversight/audit/journal.html", context)


def listed(request: HttpRequest) -> QuerySet[Event]:
    """The rows of the page, all of them: what its export writes. Raises Http404."""
    _auditor(request)
    return _found(_given(request))


def _given(request: HttpRequest) -> dict[str, Any]:
    until = day_in(request, "until") or day_of(clock.now()).starts_at
    since = day_in(request, "since") or until - (DAYS - 1) * DAY
    floor = request.GET.get("floor", "")
    return {
        "since": min(since, until),
        "until": until,
        "floor": floor if floor in FLOORS else "",
        "who": request.GET.get("who", "").strip()[:40],
        "object": request.GET.get("object", "").strip()[:64],
        "ip": request.GET.get("ip", "").strip()[:45],
        "chain": _chain(request.GET.get("object", "").strip()[:64]),
    }


def _chain(asked: str) -> str:
    """Of a 案卷号, an account, or as it is written (`case:17`)."""
    if not asked or ":" in asked:
        return asked
    case = Case.objects.filter(case_no=asked.replace("-", "")).values_list("pk").first()
    if case:
        return f"case:{case[0]}"
    user = User.objects.filter(username=asked.lower()).values_list("pk").first()
    return f"user:{user[0]}" if user else asked


def _found(given: dict[str, Any]) -> QuerySet[Event]:
    account = User.objects.filter(username=given["who"].lower()).first()
    return narrowed(
        since=given["since"],
        until=given["until"] + DAY,
        chain=given["chain"],
        who=given["who"],
        user_id=account.pk if account else None,
        floor=given["floor"],
        ip=given["ip"],
    )


def _faults(chain: str) -> list[str] | None:
    """What is wrong with this one chain; None when it is too long to read at once."""
    if Event.objects.filter(chain=chain).count() > LONGEST:
        return None
    return [str(one) for one in journal.verify(chain)]


class _Row:
    """An entry in words, with the record as it was written."""

    def __init__(self, event: Event) -> None:
        who = event.actor
        self.event, self.at = event, event.at
        self.verb, self.object = name_of(event.action), object_of(event.chain)
        self.name = who.get("name", "")
        self.post = " · ".join(
            one for one in (who.get("organisation_name"), who.get("post_name")) if one
        )
        self.ip, self.via = who.get("ip", ""), who.get("via", "")
        self.for_whom = who.get("on_behalf_of", "")


@require_GET
def entry(request: HttpRequest, event_id: int) -> HttpResponse:
    """One entry with all that was written, and its place in the chain."""
    _auditor(request)
    event = get_object_or_404(Event, pk=event_id)
    context = {
        "row": _Row(event),
        "event": event,
        "detail": _written(event.detail),
        "actor_written": _written(event.actor),
    }
    return render(request, "oversight/audit/entry.html", context)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


@require_http_methods(["GET", "POST"])
def audit_checks(request: HttpRequest) -> HttpResponse:
    """Have the whole journal checked; what was found so far, and the anchors."""
    who = _auditor(request)
    refused = None
    if request.method == "POST":
        try:
            actions.request_check(actor=who, at=clock.now())
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("已开始校验，结果会显示在这里。"))
            return redirect("audit_checks")
    last = last_check()
    done = checks().filter(action="oversight.check_journal")
    context = {
        "refused": refused,
        "running": last is not None and last.action == "oversight.request_check",
        "checks": done[:LATEST],
        "anchors": anchors()[:LATEST],
    }
    name = "_checks" if wants_piece(request) else "checks"
    status = 422 if refused else 200
    return render(request, f"oversight/audit/{name}.html", context, status=status)
