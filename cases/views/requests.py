"""延期, 挂账 and 申诉 on the page of a case; 问题库, the cases that stand still."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.models import (
    Case,
    CaseRequest,
    Extension,
    OverdueAppeal,
    Suspension,
)
from cases.querysets import desk
from cases.workflow import RequestStatus
from governance import calendar, clock
from parties import http

TONES = {
    RequestStatus.APPROVED: "good",
    RequestStatus.REJECTED: "warning",
    RequestStatus.CANCELLED: "",
}


@dataclass(frozen=True)
class Asked:
    """A request of the case page; `facts` are (label, text) pairs."""

    row: CaseRequest
    label: str
    tone: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    reviews: list[dict[str, Any]] = field(default_factory=list)
    exempt: bool = False


def asked_of(case: Case) -> list[Asked]:
    """All requests of a case, the newest first."""
    found: list[Asked] = []
    for related in (case.extensions, case.suspensions, case.appeals):
        rows = related.select_related("organisation", "asked_by")
        found += [_asked(row) for row in rows]
    return sorted(found, key=lambda one: one.row.asked_at, reverse=True)


def _asked(row: Extension | Suspension | OverdueAppeal) -> Asked:
    return Asked(
        row=row,
        label=_label(row),
        tone=TONES.get(RequestStatus(row.status), "info"),
        facts=_facts(row),
        reviews=[
            {**one, "at": localtime(datetime.fromisoformat(one["at"]))}
            for one in row.reviews
        ],
        exempt=isinstance(row, OverdueAppeal) and row.status == RequestStatus.APPROVED,
    )


def _label(row: Extension | Suspension | OverdueAppeal) -> str:
    if isinstance(row, Extension):
        return _("延期")
    return _("挂账") if isinstance(row, Suspension) else _("超期申诉")


def _facts(row: Extension | Suspension | OverdueAppeal) -> list[tuple[str, str]]:
    if isinstance(row, OverdueAppeal):
        return []
    if isinstance(row, Extension):
        facts = [
            (_("原时限"), _moment(row.due_before)),
            (_("批准后时限"), _moment(row.due_after)),
        ]
    else:
        facts = [
            (_("挂账原因"), str(row.get_ground_display())),
            (_("计划恢复日期"), str(row.resume_date)),
            (_("期间安全措施"), row.safety_measure),
            (_("特批理由"), row.special_reason),
            (_("实际恢复"), _moment(row.resumed_at)),
        ]
    return [(label, text) for label, text in facts if text]


def _moment(at: datetime | None) -> str:
    return str(date_format(localtime(at), "Y-m-d H:i")) if at else ""


@require_GET
def suspended(request: HttpRequest) -> HttpResponse:
    """问题库: what stands still, why, until when, and how it is made safe meanwhile."""
    at, found = clock.now(), pool(request)
    page = _number(request.GET.get("page", ""))
    rows: list[Any] = list(found[page * desk.PAGE : (page + 1) * desk.PAGE + 1])
    today = at.astimezone(calendar.ZONE).date()
    context = {
        "rows": [
            {
                "suspension": one,
                "case": one.case,
                "since": (today - localtime(one.decided_at).date()).days,
                "left": (one.resume_date - today).days,
            }
            for one in rows[: desk.PAGE]
        ],
        "total": found.count(),
        "newer_url": f"?page={page - 1}" if page else "",
        "older_url": f"?page={page + 1}" if len(rows) > desk.PAGE else "",
    }
    return render(request, "cases/desk/suspended.html", context)


def pool(request: HttpRequest) -> Any:
    """All of it that the reader sees; not found for posts that have no part in it."""
    who = http.actor(request)
    if not desk.reads_pool(who):
        raise Http404
    running = Suspension.objects.running()
    return running.of_cases(Case.objects.visible_to(who))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
