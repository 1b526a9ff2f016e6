"""Every read of this door that has a name.

Nothing confidential is ever given out, nor what is no case yet or no more.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from cases.models import Case, CaseClock, Category, Photo
from cases.workflow import Stage, State
from civics.querysets.public import public_cases, rule
from doors.models import Open311Request, Open311Update
from doors.open311.asked import MOST, Page, Window
from governance.models import Event

NEVER = (State.DRAFT, State.VOIDED)
LONGEST_NUMBER = 9


def services() -> "QuerySet[Category]":
    """What can be asked for, with its questions."""
    found = Category.objects.filter(is_active=True, is_confidential=False)
    found = found.exclude(pk__in=rule().hidden)
    return found.with_questions().order_by("parent_code", "code5", "kind", "id")


def service(code: str) -> Category | None:
    """The service of this code; codes are spelled in one way only."""
    return services().filter(pk=code).first() if _is_number(code) else None


def changed_at() -> datetime | None:
    """When something last changed in the catalogue."""
    newest = Event.objects.filter(chain__startswith="catalogue:").order_by("-at")
    return newest.values_list("at", flat=True).first()


def given_out(at: datetime) -> "QuerySet[Case]":
    """The cases that may be known outside: what came in by this door, at once, and
    what everybody may see of the others (`civics.querysets.public`)."""
    given = rule()
    own = Case.objects.filter(
        pk__in=Open311Request.objects.filter(case__isnull=False).values("case"),
        confidential=False,
        category__is_confidential=False,
    ).exclude(state__in=NEVER)
    public = public_cases(at, given).select_related(None)
    return public | own.exclude(category__in=given.hidden)


def by_numbers(numbers: list[str], at: datetime) -> "QuerySet[Case]":
    return _newest_first(given_out(at).filter(case_no__in=numbers))


def listed(
    *,
    window: Window,
    codes: list[str],
    statuses: list[str],
    page: Page,
    at: datetime,
) -> "QuerySet[Case]":
    found = given_out(at).filter(reported_at__range=(window.start, window.end))
    if codes:
        found = found.filter(category__in=[one for one in codes if _is_number(one)])
    if len(set(statuses)) == 1:
        found = found.filter(underway=statuses[0] == "open")
    return _newest_first(found)[page.rows]


def _newest_first(found: "QuerySet[Case]") -> "QuerySet[Case]":
    return found.prefetch_related(
        "category", "holder_org", "street", "community", "grid"
    ).order_by("-reported_at", "-id")


def _is_number(code: str) -> bool:
    plain = code.isascii() and code.isdecimal() and len(code) <= LONGEST_NUMBER
    return plain and not code.startswith("0")


def requests_of(case_ids: list[int]) -> dict[int, Open311Request]:
    """What came in by this door, by case."""
    found = Open311Request.objects.filter(case__in=case_ids)
    return {one.case_id or 0: one for one in found}


def expected(case_ids: list[int]) -> dict[int, datetime]:
    """Until when it is to be handled, by case; only where that clock runs."""
    clocks = CaseClock.objects.filter(
        case__in=case_ids, stage=Stage.HANDLE, stopped_at=None, due_at__isnull=False
    )
    found = clocks.order_by("-due_at").values_list("case_id", "due_at")
    return {case_id: due_at for case_id, due_at in found if due_at is not None}


def public_photos(at: datetime) -> "QuerySet[Photo]":
    """Pictures that came in by this door, of cases that may be known outside.

    Whoever sends one here publishes it; what colleagues and other residents took stays
    in the house, nobody has cleared it.
    """
    sent = Q(batch__in=Open311Request.objects.values("pk"))
    added = Q(batch__in=Open311Update.objects.values("batch"))
    return Photo.objects.filter(sent | added, case__in=given_out(at).values("pk"))


def first_photos(batches: list[UUID], at: datetime) -> dict[UUID, Photo]:
    """The first picture of each batch."""
    found = public_photos(at).filter(batch__in=batches).order_by("-received_at", "-id")
    return {one.batch: one for one in found}


def updates(window: Window, case_no: str, at: datetime) -> list[tuple[Event, Case]]:
    """Steps and supplements in the window, the oldest first, at most a thousand."""
    found: list[tuple[Event, Case]] = []
    for events in _pages(window, case_no, at):
        numbers = {int(one.chain.removeprefix("case:")) for one in events}
        known = given_out(at).in_bulk(numbers)
        for event in events:
            if case := known.get(int(event.chain.removeprefix("case:"))):
                found.append((event, case))
        if len(found) >= MOST:
            break
    return found[:MOST]


def _pages(window: Window, case_no: str, at: datetime) -> Iterator[list[Event]]:
    told = Q(detail__has_key="transition") | Q(action="cases.supplement")
    events = Event.objects.filter(
        told, chain__startswith="case:", at__range=(window.start, window.end)
    )
    if case_no:
        case = given_out(at).filter(case_no=case_no).first()
        events = events.filter(chain=case.chain) if case else events.none()
    rest = events.order_by("at", "id")
    while page := list(rest[: MOST * 2]):
        yield page
        last = page[-1]
        later = Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk)
        rest = events.filter(later).order_by("at", "id")
