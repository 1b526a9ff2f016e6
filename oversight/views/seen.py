"""Which part of the city a reader of the board has chosen."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.urls import reverse

from cases.querysets.desk import reads_report
from cases.querysets.kpi import Period
from cases.querysets.scope import PLACEMENT_COLUMNS
from governance import clock
from grids.models import Area
from oversight.models import BoardRule
from oversight.querysets import changes
from oversight.querysets.sight import Sight, month_of
from parties import http

# Part of every ETag: raise it when a piece itself changes.
FORMAT = 1


def sight_of(request: HttpRequest) -> Sight:
    """This month of `?area=`, or of the own area.

    Not found for who answers for no area (DOMAIN C.9), and outside the own one.
    """
    who, at = http.actor(request), clock.now()
    if not reads_report(who):
        raise Http404
    code = request.GET.get("area") or who.area_code
    area = Area.objects.filter(code=code).within([who.area_code]).first()
    if area is None or area.level not in PLACEMENT_COLUMNS:
        raise Http404
    return Sight(who, area, at, month_of(at))


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
