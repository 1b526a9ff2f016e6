"""The catalogue and the master lists, in the columns in which they come in."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from cases.views import catalogue as catalogue_views
from exchange.actions import Outgoing
from exchange.kinds import BY_CODE as KINDS
from exchange.lists.fields import Ask, NotYours
from governance import clock
from governance.errors import Refused
from parties import http

CATALOGUE_HEADINGS = (
    *((one.name, one.width) for one in KINDS["catalogue"].columns),
    ("类别", 10),
    ("依据标准", 22),
)


def catalogue(request: Ask) -> Outgoing:
    """The conditions of the categories that the page shows, as they came in."""
    found = catalogue_views.listed(request)
    return Outgoing(
        title=str(_("案件目录")),
        headings=[name for name, _width in CATALOGUE_HEADINGS],
        widths=[width for _name, width in CATALOGUE_HEADINGS],
        rows=lambda: KINDS["catalogue"].stored(found),
        n=found.order_by().filter(conditions__is_active=True).count(),
        sensitive=False,
    )


def kept(code: str) -> Callable[[Ask], Outgoing]:
    """A master list in the columns of its template, so that it can come back in."""
    kind = KINDS[code]

    def ask(request: Ask) -> Outgoing:
        try:
            kind.must_keep(http.actor(request), clock.now())
        except Refused as refused:
            raise NotYours from refused
        found = kind.kept()
        return Outgoing(
            title=kind.title,
            headings=[one.heading for one in kind.columns],
            widths=[one.width for one in kind.columns],
            rows=lambda: kind.stored(found),
            n=found.count(),
            sensitive=any(one.field == "phone" and one.secret for one in kind.columns),
        )

    return ask
