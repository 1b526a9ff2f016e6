"""Carry out the plan of an import: all of it or nothing."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance.errors import Refused
from governance.events import Acting
from governance.querysets import hold
from grids.actions.areas import create_area, rename
from grids.actions.boundaries import DRAWING, draw
from grids.importing import Plan
from grids.models import Area, TileVersion


@transaction.atomic
def import_areas(
    *, plan: Plan, accepted: Collection[str], actor: Acting, at: datetime
) -> None:
    """Create, rename and redraw what the plan says; unchanged areas are not touched.

    `accepted` are the kinds of warning that somebody has accepted (`gap`). Raises
    Refused while there are errors or other warnings, and when the areas changed since
    the plan was made.
    """
    hold(DRAWING)
    if TileVersion.objects.all_levels() != plan.seen:
        raise Refused(_("预览之后区划又有更新，请重新预览后再导入。"), code="stale")
    plan.refuse_unless(accepted)
    by_code = {one.code: one for one in plan.candidates}
    for code in plan.new:
        create_area(code=code, name=by_code[code].name, actor=actor, at=at)
    ids = dict(Area.objects.filter(code__in=by_code).values_list("code", "pk"))
    for code in plan.renamed:
        rename(area_id=ids[code], name=by_code[code].name, actor=actor, at=at)
    shapes = [
        (ids[code], shape)
        for code in (*plan.new, *plan.redrawn)
        if (shape := by_code[code].geometry) is not None
    ]
    note = "、".join(accepted)
    if shapes:
        draw(boundaries=shapes, actor=actor, at=at, source=plan.source, note=note)
