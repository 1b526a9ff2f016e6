"""A number of the board, or a rate of the month, with the addresses of its lists."""

from typing import Any

from cases.querysets.kpi import BY_CODE as INDICATORS
from oversight.querysets.sight import Sight, month_of
from oversight.views.seen import list_url
from parties import http


def number(sight: Sight, code: str, n: int, label: Any, **more: Any) -> dict[str, Any]:
    """A number with the address of exactly what it counts."""
    return {
        "code": code, "n": n, "label": label,
        "url": list_url(code, sight.area.code, **more),
    }  # fmt: skip


def ratio_of(sight: Sight, code: str, unit: int | None = None, area: str = "") -> dict:
    """A figure of the month with the two lists behind it (the month report's own)."""
    indicator = INDICATORS[code]
    return figure(sight, indicator, indicator.ratio(sight.scope), unit, area)


def figure(
    sight: Sight, indicator: Any, ratio: Any, unit: int | None = None, area: str = ""
) -> dict[str, Any]:
    """A whole month's lists are those of the month report, others the board's own."""
    code = area or sight.area.code
    if sight.period == month_of(sight.period.starts_at):
        month = f"{sight.period.starts_at:%Y-%m}"
        base = f"{http.address('report')}{indicator.code}/?month={month}&area={code}"
        base += f"&unit={unit}" if unit else ""
        urls = [f"{base}&part={part}" for part in ("all", "part")]
    else:
        urls = [
            list_url(
                f"{indicator.code}-{part}", code, period=sight.period, unit=unit or ""
            )
            for part in ("all", "part")
        ]
    return {
        "indicator": indicator, "ratio": ratio,
        "all_url": urls[0], "part_url": urls[1],
    }  # fmt: skip
