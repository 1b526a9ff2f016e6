"""The list of admitted grid items, and the way an item gets onto it."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from duties import actions
from duties.forms.admissions import ApplicationForm
from duties.models import GridItemAdmission
from duties.querysets.admissions import KNOWN_TO_ALL
from duties.views.desk import events_of
from duties.views.steps import ADMISSION_STEPS
from duties.workflow import ADMISSION_TRANSITIONS, DRAFTERS, allowed
from governance import clock
from governance.errors import Refused
from parties import http


@require_GET
def admissions(request: HttpRequest) -> HttpResponse:
    """网格事项清单: what is published, for everybody; the own and the waiting ones."""
    who, at = http.actor(request), clock.now()
    day = timezone.localtime(at).date()
    visible = GridItemAdmission.objects.visible_to(who).with_names()
    published = visible.filter(state__in=KNOWN_TO_ALL).order_by("-published_at", "-pk")
    waiting = GridItemAdmission.objects.waiting_for(who).with_names().order_by("pk")
    own = visible.filter(applicant_id=who.organisation_id).exclude(
        state__in=KNOWN_TO_ALL
    )
    context = {
        "published": [(one, one.holds_on(day)) for one in published],
        "waiting": [(one, False) for one in waiting],
        "own": [
            (one, False)
            for one in own.exclude(pk__in=waiting.values("pk")).order_by("-pk")
        ],
        "may_apply": who.role in DRAFTERS,
    }
    return render(request, "duties/admissions.html", context)


def listed(request: HttpRequest) -> Any:
    """All that the page shows: published, waiting for the reader, and the own."""
    who = http.actor(request)
    visible = GridItemAdmission.objects.visible_to(who)
    waiting = GridItemAdmission.objects.waiting_for(who)
    return GridItemAdmission.objects.filter(
        Q(pk__in=waiting.order_by().values("pk"))
        | Q(pk__in=visible.order_by().values("pk"))
        & (Q(state__in=KNOWN_TO_ALL) | Q(applicant_id=who.organisation_id))
    ).order_by("-pk")


@require_GET
def admission(request: HttpRequest, admission_id: int) -> HttpResponse:
    who, at = http.actor(request), clock.now()
    visible = GridItemAdmission.objects.visible_to(who).with_names()
    found = get_object_or_404(visible, pk=admission_id)
    rows = allowed(ADMISSION_TRANSITIONS, found, who, at)
    context = {
        "admission": found,
        "in_force": found.holds_on(timezone.localtime(at).date()),
        "offers": [row for row in rows if row.action in ADMISSION_STEPS],
        "events": events_of(found.chain),
    }
    return render(request, "duties/admission.html", context)


@never_cache
def apply(request: HttpRequest) -> HttpResponse:
    """申请准入."""
    who, at = http.actor(request), clock.now()
    if who.role not in DRAFTERS:
        raise Refused(_("您当前的岗位不能申请网格事项准入。"), code="role")
    given = request.POST if request.method == "POST" else None
    form = ApplicationForm(given, actor=who, at=at)
    if form.is_bound and form.is_valid():
        try:
            made = actions.apply_for_admission(
                application=form.application(), actor=who, at=at
            )
        except Refused as refused:
            form.refuse(refused.field, str(refused))
        else:
            messages.success(request, _("申请已提交，等待指挥中心审核。"))
            return redirect("admission", made.pk)
    status = 422 if form.is_bound else 200
    return render(request, "duties/apply.html", {"form": form}, status=status)
