"""A year's public holidays as a document, checked before anything is written.

The document is JSON: `source` gives the number of the notice (文号) for each year,
`rest` lists the days off and `makeup_workdays` the 调休上班 days, both as
`{"date": "2026-01-01", "name": "元旦"}` (a make-up day may be the date alone). A day in
the December before a year of `source` belongs to that year's notice.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from governance.errors import Refused

REST, WORK = "rest", "work"
WEEKDAYS = "一二三四五六日"
MAKE_UP_NAME = "调休上班"


@dataclass(frozen=True)
class Day:
    date: date
    kind: str
    name: str


@dataclass(frozen=True)
class Notice:
    """A checked document: the number of the notice for each year, and the days."""

    sources: dict[int, str]
    days: list[Day]


def check(document: Any) -> Notice:
    """The notice in `document`; raises Refused that names every fault, one a line."""
    faults: list[str] = []
    sources = _sources(document, faults)
    days = [
        *_days(document, "rest", REST, faults),
        *_days(document, "makeup_workdays", WORK, faults),
    ]
    faults += _doubled(days)
    faults += _strangers(days, sources)
    faults += _not_weekend(days)
    faults += _broken_ranges(days)
    for year in sources:
        if not any(day.date.year == year and day.kind == REST for day in days):
            faults.append(_("%(year)d年没有任何放假日期。") % {"year": year})
    if faults:
        raise Refused(
            _("放假安排有误，未导入：") + "\n" + "\n".join(faults), code="bad_holidays"
        )
    return Notice(sources, days)


def _sources(document: Any, faults: list[str]) -> dict[int, str]:
    found = document.get("source") if isinstance(document, dict) else None
    if not isinstance(found, dict) or not found:
        faults.append(_("缺少“source”：请写明每一年放假通知的文号。"))
        return {}
    sources = {}
    for year, number in found.items():
        if not (str(year).isdecimal() and 2000 <= int(year) <= 2999):
            faults.append(_("“source”中的年份“%(year)s”不正确。") % {"year": year})
        elif not isinstance(number, str) or "号" not in number:
            faults.append(
                _("%(year)s年缺少放假通知的文号（例如“国办发明电〔2025〕7号”）。")
                % {"year": year}
            )
        else:
            sources[int(year)] = number.strip()
    return sources


def _days(document: Any, key: str, kind: str, faults: list[str]) -> list[Day]:
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, list):
        faults.append(_("缺少日期列表“%(key)s”。") % {"key": key})
        return []
    days = []
    for item in found:
        text, name = item, MAKE_UP_NAME if kind == WORK else ""
        if isinstance(item, dict):
            text, name = item.get("date"), item.get("name") or name
        try:
            day = date.fromisoformat(text)
        except (TypeError, ValueError):
            faults.append(
                _("“%(key)s”中的日期“%(text)s”不正确，应写作 2026-01-01。")
                % {"key": key, "text": text}
            )
            continue
        if not isinstance(name, str) or not 0 < len(name) <= 50:
            faults.append(_("%(day)s缺少节日名称（最多 50 字）。") % {"day": day})
            continue
        days.append(Day(day, kind, name))
    return days


def _doubled(days: list[Day]) -> list[str]:
    kinds = defaultdict(list)
    for day in days:
        kinds[day.date].append(day.kind)
    return [
        _("%(day)s重复。") % {"day": day}
        if len(set(found)) == 1
        else _("%(day)s既是放假又是上班。") % {"day": day}
        for day, found in sorted(kinds.items())
        if len(found) > 1
    ]


def _strangers(days: list[Day], sources: dict[int, str]) -> list[str]:
    return [
        _("%(day)s不属于文号所列的年份。") % {"day": day.date}
        for day in days
        if day.date.year not in sources
        and not (day.date.month == 12 and day.date.year + 1 in sources)
    ]


def _not_weekend(days: list[Day]) -> list[str]:
    return [
        _("调休上班日%(day)s是星期%(weekday)s，应为星期六或星期日。")
        % {"day": day.date, "weekday": WEEKDAYS[day.date.weekday()]}
        for day in days
        if day.kind == WORK and day.date.isoweekday() < 6
    ]


def _broken_ranges(days: list[Day]) -> list[str]:
    """One holiday is one unbroken range: a hole means that a day was left out."""
    holidays = defaultdict(set)
    for day in days:
        if day.kind == REST:
            belongs = (
                day.date + timedelta(days=31) if day.date.month == 12 else day.date
            )
            holidays[belongs.year, day.name].add(day.date)
    return [
        _("%(year)d年“%(name)s”的放假日期不连续，请核对通知。")
        % {"year": year, "name": name}
        for (year, name), dates in sorted(holidays.items())
        if (max(dates) - min(dates)).days + 1 != len(dates)
    ]
