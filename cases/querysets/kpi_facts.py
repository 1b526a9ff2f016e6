"""What the indicators of DOMAIN C.9 count: rounds, clocks, lines, reports, orders.

The unit of a case is its 轮次: the HANDLE clock that is in force, one for each round
of a reopened case, so that what was counted of an earlier round is never touched
again (T47). Everything is found from an index on its own deadline or day of report:
it costs some index look-ups for each row of the period, whatever lies before it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from cases.querysets.cases import CaseQuerySet
from cases.workflow import Stage, State
from governance.calendar import ZONE
from governance.models import Event

if TYPE_CHECKING:
    from parties.acting import Actor

Rows = models.QuerySet[Any]
# A merged case is counted with its master, a voided one not at all (DOMAIN C.7, C.9).
NOT_COUNTED = (State.DRAFT, State.MERGED, State.VOIDED)
OVER = (State.CLOSED, State.ARCHIVED)
SATISFIED = ("very_satisfied", "satisfied", "fair")
FOUND_BY_GRID = ("grid", "task")
PUBLIC = ("resident", "hotline")
FOREVER = datetime(9999, 1, 1, tzinfo=ZONE)


@dataclass(frozen=True)
class Period:
    """From `starts_at` (included) to `ends_at` (excluded)."""

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def month(cls, year: int, month: int) -> "Period":
        first = datetime(year, month, 1, tzinfo=ZONE)
        after = (year + 1, 1) if month == 12 else (year, month + 1)
        return cls(first, datetime(*after, 1, tzinfo=ZONE))


@dataclass(frozen=True)
class Scope:
    """Of which cases, in which period, as known `at`; of one unit only when given.

    `cases` come from `Case.objects.visible_to`, narrowed to an area.
    """

    cases: CaseQuerySet
    period: Period
    at: datetime
    organisation_id: int | None = None

    @classmethod
    def of(
        cls, actor: "Actor", period: Period, at: datetime, **narrowed: Any
    ) -> "Scope":
        """What a person answers for: the area of the post (`street=3` narrows it)."""
        unit = narrowed.pop("organisation_id", None)
        seen = apps.get_model("cases.Case").objects.visible_to(actor)
        return cls(seen.filter(**narrowed), period, at, unit)

    @property
    def within(self) -> tuple[datetime, datetime]:
        return self.period.starts_at, self.period.ends_at


def clocks(scope: Scope, stage: Stage) -> Rows:
    """Clocks of a stage due in the period: stopped, or run out by now."""
    starts_at, ends_at = scope.within
    found = (
        apps.get_model("cases.CaseClock")
        .objects.filter(stage=stage, due_at__gte=starts_at, due_at__lt=ends_at)
        .filter(Q(stopped_at__isnull=False) | Q(due_at__lt=scope.at))
        .filter(case__in=scope.cases.values("pk"))
        .exclude(case__state__in=NOT_COUNTED)
    )
    if scope.organisation_id is not None:
        found = found.filter(organisation=scope.organisation_id)
    return found


def current(scope: Scope, stage: Stage) -> Rows:
    """Without those that a later one of the same round replaced."""
    return clocks(scope, stage).filter(superseded=False)


def rounds(scope: Scope) -> Rows:
    """应结案: the HANDLE clock in force of each round, due in the period (C.9).

    What is suspended is not counted.
    """
    return current(scope, Stage.HANDLE).exclude(case__state=State.SUSPENDED)


def _in_round(rows: Rows, moment: str = "at") -> Rows:
    """Of the case in the outer query, and between the first clock of its round and
    the first of the next."""
    clock = apps.get_model("cases.CaseClock").objects
    case, own = OuterRef(OuterRef("case")), OuterRef(OuterRef("round"))

    def first(number: Any) -> Subquery:
        found = clock.filter(case=case, round=number).order_by("started_at")
        return Subquery(found.values("started_at")[:1])

    forever = Value(FOREVER, output_field=models.DateTimeField())
    begun, ended = first(own), Coalesce(first(own + 1), forever)
    return rows.filter(**{f"{moment}__gte": begun, f"{moment}__lt": ended})


def closed() -> Q:
    """The round was closed; an earlier one was, or it had not been reopened."""
    return Q(case__state__in=OVER) | Q(round__lt=F("case__reopened_count"))


def late(scope: Scope) -> Q:
    return Q(is_overdue=True) | Q(stopped_at=None, due_at__lt=scope.at)


def in_time(scope: Scope) -> Q:
    return ~late(scope)


def happened(*actions: str, **narrowed: Any) -> Exists:
    """An Event of one of these actions in the round (`cases.` is added)."""
    return Exists(_in_round(_events(*actions).filter(**narrowed)))


def _events(*actions: str) -> Rows:
    chain = Concat(Value("case:"), Cast(OuterRef("case"), models.CharField()))
    names = [f"cases.{action}" for action in actions]
    return Event.objects.filter(chain=chain, action__in=names)


def ran(stage: Stage) -> Exists:
    """A clock of this stage began in the round."""
    found = apps.get_model("cases.CaseClock").objects
    return Exists(
        found.filter(case=OuterRef("case"), round=OuterRef("round"), stage=stage)
    )


def reworked() -> Exists:
    return happened("rework", "rework_after_rating")


def resolved_by_grid() -> Q:
    """自办结案: closed without a check on the spot, which only self-handling does."""
    return closed() & ~Q(ran(Stage.CHECK)) & ~Q(happened("close_despite"))


def accepted_by_community() -> Exists:
    """Taken in hand or handed to the street by the community's desk itself."""
    return happened("accept", "raise_to_street", actor__role="community_acceptor")


def whistled(*, led_by_other: bool = False) -> Exists:
    """A whistle was blown in the round; `led_by_other` than who answers for it now."""
    leads = apps.get_model("cases.WhistleAssignment").objects.filter(
        case=OuterRef("case"),
        role="lead",
        whistle__status="blown",
    )
    if led_by_other:
        leads = leads.exclude(organisation=OuterRef("organisation"))
    return Exists(_in_round(leads, "whistle__blown_at"))


def extended() -> Exists:
    found = apps.get_model("cases.Extension").objects
    return Exists(found.filter(clock=OuterRef("pk"), status="approved"))


def recurred() -> Q:
    """Reopened, or a later case was linked to it as 复发."""
    links = apps.get_model("cases.CaseLink").objects.filter(
        other=OuterRef("case"), kind="recurrence", removed_at=None
    )
    return Q(round__lt=F("case__reopened_count")) | Q(Exists(links))


def from_residents() -> Q:
    return (
        Q(case__has_complainant=True)
        | Q(case__source__in=PUBLIC)
        | Q(case__merged_complainants_count__gt=0)
    )


def spoken(scope: Scope) -> Rows:
    """Rounds of residents with the last valid word: `satisfied` and `solved`.

    A rating or a 回访 that reached somebody, whichever came later; both None where
    nobody said anything, which is 未评价. The ratings of merged cases decide only where
    the master has no 诉求人 of its own.
    """
    deciding = Q(merged_case=None) | Q(case__has_complainant=False)
    ratings = _said("cases.Rating").filter(deciding)
    rated = ratings.exclude(score="")
    happy = When(score__in=SATISFIED, then=Value(True))
    called = _said("cases.CallBack").exclude(result="unreached")
    asked = called.exclude(satisfied=None)
    done = When(result="solved", then=Value(True))
    return (
        rounds(scope)
        .filter(from_residents())
        .annotate(
            rated_at=_last(rated, "at"),
            asked_at=_last(asked, "at"),
            satisfied_rated=_last(rated, Case(happy, default=Value(False))),
            satisfied_asked=_last(asked, "satisfied"),
            solved_at=_last(ratings.exclude(solved=None), "at"),
            called_at=_last(called, "at"),
            solved_rated=_last(ratings.exclude(solved=None), "solved"),
            solved_called=_last(called, Case(done, default=Value(False))),
        )
        .annotate(
            satisfied=_later("asked_at", "rated_at", "satisfied"),
            solved=_later("called_at", "solved_at", "solved"),
        )
    )


def _said(model: str) -> Rows:
    rows = apps.get_model(model).objects.filter(case=OuterRef("case"))
    return _in_round(rows)


def _last(rows: Rows, value: Any) -> Subquery:
    return Subquery(rows.order_by("-at", "-pk").annotate(v=_f(value)).values("v")[:1])


def _f(value: Any) -> Any:
    return F(value) if isinstance(value, str) else value


def _later(call: str, rating: str, name: str) -> Case:
    """The call's word where it came after the rating or there is no rating."""
    word = "asked" if name == "satisfied" else "called"
    newer = Q(**{f"{call}__gt": F(rating)}) | Q(**{rating: None})
    return Case(When(newer, then=F(f"{name}_{word}")), default=F(f"{name}_rated"))


def rated() -> Exists:
    return Exists(_said("cases.Rating").exclude(score=""))


def feedbacks(scope: Scope) -> Rows:
    """REVIEW clocks that a feedback of a unit started; self-handling starts others."""
    given = _events("feed_back", "submit_result").filter(at=OuterRef("started_at"))
    return clocks(scope, Stage.REVIEW).filter(Exists(given))


def returned() -> Q:
    """退回: the review ended by sending the feedback back (T38)."""
    return Q(Exists(_events("return_result").filter(at=OuterRef("stopped_at"))))


def assignments(scope: Scope) -> Rows:
    """Units called by a whistle whose 报到 limit falls into the period."""
    starts_at, ends_at = scope.within
    found = (
        apps.get_model("cases.WhistleAssignment")
        .objects.filter(checkin_due_at__gte=starts_at, checkin_due_at__lt=ends_at)
        .filter(whistle__status="blown", case__in=scope.cases.values("pk"))
        .exclude(case__state__in=NOT_COUNTED)
    )
    if scope.organisation_id is not None:
        found = found.filter(organisation=scope.organisation_id)
    return found


def checkins_due(scope: Scope) -> Rows:
    """Those that reported, or let the limit pass; one that was rightly returned or
    called off before was not due, nor is one whose 报到 clock stands still."""
    clock = apps.get_model("cases.CaseClock").objects
    runs = clock.filter(assignment=OuterRef("pk"), running_since__isnull=False)
    waits = Q(Exists(runs), status="pending", checkin_due_at__lt=scope.at)
    return assignments(scope).filter(
        Q(checkin_at__isnull=False) | Q(checkin_overdue=True) | waits
    )


def presence_required(scope: Scope) -> Rows:
    """Those due that were to come to the spot."""
    return checkins_due(scope).filter(whistle__requires_presence=True)


def checked_in_in_time() -> Q:
    return Q(checkin_at__isnull=False, checkin_overdue=False)


def disputed(**narrowed: Any) -> Exists:
    found = apps.get_model("cases.Dispute").objects
    return Exists(found.filter(assignment=OuterRef("pk"), **narrowed))


def reports(scope: Scope) -> Rows:
    """Cases filed in the period, merged ones among them."""
    starts_at, ends_at = scope.within
    found = scope.cases.filter(reported_at__gte=starts_at, reported_at__lt=ends_at)
    if scope.organisation_id is not None:
        found = found.filter(holder_org=scope.organisation_id)
    return found.exclude(state__in=(State.DRAFT, State.VOIDED))


def counted_reports(scope: Scope) -> Rows:
    return reports(scope).exclude(state=State.MERGED)


def filed() -> Exists:
    """立案: somebody was given the case to handle."""
    found = apps.get_model("cases.CaseClock").objects
    return Exists(found.filter(case=OuterRef("pk"), stage=Stage.HANDLE))


def found_true() -> Q:
    """公众举报核实属实."""
    tasks = apps.get_model("cases.SiteTask").objects.filter(
        case=OuterRef("pk"), kind="verify", result="true"
    )
    return Q(Exists(tasks), source__in=PUBLIC)


def open_cases(scope: Scope) -> Rows:
    """In hand today, whatever the period; by the partial indexes on open cases."""
    found = scope.cases.open()
    if scope.organisation_id is not None:
        found = found.filter(holder_org=scope.organisation_id)
    return found


def orders(scope: Scope) -> Rows:
    """督办单 to be answered in the period: answered, or run out by now."""
    starts_at, ends_at = scope.within
    found = (
        apps.get_model("cases.SupervisionOrder")
        .objects.filter(due_at__gte=starts_at, due_at__lt=ends_at)
        .filter(Q(replied_at__isnull=False) | Q(due_at__lt=scope.at))
        .filter(case__in=scope.cases.values("pk"))
        .exclude(case__state__in=NOT_COUNTED)
    )
    if scope.organisation_id is not None:
        found = found.filter(organisation=scope.organisation_id)
    return found


def answered_in_time() -> Q:
    return Q(status__in=("answered", "accepted"), late_round=0)
