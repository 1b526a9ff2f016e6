"""Change the draft of a proposal by hand: merge, split, redraw, name, assign."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from shapely.geometry import LineString

from governance import events
from governance.errors import Refused
from governance.events import Acting
from grids import drafting
from grids.actions.areas import chain
from grids.actions.proposals import lock_draft
from grids.codes import Level
from grids.drafting import Sketch
from grids.models import Area, GridProposal
from grids.partition import divide
from grids.planar import Surface, cut_in_two, polygons_of, surface_of

MOST_LINE_POINTS = 500
LEAST_SHARE = 1e-4  # of the part that is cut; less is a slip of the hand

Line = Sequence[tuple[float, float]]


@transaction.atomic
def merge_parts(
    *, proposal_id: int, numbers: Sequence[int], actor: Acting, at: datetime
) -> GridProposal:
    """Make one part of several that touch; it keeps the first one's name and code."""
    proposal = lock_draft(proposal_id)
    rest, chosen = _take(proposal, numbers)
    if len(chosen) < 2:
        raise Refused(_("请至少选择两个相邻的格子再合并。"), code="too_few")
    joined = _joined(chosen)
    households = sum(one.households or 0 for one in chosen)
    merged = replace(chosen[0], geometry=joined, households=households, reason="")
    return _redraw(
        proposal, [*rest, merged], actor, at, "grids.merge_parts", numbers=list(numbers)
    )


@transaction.atomic
def split_part(
    *, proposal_id: int, number: int, into: int, actor: Acting, at: datetime
) -> GridProposal:
    """Divide one part into several of about equally many households."""
    proposal = lock_draft(proposal_id)
    rest, (whole,) = _take(proposal, [number])
    if not 2 <= into <= 20:
        raise Refused(
            _("一个格子可以拆成 2 到 20 个。"), code="bad_parts", field="into"
        )
    division = divide(
        whole.geometry,
        drafting.homes_of(proposal),
        households=whole.households or 0,
        parts=into,
    )
    if len(division.parts) < 2:
        raise Refused(_("这个格子无法再拆。"), code="indivisible")
    pieces = [
        Sketch(part.geometry, code=whole.code, name=whole.name)
        if index == 0
        else Sketch(part.geometry)
        for index, part in enumerate(division.parts)
    ]
    return _redraw(
        proposal, [*rest, *pieces], actor, at, "grids.split_part", numbers=[number]
    )


@transaction.atomic
def cut_part(
    *, proposal_id: int, number: int, line: Line, actor: Acting, at: datetime
) -> GridProposal:
    """Cut a part in two along a drawn line; the larger keeps name and code."""
    proposal = lock_draft(proposal_id)
    rest, (whole,) = _take(proposal, [number])
    larger, smaller = _cut(whole.geometry, line)
    pieces = [Sketch(larger, code=whole.code, name=whole.name), Sketch(smaller)]
    return _redraw(
        proposal, [*rest, *pieces], actor, at, "grids.cut_part", numbers=[number]
    )


@transaction.atomic
def redraw_border(
    *,
    proposal_id: int,
    numbers: Sequence[int],
    line: Line,
    actor: Acting,
    at: datetime,
) -> GridProposal:
    """Replace the border between two neighbours by a drawn line."""
    proposal = lock_draft(proposal_id)
    rest, chosen = _take(proposal, numbers)
    if len(chosen) != 2:
        raise Refused(_("请选择两个相邻的格子再重画边界。"), code="too_few")
    first, second = _cut(_joined(chosen), line)
    straight = _common(chosen[0], first) + _common(chosen[1], second)
    crossed = _common(chosen[0], second) + _common(chosen[1], first)
    if crossed > straight:
        first, second = second, first
    pieces = [
        replace(one, geometry=shape, households=None, reason="")
        for one, shape in zip(chosen, (first, second), strict=True)
    ]
    return _redraw(
        proposal,
        [*rest, *pieces],
        actor,
        at,
        "grids.redraw_border",
        numbers=list(numbers),
    )


@transaction.atomic
def name_part(
    *, proposal_id: int, number: int, name: str, actor: Acting, at: datetime
) -> GridProposal:
    """Give a part a name of its own; empty returns to the usual one."""
    proposal = lock_draft(proposal_id)
    name = name.strip()
    if len(name) > 100:
        raise Refused(_("名称最多 100 个字。"), code="long_name", field="name")
    if not proposal.parts.filter(number=number).update(name=name):
        raise _gone()
    _record(proposal, actor, at, "grids.name_part", number=number, name=name)
    return proposal


@transaction.atomic
def assign_part(
    *, proposal_id: int, number: int, code: str, actor: Acting, at: datetime
) -> GridProposal:
    """Say which community a part is; the part that was it takes the other's place."""
    proposal = lock_draft(proposal_id)
    if proposal.level != Level.COMMUNITY:
        raise Refused(_("只有社区划分需要对应已有的社区。"), code="bad_level")
    known = Area.objects.filter(parent=proposal.area, valid_to=None, code=code).first()
    part = proposal.parts.filter(number=number).first()
    if known is None or part is None:
        raise _gone()
    other = proposal.parts.filter(code=code).exclude(pk=part.pk)
    other.update(code=part.code, name=part.name)
    part.code, part.name = known.code, known.name
    part.save(update_fields=["code", "name"])
    _record(proposal, actor, at, "grids.assign_part", number=number, code=code)
    return proposal


def _take(
    proposal: GridProposal, numbers: Sequence[int]
) -> tuple[list[Sketch], list[Sketch]]:
    """(the other parts, the chosen ones in order of number)."""
    parts = list(proposal.parts.order_by("number"))
    wanted = set(numbers)
    if not wanted or not wanted <= {part.number for part in parts}:
        raise _gone()
    rest = [drafting.sketch_of(part) for part in parts if part.number not in wanted]
    chosen = [drafting.sketch_of(part) for part in parts if part.number in wanted]
    return rest, chosen


def _gone() -> Refused:
    return Refused(_("所选的格子已经变化，请刷新页面后重试。"), code="unknown_part")


def _joined(chosen: Sequence[Sketch]) -> Surface:
    """The union; each one must touch the others along a border."""
    loose = sum(len(polygons_of(one.geometry)) for one in chosen)
    joined = surface_of([p for one in chosen for p in polygons_of(one.geometry)])
    if len(polygons_of(joined)) > loose - (len(chosen) - 1):
        raise Refused(_("所选的格子不相邻，不能连成一片。"), code="not_adjacent")
    return joined


def _cut(whole: Surface, line: Line) -> tuple[Surface, Surface]:
    """The two sides of a drawn line, the larger first."""
    if not 2 <= len(line) <= MOST_LINE_POINTS or not all(
        -180 <= lng <= 180 and -90 <= lat <= 90 for lng, lat in line
    ):
        raise Refused(_("请重新画线。"), code="bad_line", field="line")
    sides = cut_in_two(whole, LineString(line))
    if sides is None or min(one.area for one in sides) < whole.area * LEAST_SHARE:
        raise Refused(
            _("画的线要从格子外面开始、到格子外面结束，并且只穿过一次。"),
            code="bad_line",
            field="line",
        )
    first, second = sorted(sides, key=lambda one: -one.area)
    return first, second


def _common(one: Sketch, shape: Surface) -> float:
    return shapely.intersection(one.geometry, shape).area


def _redraw(
    proposal: GridProposal,
    sketches: Sequence[Sketch],
    actor: Acting,
    at: datetime,
    action: str,
    **detail: Any,
) -> GridProposal:
    drafting.lay(proposal, sketches)
    _record(proposal, actor, at, action, parts=len(sketches), **detail)
    return proposal


def _record(
    proposal: GridProposal, actor: Acting, at: datetime, action: str, **detail: Any
) -> None:
    events.record(
        chain=chain(proposal.area),
        action=action,
        actor=actor,
        at=at,
        detail={"proposal": proposal.pk, **detail},
    )
