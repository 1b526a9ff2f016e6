"""Create areas without boundaries from an official list of codes, part of it."""

import csv
import gzip
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from governance import clock
from governance.errors import Refused
from governance.geo import Crs
from grids import codes
from grids.acting import Machine
from grids.actions.importing import import_areas
from grids.codes import Level
from grids.importing import Options, Plan, plan, report
from grids.models import Area


class Command(BaseCommand):
    help = "从编码表（CSV 或 CSV.gz）建立没有边界的区划，可只取某个编码之下的"
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = [level.word for level in Level]
        parser.add_argument("file", type=Path)
        parser.add_argument("--level", required=True, choices=words)
        parser.add_argument("--under", default="", help="只取以此开头的编码")
        parser.add_argument("--code-field", default="code")
        parser.add_argument("--name-field", default="name")
        parser.add_argument(
            "--trim", nargs="+", default=[], help="去掉名称末尾的这些字"
        )
        parser.add_argument(
            "--only-known-parents",
            action="store_true",
            help="跳过上级尚未建立的行",
        )

    def handle(self, *args: Any, **given: Any) -> None:
        level = Level[given["level"].upper()]
        try:
            rows = list(_rows(given))
            if given["only_known_parents"]:
                rows = _with_parents(rows, level)
            drafted = _planned(rows, level)
            drafted.refuse_unless([])
            import_areas(plan=drafted, accepted=[], actor=Machine(), at=clock.now())
        except Refused as refused:
            raise CommandError(refused.message) from refused
        except (FileNotFoundError, KeyError) as missing:
            raise CommandError(f"找不到文件或字段：{missing}") from missing
        self.stdout.write(report(drafted)[-1])


def _rows(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(code, name) of the rows wanted, names trimmed."""
    endings = sorted(given["trim"], key=len, reverse=True)
    with _opened(given["file"]) as file:
        for row in csv.DictReader(file):
            code = row[given["code_field"]].strip()
            if code.startswith(given["under"]):
                yield code, _trimmed(row[given["name_field"]].strip(), endings)


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig")
    return path.open(encoding="utf-8-sig")


def _trimmed(name: str, endings: list[str]) -> str:
    ending = next((one for one in endings if name.endswith(one) and name != one), "")
    return name.removesuffix(ending)


def _with_parents(rows: list[tuple[str, str]], level: Level) -> list[tuple[str, str]]:
    above = Area.objects.filter(valid_to=None).at_level(Level(level - 1))
    known = set(above.values_list("code", flat=True))
    return [row for row in rows if codes.parent_code(row[0], level) in known]


def _planned(rows: list[tuple[str, str]], level: Level) -> Plan:
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        csv.writer(file).writerows([("code", "name"), *rows])
        file.flush()
        return plan(Path(file.name), Options(level=level, crs=Crs.CGCS2000))
