"""立案、结案标准: the nine columns of a city's own workbook, and our tenth.

Unlike the other tables it is read whole: merged and blank cells take over what stands
above (`cases.workbooks`), and what is unclear in a limit is flagged, never guessed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.actions.catalogue import (
    CatalogueReport,
    Outcome,
    check_catalogue,
    import_catalogue,
)
from cases.catalogue_rows import CatalogueRow
from cases.models import Category
from cases.workbooks import MAX_ROWS, read_catalogue
from exchange import files
from exchange.files import Found
from exchange.kinds.finders import by_word
from exchange.kinds.kind import NO, YES, Checked, Kind, yes_no
from exchange.layouts import Column
from exchange.lines import Line, Status
from exchange.reading import Layout
from governance.calendar import Unit
from governance.errors import Refused
from parties.acting import Actor

STATUSES = {
    "new": Status.NEW,
    "updated": Status.CHANGED,
    "unchanged": Status.SAME,
    "retired": Status.CHANGED,
}
MOST_CELLS = 400_000


class CatalogueKind(Kind):
    code = "catalogue"
    title = "部件"
    label = gettext_lazy("案件目录（立案、结案标准）")
    key = gettext_lazy("依据标准 + 类别 + 小类代码；条件按立案条件原文")
    icon = "book-2"
    suffixes = (".xlsx",)
    most_rows = MAX_ROWS
    columns = (
        Column(
            name="大类代码", field="major_code", required=True, sample="01", longest=2,
            explanation="2 位；与上一行相同可不填或合并单元格",
        ),
        Column(
            name="大类名称", field="major_name", required=True, sample="公用设施",
            longest=50, explanation="与上一行相同可不填",
        ),
        Column(
            name="小类代码", field="minor_code", required=True, sample="001",
            longest=5, explanation="3 位，或 5 位全码；与上一行相同可不填",
        ),
        Column(
            name="小类名称", field="name", required=True, sample="上水井盖",
            longest=50, explanation="新的小类必填",
        ),
        Column(
            name="处置单位", field="handling_unit", required=True, sample="供水公司",
            width=26, explanation="可不填",
        ),
        Column(
            name="主管部门", field="competent_unit", required=True, sample="水务局",
            width=26, explanation="可不填",
        ),
        Column(
            name="立案条件", field="condition", required=True, longest=500,
            sample="缺失、移位、开裂，存在安全隐患的", width=40,
            explanation="一行一条",
        ),
        Column(
            name="结案条件", field="closing_condition", required=True, sample="恢复",
            longest=500, width=30, explanation="可不填",
        ),
        Column(
            name="处置时限", field="limit", required=True, sample="2紧急工作时",
            explanation="紧急工作时、工作时、工作日、自然日；看不懂的标出，不猜",
        ),
        Column(
            name="社区事项", field="community", sample="是", choices=yes_no, only=True,
            explanation="可不填；是否列入社区事项清单",
        ),
    )  # fmt: skip

    def layout(self) -> Layout:
        plain = super().layout()
        return replace(plain, merged=True, every_sheet=True, most_cells=MOST_CELLS)

    def check(self, path: Path, options: dict[str, str], at: datetime) -> Checked:
        found, answers = files.table(path, self.layout())
        for _answer in answers:
            pass  # formulas and too large a table are refused on the way
        rows, faults = read_catalogue(path)
        report = check_catalogue(
            rows=rows,
            standard_ref=options["standard_ref"],
            units=_units(options),
            faults=faults,
        )
        found = Found("", 0, found.columns, [])
        return Checked(found, _lines(rows, report), _notes(report))

    def write(
        self,
        lines: Iterable[Line],
        options: dict[str, str],
        actor: Actor,
        at: datetime,
    ) -> Iterator[int]:
        every = [one for one in lines if one.values]
        rows = [CatalogueRow(**_row(one.values)) for one in every]
        wanted = {"standard_ref": options["standard_ref"], "units": _units(options)}
        now = check_catalogue(rows=rows, **wanted)  # type: ignore[arg-type]
        judged = {
            (one.sheet, one.row): STATUSES[one.status]
            for one in now.outcomes
            if one.row
        }
        if judged != {(one.values["sheet"], one.row): one.status for one in every}:
            raise Refused(_("预览之后目录又有更新，请重新检查。"), code="stale")
        import_catalogue(rows=rows, actor=actor, at=at, **wanted)  # type: ignore[arg-type]
        yield len(every)

    def kept(self) -> QuerySet[Any]:
        return Category.objects.active()

    def stored(self, kept: QuerySet[Any]) -> Iterator[list[Any]]:
        kinds = {value: word for word, value in by_word(Category.Kind).items()}
        found = Category.objects.filter(pk__in=kept.order_by().values("pk"))
        for one in found.with_conditions().order_by("standard_ref", "kind", "code5"):
            for condition in one.active_conditions:
                listed = one.community_matter and not condition.beyond_community
                yield [
                    one.parent_code,
                    one.major_name,
                    one.code5,
                    one.name,
                    one.handling_unit,
                    one.competent_unit,
                    condition.text,
                    condition.closing_condition,
                    condition.limit_text,
                    YES if listed else NO,
                    kinds[one.kind],
                    one.standard_ref,
                ]


def _units(options: dict[str, str]) -> dict[str, Unit]:
    """What 小时 and 天 mean in this file, where somebody said so."""
    meanings = {"小时": options.get("hours_mean"), "天": options.get("days_mean")}
    return {spelling: Unit(value) for spelling, value in meanings.items() if value}


def _row(values: dict[str, str]) -> dict[str, Any]:
    return {**values, "row": int(values["row"])}


def _lines(rows: list[CatalogueRow], report: CatalogueReport) -> Iterator[Line]:
    outcomes = {(one.sheet, one.row): one for one in report.outcomes if one.row}
    reasons: dict[tuple[str, int], list[str]] = {}
    for fault in report.faults:
        reasons.setdefault((fault.sheet, fault.row), []).append(fault.message)
    for row in rows:
        place = (row.sheet, row.row)
        if place not in reasons:
            yield _line(row, outcomes[place])
    for (sheet, number), why in reasons.items():
        yield Line(
            row=number,
            status=Status.WRONG,
            label=sheet,
            values={"sheet": sheet},
            reasons=why,
        )
    for one in report.outcomes:
        if not one.row and not report.faults:
            label = f"{one.category}{_('：')}{one.condition}"
            changes = [("启用", YES, NO)]
            yield Line(row=0, status=Status.CHANGED, label=label, changes=changes)


def _line(row: CatalogueRow, outcome: Outcome) -> Line:
    return Line(
        row=row.row,
        status=STATUSES[outcome.status],
        label=f"{row.sheet} · {outcome.category}{_('：')}{outcome.condition}",
        values={name: str(value) for name, value in asdict(row).items()},
        changes=[("处置时限", "", outcome.limit)] if outcome.limit else [],
        note=outcome.note,
    )


def _notes(report: CatalogueReport) -> list[str]:
    """Every condition is accounted for: read, or flagged with the reason."""
    if report.faults:
        return []
    flagged = len(report.flagged)
    read = sum(1 for one in report.outcomes if one.row) - flagged
    return [
        _(
            "立案条件 %(all)d 条：%(read)d 条的时限已读懂，"
            "%(flagged)d 条的时限待人工认定（逐条写明原因，照样导入）。"
        )
        % {"all": read + flagged, "read": read, "flagged": flagged}
    ]
