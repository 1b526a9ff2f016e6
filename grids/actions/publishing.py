"""Publish a proposal: its parts become areas with boundaries."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from governance.events import Acting
from governance.querysets import hold
from grids import drafting, validation
from grids.actions.areas import chain, create_area, rename, retire_area
from grids.actions.boundaries import DRAWING, TOLD, draw
from grids.actions.proposals import lock_draft, settle
from grids.codes import Level
from grids.models import Area, AreaBoundary, GridProposal, ProposalPart
from grids.validation import Candidate, FindingKind

GENERAL_NUMBERS = range(1, 700)  # 701 and above are special grids (DOMAIN B.2)
COMMUNITY_NUMBERS = range(1, 200)


@transaction.atomic
def publish_proposal(
    *,
    proposal_id: int,
    actor: Acting,
    at: datetime,
    note: str = "",
    accept_gaps: bool = False,
) -> GridProposal:
    """Make the parts current: new areas, new versions, former grids retired.

    A part with a code becomes a new version of that area; the others are numbered on
    from the codes used so far, which are never used again. General grids that no part
    continues are retired; old cases keep them. Raises Refused, changing nothing, for
    overlaps, for a gap over 50 m² unless accepted, and for drawn communities that the
    proposal leaves out.
    """
    hold(DRAWING)
    proposal = lock_draft(proposal_id)
    parts = list(proposal.parts.order_by("number"))
    if not parts:
        raise Refused(_("这份划格建议是空的。"), code="empty")
    retired = _retire(proposal, {part.code for part in parts}, actor, at)
    areas = [
        _settled_area(proposal, part, code, actor, at)
        for part, code in zip(parts, _all_codes(proposal, parts), strict=True)
    ]
    _refuse_faults(parts, areas, accept_gaps)
    drawn = draw(
        boundaries=list(_redrawn(parts, areas)),
        actor=actor,
        at=at,
        source="划格建议",
        note=note,
    )
    settle(proposal, GridProposal.Status.PUBLISHED, at)
    events.record(
        chain=chain(proposal.area),
        action="grids.publish_proposal",
        actor=actor,
        at=at,
        detail={
            "proposal": proposal.pk,
            "areas": {area.code: area.households for area in areas},
            "redrawn": sorted(one.area.code for one in drawn),
            "retired": retired,
            "note": note,
        },
    )
    return proposal


def _retire(
    proposal: GridProposal, kept: set[str], actor: Acting, at: datetime
) -> list[str]:
    """Retire the general grids that no part continues; their codes."""
    former = [
        one.area
        for one in drafting.general_grids(proposal.area)
        if one.area.code not in kept
    ]
    if former and proposal.level == Level.COMMUNITY:
        raise Refused(
            _("这些社区已有边界，却没有对应到任何建议的格子：%(names)s。")
            % {"names": "、".join(area.name for area in former)},
            code="left_out",
        )
    for area in former:
        retire_area(area_id=area.pk, actor=actor, at=at, reason="划格调整")
    return [area.code for area in former]


def _all_codes(proposal: GridProposal, parts: Sequence[ProposalPart]) -> Iterator[str]:
    """Each part's code, new ones numbered on after the last that was ever used."""
    community = proposal.level == Level.COMMUNITY
    numbers = COMMUNITY_NUMBERS if community else GENERAL_NUMBERS
    prefix = proposal.area.code
    used = Area.objects.filter(parent=proposal.area).values_list("code", flat=True)
    tails = [int(code[-3:]) for code in used if code[-3:].isdigit()]
    next_number = max([tail for tail in tails if tail in numbers], default=0) + 1
    for part in parts:
        if part.code:
            yield part.code
            continue
        if next_number not in numbers:
            raise Refused(
                _("“%(name)s”的顺序码已用完。") % {"name": proposal.area.name},
                code="no_code",
            )
        yield f"{prefix}{next_number:03}"
        next_number += 1


def _settled_area(
    proposal: GridProposal, part: ProposalPart, code: str, actor: Acting, at: datetime
) -> Area:
    """The area of a part: made, or renamed and counted anew."""
    counted = bool(proposal.settings["high"])
    households = part.households if counted else None
    area = Area.objects.filter(code=code).first()
    if area is None:
        return create_area(
            code=code,
            name=part.name or usual_name(proposal.area, code),
            households=households,
            actor=actor,
            at=at,
        )
    if part.name and part.name != area.name:
        area = rename(area_id=area.pk, name=part.name, actor=actor, at=at)
    if counted and area.households != households:
        area.households = households
        area.save(update_fields=["households"])
    return area


def usual_name(area: Area, code: str) -> str:
    """`幸福社区第7网格`, for a street `和平街道第3社区`."""
    number = int(code[-3:])
    if area.level == Level.STREET:
        return f"{area.name}第{number}社区"
    return f"{area.name}第{number}网格"


def _refuse_faults(
    parts: Sequence[ProposalPart], areas: Sequence[Area], accept_gaps: bool
) -> None:
    findings = validation.check(
        [
            Candidate(
                code=area.code,
                name=area.name,
                level=Level(area.level),
                parent_code=area.code[:-3],
                geometry=part.geometry,
            )
            for part, area in zip(parts, areas, strict=True)
        ]
    )
    faults = [
        one
        for one in findings
        if one.is_error or (one.kind == FindingKind.GAP and not accept_gaps)
    ]
    if faults:
        told = "".join(one.message for one in faults[:TOLD])
        raise Refused(told, code=faults[0].kind)


def _redrawn(
    parts: Sequence[ProposalPart], areas: Sequence[Area]
) -> Iterator[tuple[int, GEOSGeometry]]:
    """The areas whose shape differs from the one in force."""
    current = AreaBoundary.objects.current().filter(area__in=[one.pk for one in areas])
    shapes = {one.area_id: one.geometry for one in current}
    for part, area in zip(parts, areas, strict=True):
        old = shapes.get(area.pk)
        if old is None or not old.equals(part.geometry):
            yield area.pk, part.geometry
