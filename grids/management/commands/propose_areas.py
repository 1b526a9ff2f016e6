"""Propose and publish at once for many places: full coverage where none is drawn."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from governance import clock
from governance.errors import Refused
from grids.acting import Machine
from grids.actions.proposals import propose
from grids.actions.publishing import publish_proposal
from grids.codes import Level
from grids.models import Area, AreaBoundary


class Command(BaseCommand):
    help = "批量划分：把街道划成社区，或把社区划成网格，并作为建议边界发布"
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--split", required=True, choices=["street", "community"])
        parser.add_argument("--under", nargs="+", required=True, help="这些编码之下")
        parser.add_argument("--parts", type=int, help="每处划成几个")
        parser.add_argument("--low", type=int, default=300, help="每格户数下限")
        parser.add_argument("--high", type=int, default=500, help="每格户数上限")
        parser.add_argument(
            "--households-per-km2", type=float, help="没有户数时按面积估算"
        )
        parser.add_argument("--note", default="建议边界，取得正式边界后请替换")

    def handle(self, *args: Any, **given: Any) -> None:
        level = Level[given["split"].upper()]
        refused: list[str] = []
        drawn = 0
        for area in _undivided(level, given["under"]):
            try:
                drawn += _divided(area, given)
            except Refused as one:
                refused.append(f"{area}：{one.message}")
                self.stderr.write(refused[-1])
        self.stdout.write(self.style.SUCCESS(f"已发布 {drawn} 个建议边界。"))
        if refused:
            raise CommandError(f"{len(refused)} 处没有划分。")


def _undivided(level: Level, under: list[str]) -> list[Area]:
    """Drawn areas of a level with nothing drawn in them yet, in order of code."""
    divided = AreaBoundary.objects.current().filter(area__level=level + 1)
    drawn = AreaBoundary.objects.current().filter(area__level=level)
    return list(
        Area.objects.within(under)
        .filter(valid_to=None, pk__in=drawn.values("area"))
        .exclude(pk__in=divided.values("area__parent"))
        .order_by("code")
    )


@transaction.atomic
def _divided(area: Area, given: dict[str, Any]) -> int:
    """Propose and publish; the number of areas drawn."""
    density = given["households_per_km2"]
    estimate = None
    if density and area.households is None:
        boundary = area.boundaries.get(valid_to=None)
        estimate = max(1, round(boundary.area_m2 / 1e6 * density))
    actor, at = Machine(), clock.now()
    proposal = propose(
        area_id=area.pk,
        low=given["low"],
        high=given["high"],
        parts=given["parts"],
        households=estimate,
        actor=actor,
        at=at,
    )
    publish_proposal(proposal_id=proposal.pk, note=given["note"], actor=actor, at=at)
    return proposal.parts.count()
