"""Import areas of one level from a file; all of them or none."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance import clock
from governance.errors import Refused
from governance.geo import Crs
from grids import actions
from grids.acting import Machine
from grids.codes import LEVELS
from grids.importing import Options, ParentBy, plan, report
from grids.validation import WARNINGS


class Command(BaseCommand):
    help = "导入一个层级的区划或网格（GeoJSON、Shapefile、GeoPackage、CSV 编码表）"
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        kinds = [kind.value for kind in WARNINGS]
        parser.add_argument("file", type=Path)
        parser.add_argument("--level", required=True, choices=LEVELS)
        parser.add_argument("--crs", default=Crs.WGS84.value, choices=Crs.values)
        parser.add_argument("--code-field", default="", help="默认 code 或 编码")
        parser.add_argument("--name-field", default="", help="默认 name 或 名称")
        parser.add_argument(
            "--parent-by", default="code", choices=[one.value for one in ParentBy]
        )
        parser.add_argument("--parent", default="", help="全部归入此上级编码")
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")
        parser.add_argument(
            "--accept", nargs="+", default=[], choices=kinds, help="接受这些警告"
        )

    def handle(self, *args: Any, **given: Any) -> None:
        accepted = given["accept"]
        try:
            drafted = plan(given["file"], _options(given))
            for line in report(drafted, accepted):
                self.stdout.write(line)
            drafted.refuse_unless(accepted)
            if not given["dry_run"]:
                actions.import_areas(
                    plan=drafted, accepted=accepted, actor=Machine(), at=clock.now()
                )
        except Refused as refused:
            raise CommandError(refused.message) from refused
        except FileNotFoundError as missing:
            raise CommandError(_("找不到文件 %s") % given["file"]) from missing
        done = _("只是检查，未写入。") if given["dry_run"] else _("已导入。")
        self.stdout.write(self.style.SUCCESS(done))


def _options(given: dict[str, Any]) -> Options:
    return Options(
        level=LEVELS[given["level"]],
        crs=Crs(given["crs"]),
        code_field=given["code_field"],
        name_field=given["name_field"],
        parent_by=ParentBy(given["parent_by"]),
        parent=given["parent"],
    )
