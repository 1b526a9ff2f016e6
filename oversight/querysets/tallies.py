"""The numbers of the board, many in one statement each.

Open cases come from the partial indexes on open ones, flows from the index of their
day: nothing costs more because more was closed in earlier months.
"""

from collections import Counter
from collections.abc import Collection, Iterable

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
from oversight.querysets.sight import DAY, Sight

LOADS = {
    Level.CITY: Level.STREET,
    Level.DISTRICT: Level.COMMUNITY,
    Level.STREET: Level.GRID,
    Level.COMMUNITY: Level.GRID,
    Level.GRID: Level.GRID,
}


Tally = Counter[str]


def standing(sight: Sight) -> dict[int, Tally]:
    """Open cases of each category: `open`, `urgent`, `suspended` and the colours."""
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
    found: dict[int, Tally] = {}
    for row in rows:
        own = found.setdefault(row["category"], Counter())
        own["open"] += row["n"]
        own[row["colour"]] += row["n"]
        own["urgent"] += row["urgents"]
        own["suspended"] += row["suspended"]
    return found


def flowing(sight: Sight) -> dict[int, Tally]:
    """Of each category: `reported` and `closed` in the period."""
    found: dict[int, Tally] = {}
    for code in ("reported", "closed"):
        rows = lists.BY_CODE[code].rows(sight).order_by().values("category")
        for row in rows.annotate(n=Count("pk")):
            found.setdefault(row["category"], Counter())[code] += row["n"]
    return found


def summed(*parts: dict[int, Tally], only: Collection[int] | None = None) -> Tally:
    """Of all categories, or only of some."""
    whole: Tally = Counter()
    for part in parts:
        for category, own in part.items():
            if only is None or category in only:
                whole.update(own)
    return whole


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

    def share(board: Field) -> Ratio:
        own = [found[key] for key in board.categories & found.keys()]
        return Ratio(sum(good for good, _n in own), sum(n for _good, n in own))

    return {board.key: share(board) for board in boards}


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
