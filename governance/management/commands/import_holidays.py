"""Import a year's public holidays and make-up working days."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance import actions, clock
from governance.errors import Refused
from governance.identity import SYSTEM


class Command(BaseCommand):
    help = (
        "导入法定节假日和调休安排（JSON，格式见 docs/calendar.md）。"
        "不给文件时，补齐默认工作时段和随产品附带的年份。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="放假安排文件")

    def handle(self, *, file: Path | None, **_options: Any) -> None:
        if file is None:
            actions.install_defaults(actor=SYSTEM, at=clock.now())
            self.stdout.write("默认工作时段和附带年份的放假安排已就绪。")
            return
        try:
            sources = actions.import_holidays(
                document=_read(file), actor=SYSTEM, at=clock.now()
            )
        except Refused as refused:
            raise CommandError(refused.message) from refused
        for year, source in sources.items():
            self.stdout.write(f"已导入{year}年放假安排（{source}）。")


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"无法读取文件 {file}：{error.strerror}") from error
    except ValueError as error:
        raise CommandError(f"文件 {file} 不是有效的 JSON：{error}") from error
