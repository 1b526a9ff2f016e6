"""What a request asks for, read leniently and refused in whole sentences.

An empty parameter is the same as none (GeoReport v2, "Optional Arguments");
unknown ones are passed over.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from doors.open311.encoding import plain
from doors.open311.problems import invalid
from doors.open311.status import CLOSED, OPEN
from governance import clock

MOST = 1000
SPAN = timedelta(days=90)
SECOND = timedelta(seconds=1)
LONGEST_DESCRIPTION = 4000
ATTRIBUTE = re.compile(r"attribute\[([^\]]+)\](?:\[\d*\])?")
# `+08:00` in an address that was not encoded arrives as a blank.
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


class Values(Protocol):
    """Parameters by name, each any number of times: a QueryDict."""

    def get(self, name: str, default: str) -> Any: ...
    def getlist(self, name: str) -> list[Any]: ...
    def __iter__(self) -> Iterator[str]: ...


@dataclass(frozen=True)
class Window:
    """From and to, both included."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Page:
    number: int
    size: int

    @property
    def rows(self) -> slice:
        return slice((self.number - 1) * self.size, self.number * self.size)


def text(values: Values, name: str, longest: int = 0) -> str:
    """The parameter without what no text may hold; cut to `longest` characters."""
    found = plain(str(values.get(name, "") or "")).strip()
    return found[:longest] if longest else found


def whole(values: Values, name: str, most: int) -> str:
    """The parameter; refused instead of cut when it is longer."""
    found = text(values, name)
    if len(found) > most:
        raise invalid(_("%(name)s 最多 %(n)d 字。") % {"name": name, "n": most})
    return found


def words(values: Values, name: str) -> list[str]:
    """Declared several times or with commas, each word once."""
    given = ",".join(str(one) for one in values.getlist(name))
    found = (plain(one).strip() for one in given.split(","))
    return list(dict.fromkeys(one for one in found if one))[:MOST]


def statuses(values: Values) -> list[str]:
    found = [word.lower() for word in words(values, "status")]
    if any(word not in (OPEN, CLOSED) for word in found):
        raise invalid(_("status 只能是 open 或 closed，可用逗号分隔。"))
    return found


def moment(given: str, name: str) -> datetime:
    """W3C date and time. A day alone is its first moment; without a zone it is local,
    though the standard asks for one."""
    spelled = _LOST_PLUS.sub(r"+\1", given)
    try:
        found = parse_datetime(spelled)
        day = None if found else parse_date(spelled)
        if day is not None:
            found = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware
        if found is not None and timezone.is_naive(found):
            found = timezone.make_aware(found)
        if found is not None:
            return clock.reckonable(found)
    except ValueError:
        pass
    return _no_moment(name)


def _no_moment(name: str) -> datetime:
    raise invalid(
        _("%(name)s 不是日期时间，请按 2026-01-01T00:00:00+08:00 填写。")
        % {"name": name}
    )


def window(values: Values, at: datetime) -> Window:
    """start_date and end_date, by default the last 90 days and never more than 90.

    An answer names the second of what happened in it, so the second that end_date names
    belongs to the window whole: whoever asks until what he was given finds it again.
    """
    first, last = text(values, "start_date"), text(values, "end_date")
    start = moment(first, "start_date") if first else None
    end = moment(last, "end_date") if last else None
    if start is None:
        end = end or at
        start = end - SPAN
    elif end is None:
        end = start + SPAN
    if start > end:
        raise invalid(_("start_date 晚于 end_date，请调换。"))
    if end - start > SPAN:
        raise invalid(_("start_date 到 end_date 最多 90 天，请分段查询。"))
    if last and not end.microsecond:
        end += SECOND - timedelta.resolution
    return Window(start, end)


def page(values: Values) -> Page:
    """page from 1, page_size up to 1000, the most common extension."""
    return Page(
        _count(values, "page", 1, 1_000_000), _count(values, "page_size", MOST, MOST)
    )


def extensions(values: Values) -> bool:
    """Whether more than the standard is wanted (FEATURES 2.3, Boston and Chicago)."""
    return text(values, "extensions").lower() == "true"


def _count(values: Values, name: str, usual: int, most: int) -> int:
    given = text(values, name)
    if not given:
        return usual
    if not (given.isascii() and given.isdecimal()) or int(given[:18]) < 1:
        raise invalid(_("%(name)s 应是从 1 起的整数。") % {"name": name})
    return min(int(given[:18]), most)


def position(values: Values) -> tuple[float, float] | None:
    """(longitude, latitude) in WGS-84; None where neither is given."""
    given = {name: text(values, name) for name in ("lat", "long")}
    if not any(given.values()):
        return None
    if not all(given.values()):
        raise invalid(_("lat 和 long 必须同时提供。"))
    try:
        lat, long = float(given["lat"]), float(given["long"])
    except ValueError:
        lat = long = math.nan
    if not (-90 <= lat <= 90 and -180 <= long <= 180):
        raise invalid(
            _("lat 应在 -90 到 90 之间，long 应在 -180 到 180 之间（WGS-84）。")
        )
    return long, lat


def attributes(values: Values) -> dict[str, list[str]]:
    """attribute[code]=value and attribute[code][]=value, by code, in order."""
    found: dict[str, list[str]] = {}
    for name in values:
        if matched := ATTRIBUTE.fullmatch(name):
            given = (plain(str(one)).strip() for one in values.getlist(name))
            found.setdefault(matched[1], []).extend(one for one in given if one)
    return found


def person(given: Mapping[str, str]) -> str:
    """The name in the order of its language: 王芳, but Fang Wang."""
    first, last = given["first_name"], given["last_name"]
    western = (first + last).isascii()
    return f"{first} {last}".strip() if western else last + first
