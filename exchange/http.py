"""A list asked for in a request; and once more, as whoever asked would send it now."""

from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import gettext as _

from exchange.actions import Outgoing, exporter
from exchange.lists import BY_CODE, NotYours
from exchange.models import Export
from governance import clock
from governance.errors import Refused
from parties import http
from parties.acting import Actor
from parties.models import Posting


def outgoing(code: str, request: HttpRequest) -> Outgoing:
    """Not found for a list that this post has not."""
    if code not in BY_CODE:
        raise Http404
    try:
        return BY_CODE[code].ask(request)
    except NotYours as error:
        raise Http404 from error


def outgoing_again(export: Export) -> tuple[Outgoing, Actor]:
    """With the rights of now. Raises Refused when they do not reach any more."""
    try:
        request = _replayed(export)
        return outgoing(export.listing, request), http.actor(request)
    except Http404 as error:
        raise Refused(
            _("您已没有查看这份清单的权限，不能导出。"), code="forbidden"
        ) from error


def _replayed(export: Export) -> HttpRequest:
    posting = exporter(export, clock.now())
    if posting is None:
        raise Refused(_("您已不在申请导出时的岗位，不能导出。"), code="posting")
    return asked_by(posting, export.query)


def asked_by(posting: Posting, query: str) -> HttpRequest:
    """The request with which this post would look at a list."""
    request = HttpRequest()
    request.method = "GET"
    request.GET = QueryDict(query)
    request.user = posting.user
    session: Any = {http.SESSION_KEY: posting.pk}
    request.session = session
    return request
