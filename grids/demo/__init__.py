"""示例市, the city that a new instance shows: generated, always the same."""

from datetime import datetime

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from grids.acting import Machine
from grids.actions import create_area, publish_boundaries
from grids.demo import plan
from grids.models import SRID, Area

SOURCE = "示例数据（系统生成）"


@transaction.atomic
def build(*, at: datetime) -> None:
    """Create the areas of 示例市 and publish their boundaries; twice is once."""
    if Area.objects.filter(code=plan.CITY_CODE).exists():
        return
    actor = Machine()
    boundaries = []
    for planned in plan.areas():
        area = create_area(
            code=planned.code,
            name=planned.name,
            short_name=planned.short_name,
            kind=planned.kind,
            special_type=planned.special_type,
            households=planned.households,
            actor=actor,
            at=at,
        )
        shape = GEOSGeometry(planned.geometry.wkb_hex, srid=SRID)
        boundaries.append((area.pk, shape))
    code, name, households = plan.MICRO_GRID
    create_area(code=code, name=name, households=households, actor=actor, at=at)
    publish_boundaries(boundaries=boundaries, actor=actor, at=at, source=SOURCE)
