"""Care targets: masked in lists, opened with a reason."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from duties import actions
from duties.actions.care import REGISTRARS
from duties.forms.care import CareForm, RevealForm
from duties.models import CareTarget, VisitRecord
from duties.views.desk import events_of
from governance import clock
from governance.errors import Refused
from governance.middleware import wants_piece
from parties import http

PAGE = 50
LAST_PAGE = 1_000_000


@require_GET
def care_targets(request: HttpRequest) -> HttpResponse:
    """The list of the scope, masked, who is due first at the top."""
    who, at = http.actor(request), clock.now()
    today = timezone.localtime(at).date()
    service = _service(request)
    start = min(http.number_in(request, "page") or 0, LAST_PAGE) * PAGE
    page = list(listed(request)[start : start + PAGE + 1])
    older = f"?service={service}&page={start // PAGE + 1}" if len(page) > PAGE else ""
    context = {
        "rows": [
            (one, actions.masked(one), one.next_visit_date <= today,
             one.is_due_for_review(today))
            for one in page[:PAGE]
        ],
        "services": CareTarget.Service.choices,
        "service": service,
        "older_url": older,
        "may_register": who.role in REGISTRARS,
    }  # fmt: skip
    return render(request, "duties/care/targets.html", context)


def listed(request: HttpRequest) -> Any:
    """All who are served, by the service in the address, who is due first on top."""
    visible = CareTarget.objects.visible_to(http.actor(request)).served()
    return visible.of_service(_service(request)).by_next_visit()


def _service(request: HttpRequest) -> str:
    service = request.GET.get("service", "")
    return service if service in CareTarget.Service.values else ""


@require_GET
def care_target(request: HttpRequest, target_id: int) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    visible = CareTarget.objects.visible_to(who).select_related("grid", "worker")
    target = get_object_or_404(visible, pk=target_id)
    visits = VisitRecord.objects.visible_to(who).filter(target=target).newest()
    context = {
        "target": target,
        "identity": actions.masked(target),
        "is_due_for_review": target.is_due_for_review(timezone.localtime(at).date()),
        "may_manage": who.role in REGISTRARS and target.ended_at is None,
        "records": list(visits[:PAGE]),
        "events": events_of(target.chain),
    }
    return render(request, "duties/care/target.html", context)


@never_cache
def register(request: HttpRequest) -> HttpResponse:
    """登记关爱服务对象."""
    who, at = http.actor(request), clock.now()
    if who.role not in REGISTRARS:
        raise Refused(_("关爱服务对象由社区登记。"), code="role")
    given = request.POST if request.method == "POST" else None
    form = CareForm(given, actor=who, at=at)
    if form.is_bound and form.is_valid():
        try:
            made = actions.register_care_target(
                registration=form.registration(), actor=who, at=at
            )
        except Refused as refused:
            form.refuse(refused.field, str(refused))
        else:
            messages.success(request, _("已登记。"))
            return redirect("care_target", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "duties/care/register.html", {"form": form}, status=status)


@never_cache
def contact(request: HttpRequest, target_id: int) -> HttpResponse:
    """查看完整: asks for the reason (GET), shows all once (POST)."""
    who, at = http.actor(request), clock.now()
    target = get_object_or_404(CareTarget.objects.visible_to(who), pk=target_id)
    given = request.POST if request.method == "POST" else None
    form = RevealForm(given, subject=target, actor=who, at=at)
    context: dict[str, Any] = {
        "target": target, "form": form, "identity": actions.masked(target),
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        try:
            context["identity"] = actions.reveal_care_target(
                target_id=target.pk, actor=who, at=at, **form.arguments()
            )
            context["is_open"] = True
        except Refused as refused:
            form.refuse(refused.field, str(refused))
    status = 422 if form.is_bound and form.errors else 200
    template = "_contact.html" if wants_piece(request) else "contact.html"
    return render(request, f"duties/care/{template}", context, status=status)
