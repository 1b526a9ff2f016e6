"""Which part of the city a reader of the board has chosen."""

from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from cases.querysets.kpi import Period
from cases.views.report import chosen_area
from governance import clock
from governance.calendar import ZONE
from oversight.models import BoardRule
from oversight.querysets import changes
from oversight.querysets.sight import Sight, month_of
from parties import http

# Part of every ETag: raise it when a piece itself changes.
FORMAT = 1


def sight_of(request: HttpRequest) -> Sight:
    """This month of the area that the month report would show too."""
    who, at = http.actor(request), clock.now()
    return Sight(who, chosen_area(request, who), at, month_of(at))


def day_in(request: HttpRequest, name: str) -> datetime | None:
    """The midnight (Asia/Shanghai) with which a day in the address begins."""
    try:
        day = date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
    in_use = 2000 <= day.year < 9000
    return datetime.combine(day, time.min, ZONE) if in_use else None


def etag(request: HttpRequest, **_place: int) -> str:
    """Nothing on the board changes but by an Event, or with the minute by a clock."""
    minute = int(clock.now().timestamp() // 60)
    return f'"{etag_parts(request, newest=changes.newest())}-{minute}"'


def etag_parts(request: HttpRequest, newest: int) -> str:
    """Who reads what, in which language, up to which Event."""
    posting = http.acting_posting(request)
    who = posting.pk if posting else 0
    return f"{FORMAT}-{request.LANGUAGE_CODE}-{who}-{newest}-{request.GET.urlencode()}"


def rule() -> BoardRule:
    """The rule in force: the city's, or the default."""
    return BoardRule.objects.first() or BoardRule()


def list_url(code: str, area: str, *, period: Period | None = None, **more: Any) -> str:
    """The list behind a number: `board=` or `category=` narrow it."""
    given: dict[str, Any] = {"area": area, **more}
    if period is not None:
        given["from"] = f"{period.starts_at:%Y-%m-%d}"
        given["to"] = f"{period.ends_at:%Y-%m-%d}"
    query = urlencode({name: value for name, value in given.items() if value != ""})
    return f"{reverse('board_list', args=[code])}?{query}"
