"""Import a city's 立案/结案 standard from its nine-column Excel workbook."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.actions.catalogue import (
    CatalogueReport,
    FaultyRows,
    check_catalogue,
    import_catalogue,
)
from cases.workbooks import error_workbook, read_catalogue
from governance import clock
from governance.calendar import Unit
from governance.errors import Refused
from parties.acting import Actor

STATUS_WORDS = {
    "new": "新增",
    "updated": "更新",
    "unchanged": "不变",
    "retired": "停用",
}


class Command(BaseCommand):
    help = "导入城市立案、结案标准（九列 Excel，部件、事件两张表）。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Excel 工作簿（.xlsx）")
        parser.add_argument("--standard", required=True, help="依据标准，如某市2024版")
        parser.add_argument("--sheet", help="只导入这一张工作表")
        parser.add_argument(
            "--unit",
            action="append",
            default=[],
            metavar="写法=单位",
            help="说明含义不明的单位，可多次给出，如 小时=WORK_HOUR；单位有 "
            + "、".join(f"{unit.value}（{unit.label}）" for unit in Unit),
        )
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument(
            "--errors", type=Path, help="有错误行时，另存一份带“错误原因”列的工作簿"
        )

    def handle(
        self,
        *,
        file: Path,
        standard: str,
        sheet: str | None,
        unit: list[str],
        dry_run: bool,
        errors: Path | None,
        **_options: Any,
    ) -> None:
        if not file.is_file():
            raise CommandError(f"找不到文件 {file}。")
        units = dict(_meaning(one) for one in unit)
        try:
            rows, faults = read_catalogue(file, sheet)
            if dry_run:
                report = check_catalogue(
                    rows=rows, standard_ref=standard, units=units, faults=faults
                )
            else:
                report = import_catalogue(
                    rows=rows,
                    standard_ref=standard,
                    units=units,
                    faults=faults,
                    actor=Actor.system(),
                    at=clock.now(),
                )
        except FaultyRows as faulty:
            self._refuse(file, faulty.report, errors)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self._tell(report)
        if report.faults:
            self._refuse(file, report, errors)
        if dry_run:
            self.stdout.write("以上只是检查，没有写入。")

    def _tell(self, report: CatalogueReport) -> None:
        self.stdout.write(f"小类：{_counted(report.categories)}")
        self.stdout.write(f"立案条件：{_counted(report.conditions)}")
        self.stdout.write(f"时限待人工认定：{len(report.flagged)}")
        for one in report.flagged:
            self.stdout.write(
                f"  {one.sheet} 第{one.row}行 {one.category}“{one.limit}”：{one.note}"
            )

    def _refuse(self, file: Path, report: CatalogueReport, errors: Path | None) -> None:
        for fault in report.faults:
            self.stdout.write(f"  {fault.sheet} 第{fault.row}行：{fault.message}")
        if errors is not None:
            errors.write_bytes(error_workbook(file, report.faults))
            self.stdout.write(f"错误行已标在 {errors}。")
        raise CommandError(f"有 {len(report.faults)} 行不能导入，目录没有任何改动。")


def _counted(counts: dict[str, int]) -> str:
    return "，".join(
        f"{word} {counts.get(key, 0)}" for key, word in STATUS_WORDS.items()
    )


def _meaning(text: str) -> tuple[str, Unit]:
    spelling, _equals, unit = text.partition("=")
    if not spelling or unit not in Unit.values:
        raise CommandError(
            f"--unit 的写法是“写法=单位”，单位只能是 {'、'.join(Unit.values)}；"
            f"收到的是“{text}”。"
        )
    return spelling, Unit(unit)
