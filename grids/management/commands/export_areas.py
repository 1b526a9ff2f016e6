"""Export the areas of one level with their boundaries as a GeoPackage."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from governance import clock
from governance.errors import Refused
from grids.codes import LEVELS
from grids.exporting import export


class Command(BaseCommand):
    help = "导出一个层级的区划或网格边界（GeoPackage），可原样导回"
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--level", required=True, choices=LEVELS)
        parser.add_argument("--within", default="", help="只要这个编码以内的")

    def handle(self, *args: Any, **given: Any) -> None:
        path: Path = given["file"]
        if path.exists():
            raise CommandError(_("文件 %s 已经存在，请换一个名字。") % path)
        level = LEVELS[given["level"]]
        try:
            written = export(path, level, within=given["within"], at=clock.now())
        except Refused as refused:
            path.unlink(missing_ok=True)
            raise CommandError(refused.message) from refused
        told = _("已导出 %(count)d 个%(level)s。") % {
            "count": written,
            "level": level.label,
        }
        self.stdout.write(self.style.SUCCESS(told))
