"""工作日历: public holidays and make-up days of whole years, and local rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.kinds.finders import by_word
from exchange.kinds.kind import Judge, RowKind, Verdict
from exchange.layouts import Column
from exchange.lines import Line, Status
from governance import holidays
from governance.actions import import_holidays, override_day
from governance.errors import Refused
from governance.models import CalendarYear, Holiday
from parties.acting import Actor
from parties.actions import only_administrators

NATIONAL, LOCAL = "国家安排", "本地规定"


class DayJudge(Judge):
    """Single rows; what concerns a whole year is `_whole`'s."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds = by_word(Holiday.Kind)
        rows = Holiday.objects.values_list("date", "override", "kind", "name")
        self.stored = {(day, own): (kind, name) for day, own, kind, name in rows}

    def judge(self, row: int, given: dict[str, str]) -> Verdict:
        verdict = Verdict(label=f"{given['date']} {given['name']}")
        day, own = date.fromisoformat(given["date"]), given["source"] == LOCAL
        verdict.reasons += self.twice((day, own), row)
        if not own:
            verdict.reasons += _wrong(given)
        if verdict.reasons:
            return verdict
        before = self.stored.get((day, own))
        after = (self.kinds[given["kind"]], given["name"])
        if before is None:
            verdict.is_new = True
        elif before != after:
            words = {value: word for word, value in self.kinds.items()}
            if before[0] != after[0]:
                verdict.changes.append(("类型", words[before[0]], given["kind"]))
            if before[1] != after[1]:
                verdict.changes.append(("名称", before[1], given["name"]))
        return verdict

    def write(
        self, row: int, given: dict[str, str], actor: Actor, at: datetime
    ) -> None:
        """A local rule; the years of the country are written as a whole."""
        override_day(
            day=date.fromisoformat(given["date"]),
            kind=self.kinds[given["kind"]],
            name=given["name"],
            actor=actor,
            at=at,
        )


def _wrong(given: dict[str, str]) -> list[str]:
    day = date.fromisoformat(given["date"])
    if not (given["year"].isdecimal() and 2000 <= int(given["year"]) <= 2999):
        return [_("年度应写作 2026")]
    reasons = []
    if "号" not in given["notice"]:
        reasons.append(_("缺少放假通知的文号（例如“国办发明电〔2025〕7号”）"))
    year = int(given["year"])
    if day.year != year and (day.month, day.year) != (12, year - 1):
        reasons.append(_("日期不属于这一年度"))
    if given["kind"] == "上班" and day.isoweekday() < 6:
        reasons.append(_("调休上班日应为星期六或星期日"))
    return reasons


def _document(lines: Iterable[Line]) -> dict[str, Any]:
    """As `governance.holidays` reads it."""
    document: dict[str, Any] = {"source": {}, "rest": [], "makeup_workdays": []}
    for one in lines:
        given = one.values
        if given["source"] == LOCAL:
            continue
        document["source"].setdefault(given["year"], given["notice"])
        list_ = "rest" if given["kind"] == "放假" else "makeup_workdays"
        document[list_].append({"date": given["date"], "name": given["name"]})
    return document


class CalendarKind(RowKind):
    code = "calendar"
    title = "工作日历"
    label = gettext_lazy("工作日历（节假日与调休）")
    key = gettext_lazy("日期；国家安排按整年替换")
    icon = "calendar"
    most_rows = 5000
    columns = (
        Column(
            name="年度", field="year", required=True, sample="2026", longest=4,
            explanation="放假通知是哪一年的；元旦前的 12 月日期写下一年度",
        ),
        Column(
            name="文号", field="notice", sample="国办发明电〔2025〕7号", longest=200,
            width=28, explanation="国家安排必填，同一年度写同一个",
        ),
        Column(
            name="日期", field="date", required=True, sample="2026-01-01",
            is_date=True, explanation="一天一行",
        ),
        Column(
            name="类型", field="kind", required=True, sample="放假", only=True,
            choices=lambda: list(by_word(Holiday.Kind)), explanation="放假或上班",
        ),
        Column(
            name="名称", field="name", required=True, sample="元旦", longest=50,
            explanation="节日名称；调休写“调休上班”",
        ),
        Column(
            name="来源", field="source", sample=NATIONAL, only=True,
            choices=lambda: (NATIONAL, LOCAL),
            explanation="不填为国家安排；本地规定优先于国家安排",
        ),
    )  # fmt: skip

    def judge(self, at: datetime) -> Judge:
        return DayJudge()

    def lines(
        self, rows: Iterable[tuple[int, list[Any]]], at: datetime
    ) -> Iterator[Line]:
        """A year is imported as a whole, so its faults are looked for in the whole."""
        yield from _judged_whole(list(super().lines(rows, at)))

    def write(
        self,
        lines: Iterable[Line],
        options: dict[str, str],
        actor: Actor,
        at: datetime,
    ) -> Iterator[int]:
        only_administrators(actor)
        every = list(lines)
        judge = self.judge(at)
        for one in every:
            now = self.line(judge, one.row, one.values, [])
            if now.status != one.status:
                raise Refused(
                    _("第 %(row)d 行：预览之后数据又有更新，请重新检查。")
                    % {"row": one.row},
                    code="stale",
                )
        document = _document(every)
        if document["source"]:
            import_holidays(document=document, actor=actor, at=at)
        for one in every:
            moved = one.status in (Status.NEW, Status.CHANGED)
            if one.values["source"] == LOCAL and moved:
                judge.write(one.row, one.values, actor, at)
        yield len(every)

    def kept(self) -> QuerySet[Any]:
        return Holiday.objects.all()

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        notices = dict(CalendarYear.objects.values_list("year", "source"))
        words = {value: word for word, value in by_word(Holiday.Kind).items()}
        for one in kept.order_by("date", "override"):
            year = one.date.year + (
                one.date.month == 12
                and one.date.year not in notices
                and one.date.year + 1 in notices
            )
            yield [
                str(year),
                "" if one.override else notices.get(year, ""),
                one.date,
                words[one.kind],
                one.name,
                LOCAL if one.override else NATIONAL,
            ]


def _judged_whole(lines: list[Line]) -> list[Line]:
    lines = _of_one_notice(lines)
    if any(one.status == Status.WRONG for one in lines):
        return lines
    document = _document(lines)
    if not document["source"]:
        return lines
    try:
        notice = holidays.check(document)
    except Refused as error:
        faults = str(error).splitlines()[1:]
        return _placed(lines, faults)
    lost = _lost(notice)
    if lost and lines:
        words = "、".join(f"{day:%Y-%m-%d}" for day in lost[:10])
        note = _("国家安排整年替换：库中有 %(n)d 天不在文件里，导入后不再算：%(days)s")
        lines[0] = replace(lines[0], note=note % {"n": len(lost), "days": words})
    return lines


def _of_one_notice(lines: list[Line]) -> list[Line]:
    numbers: dict[str, str] = {}
    judged = []
    for one in lines:
        given = one.values
        if one.status != Status.WRONG and given["source"] != LOCAL:
            first = numbers.setdefault(given["year"], given["notice"])
            if first != given["notice"]:
                words = _("同一年度前面的文号是“%(first)s”") % {"first": first}
                one = replace(one, status=Status.WRONG, reasons=[words])
        judged.append(one)
    return judged


def _placed(lines: list[Line], faults: list[str]) -> list[Line]:
    """Each fault of the year at the row that it names, else at the first row."""
    reasons: dict[int, list[str]] = defaultdict(list)
    for fault in faults:
        place = next(
            (
                number
                for number, one in enumerate(lines)
                if one.values["date"] in fault or f"“{one.values['name']}”" in fault
            ),
            0,
        )
        reasons[place].append(fault)
    return [
        replace(one, status=Status.WRONG, reasons=reasons[number])
        if number in reasons
        else one
        for number, one in enumerate(lines)
    ]


def _lost(notice: holidays.Notice) -> list[date]:
    """Days of those years that are stored and would be no more."""
    stored = Holiday.objects.filter(override=False, date__year__in=notice.sources)
    kept = {day.date for day in notice.days}
    return sorted(set(stored.values_list("date", flat=True)) - kept)
