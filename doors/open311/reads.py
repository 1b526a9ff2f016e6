"""Every read of this door that has a name.

Nothing confidential is ever given out, nor what is no case yet or no more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Substr

from cases.models import Case, CaseClock, Category, Photo
from cases.workflow import Stage, State
from civics.querysets.public import Rule, public_cases, rule
from doors.models import Open311Request, Open311Update
from doors.open311.asked import MOST, Page, Window
from governance.models import Event

NEVER = (State.DRAFT, State.VOIDED)
LONGEST_NUMBER = 9
CHAIN = "case:"
DAY = timedelta(days=1)
TOLD = Q(detail__has_key="transition") | Q(action="cases.supplement")


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
    return public_cases(at, given).select_related(None) | _own(given)


def _own(given: Rule) -> "QuerySet[Case]":
    """What came in by this door and may be known."""
    own = Case.objects.filter(
        pk__in=Open311Request.objects.filter(case__isnull=False).values("case"),
        confidential=False,
        category__is_confidential=False,
    )
    return own.exclude(state__in=NEVER).exclude(category__in=given.hidden)


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
        "category", "holder_org", "district", "street", "community", "grid"
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


def photos_of(batches: list[UUID], at: datetime) -> dict[UUID, list[Photo]]:
    """The pictures of each batch, in order."""
    found: dict[UUID, list[Photo]] = {}
    pictures = public_photos(at).filter(batch__in=batches)
    for one in pictures.order_by("received_at", "id"):
        found.setdefault(one.batch, []).append(one)
    return found


def batches_of(case_ids: list[int]) -> dict[int, list[UUID]]:
    """The batches of pictures that were posted with updates, by case."""
    found: dict[int, list[UUID]] = {}
    rows = Open311Update.objects.filter(case__in=case_ids).order_by("id")
    for case_id, batch in rows.values_list("case", "batch"):
        found.setdefault(case_id, []).append(batch)
    return found


def updates(window: Window, case_no: str, at: datetime) -> list[tuple[Event, Case]]:
    """Steps and supplements in the window, the oldest first, at most a thousand."""
    found: list[Event] = []
    for events in _told(window, case_no, at):
        found += events[: MOST - len(found)]
        if len(found) >= MOST:
            break
    known = given_out(at).in_bulk({_case_of(one) for one in found})
    return [(one, known[_case_of(one)]) for one in found if _case_of(one) in known]


def steps_of(cases: list[Case]) -> dict[int, list[Event]]:
    """Steps and supplements of these cases, by case, in order."""
    found: dict[int, list[Event]] = {}
    chains = [case.chain for case in cases]
    told = Event.objects.filter(TOLD, chain__in=chains).order_by("at", "id")
    for event in told:
        found.setdefault(_case_of(event), []).append(event)
    return found


def _told(window: Window, case_no: str, at: datetime) -> Iterator[list[Event]]:
    """What happened in the window, in order and in pieces of at most a thousand.

    No piece makes the database read more of the journal than a day. Who was closed
    longer ago than the public map remembers is given out no more, so of the days before
    that only what became of the few other cases is read, case by case.
    """
    events = Event.objects.filter(TOLD, at__lte=window.end)
    if case_no:
        own = given_out(at).filter(case_no=case_no)
        yield _in_order(events.filter(chain__in=_chains(own), at__gte=window.start))
        return
    given = rule()
    kept = at - timedelta(days=given.keep_days) if given.is_open else window.end
    if window.start < kept:
        # Two reads, each with its index: neither looks at every case there is.
        old = {*_chains(_own(given)), *_chains(public_cases(at, given), before=kept)}
        past = events.filter(chain__in=old, at__lt=kept)
        yield _in_order(past.filter(at__gte=window.start))
    # What is to come has not happened: a window without an end costs nothing more.
    yield from _day_by_day(events, max(window.start, kept), min(window.end, at), at)


def _day_by_day(
    events: "QuerySet[Event]", begun: datetime, end: datetime, at: datetime
) -> Iterator[list[Event]]:
    known = Exists(given_out(at).filter(pk=OuterRef("case_id")))
    told = events.filter(chain__startswith=CHAIN).alias(
        case_id=Cast(Substr("chain", len(CHAIN) + 1), BigIntegerField())
    )
    while begun <= end:
        day = told.filter(known, at__gte=begun, at__lt=begun + DAY)
        yield _in_order(day)
        begun += DAY


def _in_order(events: "QuerySet[Event]") -> list[Event]:
    return list(events.order_by("at", "id")[:MOST])


def _chains(cases: "QuerySet[Case]", before: datetime | None = None) -> list[str]:
    found = cases.filter(reported_at__lt=before) if before else cases
    return [f"{CHAIN}{pk}" for pk in found.values_list("pk", flat=True)]


def _case_of(event: Event) -> int:
    return int(event.chain.removeprefix(CHAIN))
