"""Draw every area of a level as the union of its children."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance import clock
from governance.errors import Refused
from grids.acting import Machine
from grids.actions.dissolving import dissolve_areas
from grids.codes import Level
from grids.models import Area, AreaBoundary


class Command(BaseCommand):
    help = "把下级边界合并成上级边界（例如由街道合并出区县）"
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = [level.word for level in list(Level)[: Level.GRID]]
        parser.add_argument("--level", required=True, choices=words)
        parser.add_argument("--under", default="", help="只处理此编码及其下级")

    def handle(self, *args: Any, **given: Any) -> None:
        level = Level[given["level"].upper()]
        below = AreaBoundary.objects.current().filter(area__level=level + 1)
        drawn_below = Area.objects.at_level(level).filter(
            pk__in=below.values("area__parent"),
            code__startswith=given["under"],
            valid_to=None,
        )
        ids = list(drawn_below.values_list("pk", flat=True))
        if not ids:
            raise CommandError("没有找到下级带边界的区域。")
        try:
            drawn = dissolve_areas(area_ids=ids, actor=Machine(), at=clock.now())
        except Refused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(self.style.SUCCESS(f"已合并 {len(drawn)} 个{level.label}。"))
