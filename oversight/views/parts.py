"""Parts that the board and its reports share, so that both say the same."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from oversight.models import BoardRule
from oversight.querysets import tables, tallies
from oversight.querysets.boards import NONE, fields
from oversight.querysets.sight import Sight, days_until
from oversight.views.figures import figure, number
from oversight.views.seen import list_url

REPEATS = 8


def counters_of(today: Sight, whole: tallies.Tally) -> list[dict[str, Any]]:
    day = {"period": today.period}
    return [
        number(today, "open", whole["open"], _("在办案件")),
        number(today, "red", whole["red"], _("已超时")),
        number(today, "yellow", whole["yellow"], _("将超时")),
        number(today, "urgent", whole["urgent"], _("紧急在办")),
        number(today, "suspended", whole["suspended"], _("挂账中")),
        number(today, "reported", whole["reported"], _("今日上报"), **day),
        number(today, "closed", whole["closed"], _("今日结案"), **day),
    ]


def fields_of(sight: Sight) -> list[dict[str, Any]]:
    """The boards in the period: reported, closed, closed in time of what was due."""
    boards, flowing = fields(), tallies.flowing(sight)
    shares = tallies.in_time(sight, boards)
    found = []
    for one in boards:
        own = tallies.summed(flowing, only=one.categories)
        if one.key == NONE and not own.total() + shares[NONE].denominator:
            continue
        flows: dict[str, Any] = {"board": one.key, "period": sight.period}
        found.append(
            {
                "name": one.name or _("未归板块"),
                "numbers": [
                    number(sight, code, own[code], "", **flows)
                    for code in ("reported", "closed")
                ],
                "ratio": shares[one.key],
                "due_url": list_url("due", sight.area.code, **flows),
                "good_url": list_url("closed_in_time", sight.area.code, **flows),
            }
        )
    return found


def repeats_of(sight: Sight, rule: BoardRule) -> list[dict[str, Any]]:
    """未诉先办: the same category often in one grid, with the list of the reports."""
    recent = sight.during(days_until(sight.at, rule.repeat_days))
    return [
        {
            **row,
            "url": list_url(
                "counted", row["grid__code"], period=recent.period,
                category=row["category"],
            ),
        }
        for row in tallies.repeats(recent, rule.repeats, REPEATS)
    ]  # fmt: skip


def table_of(
    sight: Sight, table: tables.Table | None, ranking_url: Callable[[str], str]
) -> dict[str, Any] | None:
    """A table with the lists behind its figures; communities have a code, units not."""
    if table is None or not table.rows:
        return None

    def figures(row: tables.Row) -> list[dict[str, Any]]:
        unit = None if row.code else row.key
        return [
            figure(sight, one, ratio, unit, row.code)
            for one, ratio in zip(table.columns, row.ratios, strict=True)
        ]

    return {
        "columns": [(one, ranking_url(one.code)) for one in table.columns],
        "ranked_by": table.ranked_by,
        "least": table.least,
        "rows": [{"row": row, "figures": figures(row)} for row in table.rows],
    }
