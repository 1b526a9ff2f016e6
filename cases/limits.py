"""Read time limits as city standards spell them; what is unclear stays unread.

`parse` knows the four units (DOMAIN B.5) and staged limits such as
"停工4工作时/处罚7工作日". It never guesses: "4小时" or "种植季节15工作日" come back
unparsed, with the reason and the raw text. 小时 and 天 say nothing about nights and
holidays; whoever imports decides what they mean by passing `units`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.utils.translation import get_language, npgettext
from django.utils.translation import gettext as _

from governance import calendar
from governance.calendar import Unit

SPELLINGS: dict[str, Unit] = {
    "紧急工作时": Unit.URGENT_HOUR,
    "紧急工作小时": Unit.URGENT_HOUR,
    "紧急小时": Unit.URGENT_HOUR,
    "工作时": Unit.WORK_HOUR,
    "工作小时": Unit.WORK_HOUR,
    "工作日": Unit.WORK_DAY,
    "紧急工作日": Unit.NATURAL_DAY,
    "自然日": Unit.NATURAL_DAY,
}
"""紧急工作日 is n × 24 hours without a break, the same as 自然日 (DOMAIN B.5)."""

AMBIGUOUS = ("小时", "天", "日", "时")

STAGE_NAME = re.compile(
    "停工|处罚|拆除|整改|清理|清除|恢复|修复|维修|更换|补装|补栽|围护|围挡|警示|到场|抢修"
    "|处置|立案|调查|取证|告知|责令|责令整改|劝离|疏导|疏通|止水|回填|消除隐患"
)
"""Steps that follow one another. Anything else before a figure (种植季节, 一般, 严重)
may be a condition, and a limit under a condition is not a stage."""

MAX_AMOUNT = Decimal(9999)

_CHINESE = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}
_CHINESE |= {"八": 8, "九": 9}
_PART = re.compile(
    r"(?P<name>[^\d:一二两三四五六七八九十]*):?"
    r"(?P<n>\d+(?:\.\d)?|[一二两三四五六七八九]?十?[一二三四五六七八九]?)"
    r"个?(?P<unit>[^\d]+?)(?:以?内)?"
)


def unit_word(unit: Unit, n: Decimal | int) -> str:
    """The unit after an amount: languages other than Chinese tell one from many."""
    return _unit_word(unit, 1 if n == 1 else 2, get_language())


@lru_cache(maxsize=64)
def _unit_word(unit: Unit, many: int, language: str | None) -> str:
    """A list says it a hundred times, and plurals are dear to look up."""
    if unit == Unit.WORK_HOUR:
        return npgettext("amount", "工作时", "工作时", many)
    if unit == Unit.WORK_DAY:
        return npgettext("amount", "工作日", "工作日", many)
    if unit == Unit.URGENT_HOUR:
        return npgettext("amount", "紧急工作时", "紧急工作时", many)
    return npgettext("amount", "自然日", "自然日", many)


@dataclass(frozen=True)
class Limit:
    """An amount of one of the four units."""

    n: Decimal
    unit: Unit

    def __str__(self) -> str:
        return _("%(n)s %(unit)s") % {
            "n": plain(self.n), "unit": unit_word(self.unit, self.n),
        }  # fmt: skip

    @property
    def spoken(self) -> str:
        """As people say it: 4 工作时, but 30 分钟 for half an urgent hour."""
        if self.unit in calendar.CONTINUOUS:
            return spell(calendar.limit_minutes(self.n, self.unit), self.unit)
        return str(self)


# Three days' worth: as far as people reckon working hours by the hour.
IN_HOURS = 3 * calendar.WORK_DAY_MINUTES


def spell(minutes: Decimal | int, unit: str) -> str:
    """Minutes of the unit's own measure as people say them; many 工作时 in 工作日."""
    whole = int(minutes)
    if whole < 1:
        return _("不足 1 分钟")
    if unit in calendar.CONTINUOUS:
        days, rest = divmod(whole, 1440)
        named = [(days, _("天")), (rest // 60, _("小时")), (rest % 60, _("分钟"))]
    else:
        in_days = unit == Unit.WORK_DAY or whole > IN_HOURS
        days, rest = divmod(whole, calendar.WORK_DAY_MINUTES if in_days else whole + 1)
        hours = rest // 60
        named = [
            (days, unit_word(Unit.WORK_DAY, days) if days else ""),
            (hours, unit_word(Unit.WORK_HOUR, hours) if hours else ""),
            (rest % 60, _("分")),
        ]
    said = [f"{n} {word}" for n, word in named if n]
    return " ".join(said[:2])


@dataclass(frozen=True)
class Stage:
    """One named step of a staged limit; its limit runs from the same start."""

    name: str
    limit: Limit

    def as_json(self) -> dict[str, str]:
        """The shape kept in `FilingCondition.stages`."""
        return {
            "name": self.name,
            "n": plain(self.limit.n),
            "unit": self.limit.unit.value,
        }

    @classmethod
    def of_json(cls, value: Mapping[str, str]) -> "Stage":
        limit = Limit(Decimal(value["n"]), Unit(value["unit"]))
        return cls(value["name"], limit)


@dataclass(frozen=True)
class Reading:
    """What a limit text says: one limit, or stages, or neither with the reason."""

    raw: str
    limit: Limit | None = None
    stages: tuple[Stage, ...] = ()
    reason: str = ""

    @property
    def is_unparsed(self) -> bool:
        return self.limit is None and not self.stages


def plain(n: Decimal) -> str:
    """The figure without trailing zeros or an exponent: 2, 0.5, 20."""
    return f"{n.normalize():f}"


def parse(text: str, units: Mapping[str, Unit] | None = None) -> Reading:
    """Read a limit; `units` gives meanings to spellings that have none alone."""
    raw = text.strip()
    known = SPELLINGS | dict(units or {})
    clean = re.sub(r"\s+", "", unicodedata.normalize("NFKC", raw))
    if not clean:
        return Reading(raw, reason=_("没有填写处置时限"))
    parts = [part for part in re.split(r"[/;,，、；。]", clean) if part]
    read = [_part(part, known) for part in parts]
    for one in read:
        if isinstance(one, str):
            return Reading(raw, reason=one)
    return _joined(raw, [one for one in read if isinstance(one, Stage)])


def _joined(raw: str, stages: list[Stage]) -> Reading:
    if len(stages) == 1 and not stages[0].name:
        return Reading(raw, limit=stages[0].limit)
    names = [stage.name for stage in stages]
    if len(stages) < 2 or not all(map(STAGE_NAME.fullmatch, names)):
        return Reading(raw, reason=_("时限带有条件或说明，不能自动认定"))
    if len(set(names)) < len(names):
        return Reading(raw, reason=_("分段时限中有重名的阶段"))
    return Reading(raw, stages=tuple(stages))


def _part(part: str, known: Mapping[str, Unit]) -> Stage | str:
    """One part of the text as a stage (its name may be empty), or why it is not."""
    match = _PART.fullmatch(part)
    n = _amount(match["n"]) if match else None
    if match is None or n is None:
        return _("看不出数量和单位")
    spelling = match["unit"]
    if spelling in known:
        return Stage(match["name"], Limit(n, Unit(known[spelling])))
    if spelling in AMBIGUOUS:
        return _("“%(unit)s”没有说明是否扣除夜间和节假日") % {"unit": spelling}
    return _("不认识的时限单位“%(unit)s”") % {"unit": spelling}


def _amount(figure: str) -> Decimal | None:
    if not figure:
        return None
    if figure[0].isdigit():
        n = Decimal(figure)
    elif "十" in figure:
        tens, ones = figure.split("十")
        n = Decimal(_CHINESE.get(tens, 1) * 10 + _CHINESE.get(ones, 0))
    elif len(figure) == 1:
        n = Decimal(_CHINESE[figure])
    else:
        return None
    return n if 0 < n <= MAX_AMOUNT else None
