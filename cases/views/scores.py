"""单位评分: how the streets marked the units they whistled, month by month."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.forms.scores import MonthForm
from cases.models import UnitScore
from governance import clock
from parties import http


@require_GET
def scores(request: HttpRequest) -> HttpResponse:
    """Of the cases closed in a month that the reader may see; `month` is 2026-11."""
    begin, rows = listed(request)
    context = {"rows": list(rows), "begin": begin, "month": f"{begin:%Y-%m}"}
    return render(request, "cases/desk/scores.html", context)


def listed(request: HttpRequest) -> tuple[datetime, Any]:
    """The beginning of the month in the address, and the units marked in it."""
    who, at = http.actor(request), clock.now()
    form = MonthForm(request.GET)
    begin, end = _month(form.begins() or timezone.localtime(at))
    scored = UnitScore.objects.visible_to(who).of_period(begin, end)
    return begin, scored.by_organisation()


def _month(day: datetime) -> tuple[datetime, datetime]:
    begin = day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = (
        (begin.year + 1, 1) if begin.month == 12 else (begin.year, begin.month + 1)
    )
    return begin, begin.replace(year=year, month=month)
