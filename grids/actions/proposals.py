"""Propose grids or communities, change the draft, discard it 划格建议."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from governance import events
from governance.errors import Refused
from governance.events import Acting
from grids import drafting
from grids.actions.areas import chain, lock_open
from grids.bisection import Homes
from grids.codes import Level
from grids.drafting import Sketch
from grids.homes import Row
from grids.models import Area, GridProposal
from grids.partition import Division, divide

MOST_PARTS = 300
MOST_HOUSEHOLDS = 1_000_000


@transaction.atomic
def propose(
    *,
    area_id: int,
    actor: Acting,
    at: datetime,
    low: int = 300,
    high: int = 500,
    parts: int | None = None,
    households: int | None = None,
    homes: Sequence[Row] = (),
) -> GridProposal:
    """Draft the grids of a community, or the communities of a street.

    Grids hold low..high households, or are as many as `parts`. The households lie at
    `homes` (degrees, SRID 4490), or are spread evenly: `households`, or what the area
    is known to have. A street is divided among its communities in the order of their
    codes; `parts` is needed when it has none. An older draft is discarded. Raises
    Refused for an area that cannot be divided or a range that makes no sense.
    """
    area = lock_open(area_id)
    if area.level not in (Level.STREET, Level.COMMUNITY):
        raise Refused(_("只有街道和社区可以划分。"), code="bad_level")
    known = area.households if households is None else households
    communities = _communities(area)
    if area.level == Level.STREET:
        parts = parts or len(communities) or None
    _check(area, low, high, parts, known, homes)
    division = _divide(area, low, high, parts, known or 0, homes)
    for old in GridProposal.objects.filter(area=area, status="draft"):
        settle(old, GridProposal.Status.DISCARDED, at)
    proposal = GridProposal.objects.create(
        area=area,
        settings=_settings(division, parts, known, homes),
        homes=[list(row) for row in homes],
        created_at=at,
    )
    names = communities if area.level == Level.STREET else []
    drafting.lay(proposal, _sketches(division, names, counted=bool(known or homes)))
    events.record(
        chain=chain(area),
        action="grids.propose",
        actor=actor,
        at=at,
        detail={"proposal": proposal.pk, **proposal.settings},
    )
    return proposal


@transaction.atomic
def discard_proposal(*, proposal_id: int, actor: Acting, at: datetime) -> GridProposal:
    proposal = lock_draft(proposal_id)
    settle(proposal, GridProposal.Status.DISCARDED, at)
    events.record(
        chain=chain(proposal.area),
        action="grids.discard_proposal",
        actor=actor,
        at=at,
        detail={"proposal": proposal.pk},
    )
    return proposal


def lock_draft(proposal_id: int) -> GridProposal:
    """The proposal, locked together with its area; Refused unless it is a draft."""
    found = GridProposal.objects.filter(pk=proposal_id).values_list("area", flat=True)
    area = lock_open(found[0]) if found else None
    proposal = (
        GridProposal.objects.select_for_update(of=("self",))
        .filter(pk=proposal_id, status=GridProposal.Status.DRAFT)
        .first()
    )
    if area is None or proposal is None:
        raise Refused(
            _("这份划格建议已发布、放弃或被新的替代，请刷新页面。"), code="not_a_draft"
        )
    proposal.area = area
    return proposal


def settle(proposal: GridProposal, status: str, at: datetime) -> None:
    proposal.status = status
    proposal.settled_at = at
    proposal.save(update_fields=["status", "settled_at"])


def _communities(area: Area) -> list[Area]:
    below = Area.objects.filter(parent=area, valid_to=None)
    return list(below.at_level(Level.COMMUNITY).order_by("code"))


def _check(
    area: Area,
    low: int,
    high: int,
    parts: int | None,
    known: int | None,
    homes: Sequence[Row],
) -> None:
    if not 1 <= low < high:
        raise Refused(_("户数下限应大于 0 且小于上限。"), code="bad_range", field="low")
    if parts is not None and not 1 <= parts <= MOST_PARTS:
        raise Refused(
            _("一次可以划成 1 到 %(most)d 个。") % {"most": MOST_PARTS},
            code="bad_parts",
            field="parts",
        )
    if not 0 <= (known or 0) <= MOST_HOUSEHOLDS:
        raise Refused(_("总户数不正确。"), code="bad_households", field="households")
    if parts is None and not known and not homes:
        raise Refused(
            _("不知道“%(name)s”有多少户：请上传住户点、填写总户数或要划分的个数。")
            % {"name": area.name},
            code="no_households",
            field="households",
        )
    expected = (sum(row[2] for row in homes) if homes else known or 0) / high
    if parts is None and expected > MOST_PARTS:
        raise Refused(
            _("按这个范围要划出 %(count)d 个以上，一次最多 %(most)d 个；请核对户数。")
            % {"count": int(expected), "most": MOST_PARTS},
            code="bad_range",
            field="high",
        )


def _divide(
    area: Area,
    low: int,
    high: int,
    parts: int | None,
    households: int,
    homes: Sequence[Row],
) -> Division:
    boundary = area.boundaries.filter(valid_to=None).first()
    if boundary is None:
        raise Refused(
            _("“%(name)s”还没有边界，请先导入边界。") % {"name": area.name},
            code="no_boundary",
        )
    place = drafting.place_of(area, boundary)
    if place is None:
        raise Refused(
            _("“%(name)s”已全部划为专属网格，没有可以划分的地方。")
            % {"name": area.name},
            code="nothing_left",
        )
    return divide(
        place,
        Homes.of(homes) if homes else None,
        households=households,
        low=low,
        high=high,
        parts=parts,
    )


def _settings(
    division: Division, parts: int | None, known: int | None, homes: Sequence[Row]
) -> dict[str, int | None]:
    counted = bool(known or homes)
    return {
        "low": round(division.range.low) if counted else 0,
        "high": round(division.range.high) if counted else 0,
        "parts": parts,
        "households": division.households if counted else 0,
        "outside": division.outside,
    }


def _sketches(division: Division, names: Sequence[Area], counted: bool) -> list[Sketch]:
    sketches = []
    for index, part in enumerate(division.parts):
        named = names[index] if index < len(names) else None
        sketches.append(
            Sketch(
                geometry=part.geometry,
                code=named.code if named else "",
                name=named.name if named else "",
                households=part.households if counted else 0,
                reason=part.misfit,
            )
        )
    return sketches
