"""Draw areas as the union of those below them."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.gis.db.models import Union
from django.db import transaction
from django.utils.translation import gettext as _

from governance.errors import Refused
from governance.events import Acting
from grids.actions.boundaries import publish_boundaries
from grids.models import Area, AreaBoundary


@transaction.atomic
def dissolve_areas(
    *, area_ids: Sequence[int], actor: Acting, at: datetime
) -> list[AreaBoundary]:
    """Give each area the union of its children's current boundaries as a new version.

    Raises Refused("nothing_below") naming an area that has no drawn child.
    """
    boundaries = []
    for area in Area.objects.filter(pk__in=area_ids).order_by("code"):
        below = AreaBoundary.objects.current().filter(area__parent=area)
        union = below.aggregate(union=Union("geometry"))["union"]
        if union is None:
            raise Refused(
                _("“%(name)s”没有带边界的下级，无法合并。") % {"name": area.name},
                code="nothing_below",
            )
        boundaries.append((area.pk, union))
    return publish_boundaries(
        boundaries=boundaries, actor=actor, at=at, source=_("由下级边界合并")
    )
