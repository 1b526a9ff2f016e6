"""What waits at a desk or in an inbox: queues, their counts, search and paging."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.apps import apps
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from cases.querysets.cases import DESK_STATES, CaseQuerySet
from cases.querysets.requests import appealed, awaiting, reviews_appeals
from cases.querysets.scope import (
    AREA_ROLES,
    PLACEMENT_COLUMNS,
    among,
    beside,
    placed,
    sees_much,
)
from cases.workflow import KEEPERS, OF_COMMUNITY, OPEN_STATES, State, WhistleKind
from governance.numbers import number_of
from grids.codes import Level
from grids.models import Area

if TYPE_CHECKING:
    from parties.acting import Actor

S = State
OVER = (S.CLOSED, S.ARCHIVED, S.REJECTED, S.MERGED, S.TRANSFERRED, S.VOIDED)
AFTER_FEEDBACK = (S.FEEDBACK_REVIEW, S.CHECKING, S.RATING)
PAGE = 50
MAP_POINTS = 1000
CAP = 1000  # what is counted further is shown as 999+
# A street office has no inbox; what it is called to waits at its desk (DOMAIN F10).
CALLED_AT_DESK = ("street_dispatcher", "street_shift_head")


@dataclass(frozen=True)
class Queue:
    """A tab of the desk; `condition` narrows it beyond the states."""

    name: str
    label: Any
    states: tuple[str, ...]
    group: Any = ""
    street_only: bool = False


_STREETS = (S.STREET_PENDING, S.STREET_HANDLING)
_FOUND, _STREET = _("社区接报"), _("街道吹哨")
_DEPARTMENT, _CHECK = _("部门报到"), _("核查评价")
QUEUES = (
    Queue("mine", _("待我办理"), OPEN_STATES),
    Queue("reported", _("待接报"), (S.REPORTED,), _FOUND),
    Queue("verifying", _("核实中"), (S.VERIFYING,), _FOUND),
    Queue("self_handling", _("网格自办中"), (S.SELF_HANDLING,), _FOUND),
    Queue("self_review", _("自办待审"), (S.SELF_REVIEW,), _FOUND),
    Queue("community", _("社区处置中"), (S.COMMUNITY_HANDLING,), _FOUND),
    Queue("pending", _("待研判"), (S.STREET_PENDING,), _STREET),
    Queue("unsigned", _("待签发吹哨单"), _STREETS, _STREET, street_only=True),
    Queue("street", _("街道处置中"), (S.STREET_HANDLING,), _STREET),
    Queue("whistled", _("已吹哨·待报到"), (S.WHISTLED,), _DEPARTMENT),
    Queue("joint", _("部门处置中"), (S.JOINT_HANDLING,), _DEPARTMENT),
    Queue("disputed", _("争议裁定中"), (S.DISPUTED,), _DEPARTMENT),
    Queue("district", _("区级协调中"), (S.DISTRICT_COORD,), _DEPARTMENT),
    Queue("city", _("市级协调中"), (S.CITY_COORD,), _DEPARTMENT),
    Queue("suspended", _("挂账中"), (S.SUSPENDED,), _DEPARTMENT),
    Queue("review", _("反馈待审"), (S.FEEDBACK_REVIEW,), _CHECK),
    Queue("checking", _("核查中"), (S.CHECKING,), _CHECK),
    Queue("rating", _("待评价"), (S.RATING,), _CHECK),
    Queue("open", _("全部在办"), OPEN_STATES, _("全部")),
    Queue("closed", _("已结案"), OVER, _("全部")),
)  # fmt: skip
BY_NAME = {queue.name: queue for queue in QUEUES}


def queues_of(actor: "Actor") -> list[Queue]:
    at_street = actor.area_level is not None and actor.area_level <= Level.STREET
    return [queue for queue in QUEUES if at_street or not queue.street_only]


def reads_pool(actor: "Actor") -> bool:
    """问题库 is for street, district and city, by their area (DOMAIN C.3)."""
    level = actor.area_level
    return actor.role in AREA_ROLES and level is not None and level <= Level.STREET


def reads_report(actor: "Actor") -> bool:
    """The indicators are for who answers for an area: community to city."""
    return actor.role in AREA_ROLES and actor.area_level in PLACEMENT_COLUMNS


def waiting(actor: "Actor") -> Q:
    """What this person can act on: in hand, at the desk of the role, to be reviewed."""
    desk = [s for s in DESK_STATES.get(actor.role, ()) if s != S.RATING]
    at_desk = Q(state__in=desk, holder_user=None)
    communitys = Q(state=S.FEEDBACK_REVIEW, resume_state=S.COMMUNITY_HANDLING)
    if actor.role == "community_leader":
        at_desk &= communitys
    elif actor.role == "street_acceptor":
        at_desk &= ~communitys
    found = Q(holder_user_id__in=actor.hands) | at_desk | awaiting(actor)
    if S.RATING in DESK_STATES.get(actor.role, ()):
        found |= Q(state=S.RATING, last_score="dissatisfied")
    if actor.role in CALLED_AT_DESK:
        found |= _called_here(actor)
    if actor.role == "street_leader":
        found |= _unconfirmed()
    return found


def _called_here(actor: "Actor") -> Q:
    """The street office itself was called and has not finished its part."""
    lines = apps.get_model("cases.WhistleAssignment").objects.filter(
        organisation=actor.organisation_id or 0,
        whistle__status="blown",
        status__in=["pending", "checked_in", "on_site"],
    )
    return among(lines.values("case"))


def _waiting_closed(actor: "Actor") -> Q | None:
    """What waits at this desk though it is closed: an appeal to review, a file to
    complete (DOMAIN C.3, T46)."""
    if actor.role in KEEPERS:
        of_community = Q(resume_state__in=OF_COMMUNITY)
        mine = of_community if actor.role == "community_acceptor" else ~of_community
        lacking = Q(state=S.CLOSED) & ~Q(file_gaps="") & mine
        return lacking | appealed(actor) if reviews_appeals(actor) else lacking
    return appealed(actor) if reviews_appeals(actor) else None


def _unconfirmed() -> Q:
    """An emergency whistle that the leader has still to confirm (补签)."""
    blown = apps.get_model("cases.Whistle").objects.filter(
        status="blown", kind=WhistleKind.EMERGENCY, confirmed_at=None
    )
    return among(blown.values("case"))


def _unsigned() -> Exists:
    drafts = apps.get_model("cases.Whistle").objects.filter(status="draft")
    return Exists(drafts.filter(case=OuterRef("pk")))


def in_queue(
    cases: CaseQuerySet, queue: Queue, actor: "Actor", tally: "Tally | None" = None
) -> CaseQuerySet:
    """What a `tally` of the same cases has found already is not asked for again."""
    found = cases.in_state(*queue.states)
    if queue.name == "unsigned":
        return found.filter(_unsigned())
    if queue.name != "mine":
        return found
    if tally and tally.figures["mine"] < CAP:
        everywhere = cast(CaseQuerySet, cases.model._default_manager.all())
        return everywhere.of_ids(tally.mine)
    mine = found.filter(waiting(actor))
    closed = _waiting_closed(actor)
    if closed is None:
        return mine
    # Open ones and the few that wait though closed: small sets, each with its index.
    # Both are within `cases`; to say its scope a third time would cost its planning.
    others = cases.filter(closed)
    either = among(mine.values("pk")) | among(others.values("pk"))
    return cast(CaseQuerySet, cases.model._default_manager.filter(either))


@dataclass(frozen=True)
class Tally:
    """How many of the open cases are in each queue, at most `CAP`; of closed ones only
    appeals and files that lack something are counted. `mine` are the ids that 待我办理
    lists, all of them while they are fewer than `CAP`."""

    figures: dict[str, int]
    mine: list[int]


def tally(cases: CaseQuerySet, actor: "Actor") -> Tally:
    """`cases` are those that the actor sees."""
    if sees_much(actor):
        return _of_many(cases, actor)
    rows = (
        cases.open()
        .order_by()
        .values("state")
        .annotate(
            n=Count("pk"),
            mine=ArrayAgg("pk", filter=waiting(actor)),
            # The state first: few rows are then looked up in the other table.
            unsigned=Count("pk", filter=Q(state__in=_STREETS) & Q(_unsigned())),
        )
    )
    ids = [pk for row in rows for pk in row["mine"] or ()]
    ids += _closed_ids(cases, actor)
    unsigned = sum(row["unsigned"] for row in rows)
    by_state = {row["state"]: row["n"] for row in rows}
    return Tally(_summed(by_state, mine=len(ids), unsigned=unsigned), ids)


def _closed_ids(cases: CaseQuerySet, actor: "Actor") -> list[int]:
    closed = _waiting_closed(actor)
    if closed is None:
        return []
    return list(cases.filter(closed).order_by().values_list("pk", flat=True)[:CAP])


def _summed(by_state: dict[str, int], **counted: int) -> dict[str, int]:
    found = {
        queue.name: sum(by_state.get(state, 0) for state in queue.states)
        for queue in QUEUES
    }
    return {name: min(CAP, n) for name, n in (found | counted).items()}


def _of_many(cases: CaseQuerySet, actor: "Actor") -> Tally:
    """For district and city, who see so many: what is placed there is counted by an
    index alone, each state until it is too many to be shown; the few others beside."""
    everywhere = cast(CaseQuerySet, cases.model._default_manager.all())
    here = everywhere.filter(placed(actor))
    drafted = Q(state__in=_STREETS) & Q(_unsigned())
    others = everywhere.filter(beside(actor)).open().order_by().values("state")
    by_state = _by_state(here)
    unsigned = here.open().filter(drafted).order_by().values("pk")[:CAP].count()
    for row in others.annotate(n=Count("pk"), drafts=Count("pk", filter=drafted)):
        by_state[row["state"]] = by_state.get(row["state"], 0) + row["n"]
        unsigned += row["drafts"]
    mine = cases.open().filter(waiting(actor)).order_by().values_list("pk", flat=True)
    ids = [*mine[:CAP], *_closed_ids(cases, actor)]
    return Tally(_summed(by_state, mine=len(ids), unsigned=unsigned), ids)


def _by_state(cases: CaseQuerySet) -> dict[str, int]:
    """Of each open state at most `CAP`, in one statement that is planned once."""
    of_state = cases.open().filter(state=RawSQL("s.state", ())).order_by()
    rows = of_state.annotate(one=Value(1)).values("one")[:CAP]
    try:
        sql, given = rows.query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.state, n.n FROM unnest(%s) s(state) CROSS JOIN LATERAL "  # noqa: S608
            f"(SELECT count(*) FROM ({sql}) c) n(n)",
            [list(OPEN_STATES), *given],
        )
        return dict(cursor.fetchall())


def after(cases: CaseQuerySet, cursor: str) -> CaseQuerySet:
    """The rows that follow a cursor in the order of `by_urgency`."""
    place = _place(cursor)
    if place is None:
        return cases
    urgent, due, pk = place
    later = Q(due_at=None, pk__gt=pk)
    if due is not None:
        later = Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at=None)
    here = Q(urgent=urgent) & later
    return cases.filter(here | Q(urgent=False) if urgent else here)


def cursor_of(case: Any) -> str:
    due = case.due_at.isoformat() if case.due_at else ""
    return f"{int(case.urgent)}_{due}_{case.pk}"


def _place(cursor: str) -> tuple[bool, datetime | None, int] | None:
    try:
        urgent, due, pk = cursor.split("_")
        return urgent == "1", datetime.fromisoformat(due) if due else None, int(pk)
    except ValueError:
        return None


def before(cases: CaseQuerySet, cursor: str) -> CaseQuerySet:
    """Closed cases, the newest first; the cursor is the last id that was shown."""
    newest = cases.order_by("-pk")
    last = number_of(cursor)
    return newest if last is None else newest.filter(pk__lt=last)


def case_ids(notifications: Any) -> list[int]:
    """The cases that messages are about (`case:17`)."""
    subjects = notifications.filter(subject__startswith="case:").order_by()
    return [
        int(subject.removeprefix("case:"))
        for subject in subjects.values_list("subject", flat=True).distinct()
    ]


def areas_of(ids: Iterable[int]) -> list[tuple[str, str]]:
    """Code and name of these areas."""
    rows = Area.objects.filter(pk__in=ids).order_by("code")
    named = rows.values_list("code", "short_name", "name")
    return [(code, short or name) for code, short, name in named]


def categories_of(ids: Iterable[int]) -> list[tuple[str, str]]:
    """Id and name of these categories."""
    categories = apps.get_model("cases.Category").objects.filter(pk__in=ids)
    rows = categories.order_by("code5", "pk").values_list("pk", "name")
    return [(str(pk), name) for pk, name in rows]
