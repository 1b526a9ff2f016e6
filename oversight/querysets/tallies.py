"""The numbers of the board, many in one statement each.

Open cases come from the partial indexes on open ones, flows from the index of their
day: nothing costs more because more was closed in earlier months.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from cases.querysets.kpi import Period, Ratio
from cases.querysets.scope import PLACEMENT_COLUMNS
from cases.workflow import State
from governance.calendar import ZONE
from grids.codes import Level
from grids.models import Area
from oversight.querysets import lists
from oversight.querysets.boards import Field
from oversight.querysets.colours import with_colour
from oversight.querysets.sight import DAY, Sight, day_of

LOADS = {
    Level.CITY: Level.STREET,
    Level.DISTRICT: Level.COMMUNITY,
    Level.STREET: Level.GRID,
    Level.COMMUNITY: Level.GRID,
    Level.GRID: Level.GRID,
}


@dataclass
class Tally:
    """How many of each list (`lists.BY_CODE`); `today` of those that flow."""

    n: Counter[str] = field(default_factory=Counter)
    today: Counter[str] = field(default_factory=Counter)


def tally(sight: Sight, boards: Iterable[Field]) -> tuple[Tally, dict[int, Tally]]:
    """Of all cases, and of each board; three statements."""
    whole = Tally()
    by_category: dict[int, Tally] = {}
    for category, code, n, today in [*_standing(sight), *_flowing(sight)]:
        for one in (whole, by_category.setdefault(category, Tally())):
            one.n[code] += n
            one.today[code] += today
    by_board = {}
    for board in boards:
        own = by_board[board.key] = Tally()
        for category in board.categories & by_category.keys():
            own.n += by_category[category].n
            own.today += by_category[category].today
    return whole, by_board


def _standing(sight: Sight) -> list[tuple[int, str, int, int]]:
    rows = (
        with_colour(sight.cases, sight.at)
        .order_by()
        .values("category", "colour")
        .annotate(
            n=Count("pk"),
            urgents=Count("pk", filter=Q(urgent=True)),
            suspended=Count("pk", filter=Q(state=State.SUSPENDED)),
        )
    )
    found = []
    for row in rows:
        counts = {
            "open": row["n"], row["colour"]: row["n"],
            "urgent": row["urgents"], "suspended": row["suspended"],
        }  # fmt: skip
        found += [(row["category"], code, n, 0) for code, n in counts.items()]
    return found


def _flowing(sight: Sight) -> list[tuple[int, str, int, int]]:
    """Reported and closed in the period, and of them today."""
    today = day_of(sight.at)
    moments = {"reported": "reported_at", "closed": "closed_at"}
    found = []
    for code, moment in moments.items():
        of_today = Q(**{f"{moment}__gte": today.starts_at}) & Q(
            **{f"{moment}__lt": today.ends_at}
        )
        rows = (
            lists.BY_CODE[code]
            .rows(sight)
            .order_by()
            .values("category")
            .annotate(n=Count("pk"), today=Count("pk", filter=of_today))
        )
        found += [(row["category"], code, row["n"], row["today"]) for row in rows]
    return found


def presence(sight: Sight) -> dict[str, int]:
    """The whistle board's numbers: of the lists `called` to `finished`."""
    counts = lists.called(sight).aggregate(
        called=Count("pk"),
        absent=Count("pk", filter=Q(status="pending")),
        late=Count("pk", filter=lists.late(sight)),
        came=Count("pk", filter=Q(status__in=lists.CAME)),
        returning=Count("pk", filter=Q(status="return_requested")),
        finished=Count("pk", filter=Q(status="done")),
    )
    return dict(counts)


def in_time(sight: Sight, boards: Iterable[Field]) -> dict[int, Ratio]:
    """按期结案 ÷ 应结案 of each board in the period; one statement."""
    rows = (
        lists.due(sight)
        .order_by()
        .values("case__category")
        .annotate(
            n=Count("pk"),
            good=Count(
                "pk", filter=lists.INDICATORS["closing_in_time"].part(sight.scope)
            ),
        )
    )
    found = {row["case__category"]: (row["good"], row["n"]) for row in rows}
    return {
        board.key: Ratio(
            *(sum(found[key][part] for key in board.categories & found.keys())
              for part in (0, 1))
        )
        for board in boards
    }  # fmt: skip


def daily(sight: Sight) -> list[tuple[Period, int, int]]:
    """Reported and closed on each day of the period; two statements."""
    reported = _by_day(sight, "reported", "reported_at")
    closed = _by_day(sight, "closed", "closed_at")
    found = []
    starts_at, ends_at = sight.scope.within
    while starts_at < ends_at:
        day = Period(starts_at, starts_at + DAY)
        found.append((day, reported[starts_at.date()], closed[starts_at.date()]))
        starts_at += DAY
    return found


def _by_day(sight: Sight, code: str, moment: str) -> Counter:
    rows = (
        lists.BY_CODE[code]
        .rows(sight)
        .order_by()
        .annotate(day=TruncDate(moment, tzinfo=ZONE))
        .values("day")
        .annotate(n=Count("pk"))
    )
    return Counter({row["day"]: row["n"] for row in rows})


def repeats(sight: Sight, least: int, shown: int) -> list[dict]:
    """同点同类: grid and category with at least so many reports in the period."""
    rows = (
        lists.BY_CODE["counted"]
        .rows(sight)
        .exclude(grid=None)
        .order_by()
        .values(
            "grid__code", "grid__name", "community__name", "category", "category__name"
        )
        .annotate(
            n=Count("pk"),
            open=Count("pk", filter=Q(underway=True)),
        )
        .filter(n__gte=least)
        .order_by("-n", "grid__code", "category")
    )
    return list(rows[:shown])


def load(sight: Sight) -> tuple[dict[int, int], list[Area]]:
    """How many open cases the areas below have, and these areas, the most loaded first.

    Grids of a street or community, communities of a district, streets of a city; those
    without any are left out.
    """
    column = PLACEMENT_COLUMNS[LOADS[Level(sight.area.level)]]
    rows = (
        sight.cases.open()
        .exclude(**{column: None})
        .order_by()
        .values_list(column)
        .annotate(n=Count("pk"))
    )
    n = dict(rows)
    areas = Area.objects.filter(pk__in=n).select_related("parent")
    return n, sorted(areas, key=lambda area: (-n[area.pk], area.code))
